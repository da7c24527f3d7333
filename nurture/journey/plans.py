"""The plan that decisions are taken by: the profile, the live campaigns, and the versions people are on.

The texts in the database are what runs, not the files: publishing is what puts a file there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import sqlalchemy as sa

from nurture.core.campaign import NO_FORMER_NAMES, Campaign, FormerNames
from nurture.core.decide import Plan
from nurture.core.moving import former_names
from nurture.core.profile import Profile
from nurture.errors import CampaignError
from nurture.journey.errands import action_parts
from nurture.language.workspace import compile_source
from nurture.plug.contracts import Action, Rule
from nurture.store import campaigns
from nurture.store.engine import Store


class PlanBook:
    """Compiles each published version once and keeps it; several threads may ask.

    `assumed` are the purposes for which nobody has to agree, with the basis that the settings declare.
    """

    def __init__(
        self,
        store: Store,
        rules: Mapping[str, Rule],
        actions: Mapping[str, Action] | None = None,
        *,
        assumed: Mapping[str, str] | None = None,
    ) -> None:
        self._store = store
        self.assumed = assumed or {}
        self._rules: dict[str, Callable[..., bool | None]] = {
            name: rule.answer for name, rule in rules.items()
        }
        self._actions = action_parts(actions or {})
        self._campaigns: dict[int, Campaign] = {}
        self._profiles: dict[str, Profile] = {}
        self._plans: dict[tuple[str, int, int], Plan] = {}
        self._lock = threading.Lock()

    def current(self, connection: sa.Connection, pinned: Iterable[int] = ()) -> Plan:
        """The plan of this moment, with at least the live versions and those in `pinned`.

        Raised when nothing was ever published: CampaignError.
        """
        text = campaigns.latest_profile(connection)
        if text is None:
            raise CampaignError("no profile has been published", hint="run: nurture check, then nurture run")
        live = campaigns.live_versions(connection)
        last = campaigns.last_publication(connection)
        with self._lock:
            self._load(connection, {*live.values(), *pinned} - self._campaigns.keys())
            profile = self._profiles.get(text.hash) or self._compile_profile(text)
            # Known versions only grow, so their number tells two plans apart.
            key = (text.hash, last, len(self._campaigns))
            if key not in self._plans:
                former = campaigns.former_names_of(connection, live)
                self._plans = {key: self._plan(profile, live, former, self._campaigns)}
            return self._plans[key]

    def profile(self, connection: sa.Connection) -> Profile | None:
        """The profile that is published; None where none ever was."""
        text = campaigns.latest_profile(connection)
        if text is None:
            return None
        with self._lock:
            return self._profiles.get(text.hash) or self._compile_profile(text)

    def plan_of(
        self,
        connection: sa.Connection,
        text: campaigns.Text,
        live: Mapping[str, int],
        former: Mapping[str, FormerNames],
        pinned: Iterable[int],
    ) -> Plan:
        """The plan of another moment: with that profile, those live versions, and those in `pinned`."""
        with self._lock:
            self._load(connection, {*live.values(), *pinned} - self._campaigns.keys())
            profile = self._profiles.get(text.hash) or self._compile_profile(text)
            return self._plan(profile, live, former, {*live.values(), *pinned})

    def _plan(
        self,
        profile: Profile,
        live: Mapping[str, int],
        former: Mapping[str, FormerNames],
        version_ids: Iterable[int],
    ) -> Plan:
        known = [self._campaigns[version_id] for version_id in version_ids]
        # An enrolment whose campaign is not in the plan rests: that is how a campaign stops.
        may_send = {
            one.version_id: replace(one, former=former.get(one.name, NO_FORMER_NAMES))
            for one in known
            if one.name in live
        }
        return Plan(profile, may_send, tuple(sorted(live.values())), self._rules, self._actions)

    def campaign(self, version_id: int) -> Campaign:
        """One version. Raised when there is no such version: CampaignError."""
        with self._lock:
            if version_id not in self._campaigns:
                with self._store.read() as connection:
                    self._load(connection, {version_id})
            if version_id not in self._campaigns:
                raise CampaignError(f"there is no campaign version with id {version_id}")
            return self._campaigns[version_id]

    def version(self, connection: sa.Connection, version_id: int) -> Campaign:
        """One version, within a transaction that is open already."""
        with self._lock:
            self._load(connection, {version_id} - self._campaigns.keys())
            return self._campaigns[version_id]

    def as_next(self, connection: sa.Connection, campaign: Campaign) -> Campaign:
        """The campaign as it is if it is published next: with the names that its steps have had."""
        known = campaigns.former_names_of(connection, [campaign.name]).get(campaign.name, NO_FORMER_NAMES)
        last = campaigns.last_version(connection, campaign.name)
        if last is None:
            return campaign
        return replace(campaign, former=former_names(known, self.version(connection, last), campaign))

    def _load(self, connection: sa.Connection, version_ids: Iterable[int]) -> None:
        wanted = set(version_ids)
        if not wanted:
            return
        for published in campaigns.load_versions(connection, wanted):
            compiled = compile_source(published.text.source, published.text.file)
            assert isinstance(compiled, Campaign)
            self._campaigns[published.version_id] = replace(compiled, version_id=published.version_id)

    def _compile_profile(self, text: campaigns.Text) -> Profile:
        compiled = compile_source(text.source, text.file)
        assert isinstance(compiled, Profile)
        self._profiles[text.hash] = compiled
        return compiled
