"""The services of one workspace, each made at first use and wired here and nowhere else.

Everything below gets its collaborators from here and knows nothing of the rest. What a service needs is
imported where it is made: all of it together is most of what a command would take to start.
"""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from nurture.core.channels import Channel
from nurture.core.consent import CONFIRMATION_VERSION
from nurture.errors import TemplateError

if TYPE_CHECKING:
    from nurture.clock import Clock
    from nurture.core.campaign import Campaign
    from nurture.core.profile import Profile
    from nurture.deliver.feedback import FeedbackBook
    from nurture.deliver.relays import Relays
    from nurture.deliver.returnpath import ReturnPath
    from nurture.deliver.sender import Sender
    from nurture.deliver.templates import TemplateLibrary
    from nurture.deliver.texts import TextLibrary
    from nurture.deliver.waysback import WaysBack
    from nurture.handover.desk import HandoverDesk, TemplateNote
    from nurture.handover.team_book import TeamBook
    from nurture.ingest.intake import Intake
    from nurture.ingest.lookups import Lookups
    from nurture.ingest.outcomes.asking import OutcomeAsker
    from nurture.ingest.outcomes.book import OutcomeBook
    from nurture.journey.advance import Advancer
    from nurture.journey.asking import Asker
    from nurture.journey.by_hand import StageTeller
    from nurture.journey.errands import ErrandRunner
    from nurture.journey.plans import PlanBook
    from nurture.journey.publishing import Publisher
    from nurture.plug.manager import Registry
    from nurture.settings import Settings
    from nurture.store.engine import Store
    from nurture.tokens import Signer


