"""Transports over HTTP against servers that speak their provider's API, with all that goes wrong with it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from nurture import Delivery, DeliveryState, HttpTransport, OutboundMail, Transport, TransportError
from nurture.testing.suites_deliver import FakeTicket, TransportSuite, sample_mail, sample_text
from plugins import mailgun, resend, sms_gateway, webhook
from tests.plugins.http import Asked, Reply, WebServer, answering, serving
from tests.plugins.resend_api import API_KEY, Fault, ResendApi, error, resend_api

SENT, DEFERRED, FAILED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED
UNKNOWN, NOT_TRIED = DeliveryState.UNKNOWN, DeliveryState.NOT_TRIED

HANG_UP = Reply(hang_up=True)
SUBJECT = ("Café: " + "a long subject with many words " * 4).strip()
SECRET = "a secret of sixteen letters or more"


class Sleeper:
    """Instead of waiting, remembers for how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
def resends() -> Iterator[tuple[ResendApi, WebServer]]:
    with resend_api() as both:
        yield both


@pytest.fixture
def api(resends: tuple[ResendApi, WebServer]) -> ResendApi:
    return resends[0]


@pytest.fixture
def server(resends: tuple[ResendApi, WebServer]) -> WebServer:
    return resends[1]


@pytest.fixture
def transport(server: WebServer, sleeper: Sleeper) -> Iterator[Transport]:
    made = to_resend(server, sleeper)
    yield made
    made.close()


def to_resend(server: WebServer, sleeper: Sleeper, **options: Any) -> HttpTransport:
    given = {"api_key": API_KEY, "url": server.url, "timeout": 5, **options}
    return resend.ResendTransport(resend.Options(**given), sleeper)


def delivered(transport: Transport, *numbers: int, ticket: FakeTicket | None = None) -> list[Delivery]:
    """The answers, in the order of the mails; that nothing got through is no matter here."""
    answers: list[Delivery] = []
    try:
        for one in transport.deliver([sample_mail(number) for number in numbers], ticket or FakeTicket()):
            answers.append(one)  # noqa: PERF402  # what came before an error is wanted too
    except TransportError:
        pass
    return answers


def states(transport: Transport, *numbers: int) -> list[DeliveryState]:
    return [one.state for one in delivered(transport, *numbers)]


# --- the contract -----------------------------------------------------------------------------------


class TestResend(TransportSuite):
    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with resend_api() as (self.api, self.server):
            yield

    def make(self, folder: Path) -> Transport:
        return to_resend(self.server, Sleeper())


class TestMailgun(TransportSuite):
    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with answering(200, b'{"id": "<1@example.com>", "message": "Queued. Thank you."}') as self.server:
            yield

    def make(self, folder: Path) -> Transport:
        return to_mailgun(self.server, Sleeper())

    def arrived(self) -> list[bytes]:
        return [_multipart(asked)["message"] for asked in self.server.asked]


class TestWebhook(TransportSuite):
    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with answering(204) as self.server:
            yield

    def make(self, folder: Path) -> Transport:
        return to_webhook(self.server, Sleeper())


class TestSmsGateway(TransportSuite):
    sample = staticmethod(sample_text)

    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with answering(201, b'{"id": "m1"}') as self.server:
            yield

    def make(self, folder: Path) -> Transport:
        return to_gateway(self.server, Sleeper())

    def arrived(self) -> list[bytes]:
        return [json.loads(asked.body)["text"].encode() for asked in self.server.asked]


@pytest.mark.parametrize(
    ("plugin", "options"),
    [
        (resend, {"api_key": "re_1"}),
        (mailgun, {"domain": "mg.example.com", "api_key": "key"}),
        (webhook, {"url": "https://mailer.example.com/", "secret": SECRET}),
        (sms_gateway, {"url": "https://sms.example.com/"}),
    ],
)
def test_a_transport_over_http_is_registered_and_not_without_its_secret(plugin: Any, options: Any) -> None:
    class Config:
        def __init__(self, **given: Any) -> None:
            self._given = given

        def options(self, section: str, model: type[Any]) -> Any:
            return model(**self._given)

    (transport,) = plugin.register_transports(Config(**options))
    assert (transport.name, isinstance(transport, Transport)) == (plugin.__name__.partition(".")[2], True)
    transport.close()
    with pytest.raises(ValidationError):
        plugin.register_transports(Config())


