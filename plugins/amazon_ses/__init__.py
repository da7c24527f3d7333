"""The feedback hook `ses`: bounces, complaints and deliveries that Amazon SES tells of through Amazon SNS.

    [plugin.amazon_ses]
    topics = ["arn:aws:sns:eu-west-1:123456789012:mail"]

The topic's subscription goes to `https://…/hooks/ses`, without raw message delivery: that has no signature.
A call is believed when SNS has signed it and it comes from one of `topics`; only then is a new subscription
confirmed. Both ways of SES are read: feedback notifications and event publishing
(https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html and
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from nurture import (
    Feedback,
    FeedbackHook,
    FeedbackKind,
    PluginConfig,
    Severity,
    UtcTime,
    hookimpl,
    parse_json,
)

from .sns import Certificates, Envelope, confirm, get_https, verify

API_VERSION = 1


class Options(BaseModel):
    """[plugin.amazon_ses]: the topics whose messages are believed, by ARN."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: tuple[str, ...] = Field(min_length=1)


@hookimpl
def register_feedback_hooks(config: PluginConfig) -> Sequence[FeedbackHook]:
    return [AmazonSes(config.options("amazon_ses", Options))]


class AmazonSes:
    """`fetch` gets what SNS points at: its certificates, and the address that confirms a subscription."""

    name = "ses"

    def __init__(
        self,
        options: Options,
        fetch: Callable[[str], bytes] = get_https,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._topics = frozenset(options.topics)
        self._fetch = fetch
        self._now = now
        self._certificates = Certificates(fetch)

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Feedback]:
        envelope = parse_json(Envelope, body)
        verify(envelope, self._topics, self._certificates, self._now())
        if envelope.type == "SubscriptionConfirmation":
            confirm(envelope, self._fetch)
        # Who has unsubscribed the topic meant it: that is confirmed by nobody but them.
        if envelope.type != "Notification":
            return []
        if not envelope.message.lstrip().startswith("{"):
            # What SES writes into a topic when it is connected to it: words, not an event.
            return []
        return list(_told(parse_json(_Event, envelope.message)))


# --- what SES says ----------------------------------------------------------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True)


class _Header(_Part):
    name: str
    value: str


class _Mail(_Part):
    timestamp: UtcTime
    message_id: str = ""
    destination: list[str] = []
    headers: list[_Header] = []

    @property
    def own_message_id(self) -> str:
        """The Message-ID as we wrote it: on its way SES puts another one in its place."""
        return next((each.value for each in self.headers if each.name.lower() == "message-id"), "")


class _Bounced(_Part):
    email_address: str
    status: str = ""
    diagnostic_code: str = ""


class _Bounce(_Part):
    bounce_type: str
    bounce_sub_type: str = ""
    bounced_recipients: list[_Bounced]
    timestamp: UtcTime
    feedback_id: str


class _Complained(_Part):
    email_address: str


class _Complaint(_Part):
    complained_recipients: list[_Complained]
    complaint_feedback_type: str = ""
    timestamp: UtcTime
    feedback_id: str


class _Delivery(_Part):
    recipients: list[str]
    timestamp: UtcTime
    smtp_response: str = ""


class _Reject(_Part):
    reason: str = ""


class _Preferences(_Part):
    unsubscribe_all: bool = False


class _Subscription(_Part):
    timestamp: UtcTime
    new_topic_preferences: _Preferences


class _Event(_Part):
    """The event stands in the part that has its name; of the others none is there."""

    mail: _Mail | None = None
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery: _Delivery | None = None
    reject: _Reject | None = None
    subscription: _Subscription | None = None


_REASONS = {
    # bounceSubType → our reason, where it says more than the server's words.
    "NoEmail": "userunknown",
    "MailboxFull": "mailboxfull",
    "MessageTooLarge": "mesgtoobig",
    "ContentRejected": "contenterror",
    "AttachmentRejected": "contenterror",
}

_LISTED = {"Suppressed", "OnAccountSuppressionList"}
"""Sub-types of bounces that never left: SES does not send there any more."""


def _told(event: _Event) -> Iterator[Feedback]:
    mail = event.mail
    if mail is None:
        return
    message_id = mail.own_message_id
    if event.bounce is not None:
        yield from _bounces(event.bounce, message_id)
    if (complaint := event.complaint) is not None and complaint.complaint_feedback_type != "not-spam":
        for complained in complaint.complained_recipients:
            kind, address = FeedbackKind.COMPLAINT, complained.email_address
            yield Feedback(kind, address, complaint.timestamp, complaint.feedback_id, message_id=message_id)
    if (delivery := event.delivery) is not None:
        for address in delivery.recipients:
            key, reply = f"delivered {mail.message_id}", delivery.smtp_response
            yield Feedback(
                FeedbackKind.DELIVERED, address, delivery.timestamp, key, message_id=message_id, reply=reply
            )
    if event.reject is not None:
        for address in mail.destination:
            yield Feedback(
                FeedbackKind.BOUNCE,
                address,
                mail.timestamp,
                f"rejected {mail.message_id}",
                message_id=message_id,
                severity=Severity.OURS,
                reason="virusdetected",
                reply=event.reject.reason,
            )
    if (left := event.subscription) is not None and left.new_topic_preferences.unsubscribe_all:
        for address in mail.destination:
            key = f"unsubscribed {mail.message_id}"
            yield Feedback(FeedbackKind.UNSUBSCRIBE, address, left.timestamp, key, message_id=message_id)


def _bounces(bounce: _Bounce, message_id: str) -> Iterator[Feedback]:
    """Where SES has the server's words, they are judged as everywhere; else its own word counts."""
    listed = bounce.bounce_sub_type in _LISTED
    known = _REASONS.get(bounce.bounce_sub_type, "")
    for bounced in bounce.bounced_recipients:
        severity = Severity.HARD if listed else None
        if not (listed or known or bounced.diagnostic_code):
            severity = Severity.HARD if bounce.bounce_type == "Permanent" else Severity.SOFT
        yield Feedback(
            FeedbackKind.BOUNCE,
            bounced.email_address,
            bounce.timestamp,
            bounce.feedback_id,
            message_id=message_id,
            severity=severity,
            status=bounced.status,
            reply=bounced.diagnostic_code or f"{bounce.bounce_type}: {bounce.bounce_sub_type}",
            reason="filtered" if listed else known,
        )
