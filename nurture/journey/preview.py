"""What publishing would change: steps, people, and mails. It only reads.

The mails of the first day and week are found by running the core on a copy of the contacts, under the texts
that are live and under those of the files. Of a long list it takes every so manyth contact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.campaign import Campaign, Step
from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import EnrolmentState, Send, Snapshot
from nurture.core.moving import moves_between, relocated
from nurture.core.plan import Plan
from nurture.core.steps import step_words
from nurture.journey.advance import gather
from nurture.journey.plans import PlanBook
from nurture.journey.publishing import Stranded
from nurture.language.workspace import Compiled
from nurture.store import campaigns, places
from nurture.store.engine import Store
from nurture.store.places import Standing
from nurture.store.schema import journey
from nurture.tokens import Signer

SAMPLE = 2_000
"""So many contacts are looked at for the forecast."""

AT_ONCE = 500
DAY, WEEK = timedelta(days=1), timedelta(days=7)

_KEYS = ("purpose", "locale", "timezone", "audience", "reenter", "policy", "handover", "exit_when", "entries")


@dataclass(frozen=True, slots=True)
class StepChange:
    """`change` is new, gone, moved or changed; `words` say what the step does, or where it moved to."""

    step: str
    change: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """People who stand on one step (empty: at the end of a track), and where they go on."""

    step: str
    people: int
    goes_to: str
    then: str


@dataclass(frozen=True, slots=True)
class CampaignChange:
    """One campaign: `kind` is new, changed or stopped."""

    name: str
    kind: str
    steps: tuple[StepChange, ...]
    keys: tuple[str, ...]
    groups: tuple[Group, ...]
    stranded: tuple[Stranded, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Mails in the first day and week: as it would be, and as it is now. Scaled from `sample` of `people`."""

    people: int
    sample: int
    first_day: int
    first_week: int
    first_day_now: int
    first_week_now: int

    @property
    def more_in_a_day(self) -> int:
        return max(0, self.first_day - self.first_day_now)


@dataclass(frozen=True, slots=True)
class Preview:
    """All that would change; nothing does where `campaigns` is empty and no profile changes."""

    profile: str | None
    campaigns: tuple[CampaignChange, ...]
    forecast: Forecast | None

    @property
    def stranded(self) -> tuple[Stranded, ...]:
        return tuple(each for campaign in self.campaigns for each in campaign.stranded)


