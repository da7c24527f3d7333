"""Publishing: makes the texts of the files what runs, and moves those who are under way with them.

One transaction, and nobody decides meanwhile: what is checked, the versions, what is live, everybody's place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.asked import asks_numbers
from nurture.core.campaign import Campaign
from nurture.core.model import Enrolment
from nurture.core.moving import Mover, backwards, keeps_ids, relocated
from nurture.core.plan import Plan
from nurture.core.profile import Profile
from nurture.errors import CampaignError
from nurture.journey.differences import Stranded, refuse_stranded
from nurture.journey.plans import PlanBook
from nurture.language.workspace import Compiled, DocumentText
from nurture.store import campaigns, journey, places, turns
from nurture.store.campaigns import Byline, LiveChange
from nurture.store.compiler import NotCompiled
from nurture.store.engine import Store
from nurture.store.places import Group
from nurture.store.reevaluation import reevaluate

Check = Callable[[sa.Connection], None]
"""Looks once more at what is about to be published, as things stand now; raises to stop it."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication changed: the profile, and each campaign with how many people were moved."""

    profile: str | None
    changes: tuple[LiveChange, ...]
    moved: Mapping[str, int]

    @property
    def names(self) -> list[str]:
        return ([self.profile] if self.profile else []) + [change.name for change in self.changes]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a start does not publish by itself: it waits for `nurture publish`.

    `profile` where `judged` people were judged by the one before; campaigns with how many are under way; and
    the names of campaigns whose text in the files is the one that was taken back.
    """

    profile: str | None = None
    judged: int = 0
    campaigns: Mapping[str, int] = field(default_factory=dict)
    taken_back: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        """The campaigns among it."""
        return {*self.campaigns, *self.taken_back}


class Publisher:
    """Publishes and takes back."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans

    def publish(
        self,
        profile: DocumentText,
        compiled: Compiled,
        *,
        names: Collection[str] = (),
        byline: Byline | None = None,
        check: Check | None = None,
    ) -> Published:
        """Makes the profile and the campaigns live, or only those in `names`.

        Raised when people would be stranded, with a sentence for each step: CampaignError; and by `check`.
        """
        with self._store.write() as connection:
            turns.publishing(connection)
            if check is not None:
                check(connection)
            leave: set[str] = set()
            if names:
                live = campaigns.live_versions(connection)
                leave = {*live, *(text.name for text in compiled.campaign_texts)} - set(names)
            first = campaigns.latest_profile(connection) is None
            text = profile if first or not names else None
            return self._publish(connection, text, compiled, leave, byline)

    def publish_at_start(
        self, profile: DocumentText, compiled: Compiled, *, only_profile: bool = False
    ) -> tuple[Published, Waiting]:
        """Makes live what changes nothing for anybody; answers with that, and with what waits for a person.

        A profile waits where people were judged by another one, a campaign where people are under way in it.
        """
        with self._store.write() as connection:
            turns.publishing(connection)
            waiting = _waiting(connection, profile, compiled)
            leave = waiting.names
            if only_profile:
                leave = {*campaigns.live_versions(connection), *(t.name for t in compiled.campaign_texts)}
            text = profile if waiting.profile is None else None
            return self._publish(connection, text, compiled, leave, None), waiting

    def undo(self, name: str, byline: Byline | None = None, check: Check | None = None) -> Published:
        """Takes the last publication of a campaign back that was not taken back yet.

        What was live before it is so again. Raised when there is none before it: CampaignError; and by
        `check`.
        """
        now = self._clock.now()
        with self._store.write() as connection:
            turns.publishing(connection)
            if check is not None:
                check(connection)
            last = to_take_back(connection, name)
            change = LiveChange(name, last.version_id, last.before_id, undoes=last.id)
            before = None if last.before_id is None else self._plans.version(connection, last.before_id)
            former = {} if before is None else {name: self._plans.as_next(connection, before).former}
            campaigns.set_live(connection, [change], now, byline or Byline(), former)
            moved = {}
            if before is not None:
                count, _ = self._move(connection, before, backwards)
                moved[name] = count
            journey.wake_all(connection, now)
        return Published(None, (change,), moved)

    def _publish(
        self,
        connection: sa.Connection,
        profile: DocumentText | None,
        compiled: Compiled,
        leave: Collection[str],
        byline: Byline | None,
    ) -> Published:
        now = self._clock.now()
        texts = [text for text in compiled.campaign_texts if text.name not in leave]
        known = {text.name for text in compiled.campaign_texts}
        live = campaigns.live_versions(connection)
        stopped = [name for name in live if name not in known and name not in leave]
        before = self._profile_in_force(connection)
        changed_profile = profile is not None and campaigns.publish_profile(connection, profile, now)
        drafts = {each.campaign.name: each.campaign for each in compiled.campaigns}
        former = {text.name: self._plans.as_next(connection, drafts[text.name]).former for text in texts}
        changes = campaigns.publish_campaigns(
            connection, texts, now, stopped=stopped, byline=byline, former=former
        )
        moved: dict[str, int] = {}
        stranded: list[Stranded] = []
        for change in changes:
            if change.after is not None:
                target = replace(drafts[change.name], version_id=change.after)
                moved[change.name], lost = self._move(connection, target, relocated)
                stranded += lost
        refuse_stranded(stranded)
        if changes:
            journey.wake_all(connection, now)
        elif changed_profile:
            self._judge_anew(connection, before, now)
        return Published(profile.name if profile and changed_profile else None, tuple(changes), moved)

    def _profile_in_force(self, connection: sa.Connection) -> Profile | None:
        if campaigns.latest_profile(connection) is None:
            return None
        return self._plans.current(connection).profile

    def _judge_anew(self, connection: sa.Connection, before: Profile | None, now: datetime) -> None:
        """By the profile that has just been published: set-based where the database can be asked."""
        plan = self._plans.current(connection)
        if before is None or not _same_moments(before, plan.profile):
            journey.wake_all(connection, now)
            return
        numbers_asked = any(map(asks_numbers, plan.campaigns.values()))
        try:
            reevaluate(connection, plan.profile, now, numbers_asked=numbers_asked)
        except NotCompiled:
            journey.wake_all(connection, now)

    def _move(self, connection: sa.Connection, target: Campaign, mover: Mover) -> tuple[int, list[Stranded]]:
        """Moves everybody under way into `target`; answers with how many, and who has no place there.

        Those who were under way while the campaign was stopped may be in an older version than the last one.
        """
        name, now = target.name, self._clock.now()
        apart: dict[int, list[Group]] = {}
        moved, stranded = 0, []
        for group in places.groups(connection, name):
            old = self._plans.version(connection, group.version_id)
            if old.version_id == target.version_id:
                continue
            moved += group.people
            there = mover(_anybody(group, target, now), old, target)
            if there is None:
                stranded.append(Stranded(name, group.step or "", group.people))
            groups = apart.setdefault(old.version_id, [])
            if there is None or there.step != group.step or not keeps_ids(old, target):
                groups.append(group)
        if stranded:
            return 0, stranded
        for version_id, groups in apart.items():
            places.repin(connection, name, version_id, target.version_id, but=groups)
        for batch in places.enrolments_outside(connection, name, target.version_id):
            versions = self._plans.version
            found = [mover(each, versions(connection, each.version_id), target) for each in batch]
            places.relocate(connection, [each for each in found if each is not None])
        return moved, []