class Parts:
    """All services of one workspace: a command pays for those that it uses."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.asking = threading.Lock()
        """Held while remote enrichers are asked: however slow they are, they take one thread of a process."""

    @cached_property
    def store(self) -> Store:
        from nurture.store.engine import Store

        return Store(self.settings.database_url)

    @cached_property
    def signer(self) -> Signer:
        from nurture.tokens import Signer

        return Signer(self.settings.secret_key.get_secret_value())

    @cached_property
    def registry(self) -> Registry:
        """The loaded plugins. Raised when any of them has a problem: PluginError."""
        from nurture.bundled import bundled
        from nurture.plug.discover import find_plugins
        from nurture.plug.manager import load_plugins

        folders = [self.settings.folder / "plugins", bundled("plugins")]
        distinct = list({folder.resolve(): folder for folder in folders}.values())
        found = find_plugins(distinct)
        known = self.settings
        teams = {name: [each.email for each in team.members] for name, team in known.teams.items()}
        return load_plugins(known.plugins.load, found, known.plugin, known.folder, teams)

    @cached_property
    def templates(self) -> TemplateLibrary:
        from nurture.deliver.templates import TemplateLibrary

        return TemplateLibrary([self.settings.folder / "templates"])

    @cached_property
    def plans(self) -> PlanBook:
        from nurture.journey.plans import PlanBook

        declared = self.settings.consent.assumed
        return PlanBook(self.store, self.registry.rules, self.registry.actions, assumed=declared)

    @cached_property
    def desk(self) -> HandoverDesk:
        from nurture.handover.desk import HandoverDesk

        return HandoverDesk(
            self.store,
            self.clock,
            teams=self.settings.teams,
            channels=self.registry.channels,
            signer=self.signer,
            base_url=self.settings.web.sales_url or self.settings.web.base_url,
            template_note=self._template_note,
            campaign_of=self.plans.version,
            observe=self.registry.observe_decisions,
        )

    @cached_property
    def team_book(self) -> TeamBook:
        from nurture.handover.team_book import TeamBook

        return TeamBook(self.store, self.clock, self.settings.teams)

    @cached_property
    def advancer(self) -> Advancer:
        from nurture.journey.advance import Advancer

        return Advancer(
            self.store,
            self.clock,
            self.plans,
            self.desk,
            self.signer,
            self.registry,
            message_domain=self.settings.mail.from_address.rpartition("@")[2],
        )

    @cached_property
    def texts(self) -> TextLibrary:
        from nurture.deliver.texts import TextLibrary

        return TextLibrary(self.templates)

    @cached_property
    def publisher(self) -> Publisher:
        from nurture.journey.publishing import Publisher

        return Publisher(self.store, self.clock, self.plans)

    @cached_property
    def asker(self) -> Asker:
        """Knows what forms should ask next."""
        from nurture.journey.asking import Asker

        return Asker(self.store, self.clock, self.plans, self.signer)

    @cached_property
    def stages(self) -> StageTeller:
        """Sets stages by hand."""
        from nurture.journey.by_hand import StageTeller

        return StageTeller(self.store, self.clock)

    @cached_property
    def errands(self) -> ErrandRunner:
        from nurture.journey.errands import ErrandRunner

        return ErrandRunner(self.store, self.clock, self.registry.actions)

    @cached_property
    def sender(self) -> Sender:
        """Of mails. Raised when a transport is named that is not loaded: SettingsError."""
        return self._sender(self.relays, Channel.MAIL)

    @cached_property
    def text_sender(self) -> Sender | None:
        """Of text messages; None where there are none. Raised as by `text_relays`: SettingsError."""
        relays = self.text_relays
        return None if relays is None else self._sender(relays, Channel.SMS)

    @cached_property
    def text_relays(self) -> Relays | None:
        """The way out of text messages; None where there are none.

        Raised when `sms.transport` names no loaded transport for them: SettingsError.
        """
        from nurture.deliver.routes import text_relays_of

        sms = self.settings.sms
        return text_relays_of(sms, self.registry.transports) if sms.transport else None

    def _sender(self, relays: Relays, channel: Channel) -> Sender:
        from nurture.deliver.sender import Sender

        parts = (self.store, self.clock, relays, self.templates, self.signer)
        return Sender(*parts, settings=self.settings, campaign_of=self._campaign, channel=channel)

    @cached_property
    def relays(self) -> Relays:
        """The ways out. Raised when one goes by a transport that is not loaded: SettingsError."""
        from nurture.deliver.routes import relays_of

        return relays_of(self.settings.mail, self.registry.transports, self.registry.observe_paused)

    @cached_property
    def feedback(self) -> FeedbackBook:
        from nurture.deliver.feedback import FeedbackBook

        return FeedbackBook(
            self.store,
            self.clock,
            self.signer,
            self.settings.bounces,
            self.registry.observe_signals,
            self.relays,
        )

    @cached_property
    def outcomes(self) -> OutcomeBook:
        from nurture.ingest.outcomes.book import OutcomeBook

        return OutcomeBook(
            self.store,
            self.clock,
            self.signer,
            country=self.settings.leads.country,
            observe_outcomes=self.registry.observe_outcomes,
            observe_decisions=self.registry.observe_decisions,
        )

    @cached_property
    def outcome_asker(self) -> OutcomeAsker:
        from nurture.ingest.outcomes.asking import OutcomeAsker

        return OutcomeAsker(self.store, self.clock, self.registry.outcome_sources, self.outcomes)

    @cached_property
    def return_path(self) -> ReturnPath:
        """Raised when `mail.return_path` cannot be used: SettingsError."""
        from nurture.deliver.returnpath import ReturnPath

        mail = self.settings.mail
        return ReturnPath(self.signer, mail.return_path, mail.from_address)

    @cached_property
    def ways_back(self) -> WaysBack:
        """Raised when `bounces.maildir` cannot be used: SettingsError."""
        from nurture.deliver.inbound import Inbound
        from nurture.deliver.waysback import WaysBack

        inbound = Inbound(self.feedback, self.clock, self.return_path, self.settings.mail.from_address)
        return WaysBack(self.settings.bounces, self.settings.folder, inbound, self.clock)

    def _campaign(self, version_id: int) -> Campaign:
        if version_id != CONFIRMATION_VERSION:
            return self.plans.campaign(version_id)
        from nurture.deliver.confirming import CONFIRMING

        return CONFIRMING

    def intake(self) -> Intake:
        """The way in, with the profile that is published now."""
        from nurture.ingest.intake import Intake

        return Intake(
            self.store,
            self.clock,
            sources=self.registry.sources,
            enrichers=self.registry.enrichers,
            profile=self.profile(),
            leads=self.settings.leads,
            signer=self.signer,
            consent=self.settings.consent,
            message_domain=self.settings.mail.from_address.rpartition("@")[2],
        )

    def lookups(self) -> Lookups:
        """The questions to remote enrichers, with the profile that is published now."""
        from nurture.ingest.chain import chain_of
        from nurture.ingest.lookups import Lookups

        profile = self.profile()
        chain = chain_of(profile, self.registry.enrichers)
        return Lookups(self.store, self.clock, profile, chain, self.settings.leads.country)

    def profile(self) -> Profile:
        with self.store.read() as connection:
            return self.plans.current(connection).profile

    def _template_note(self, template: str, locale: str) -> TemplateNote | None:
        from nurture.handover.desk import TemplateNote

        try:
            found = self.templates.get(template, locale)
        except TemplateError:
            return None
        return TemplateNote(about=found.about, ask=found.ask)