class Previewer:
    """Answers `nurture plan`."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._signer = signer

    def preview(self, compiled: Compiled, profile_name: str, draft: Plan) -> Preview:
        """What would change if the files were published. `draft` is the plan that they make."""
        with self._store.read() as connection:
            last = campaigns.latest_profile(connection)
            text = compiled.the_profile(profile_name)
            profile = None if last is not None and last.hash == text.hash else text.name
            changes = tuple(self._changes(connection, compiled, draft))
            if not changes and profile is None:
                return Preview(None, (), None)
            return Preview(profile, changes, self._forecast(connection, draft, first=last is None))

    def _changes(
        self, connection: sa.Connection, compiled: Compiled, draft: Plan
    ) -> Iterator[CampaignChange]:
        live = campaigns.live_versions(connection)
        before = {name: self._plans.version(connection, version) for name, version in live.items()}
        after = {each.name: each for each in draft.live_campaigns}
        standing = places.standings(connection)
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            if old is not None and new is not None and old.version == new.version:
                continue
            here = [each for each in standing if each.campaign == name]
            yield _campaign_change(name, old, new, here)

    def _forecast(self, connection: sa.Connection, draft: Plan, *, first: bool) -> Forecast:
        followed = journey.c.lifecycle.in_(["contact", "recycled"])
        people = connection.scalar(sa.select(sa.func.count()).where(followed)) or 0
        every = max(1, people // SAMPLE)
        # Every so manyth contact by id, so that the same list gives the same forecast.
        number = sa.func.row_number().over(order_by=journey.c.contact_id)
        numbered = sa.select(journey.c.contact_id, number.label("n")).where(followed).subquery()
        ids = list(connection.scalars(sa.select(numbered.c.contact_id).where(numbered.c.n % every == 0)))
        now, counts = self._clock.now(), [0, 0, 0, 0]
        by_name = {campaign.name: campaign for campaign in draft.campaigns.values()}
        for start in range(0, len(ids) if not first else 0, AT_ONCE):
            found, present = gather(connection, ids[start : start + AT_ONCE], self._plans, self._signer)
            for snapshot in found:
                _add(counts, 0, _mails(_moved(snapshot, present, by_name), draft, now))
                _add(counts, 2, _mails(snapshot, present, now))
        scaled = [round(count * people / len(ids)) if ids else 0 for count in counts]
        return Forecast(people, len(ids), *scaled)


def _campaign_change(
    name: str, old: Campaign | None, new: Campaign | None, standing: Sequence[Standing]
) -> CampaignChange:
    people = [each for each in standing if each.people]
    if new is None:
        groups = [Group(each.step or "", each.people, each.step or "", "rests") for each in people]
        return CampaignChange(name, "stopped", (), (), tuple(groups), ())
    known: Mapping[str, Step] = old.steps if old else {}
    moves = new.moved if old is None else moves_between(old, new)
    steps = tuple(_step_changes(known, new, moves))
    keys = () if old is None else tuple(key for key in _KEYS if getattr(old, key) != getattr(new, key))
    groups, stranded = [], []
    for each in people:
        target = each.step
        if target is not None and target not in new.steps:
            if target not in moves:
                stranded.append(Stranded(name, target, each.people))
                continue
            target = moves[target]
        then = "rests until the stage changes" if target is None else step_words(new.steps[target])
        groups.append(Group(each.step or "", each.people, target or "", then))
    kind = "new" if old is None else "changed"
    return CampaignChange(name, kind, steps, keys, tuple(groups), tuple(stranded))


def _step_changes(
    old: Mapping[str, Step], new: Campaign, moves: Mapping[str, str | None]
) -> Iterator[StepChange]:
    for step_id, step in new.steps.items():
        if step_id not in old:
            yield StepChange(step_id, "new", step_words(step))
        elif step != old[step_id]:
            yield StepChange(step_id, "changed", _difference(old[step_id], step))
    for step_id in old:
        if step_id not in new.steps:
            target = moves.get(step_id)
            moved = step_id in moves
            words = f"to {target or 'the end of the track'}" if moved else step_words(old[step_id])
            yield StepChange(step_id, "moved" if moved else "gone", words)


def _difference(old: Step, new: Step) -> str:
    if step_words(old) != step_words(new):
        return f"{step_words(old)} → {step_words(new)}"
    if type(old) is type(new):
        names = [each.name for each in fields(new) if getattr(old, each.name) != getattr(new, each.name)]
        if names == ["next"]:
            after, before = (getattr(each, "next", None) or "the end" for each in (new, old))
            return f"is followed by {after} instead of {before}"
    return f"{step_words(new)}, in another way"


def _moved(snapshot: Snapshot, present: Plan, campaigns_by_name: Mapping[str, Campaign]) -> Snapshot:
    """The contact as they would stand after publishing; where they would be stranded, out of the campaign."""
    enrolments = []
    for enrolment in snapshot.enrolments:
        new = campaigns_by_name.get(enrolment.campaign)
        # Of a campaign that had been stopped, the plan of now has no version.
        old = present.campaigns.get(enrolment.version_id, new)
        if new is None or old is None or enrolment.state is not EnrolmentState.ACTIVE:
            enrolments.append(enrolment)
        elif (found := relocated(enrolment, old, new)) is not None:
            enrolments.append(found)
    return replace(snapshot, enrolments=tuple(enrolments))


def _mails(snapshot: Snapshot, plan: Plan, start: datetime) -> tuple[int, int]:
    """How many mails the contact gets in the first day and in the first week, if nothing happens."""
    now, day, week = start, 0, 0
    while True:
        decision = decide(snapshot, plan, now)
        snapshot = apply(snapshot, decision, now)
        sends = sum(isinstance(effect, Send) for effect in decision.effects)
        week += sends
        day += sends if now <= start + DAY else 0
        if decision.next_at is None or decision.next_at > start + WEEK:
            return day, week
        now = decision.next_at


def _add(counts: list[int], at: int, mails: tuple[int, int]) -> None:
    counts[at] += mails[0]
    counts[at + 1] += mails[1]
