"""Why somebody is not in a campaign: not live, not in its audience, or they may not come (again)."""

from __future__ import annotations

from collections.abc import Iterator

from nurture.core.campaign import Campaign, DateEntry, SignalEntry
from nurture.core.entries import entered_by, next_entry
from nurture.core.model import Enrolment, EnrolmentState
from nurture.core.obstacles import Case, Lift, Obstacle, within
from nurture.core.places import reentry_at
from nurture.core.seeking import signal_sought
from nurture.core.wording import words as words_of
from nurture.core.words import field_words, length


def of_campaign(case: Case, campaign: Campaign) -> Iterator[Obstacle]:
    """Whether the campaign runs at all."""
    if all(live.name != campaign.name for live in case.plan.live_campaigns):
        yield Obstacle(
            "not_live",
            f"{campaign.name} is not live: nobody enters, and who is in it rests",
            needs=f"publishing {campaign.name}",
            campaign=campaign.name,
        )


def of_entry(case: Case, campaign: Campaign) -> Iterator[Obstacle]:
    """What keeps somebody who is not in the campaign from entering it."""
    latest = case.latest(campaign.name)
    yield from _reentry(case, campaign, latest)
    facts = case.facts(campaign, None)
    finding = campaign.audience.evaluate(facts)
    if not finding.matched:
        unknown = "; what is not known lets nobody in" if finding.matched is None else ""
        yield Obstacle(
            "audience",
            f"not in the audience of {campaign.name}: {finding.reason}{unknown}",
            needs=campaign.audience.lacking(facts),
            **within(campaign),
            rule=campaign.audience.source,
        )
    if campaign.exit_when is not None and campaign.exit_when.test(facts):
        yield Obstacle(
            "exit",
            f"{campaign.name} lets nobody in who would leave it at once: "
            f"{campaign.exit_when.evaluate(facts).reason}",
            needs=words_of(campaign.exit_when.root, holds=False),
            **within(campaign),
            rule=campaign.exit_when.source,
        )
    yield from _entries(case, campaign, latest)


def of_exit(case: Case, campaign: Campaign, enrolment: Enrolment) -> Iterator[Obstacle]:
    """Whether the campaign lets go of somebody who is in it."""
    facts = case.facts(campaign, enrolment)
    if campaign.exit_when is not None and campaign.exit_when.test(facts):
        reason = campaign.exit_when.evaluate(facts).reason
        yield Obstacle(
            "exit",
            f"the next look ends {campaign.name} for the person: {reason}",
            Lift.NOTHING,
            **within(campaign),
            rule=campaign.exit_when.source,
        )


def _reentry(case: Case, campaign: Campaign, latest: Enrolment | None) -> Iterator[Obstacle]:
    if latest is None:
        return
    free_at = reentry_at(campaign, latest)
    ended = latest.state is not EnrolmentState.ACTIVE and latest.ended_at
    how = f"it ended on {case.told(ended)}" if ended else "it has not ended"
    was = f"was in {campaign.name} before (time {latest.occurrence}; {how})"
    because = tuple(case.records({"exited"}, campaign=campaign.name))[:1]
    if free_at is None:
        yield Obstacle(
            "reentry",
            f"{was}, and it takes nobody twice",
            Lift.NOTHING,
            **within(campaign),
            evidence=because,
        )
    elif free_at > case.now:
        again = length(campaign.reenter) if campaign.reenter else ""
        yield Obstacle(
            "reentry",
            f"{was}, and may come again {again} after that: {case.told(free_at)}",
            Lift.TIME,
            free_at,
            **within(campaign),
            evidence=because,
        )


def _entries(case: Case, campaign: Campaign, latest: Enrolment | None) -> Iterator[Obstacle]:
    if not campaign.entries:
        return
    since = None if latest is None else latest.entered_at
    facts = case.found.facts
    if entered_by(campaign, case.settled, facts, since, case.now) is not None:
        return
    ways = [_entry_words(entry) for entry in campaign.entries]
    moment = next_entry(campaign, case.snapshot, facts, case.now)
    signals = [words for words, entry in zip(ways, campaign.entries, strict=True) if _is_signal(entry)]
    yield Obstacle(
        "entry",
        f"{campaign.name} is entered by {' or by '.join(ways)}, and there is none now",
        Lift.TIME if moment else Lift.SOMETHING,
        moment,
        needs=" or ".join(signals if moment else ways),
        **within(campaign),
    )


def _is_signal(entry: SignalEntry | DateEntry) -> bool:
    return isinstance(entry, SignalEntry)


def _entry_words(entry: SignalEntry | DateEntry) -> str:
    if isinstance(entry, SignalEntry):
        return f"a signal ({signal_sought(entry.on, entry.where)}) of the last {length(entry.within)}"
    side = "before" if entry.offset.total_seconds() < 0 else "after"
    offset = f"{length(abs(entry.offset))} {side} " if entry.offset else ""
    return f"a date ({offset}{field_words('.'.join(entry.path))}, for {length(entry.within)})"
