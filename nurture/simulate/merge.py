"""Puts the shards' tallies together into the result, in the order of the shards: the same on any machine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from nurture.core.assign import ROUND_ROBIN, Roster, Wanted, assign
from nurture.handover.roster import members_of
from nurture.setting_sales import Team
from nurture.settings import Settings
from nurture.simulate.days import Days
from nurture.simulate.flows import Passage
from nurture.simulate.master import Master
from nurture.simulate.result import (
    DayCount,
    DayStages,
    NothingGot,
    SalesLoad,
    SimulationResult,
    StepFlow,
)
from nurture.simulate.samples import choose
from nurture.simulate.tally import Tally

REASONS = 25
"""So many reasons for getting nothing are told apart; rarer ones are told together."""

NOBODY = "(nobody)"

K = TypeVar("K")


def merge(
    master: Master, tallies: Sequence[Tally], settings: Settings, days: int, seed: int
) -> SimulationResult:
    """The answer of a simulation. Raised by nothing: a list without any contact has a result too."""
    campaign = master.campaign
    calendar = Days(master.start, days, campaign.timezone)
    mails = _by_day(calendar, _sum(tally.mails_by_day for tally in tallies))
    promotions = _by_day(calendar, _sum(tally.promotions for tally in tallies))
    by_step = _sum(tally.mails_by_step for tally in tallies)
    peak = max(mails, key=lambda day: day.count, default=None)
    return SimulationResult(
        campaign=campaign.name,
        version=campaign.version,
        start=master.start,
        days=days,
        seed=seed,
        timezone=campaign.timezone,
        people=master.people,
        files=master.files,
        received=master.received,
        contacts=master.contacts,
        junk=master.junk_records,
        enrolled=sum(tally.enrolled for tally in tallies),
        mails=sum(by_step.values()),
        mails_by_day=mails,
        mails_by_step={f"{name}/{step}": number for (name, step), number in sorted(by_step.items())},
        peak=peak if peak is not None and peak.count else None,
        daily_limit=settings.mail.daily_limit,
        stages=_stages(calendar, tallies),
        promotions=promotions,
        promoted=sum(day.count for day in promotions),
        signals=dict(sorted(_sum(tally.signals for tally in tallies).items())),
        sales=_sales(calendar, tallies, settings.teams),
        nothing=_nothing(master, tallies),
        longest_silence=max(
            (tally.silence for tally in tallies if tally.silence), key=lambda one: one.days, default=None
        ),
        most_mails=max(
            (tally.most for tally in tallies if tally.most), key=lambda one: one.mails, default=None
        ),
        flows=_flows(tallies),
        samples=choose([tally.samples for tally in tallies]),
        problems=tuple(sorted({problem for tally in tallies for problem in tally.problems})),
    )


def _sum(counters: Iterable[Counter[K]]) -> Counter[K]:
    total: Counter[K] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _by_day(calendar: Days, counts: Mapping[date, int]) -> tuple[DayCount, ...]:
    return tuple(DayCount(day, counts.get(day, 0)) for day in calendar.dates)


def _stages(calendar: Days, tallies: Sequence[Tally]) -> tuple[DayStages, ...]:
    return tuple(
        DayStages(day, dict(sorted(_sum(Counter(tally.stages[number]) for tally in tallies).items())))
        for number, day in enumerate(calendar.dates)
    )


def _sales(calendar: Days, tallies: Sequence[Tally], teams: Mapping[str, Team]) -> tuple[SalesLoad, ...]:
    """Whose turn each hand-over is: in the order of time, over all shards, by the members' weights."""
    got: defaultdict[tuple[str, str], Counter[date]] = defaultdict(Counter)
    for name, team in teams.items():
        for member in team.members:
            got[name, member.name] = Counter()
    given: defaultdict[str, list[datetime]] = defaultdict(list)
    for at, _, name in sorted(one for tally in tallies for one in tally.handovers):
        given[name].append(at)
    for name, moments in given.items():
        roster = Roster(members_of(teams.get(name, Team())))
        assigned, _ = assign([Wanted()] * len(moments), (ROUND_ROBIN,), roster)
        for at, one in zip(moments, assigned, strict=True):
            got[name, one.to.name if one.to else NOBODY][calendar.date_of(at)] += 1
    return tuple(_load(name, person, days) for (name, person), days in sorted(got.items()))


def _load(team: str, person: str, days: Counter[date]) -> SalesLoad:
    weeks: Counter[date] = Counter()
    for day, number in days.items():
        weeks[day - timedelta(days=day.weekday())] += number
    busiest = min(days.items(), key=lambda item: (-item[1], item[0]), default=None)
    return SalesLoad(
        person=person,
        team=team,
        handovers=sum(days.values()),
        busiest_day=DayCount(*busiest) if busiest else None,
        weeks=tuple(DayCount(week, number) for week, number in sorted(weeks.items())),
    )


def _nothing(master: Master, tallies: Sequence[Tally]) -> tuple[NothingGot, ...]:
    found = dict(master.apart)
    for tally in tallies:
        for reason, (number, example) in tally.nothing.items():
            before, first = found.get(reason, (0, example))
            found[reason] = (before + number, first)
    ordered = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    told = [NothingGot(reason, number, example) for reason, (number, example) in ordered[:REASONS]]
    rest = ordered[REASONS:]
    if rest:
        people = sum(number for _, (number, _) in rest)
        told.append(NothingGot(f"{len(rest)} other reasons", people, rest[0][1][1]))
    return tuple(told)


def _flows(tallies: Sequence[Tally]) -> dict[str, dict[str, StepFlow]]:
    entered = _sum(tally.entered for tally in tallies)
    standing = _sum(tally.standing for tally in tallies)
    gone = _sum(tally.gone for tally in tallies)
    began = _sum(tally.began for tally in tallies)
    left: defaultdict[Passage, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        for passage, onward in tally.left.items():
            left[passage].update(onward)
    flows: defaultdict[str, dict[str, StepFlow]] = defaultdict(dict)
    for passage in sorted({*entered, *began}):
        onward, there = left[passage], entered[passage] + began[passage]
        # Whoever neither stands there nor went on was taken out of the campaign there, mostly by sales.
        flows[passage[0]][passage[1]] = StepFlow(
            entered[passage],
            standing[passage],
            dict(sorted(onward.items())),
            max(gone[passage], there - standing[passage] - sum(onward.values())),
            began[passage],
        )
    return dict(flows)
