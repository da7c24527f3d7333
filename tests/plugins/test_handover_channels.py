"""The bundled hand-over channels, against real servers on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nurture import HandoverChannel, NoticeKind, SalesPerson
from nurture.bundled import bundled
from nurture.plug.discover import find_plugins
from nurture.plug.manager import load_plugins
from nurture.testing.smtp import Fault, SmtpServer, smtp_server
from nurture.testing.suites_handover import HandoverChannelSuite, example_notice
from plugins import email_notice, webhook_notice

KEY = "handover-12-email"


# --- e-mail -----------------------------------------------------------------------------------------


def mailer(folder: Path, **options: object) -> HandoverChannel:
    return email_notice.EmailNotice(email_notice.Options(**options), folder)


class TestEmail(HandoverChannelSuite):
    make = staticmethod(mailer)


def read_mail(content: bytes) -> EmailMessage:
    parsed = message_from_bytes(content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_without_a_host_the_mail_lies_in_the_folder(tmp_path: Path) -> None:
    mailer(tmp_path).notify(example_notice(key=KEY))
    (path,) = (tmp_path / "notices").iterdir()
    mail = read_mail(path.read_bytes())
    assert path.name == f"{KEY}.eml"
    assert (mail["To"], mail["Subject"]) == (
        "Sanne <sanne@example.com>",
        "Hand-over 12: An de Vries, Bakkerij De Vries",
    )
    assert "https://nurture.example/h/token#accept" in mail.get_content()


def test_the_operator_is_told_of_a_paused_relay(tmp_path: Path) -> None:
    candidates = find_plugins([bundled("plugins")])
    options = {"email_notice": {"operator": "ops@example.com"}}
    load_plugins(["email_notice"], candidates, options, tmp_path).observe_paused("main", "30 of 100 refused")
    (path,) = (tmp_path / "notices").iterdir()
    mail = read_mail(path.read_bytes())
    assert (mail["To"], mail["Subject"]) == ("ops@example.com", "Relay main is paused")
    assert "nurture relays resume main" in mail.get_content()


def test_without_an_operator_nobody_is_told(tmp_path: Path) -> None:
    load_plugins(["email_notice"], find_plugins([bundled("plugins")]), {}, tmp_path).observe_paused("m", "w")
    assert not (tmp_path / "notices").exists()


def test_a_reminder_says_so_in_its_subject_and_by_when_to_answer(tmp_path: Path) -> None:
    mailer(tmp_path).notify(example_notice(NoticeKind.REMINDER))
    mail = read_mail(next(tmp_path.rglob("*.eml")).read_bytes())
    assert mail["Subject"] == "Reminder: Hand-over 12: An de Vries, Bakkerij De Vries"
    assert "No answer yet.\nAnswer before Mon 2 Mar 2026, 14:30.\n" in mail.get_content().replace("\r", "")


def test_a_second_attempt_replaces_the_first_file(tmp_path: Path) -> None:
    for _ in range(2):
        mailer(tmp_path).notify(example_notice(key=KEY))
    assert len(list((tmp_path / "notices").iterdir())) == 1


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    mailer(tmp_path).notify(example_notice(key="../../etc/passwd"))
    assert [path.parent.name for path in tmp_path.rglob("*.eml")] == ["notices"]


def test_a_name_cannot_add_a_header(tmp_path: Path) -> None:
    name = "An\r\nBcc: boss@example.com\r\n\r\nHello"
    mailer(tmp_path).notify(example_notice(key=KEY, name=name))
    mail = read_mail(next(tmp_path.rglob("*.eml")).read_bytes())
    assert (mail["Bcc"], mail["Subject"]) == (
        None,
        "Hand-over 12: An Bcc: boss@example.com Hello, Bakkerij De Vries",
    )


def by_smtp(server: SmtpServer, tmp_path: Path) -> HandoverChannel:
    return mailer(tmp_path, host=server.host, port=server.port, from_address="nurture@firm.example")


def test_with_a_host_the_mail_goes_by_smtp(tmp_path: Path) -> None:
    with smtp_server() as server:
        assert by_smtp(server, tmp_path).notify(example_notice(key=KEY)).done
    (taken,) = server.journal
    assert (taken.sender, taken.recipients) == ("nurture@firm.example", ("sanne@example.com",))
    assert read_mail(taken.content)["Message-ID"] == f"<{KEY}@firm.example>"


@pytest.mark.parametrize(
    ("point", "reply", "again"),
    [
        ("rcpt", "550 5.1.1 no such person", False),
        ("rcpt", "451 4.2.1 come back later", True),
        ("dot", "554 5.7.1 not wanted", False),
        ("dot", "452 4.3.1 full", True),
    ],
)
def test_a_refusal_is_tried_again_only_when_it_may_pass(
    tmp_path: Path, point: str, reply: str, again: bool
) -> None:
    with smtp_server() as server:
        server.fail(Fault(point, reply))
        outcome = by_smtp(server, tmp_path).notify(example_notice(key=KEY))
    assert (outcome.done, outcome.again) == (False, again)
    assert reply[:3] in outcome.reply


def test_a_server_that_is_away_is_tried_again(tmp_path: Path) -> None:
    with smtp_server() as server:
        channel = by_smtp(server, tmp_path)
    outcome = channel.notify(example_notice(key=KEY))
    assert (outcome.done, outcome.again) == (False, True)


def test_a_salesperson_without_an_address_is_not_tried_again(tmp_path: Path) -> None:
    outcome = mailer(tmp_path).notify(example_notice(to=SalesPerson("Sanne", "not an address")))
    assert (outcome.done, outcome.again) == (False, False)


# --- webhook ----------------------------------------------------------------------------------------


@dataclass
class Receiver:
    """A web server that keeps what is posted to it."""

    status: int = 200
    posts: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.posts.append((dict(self.headers), body))
            self.send_response(receiver.status)
            self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{httpd.server_port}/crm?from=nurture"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def receiver(server: Receiver) -> Receiver:
    server.status = 200
    server.posts.clear()
    return server


def poster(_folder: Path | None = None) -> HandoverChannel:
    return webhook_notice.Webhook(webhook_notice.Options(timeout=5))


def aim(receiver: Receiver) -> dict[str, str]:
    return {"webhook": receiver.url, "secret": "a secret of the team"}


class TestWebhook(HandoverChannelSuite):
    make = staticmethod(poster)

    @pytest.fixture(autouse=True)
    def at_the_receiver(self, receiver: Receiver) -> None:
        self.aim = aim(receiver)


def test_the_signature_is_that_of_time_and_body(receiver: Receiver) -> None:
    assert poster().notify(example_notice(key=KEY, **aim(receiver))).done
    ((headers, body),) = receiver.posts
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["X-Nurture-Signature"])
    assert found is not None
    expected = hmac.new(b"a secret of the team", f"{found[1]}.".encode() + body, hashlib.sha256)
    assert hmac.compare_digest(found[2], expected.hexdigest())


def test_the_body_is_the_dossier(receiver: Receiver) -> None:
    poster().notify(example_notice(key=KEY, **aim(receiver)))
    ((headers, body),) = receiver.posts
    said = json.loads(body)
    assert (headers["Idempotency-Key"], said["key"], said["event"]) == (KEY, KEY, "handover.opened")
    assert said["handover"]["contact"]["name"] == "An de Vries"
    assert said["handover"]["evidence"][0]["words"] == "sent the quote form"
    assert "secret" not in body.decode()


def test_a_withdrawal_is_posted_without_a_dossier(receiver: Receiver) -> None:
    poster().notify(example_notice(NoticeKind.WITHDRAWN, **aim(receiver)))
    said = json.loads(receiver.posts[0][1])
    assert (said["event"], said["handover_id"], said["handover"]) == ("handover.withdrawn", 12, None)


@pytest.mark.parametrize(
    ("status", "done", "again"),
    [
        (204, True, True),
        (302, False, True),
        (400, False, False),
        (404, False, False),
        (408, False, True),
        (429, False, True),
        (500, False, True),
    ],
)
def test_the_status_says_whether_to_try_again(
    receiver: Receiver, status: int, done: bool, again: bool
) -> None:
    receiver.status = status
    outcome = poster().notify(example_notice(key=KEY, **aim(receiver)))
    assert (outcome.done, outcome.again, outcome.reply) == (done, again, f"answered {status}")


def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.status = 307
    poster().notify(example_notice(key=KEY, **aim(receiver)))
    assert len(receiver.posts) == 1


def test_a_receiver_that_is_away_is_tried_again() -> None:
    outcome = poster().notify(example_notice(webhook="http://127.0.0.1:1/", secret="s"))
    assert (outcome.done, outcome.again) == (False, True)


def test_a_team_without_a_webhook_is_not_posted_to_and_that_is_told() -> None:
    outcome = poster().notify(example_notice())
    assert (outcome.done, outcome.reply) == (True, "not posted: teams.sales.webhook is not set")


@pytest.mark.parametrize(
    ("url", "secret", "words"),
    [
        ("http://127.0.0.1/", "", "set teams.sales.webhook_secret"),
        ("crm.example.com", "s", "no web address"),
        ("ftp://crm.example.com/", "s", "no web address"),
        ("http://crm.example.com:port/", "s", "no web address"),
    ],
)
def test_a_setting_that_is_wrong_is_named_and_not_tried_again(url: str, secret: str, words: str) -> None:
    outcome = poster().notify(example_notice(webhook=url, secret=secret))
    assert (outcome.done, outcome.again) == (False, False)
    assert words in outcome.reply