def to_take_back(connection: sa.Connection, name: str) -> Any:
    """The publication of a campaign that taking back would undo next: its row.

    Raised when nothing was live before it: CampaignError.
    """
    standing = campaigns.not_taken_back(campaigns.history_of(connection, name))
    if not standing or (standing[-1].before_id is None and len(standing) == 1):
        raise CampaignError(
            f"there is no version of {name} before the one that is live", hint="see: nurture versions"
        )
    return standing[-1]


def _same_moments(before: Profile, after: Profile) -> bool:
    """Whether time alone calls for a look at the same moments as before, but for evidence that fades."""
    turns = Plan(after, {}).turning
    return not turns and (before.settle, before.dormant_after) == (after.settle, after.dormant_after)


def _waiting(connection: sa.Connection, profile: DocumentText, compiled: Compiled) -> Waiting:
    last = campaigns.latest_profile(connection)
    changes = last is not None and (last.name, last.hash) != (profile.name, profile.hash)
    judged = journey.count_judged(connection) if changes else 0
    live = campaigns.live_versions(connection)
    hashes = {text.name: text.hash for text in compiled.campaign_texts}
    published = {one.text.name: one.text.hash for one in campaigns.load_versions(connection, live.values())}
    changed = {name for name in {*published, *hashes} if hashes.get(name) != published.get(name)}
    under_way: dict[str, int] = {}
    for standing in places.standings(connection, sorted(changed)):
        if standing.step is not None:
            under_way[standing.campaign] = under_way.get(standing.campaign, 0) + standing.people
    back = {
        name
        for name, taken in campaigns.last_taken_back(connection).items()
        if name in changed and hashes.get(name) == taken
    }
    return Waiting(
        profile=profile.name if judged else None,
        judged=judged,
        campaigns=dict(sorted(under_way.items())),
        taken_back=tuple(sorted(back - under_way.keys())),
    )


def _anybody(group: Group, target: Campaign, now: datetime) -> Enrolment:
    """Somebody of a group: where they go on does not depend on who they are."""
    return Enrolment(0, 0, target.name, group.version_id, 1, group.track, group.step, now, now)
