"""What the public pages work with; the application's wiring makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nurture.clock import Clock
from nurture.deliver.feedback import FeedbackBook
from nurture.handover.desk import HandoverDesk
from nurture.ingest.outcomes.book import OutcomeBook
from nurture.plug.contracts import FeedbackHook, OutcomeHook, Payload
from nurture.setting_web import ApiAccess, Web
from nurture.setting_web import Tracking as TrackingSettings
from nurture.settings import Consent, Firm
from nurture.store.engine import Store
from nurture.tokens import Signer
from nurture.web.recorder import Recorder


class FormIntake(Protocol):
    """Puts what a form sent into the inbox, durably, before it answers (`ingest.intake.Intake`)."""

    def receive(self, source_name: str, payload: Payload, mapping: None) -> object: ...


@dataclass(frozen=True, slots=True)
class PublicServices:
    """The collaborators of the public pages.

    `intake` is made anew for each form, by the profile of that moment. `questions` are the fields that a form
    should ask a contact; None: somebody we do not know.
    """

    store: Store
    clock: Clock
    signer: Signer
    recorder: Recorder
    intake: Callable[[], FormIntake]
    desk: HandoverDesk
    hooks: Mapping[str, FeedbackHook]
    feedback: FeedbackBook
    outcome_hooks: Mapping[str, OutcomeHook]
    outcomes: OutcomeBook
    firm: Firm
    web: Web
    api: Mapping[str, ApiAccess]
    consent: Consent
    tracking: TrackingSettings
    questions: Callable[[int | None], Sequence[str]] = lambda contact_id: ()

    @property
    def base_url(self) -> str:
        """How the world reaches us."""
        return self.web.base_url

    @property
    def proxies(self) -> tuple[str, ...]:
        """The network addresses of our own proxies, which tell whom they speak for."""
        return self.web.proxies