@pytest.mark.parametrize(
    "url",
    ["http://api.resend.com", "http://10.0.0.1/", "ftp://x/", "api.resend.com", "https://", "https://[x"],
)
def test_secrets_go_nowhere_unencrypted(url: str) -> None:
    for options in (
        lambda: resend.Options(api_key="k", url=url),
        lambda: mailgun.Options(domain="d", api_key="k", url=url),
        lambda: webhook.Options(url=url, secret=SECRET),
    ):
        with pytest.raises(ValidationError, match=r"write https://…|no web address"):
            options()


def test_a_webhook_of_ones_own_network_may_be_allowed_to_go_unencrypted() -> None:
    assert webhook.Options(url="http://10.0.0.1/mail", secret=SECRET, allow_http=True).url


# --- Resend: what it gets ---------------------------------------------------------------------------


def whole_mail(number: int = 1) -> OutboundMail:
    """A mail of both parts, with everything that we put into one."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = '"Studio Één, Utrecht" <hello@example.com>'
    message["To"] = f"Reader <reader{number}@example.com>"
    message["Reply-To"] = "people@example.com"
    message["Subject"] = SUBJECT
    message["Date"] = "Mon, 2 Mar 2026 09:00:00 +0000"
    message["Message-ID"] = f"<{number}@example.com>"
    message["List-Unsubscribe"] = "<https://nurture.example/u/" + "t" * 120 + ">"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content("Dag Ann\n\nTót ziens\n")
    message.add_alternative("<p>Dag Ann</p>\n", subtype="html")
    content = b"DKIM-Signature: v=1; a=rsa-sha256\r\n" + message.as_bytes()
    return replace(sample_mail(number), content=content, campaign="new-website", step="welcome")


def test_resend_gets_the_parts_of_the_mail(api: ResendApi, transport: Transport) -> None:
    (answer,) = transport.deliver([whole_mail()], FakeTicket())
    assert answer.state is SENT
    assert answer.reply.startswith("taken by Resend as 49a3999c")
    assert api.mails == [
        {
            "from": '"Studio Één, Utrecht" <hello@example.com>',
            "to": ["reader1@example.com"],
            "reply_to": "people@example.com",
            "subject": SUBJECT,
            "html": "<p>Dag Ann</p>\n",
            "text": "Dag Ann\n\nTót ziens\n",
            "headers": {
                "List-Unsubscribe": "<https://nurture.example/u/" + "t" * 120 + ">",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
            "tags": [{"name": "nurture_mail", "value": "1"}],
        }
    ]


def test_the_key_is_the_same_for_ever_and_only_this_mails(server: WebServer, transport: Transport) -> None:
    delivered(transport, 1, 2)
    delivered(transport, 1)
    first, second, again = [asked.headers["idempotency-key"] for asked in server.asked]
    assert first == again != second
    assert len(first) <= 256


def test_connections_are_used_again(server: WebServer, transport: Transport) -> None:
    delivered(transport, 1, 2, 3)
    delivered(transport, 4)
    assert (len(server.asked), server.connections) == (4, 1)


# --- Resend: what goes wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault(HANG_UP, taken=True),
        Fault(error(500, "internal_server_error"), taken=True),
        Fault(Reply(502, b"<html>bad gateway</html>"), taken=True),
        Fault(HANG_UP),
        Fault(error(503, "service_unavailable")),
        Fault(error(409, "concurrent_idempotent_requests")),
        Fault(HANG_UP, taken=True, times=2),
    ],
    ids=lambda fault: f"{'after' if fault.taken else 'before'} {fault.reply.status} {fault.times}",
)
def test_a_request_whose_answer_got_lost_is_made_again_and_sends_one_mail(
    api: ResendApi, transport: Transport, fault: Fault
) -> None:
    api.faults.append(fault)
    assert states(transport, 1, 2) == [SENT, SENT]
    assert [mail["to"] for mail in api.mails] == [["reader1@example.com"], ["reader2@example.com"]]


def test_a_request_that_takes_too_long_is_made_again_and_sends_one_mail(
    api: ResendApi, server: WebServer, sleeper: Sleeper
) -> None:
    never = threading.Event()
    api.faults.append(Fault(Reply(200, b"{}", wait=never), taken=True))
    transport = to_resend(server, sleeper, timeout=0.2)
    assert states(transport, 1) == [SENT]
    assert len(api.mails) == 1
    never.set()
    transport.close()


def test_what_stays_in_the_dark_can_be_repeated_within_resends_day(
    api: ResendApi, transport: Transport
) -> None:
    api.faults.append(Fault(HANG_UP, taken=True, times=3))
    unknown, other = delivered(transport, 1, 2)
    assert (unknown.state, other.state) == (UNKNOWN, NOT_TRIED)
    assert unknown.repeat_until is not None
    left = unknown.repeat_until - datetime.now(UTC)
    assert timedelta(hours=22) < left < timedelta(hours=24)
    assert states(transport, 1, 2) == [SENT, SENT]
    assert len(api.mails) == 2


def test_another_text_under_the_same_key_is_not_sent_and_not_to_be_repeated(
    api: ResendApi, transport: Transport
) -> None:
    delivered(transport, 1)
    changed = replace(sample_mail(1), content=sample_mail(1).content.replace(b"Bye", b"Adieu"))
    (answer,) = transport.deliver([changed], FakeTicket())
    assert (answer.state, answer.repeat_until) == (UNKNOWN, None)
    assert "different payload" in answer.reply
    assert len(api.mails) == 1


def test_a_mail_that_resend_refuses_fails_alone(api: ResendApi, transport: Transport) -> None:
    wrong = replace(sample_mail(1), recipient="nobody")
    answers = list(transport.deliver([wrong, sample_mail(2)], FakeTicket()))
    assert [one.state for one in answers] == [FAILED, SENT]
    assert answers[0].reply == "Resend says validation_error: Invalid `to` field."


def test_a_limit_a_second_is_waited_for(api: ResendApi, transport: Transport, sleeper: Sleeper) -> None:
    api.faults.append(Fault(error(429, "rate_limit_exceeded", retry_after="1")))
    assert states(transport, 1, 2) == [SENT, SENT]
    assert sleeper.slept == [1.0]


@pytest.mark.parametrize(
    "reply",
    [
        error(429, "rate_limit_exceeded", "Too many requests", retry_after="3600"),
        error(429, "rate_limit_exceeded", "Too many", retry_after="Fri, 31 Dec 2100 23:59:59 GMT"),
        error(429, "daily_quota_exceeded", "You have reached your daily email sending quota."),
        error(403, "validation_error", "The example.com domain is not verified."),
        error(401, "missing_api_key", "Missing API key in the authorization header."),
        Reply(302, b"", {"Location": "http://127.0.0.1:1/"}),
    ],
    ids=["long limit", "limit with a date", "quota", "domain", "key", "redirect"],
)
def test_what_stops_all_of_them_counts_against_none(
    api: ResendApi, server: WebServer, transport: Transport, reply: Reply
) -> None:
    api.faults.append(Fault(reply, times=10))
    assert states(transport, 1, 2, 3) == [NOT_TRIED] * 3
    assert len(server.asked) == 1


def test_a_wrong_key_is_told_to_the_operator(server: WebServer, sleeper: Sleeper) -> None:
    transport = to_resend(server, sleeper, api_key="re_wrong")
    answers = iter(transport.deliver([sample_mail(1)], FakeTicket()))
    assert next(answers).state is NOT_TRIED
    with pytest.raises(TransportError, match="resend: Resend says validation_error: API key is invalid"):
        next(answers)
    transport.close()


def test_a_key_that_is_withdrawn_half_way_stops_the_rest(api: ResendApi, transport: Transport) -> None:
    api.faults += [Fault(HANG_UP), Fault(error(409, "concurrent_idempotent_requests"))]
    assert states(transport, 1) == [SENT]
    api.faults.append(Fault(error(401, "restricted_api_key"), times=5))
    assert states(transport, 2, 3) == [NOT_TRIED, NOT_TRIED]


def test_a_server_that_is_not_there_means_not_tried(sleeper: Sleeper) -> None:
    transport = to_resend(WebServer(lambda _asked: HANG_UP, "http://127.0.0.1:1"), sleeper)
    answers = delivered(transport, 1, 2)
    assert [one.state for one in answers] == [NOT_TRIED] * 2
    assert "cannot be reached" in answers[0].reply
    transport.close()


def test_a_server_that_goes_away_after_a_lost_answer_leaves_the_mail_unknown(
    api: ResendApi, server: WebServer, transport: Transport
) -> None:
    api.faults += [Fault(HANG_UP, taken=True), Fault(error(401, "validation_error"))]
    (answer,) = delivered(transport, 1)
    assert answer.state is UNKNOWN


def test_what_is_withheld_is_never_asked_for(server: WebServer, transport: Transport) -> None:
    answers = delivered(transport, 1, 2, ticket=FakeTicket(withheld={1}))
    assert [one.state for one in answers] == [NOT_TRIED, SENT]
    assert len(server.asked) == 1


# --- Mailgun ----------------------------------------------------------------------------------------


def to_mailgun(server: WebServer, sleeper: Sleeper) -> HttpTransport:
    options = mailgun.Options(domain="mg.example.com", api_key="key-1", url=server.url, timeout=5)
    return mailgun.MailgunTransport(options, sleeper)


def _multipart(asked: Asked) -> dict[str, bytes]:
    """The fields of a form (RFC 7578), as they were sent."""
    boundary = asked.headers["content-type"].partition("boundary=")[2].encode()
    fields = {}
    for part in asked.body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        assert name is not None
        fields[name[1].decode()] = content.removesuffix(b"\r\n")
    return fields


def test_mailgun_gets_the_mail_as_it_is(sleeper: Sleeper) -> None:
    with answering(200, b'{"id": "<1@example.com>", "message": "Queued. Thank you."}') as server:
        transport = to_mailgun(server, sleeper)
        mail = whole_mail()
        (answer,) = transport.deliver([mail], FakeTicket())
        transport.close()
    (asked,) = server.asked
    assert (asked.path, answer.state) == ("/v3/mg.example.com/messages.mime", SENT)
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"api:key-1").decode()
    fields = _multipart(asked)
    assert (fields["to"], fields["o:tracking"]) == (b"reader1@example.com", b"no")
    assert fields["message"] == mail.content
    assert message_from_bytes(fields["message"])["DKIM-Signature"]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(400, b'{"message": "to parameter is not a valid address"}'), [FAILED, FAILED]),
        (Reply(401, b"Forbidden"), [NOT_TRIED, NOT_TRIED]),
        (Reply(404, b'{"message": "Domain not found: mg.example.com"}'), [NOT_TRIED, NOT_TRIED]),
        (Reply(429, b"{}", {"Retry-After": "600"}), [NOT_TRIED, NOT_TRIED]),
        (Reply(500, b"[]"), [UNKNOWN, UNKNOWN]),
        (HANG_UP, [UNKNOWN, UNKNOWN]),
    ],
    ids=["refused", "key", "domain", "limit", "error", "no answer"],
)
def test_what_mailgun_may_have_taken_is_never_repeated(
    sleeper: Sleeper, reply: Reply, expected: list[DeliveryState]
) -> None:
    with serving(lambda _asked: reply) as server:
        transport = to_mailgun(server, sleeper)
        answers = delivered(transport, 1, 2)
        transport.close()
    assert [one.state for one in answers] == expected
    assert all(one.repeat_until is None for one in answers)
    assert len(server.asked) == len([state for state in expected if state is not NOT_TRIED] or [1])


@pytest.mark.parametrize(
    "options", [{}, {"domain": "mg.example.com"}, {"api_key": "key"}, {"domain": "a/b", "api_key": "key"}]
)
def test_half_of_mailguns_settings_stop_the_start(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        mailgun.Options(**options)


# --- a webhook of one's own -------------------------------------------------------------------------


def to_webhook(server: WebServer, sleeper: Sleeper, **options: Any) -> HttpTransport:
    return webhook.WebhookTransport(
        webhook.Options(url=f"{server.url}mail?from=nurture", secret=SECRET, timeout=5, **options), sleeper
    )


def test_a_webhook_gets_the_message_signed(sleeper: Sleeper) -> None:
    with answering(202) as server:
        transport = to_webhook(server, sleeper)
        assert [one.state for one in transport.deliver([whole_mail()], FakeTicket())] == [SENT]
        transport.close()
    (asked,) = server.asked
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", asked.headers["x-nurture-signature"])
    assert found is not None
    expected = hmac.new(SECRET.encode(), f"{found[1]}.".encode() + asked.body, hashlib.sha256)
    assert hmac.compare_digest(found[2], expected.hexdigest())
    said = json.loads(asked.body)
    assert said["key"] == asked.headers["idempotency-key"] == whole_mail().idempotency_key
    assert (said["campaign"], said["step"]) == ("new-website", "welcome")
    assert (said["recipient"], said["text"]) == ("reader1@example.com", "Dag Ann\n\nTót ziens\n")
    assert said["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert asked.path == "/mail?from=nurture"


@pytest.mark.parametrize(
    ("status", "expected"), [(422, FAILED), (410, FAILED), (404, NOT_TRIED), (500, UNKNOWN), (301, NOT_TRIED)]
)
def test_the_status_of_a_webhook_says_what_becomes_of_the_message(
    sleeper: Sleeper, status: int, expected: DeliveryState
) -> None:
    with answering(status) as server:
        transport = to_webhook(server, sleeper)
        assert states(transport, 1) == [expected]
        transport.close()


def test_a_webhook_that_keeps_keys_is_posted_to_again(sleeper: Sleeper) -> None:
    replies = iter([HANG_UP, Reply(500), Reply(200)])
    with serving(lambda _asked: next(replies)) as server:
        transport = to_webhook(server, sleeper, keeps_keys_hours=24)
        assert states(transport, 1) == [SENT]
        transport.close()
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert sleeper.slept == [0.5, 2.0]


# --- text messages ----------------------------------------------------------------------------------


def to_gateway(server: WebServer, sleeper: Sleeper, **options: Any) -> HttpTransport:
    return sms_gateway.SmsGateway(sms_gateway.Options(url=server.url, timeout=5, **options), sleeper)


def asked_for_a_text(**options: Any) -> Asked:
    with answering(202) as server:
        transport = to_gateway(server, Sleeper(), **options)
        assert [one.state for one in transport.deliver([sample_text(7)], FakeTicket())] == [SENT]
        transport.close()
    (asked,) = server.asked
    return asked


def test_a_gateway_gets_the_text_as_json() -> None:
    asked = asked_for_a_text(sender="Studio", authorization="AccessKey 123", constants={"ttl": "3600"})
    assert json.loads(asked.body) == {
        "ttl": "3600",
        "to": "+31612340007",
        "text": sample_text(7).content.decode(),
        "from": "Studio",
    }
    assert asked.headers["authorization"] == "AccessKey 123"
    assert asked.headers["idempotency-key"] == sample_text(7).idempotency_key


def test_a_gateway_gets_the_text_as_a_form_in_its_own_words() -> None:
    words = {"recipient": "To", "text": "Body", "sender": "", "key": "Reference"}
    asked = asked_for_a_text(body="form", fields=words, plus=False, username="AC1", password="token")
    assert parse_qs(asked.body.decode()) == {
        "To": ["31612340007"],
        "Body": [sample_text(7).content.decode()],
        "Reference": [sample_text(7).idempotency_key],
    }
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:token").decode()


@pytest.mark.parametrize(("keeps", "expected", "times"), [(0, UNKNOWN, 1), (24, SENT, 2)])
def test_a_text_whose_answer_got_lost_is_sent_again_only_where_the_gateway_knows_its_key(
    sleeper: Sleeper, keeps: int, expected: DeliveryState, times: int
) -> None:
    replies = iter([HANG_UP, Reply(200)])
    with serving(lambda _asked: next(replies)) as server:
        transport = to_gateway(server, sleeper, keeps_keys_hours=keeps)
        answers = list(transport.deliver([sample_text(1)], FakeTicket()))
        transport.close()
    assert [one.state for one in answers] == [expected]
    assert len(server.asked) == times
