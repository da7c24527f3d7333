"""Publishing: makes the texts of the files what runs, and moves those who are under way with them.

One transaction: versions, what is live, and everybody's place. What a worker is deciding meanwhile is void.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.campaign import Campaign
from nurture.core.model import Enrolment
from nurture.core.moving import relocated, taken_back
from nurture.errors import CampaignError
from nurture.journey.plans import PlanBook
from nurture.language.workspace import Compiled, DocumentText
from nurture.store import campaigns, journey, places
from nurture.store.campaigns import Byline, LiveChange
from nurture.store.engine import Store

Move = Callable[[Enrolment], Enrolment | None]


@dataclass(frozen=True, slots=True)
class Stranded:
    """People on a step that the new text lacks, without a `moved` line for it."""

    campaign: str
    step: str
    people: int

    def sentence(self) -> str:
        who = "1 person stands" if self.people == 1 else f"{self.people} people stand"
        return f"{self.campaign}: {who} on the step {self.step}, which is gone"


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication changed: the profile, and each campaign with how many people were moved."""

    profile: str | None
    changes: tuple[LiveChange, ...]
    moved: Mapping[str, int]

    @property
    def names(self) -> list[str]:
        return ([self.profile] if self.profile else []) + [change.name for change in self.changes]


class Publisher:
    """Publishes and takes back."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans

    def waiting(self, compiled: Compiled) -> dict[str, int]:
        """Campaigns whose text changed (or is gone) while people are under way in them → how many are."""
        with self._store.read() as connection:
            live = campaigns.live_versions(connection)
            published = campaigns.load_versions(connection, live.values())
            counted = Counter[str]()
            for standing in places.standings(connection, live):
                counted[standing.campaign] += standing.people if standing.step is not None else 0
        hashes = {text.name: text.hash for text in compiled.campaign_texts}
        changed = [one.text.name for one in published if hashes.get(one.text.name) != one.text.hash]
        return {name: counted[name] for name in sorted(changed) if counted[name]}

    def publish(
        self,
        profile: DocumentText,
        compiled: Compiled,
        *,
        only_profile: bool = False,
        leave: Collection[str] = (),
        byline: Byline | None = None,
    ) -> Published:
        """Makes the profile and the campaigns live, but for those in `leave`.

        Raised when people would be stranded, with a sentence for each step: CampaignError.
        """
        now = self._clock.now()
        texts = [text for text in compiled.campaign_texts if text.name not in leave]
        drafts = {each.campaign.name: each.campaign for each in compiled.campaigns}
        with self._store.write() as connection:
            changed_profile = campaigns.publish_profile(connection, profile, now)
            changes: list[LiveChange] = []
            if not only_profile:
                live = campaigns.live_versions(connection)
                known = {text.name for text in compiled.campaign_texts}
                stopped = [name for name in live if name not in known and name not in leave]
                changes = campaigns.publish_campaigns(connection, texts, now, stopped=stopped, byline=byline)
            moves = {
                change.name: self._to(connection, replace(drafts[change.name], version_id=change.after))
                for change in changes
                if change.after is not None
            }
            moved = self._carry_out(connection, moves, changed=bool(changes or changed_profile), now=now)
        return Published(profile.name if changed_profile else None, tuple(changes), moved)

    def undo(self, name: str, byline: Byline | None = None) -> Published:
        """Takes the last publication of a campaign back: the version before is live again.

        Raised when there is none before it: CampaignError.
        """
        now = self._clock.now()
        with self._store.write() as connection:
            history = campaigns.history_of(connection, name)
            live = campaigns.live_versions(connection).get(name)
            last = next((row for row in reversed(history) if row.version_id == live), None)
            if last is None or last.before_id is None or live is None:
                raise CampaignError(
                    f"there is no version of {name} before the one that is live",
                    hint="see: nurture versions",
                )
            change = LiveChange(name, live, last.before_id)
            by = byline or Byline()
            campaigns.set_live(connection, [change], now, replace(by, note=by.note or "taken back"))
            before = self._plans.version(connection, last.before_id)
            taken = self._plans.version(connection, live)
            moves: dict[str, Move] = {name: lambda enrolment: taken_back(enrolment, before, taken)}
            moved = self._carry_out(connection, moves, changed=True, now=now)
        return Published(None, (change,), moved)

    def _to(self, connection: sa.Connection, campaign: Campaign) -> Move:
        # Those who were under way while it was stopped may be in an older version than the last one.
        versions = self._plans.version
        return lambda each: relocated(each, versions(connection, each.version_id), campaign)

    def _carry_out(
        self, connection: sa.Connection, moves: Mapping[str, Move], *, changed: bool, now: datetime
    ) -> dict[str, int]:
        """Voids what is being decided, moves everybody, and has everybody looked at again."""
        if not changed:
            return {}
        places.void_decisions(connection)
        moved: dict[str, int] = {}
        stranded: list[Stranded] = []
        for name, move in moves.items():
            moved[name] = 0
            lost = Counter[str]()
            for batch in places.active_enrolments(connection, name):
                found = [(enrolment, move(enrolment)) for enrolment in batch]
                lost.update(before.step or "" for before, after in found if after is None)
                ready = [after for before, after in found if after is not None and after != before]
                places.relocate(connection, ready)
                moved[name] += len(ready)
            stranded += [Stranded(name, step, people) for step, people in sorted(lost.items())]
        if stranded:
            raise CampaignError("\n".join(one.sentence() for one in stranded), hint=how_to_move(stranded))
        journey.wake_all(connection, now)
        return moved


def how_to_move(stranded: Sequence[Stranded]) -> str:
    """What to write so that nobody is stranded."""
    lines: Iterable[str] = dict.fromkeys(f"{one.step}: end" for one in stranded)
    return (
        f"say in the campaign where they go on: moved: {{{', '.join(lines)}}}, with the id of a step in "
        "place of `end` where they should go on"
    )
