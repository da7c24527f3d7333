"""What providers tell, each in its own words, becomes the same feedback; what is not signed, nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pydantic import ValidationError

from nurture import (
    Feedback,
    FeedbackDelayed,
    FeedbackError,
    FeedbackHook,
    FeedbackKind,
    SettingsError,
    Severity,
)
from nurture.testing.suites_feedback import FeedbackHookSuite
from plugins import amazon_ses, mailgun, postmark, resend, sendgrid
from plugins.amazon_ses.sns import get_https
from tests.plugins.http import answering
from tests.plugins.providers import (
    CERTIFICATE,
    NOW,
    SUBSCRIBE,
    TOPIC,
    WEBHOOK_SECRET,
    Call,
    Sns,
    ec_key,
    mailgun_call,
    mailgun_event,
    mailgun_hook,
    postmark_bounce,
    postmark_call,
    postmark_hook,
    public_key,
    resend_bounce,
    resend_call,
    resend_event,
    resend_hook,
    rsa_key,
    sendgrid_call,
    sendgrid_event,
    sendgrid_hook,
    ses_bounce,
    ses_mail,
)

BOUNCE, COMPLAINT = FeedbackKind.BOUNCE, FeedbackKind.COMPLAINT
UNSUBSCRIBE, DELIVERED = FeedbackKind.UNSUBSCRIBE, FeedbackKind.DELIVERED
HARD, SOFT, OURS = Severity.HARD, Severity.SOFT, Severity.OURS


# --- the contract -----------------------------------------------------------------------------------


class TestSes(FeedbackHookSuite):
    make = staticmethod(lambda: Sns().hook())
    signs_in_headers = False

    def signed_call(self) -> Call:
        return Sns().call(ses_bounce())


class TestSesOfVersion1(TestSes):
    def signed_call(self) -> Call:
        return Sns().call(ses_bounce(), version="1")


class TestPostmark(FeedbackHookSuite):
    make = staticmethod(postmark_hook)
    signs_the_body = False

    def signed_call(self) -> Call:
        return postmark_call(postmark_bounce())


class TestSendGrid(FeedbackHookSuite):
    make = staticmethod(sendgrid_hook)

    def signed_call(self) -> Call:
        return sendgrid_call([sendgrid_event(), sendgrid_event("spamreport")])


class TestMailgun(FeedbackHookSuite):
    make = staticmethod(mailgun_hook)
    signs_the_body = False
    signs_in_headers = False

    def signed_call(self) -> Call:
        return mailgun_call(mailgun_event())


class Config:
    """`[plugin.…]` as a plugin sees it."""

    workspace = Path()

    def __init__(self, **given: Any) -> None:
        self._given = given

    def options(self, section: str, model: type[Any]) -> Any:
        return model(**self._given)


class TestResend(FeedbackHookSuite):
    make = staticmethod(resend_hook)

    def signed_call(self) -> Call:
        return resend_call(resend_bounce())


@pytest.mark.parametrize(
    ("plugin", "given", "name"),
    [
        (amazon_ses, {"topics": [TOPIC]}, "ses"),
        (postmark, {"password": "a long password"}, "postmark"),
        (sendgrid, {"public_key": public_key(ec_key())}, "sendgrid"),
        (mailgun, {"signing_key": "key"}, "mailgun"),
        (resend, {"api_key": "re_1", "webhook_secret": WEBHOOK_SECRET}, "resend"),
    ],
)
def test_a_hook_is_registered_and_not_without_its_secret(plugin: Any, given: Any, name: str) -> None:
    (hook,) = plugin.register_feedback_hooks(Config(**given))
    assert (hook.name, isinstance(hook, FeedbackHook)) == (name, True)
    with pytest.raises(ValidationError):
        plugin.register_feedback_hooks(Config())


# --- Amazon SES -------------------------------------------------------------------------------------


def told_by_ses(message: object) -> list[Feedback]:
    sns = Sns()
    return list(sns.hook().read(*sns.call(message)))


def test_a_bounce_of_ses_names_our_mail_and_the_servers_words() -> None:
    words = "smtp; 550 5.1.1 no such user here"
    (told,) = told_by_ses(ses_bounce(status="5.1.1", diagnosticCode=words))
    assert told == Feedback(
        BOUNCE,
        "reader1@example.com",
        NOW - timedelta(seconds=30),
        "0102017f-feedback",
        message_id="<1@example.com>",
        status="5.1.1",
        reply=words,
    )


@pytest.mark.parametrize(
    ("kind", "sub", "severity", "reason"),
    [
        ("Permanent", "General", HARD, ""),
        ("Permanent", "NoEmail", None, "userunknown"),
        ("Permanent", "Suppressed", HARD, "filtered"),
        ("Permanent", "OnAccountSuppressionList", HARD, "filtered"),
        ("Transient", "General", SOFT, ""),
        ("Transient", "MailboxFull", None, "mailboxfull"),
        ("Transient", "MessageTooLarge", None, "mesgtoobig"),
        ("Transient", "ContentRejected", None, "contenterror"),
        ("Undetermined", "Undetermined", SOFT, ""),
    ],
)
def test_what_ses_says_counts_where_the_server_said_nothing(
    kind: str, sub: str, severity: Severity | None, reason: str
) -> None:
    (told,) = told_by_ses(ses_bounce(kind=kind, sub=sub))
    assert (told.severity, told.reason) == (severity, reason)


def test_a_bounce_of_several_recipients_is_told_of_each() -> None:
    message = ses_bounce()
    message["bounce"]["bouncedRecipients"].append({"emailAddress": "reader2@example.com"})
    assert [told.address for told in told_by_ses(message)] == ["reader1@example.com", "reader2@example.com"]


def test_event_publishing_is_read_as_notifications_are() -> None:
    message = ses_bounce(status="5.1.1")
    event = {**message, "eventType": message.pop("notificationType")}
    assert told_by_ses(event) == told_by_ses(ses_bounce(status="5.1.1"))


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (
            {
                "complaint": {
                    "complainedRecipients": [{"emailAddress": "reader1@example.com"}],
                    "complaintFeedbackType": "abuse",
                    "timestamp": "2026-03-02T09:29:30.000Z",
                    "feedbackId": "f",
                }
            },
            COMPLAINT,
        ),
        (
            {"delivery": {"recipients": ["reader1@example.com"], "timestamp": "2026-03-02T09:29:30.000Z"}},
            DELIVERED,
        ),
        ({"reject": {"reason": "Bad content"}}, BOUNCE),
        (
            {
                "subscription": {
                    "timestamp": "2026-03-02T09:29:30.000Z",
                    "newTopicPreferences": {"unsubscribeAll": True},
                }
            },
            UNSUBSCRIBE,
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_ses_tells_of_more_than_bounces(part: dict[str, Any], kind: FeedbackKind) -> None:
    (told,) = told_by_ses({"mail": ses_mail(), **part})
    assert (told.kind, told.address, told.message_id) == (kind, "reader1@example.com", "<1@example.com>")


@pytest.mark.parametrize(
    "message",
    [
        {"eventType": "Open", "mail": ses_mail(), "open": {"ipAddress": "192.0.2.1"}},
        {"eventType": "DeliveryDelay", "mail": ses_mail(), "deliveryDelay": {"delayType": "MailboxFull"}},
        {"eventType": "Something new"},
        {
            "mail": ses_mail(),
            "complaint": {
                "complainedRecipients": [{"emailAddress": "reader1@example.com"}],
                "complaintFeedbackType": "not-spam",
                "timestamp": "2026-03-02T09:29:30.000Z",
                "feedbackId": "f",
            },
        },
        "Successfully validated SNS topic for Amazon SES event publishing.",
    ],
    ids=["open", "delay", "new", "not spam", "greeting"],
)
def test_what_is_none_of_our_business_is_left_out(message: object) -> None:
    assert told_by_ses(message) == []


def test_a_certificate_is_fetched_once() -> None:
    sns = Sns()
    hook = sns.hook()
    for version in ("1", "2", "2"):
        hook.read(*sns.call(ses_bounce(), version=version))
    assert sns.asked == [CERTIFICATE]


def test_a_subscription_to_our_topic_is_confirmed() -> None:
    sns = Sns()
    assert sns.hook().read(*sns.confirmation()) == []
    assert sns.asked == [CERTIFICATE, SUBSCRIBE]


def test_who_ends_a_subscription_is_not_contradicted() -> None:
    sns = Sns()
    assert sns.hook().read(*sns.confirmation(Type="UnsubscribeConfirmation")) == []
    assert sns.asked == [CERTIFICATE]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/?Action=ConfirmSubscription",
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com/delete?everything",
    ],
)
def test_a_confirmation_that_leads_elsewhere_is_not_followed(address: str) -> None:
    sns = Sns()
    with pytest.raises(FeedbackError, match="does not lead to SNS"):
        sns.hook().read(*sns.confirmation(SubscribeURL=address))
    assert sns.asked == [CERTIFICATE]


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/SimpleNotificationService-0123.pem",
        "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example#sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://sns.us-east-1.amazonaws.com/x.pem",
        "https://mybucket.s3.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem/../y",
        "https://[::1/x.pem",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(address: str) -> None:
    sns = Sns()
    with pytest.raises(FeedbackError):
        sns.hook().read(*sns.call(ses_bounce(), SigningCertURL=address))
    assert sns.asked == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TopicArn": TOPIC + "2"}, "topic"),
        ({"Timestamp": "2026-02-27T09:30:00.000Z"}, "too long ago"),
        ({"Timestamp": "2026-03-02T09:40:00.000Z"}, "yet to come"),
        ({"Timestamp": "yesterday"}, "datetime"),
        ({"Type": "Subscribe"}, "type"),
        ({"version": "3"}, "signature version '3'"),
    ],
)
def test_a_message_of_sns_that_is_old_or_odd_is_refused(changed: dict[str, str], words: str) -> None:
    sns = Sns()
    with pytest.raises(FeedbackError, match=words):
        sns.hook().read(*sns.call(ses_bounce(), **changed))


def test_a_message_signed_with_another_key_is_refused() -> None:
    other = Sns(key=rsa.generate_private_key(65537, 2048))
    with pytest.raises(FeedbackError, match="signature"):
        Sns().hook().read(*other.call(ses_bounce()))


def test_a_subject_is_signed_too() -> None:
    sns = Sns()
    headers, body = sns.call(ses_bounce(), Subject="Amazon SES Email Event Notification")
    assert sns.hook().read(headers, body)
    with pytest.raises(FeedbackError, match="signature"):
        sns.hook().read(headers, body.replace(b"Event Notification", b"Event notification"))


def test_an_expired_certificate_is_refused() -> None:
    sns = Sns(valid_from=NOW - timedelta(days=400))
    with pytest.raises(FeedbackError, match="not valid at this time"):
        sns.hook().read(*sns.call(ses_bounce()))


def test_while_the_certificate_cannot_be_had_sns_is_told_to_come_again() -> None:
    sns = Sns(away=True)
    hook, call = sns.hook(), sns.call(ses_bounce())
    with pytest.raises(FeedbackDelayed):
        hook.read(*call)
    sns.away = False
    assert hook.read(*call)


def test_what_sns_points_at_is_fetched_without_following_redirects() -> None:
    with answering(200, b"pem") as server:
        assert get_https(server.url) == b"pem"
    with answering(302, b"", Location="http://127.0.0.1:1/") as server, pytest.raises(FeedbackDelayed):
        get_https(server.url)
    with pytest.raises(FeedbackDelayed, match="cannot be reached"):
        get_https("http://127.0.0.1:1/")


# --- Postmark ---------------------------------------------------------------------------------------


def test_a_bounce_of_postmark() -> None:
    (told,) = postmark_hook().read(*postmark_call(postmark_bounce()))
    assert (told.kind, told.address, told.severity) == (BOUNCE, "reader1@example.com", HARD)
    assert (told.key, told.at) == ("bounce 692560173", NOW.replace(minute=29, second=30, microsecond=942923))
    assert "does not exist" in told.reply


@pytest.mark.parametrize(
    ("type_", "kind", "severity"),
    [
        ("Transient", BOUNCE, SOFT),
        ("SoftBounce", BOUNCE, SOFT),
        ("DnsError", BOUNCE, SOFT),
        ("Something new", BOUNCE, SOFT),
        ("BadEmailAddress", BOUNCE, HARD),
        ("SpamNotification", BOUNCE, OURS),
        ("Blocked", BOUNCE, OURS),
        ("DMARCPolicy", BOUNCE, OURS),
        ("SpamComplaint", COMPLAINT, None),
        ("Unsubscribe", UNSUBSCRIBE, None),
        ("AutoResponder", FeedbackKind.AUTO_REPLY, None),
    ],
)
def test_each_type_of_postmark_has_its_meaning(
    type_: str, kind: FeedbackKind, severity: Severity | None
) -> None:
    (told,) = postmark_hook().read(*postmark_call(postmark_bounce(Type=type_)))
    assert (told.kind, told.severity) == (kind, severity)


def test_a_complaint_a_delivery_and_an_unsubscribe_of_postmark() -> None:
    complaint = postmark_bounce(RecordType="SpamComplaint", Type="SpamComplaint")
    delivery = {
        "RecordType": "Delivery",
        "MessageID": "m",
        "Recipient": "reader1@example.com",
        "DeliveredAt": "2026-03-02T09:29:30Z",
        "Details": "250 OK",
    }
    kinds = [postmark_hook().read(*postmark_call(event))[0].kind for event in (complaint, delivery, _left())]
    assert kinds == [COMPLAINT, DELIVERED, UNSUBSCRIBE]


def _left(**changed: Any) -> dict[str, Any]:
    return {
        "RecordType": "SubscriptionChange",
        "MessageID": None,
        "Recipient": "reader1@example.com",
        "ChangedAt": "2026-03-02T09:29:30Z",
        "SuppressSending": True,
        "SuppressionReason": "ManualSuppression",
        "Origin": "Recipient",
        **changed,
    }


@pytest.mark.parametrize(
    "event",
    [
        {"RecordType": "Open", "Recipient": "reader1@example.com"},
        {"RecordType": "Something new"},
        _left(SuppressSending=False, SuppressionReason=None),
        _left(SuppressionReason="HardBounce"),
        _left(Origin="Customer"),
        postmark_bounce(Type="Subscribe"),
    ],
    ids=["open", "new", "back again", "told elsewhere", "by the firm", "subscribe"],
)
def test_other_events_of_postmark_are_left_out(event: dict[str, Any]) -> None:
    assert postmark_hook().read(*postmark_call(event)) == []


def test_a_wrong_password_is_refused() -> None:
    with pytest.raises(FeedbackError, match="password"):
        postmark_hook().read(*postmark_call(postmark_bounce(), password="another password"))


def test_a_bounce_without_an_address_is_refused_with_the_field() -> None:
    with pytest.raises(FeedbackError, match=r"^Email: "):
        postmark_hook().read(*postmark_call(postmark_bounce(Email="")))


# --- SendGrid ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "kind", "severity", "reason"),
    [
        (sendgrid_event(), BOUNCE, None, ""),
        (sendgrid_event(bounce_classification="Invalid Address"), BOUNCE, None, "userunknown"),
        (sendgrid_event(type="blocked", bounce_classification="Reputation"), BOUNCE, None, "badreputation"),
        (sendgrid_event("dropped", reason="Bounced Address"), BOUNCE, HARD, "userunknown"),
        (sendgrid_event("dropped", reason="Spam Content"), BOUNCE, OURS, "rejected"),
        (sendgrid_event("dropped", reason="Unsubscribed Address"), UNSUBSCRIBE, None, ""),
        (sendgrid_event("dropped", reason="Spam Reporting Address"), COMPLAINT, None, ""),
        (sendgrid_event("spamreport"), COMPLAINT, None, ""),
        (sendgrid_event("unsubscribe"), UNSUBSCRIBE, None, ""),
        (sendgrid_event("group_unsubscribe", asm_group_id=10), UNSUBSCRIBE, None, ""),
        (sendgrid_event("delivered", response="250 OK"), DELIVERED, None, ""),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else None,
)
def test_each_event_of_sendgrid_has_its_meaning(
    event: dict[str, Any], kind: FeedbackKind, severity: Severity | None, reason: str
) -> None:
    (told,) = sendgrid_hook().read(*sendgrid_call([event]))
    assert (told.kind, told.severity, told.reason) == (kind, severity, reason)
    assert (told.message_id, told.at) == ("<1@example.com>", NOW - timedelta(seconds=30))
    assert told.key == event["sg_event_id"]


def test_a_batch_of_sendgrid_is_read_whole_and_the_rest_left_out() -> None:
    events = [
        sendgrid_event("processed"),
        sendgrid_event(sg_event_id="1", status="5.1.1", reason="550 no such user"),
        sendgrid_event("open"),
        {"event": "account_status_change", "type": "compliance_suspend", "timestamp": 1772443000},
        sendgrid_event(sg_event_id="2", status=4.2, reason=None),
        sendgrid_event("something_new"),
    ]
    told = sendgrid_hook().read(*sendgrid_call(events))
    assert [(one.key, one.status, one.reply) for one in told] == [
        ("1", "5.1.1", "550 no such user"),
        ("2", "4.2", ""),
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda: sendgrid_call([sendgrid_event()], at=NOW - timedelta(days=2)),
        lambda: sendgrid_call([sendgrid_event()], at=NOW + timedelta(hours=1)),
        lambda: sendgrid_call([sendgrid_event()], key=ec.generate_private_key(ec.SECP256R1())),
        lambda: sendgrid_call([sendgrid_event(sg_event_id="")]),
        lambda: sendgrid_call({"event": "bounce"}),
    ],
    ids=["old", "to come", "another key", "no id", "no list"],
)
def test_a_call_of_sendgrid_that_is_old_forged_or_odd_is_refused(call: Callable[[], Call]) -> None:
    with pytest.raises(FeedbackError):
        sendgrid_hook().read(*call())


@pytest.mark.parametrize("key", ["", "no base64!", "aGVsbG8=", public_key(rsa_key())])
def test_a_key_of_sendgrid_that_is_none_stops_the_start(key: str) -> None:
    with pytest.raises(SettingsError, match=r"plugin\.sendgrid\.public_key"):
        sendgrid.SendGrid(sendgrid.Options(public_key=key))


# --- Mailgun ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "kind", "severity", "reason"),
    [
        (mailgun_event(), BOUNCE, None, ""),
        (mailgun_event(reason="suppress-bounce"), BOUNCE, HARD, "userunknown"),
        (mailgun_event(reason="suppress-complaint"), COMPLAINT, None, ""),
        (mailgun_event(reason="suppress-unsubscribe"), UNSUBSCRIBE, None, ""),
        (mailgun_event(reason="old"), BOUNCE, SOFT, "expired"),
        (mailgun_event("complained"), COMPLAINT, None, ""),
        (mailgun_event("unsubscribed"), UNSUBSCRIBE, None, ""),
        (mailgun_event("delivered"), DELIVERED, None, ""),
    ],
    ids=lambda value: f"{value['event']} {value['reason']}" if isinstance(value, dict) else None,
)
def test_each_event_of_mailgun_has_its_meaning(
    event: dict[str, Any], kind: FeedbackKind, severity: Severity | None, reason: str
) -> None:
    (told,) = mailgun_hook().read(*mailgun_call(event))
    assert (told.kind, told.severity, told.reason) == (kind, severity, reason)
    assert (told.message_id, told.reply) == ("1@example.com", "550 5.1.1 no such user here")
    assert told.at == NOW - timedelta(seconds=30.25)


@pytest.mark.parametrize("event", [mailgun_event(severity="temporary"), mailgun_event("opened")])
def test_other_events_of_mailgun_are_left_out(event: dict[str, Any]) -> None:
    assert mailgun_hook().read(*mailgun_call(event)) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: mailgun_call(mailgun_event(), at=NOW - timedelta(days=1)),
        lambda: mailgun_call(mailgun_event(), at=NOW + timedelta(hours=1)),
        lambda: mailgun_call(mailgun_event(), key="another"),
        lambda: mailgun_call(mailgun_event(), token=""),
        lambda: mailgun_call(None),
    ],
    ids=["old", "to come", "another key", "no token", "no event"],
)
def test_a_call_of_mailgun_that_is_old_forged_or_odd_is_refused(call: Callable[[], Call]) -> None:
    with pytest.raises(FeedbackError):
        mailgun_hook().read(*call())


def test_a_signature_of_mailgun_is_good_for_one_event_only() -> None:
    hook = mailgun_hook()
    call = mailgun_call(mailgun_event())
    assert hook.read(*call) == hook.read(*call)
    stolen = json.loads(call[1])
    stolen["event-data"]["recipient"] = "reader2@example.com"
    with pytest.raises(FeedbackError, match="used before"):
        hook.read({}, json.dumps(stolen).encode())


def test_tokens_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailgun.hook, "TOKENS_AT_MOST", 2)
    hook = mailgun_hook()
    for number in range(4):
        hook.read(*mailgun_call(mailgun_event(), token=f"token-{number}"))
    assert list(hook._tokens) == ["token-2", "token-3"]


# --- Resend -----------------------------------------------------------------------------------------

DEAD = "smtp; 550 5.1.1 no such user here"


@pytest.mark.parametrize(
    ("event", "kind", "severity", "reason", "reply"),
    [
        (resend_bounce("Permanent", "General", DEAD), BOUNCE, None, "", DEAD),
        (resend_bounce("Permanent", "General"), BOUNCE, HARD, "", "It bounced."),
        (resend_bounce("Transient", "General"), BOUNCE, SOFT, "", "It bounced."),
        (resend_bounce("Transient", "MailboxFull"), BOUNCE, None, "mailboxfull", "It bounced."),
        (resend_bounce("Permanent", "Suppressed"), BOUNCE, HARD, "filtered", "It bounced."),
        (resend_event("email.suppressed"), BOUNCE, HARD, "filtered", "on Resend's suppression list"),
        (resend_event("email.failed", failed={"reason": "quota"}), BOUNCE, OURS, "rejected", "quota"),
        (resend_event("email.complained"), COMPLAINT, None, "", ""),
        (resend_event("email.delivered"), DELIVERED, None, "", ""),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else None,
)
def test_each_event_of_resend_has_its_meaning(
    event: dict[str, Any], kind: FeedbackKind, severity: Severity | None, reason: str, reply: str
) -> None:
    (told,) = resend_hook().read(*resend_call(event))
    assert (told.kind, told.severity, told.reason, told.reply) == (kind, severity, reason, reply)
    assert (told.outbox_id, told.key, told.address) == (1, "msg_1", "reader1@example.com")


@pytest.mark.parametrize(
    ("tags", "mail"),
    [
        ({"nurture_mail": "7"}, 7),
        ([{"name": "nurture_mail", "value": "7"}], 7),
        ([{"name": "category", "value": "welcome"}], None),
        ({"nurture_mail": "9" * 30}, None),
        ({"nurture_mail": "-1"}, None),
        ([], None),
    ],
)
def test_the_tag_names_our_mail(tags: object, mail: int | None) -> None:
    (told,) = resend_hook().read(*resend_call(resend_event(tags=tags)))
    assert told.outbox_id == mail


@pytest.mark.parametrize("event", ["email.opened", "email.delivery_delayed", "domain.created", "new"])
def test_other_events_of_resend_are_left_out(event: str) -> None:
    assert resend_hook().read(*resend_call(resend_event(event))) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: resend_call(resend_event(), at=NOW - timedelta(minutes=6)),
        lambda: resend_call(resend_event(), at=NOW + timedelta(minutes=6)),
        lambda: resend_call(resend_event(), key=b"another"),
    ],
    ids=["old", "to come", "another key"],
)
def test_a_call_of_resend_that_is_old_or_forged_is_refused(call: Callable[[], Call]) -> None:
    with pytest.raises(FeedbackError):
        resend_hook().read(*call())


def test_a_secret_of_resend_that_is_none_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"plugin\.resend\.webhook_secret"):
        resend.register_feedback_hooks(Config(api_key="re_1", webhook_secret="no secret!"))


def test_without_a_secret_resend_has_a_transport_and_no_hook() -> None:
    assert resend.register_feedback_hooks(Config(api_key="re_1")) == []
