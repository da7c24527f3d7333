"""The bundled actions keep the contract, and their own promises."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError

from nurture.core.model import AddTo, RemoveFrom
from nurture.plug.contracts import Errand, NoticeOutcome
from nurture.testing.smtp import Fault, smtp_server
from nurture.testing.suites_action import ActionSuite, example_contact
from plugins import email_notice, webhook_notice
from plugins.email_notice import Colleague, EmailNotice, filled
from plugins.membership import Membership
from plugins.set_field import Parameters as SetFieldParameters
from plugins.set_field import SetFieldAction
from plugins.tagging import Tag, Untag
from plugins.webhook_notice import WebhookAction


class TestTagKeepsTheContract(ActionSuite):
    make = staticmethod(lambda folder: Tag())
    given, wrong = {"": "hot"}, {"tag": "two words"}


class TestUntagKeepsTheContract(ActionSuite):
    make = staticmethod(lambda folder: Untag())
    given, wrong = {"tag": "hot"}, {}


class TestSetFieldKeepsTheContract(ActionSuite):
    make = staticmethod(lambda folder: SetFieldAction())
    given, wrong = {"field": "answers.segment", "value": "gold"}, {"field": "contact.email", "value": "x"}


class TestAddToKeepsTheContract(ActionSuite):
    make = staticmethod(lambda folder: Membership("add_to", "enrols", AddTo))
    given, wrong = {"": "news"}, {}


class TestRemoveFromKeepsTheContract(ActionSuite):
    make = staticmethod(lambda folder: Membership("remove_from", "ends", RemoveFrom))
    given, wrong = {"": "news"}, {"campaigns": "news"}


def colleague(folder: Path) -> Colleague:
    options = email_notice.Options()
    return Colleague("task", "mails a task", EmailNotice(options, folder), options, TEAMS)


TEAMS = {"sales-nl": ["sanne@example.com", "bram@example.com"], "empty": []}


class TestTaskKeepsTheContract(ActionSuite):
    make = staticmethod(colleague)
    given, wrong = {"to": "sanne@example.com", "title": "Call {name}"}, {"to": "@", "title": "Call"}


def test_a_task_for_a_team_goes_to_all_of_its_members(tmp_path: Path) -> None:
    with smtp_server() as server:
        (outcome,) = run_one(server.host, server.port, tmp_path, to="sales-nl")
    (taken,) = server.journal
    assert (outcome.done, taken.recipients) == (True, ("sanne@example.com", "bram@example.com"))


@pytest.mark.parametrize("team", ["empty", "gone-since"])
def test_a_task_for_a_team_with_nobody_in_it_is_tried_again(tmp_path: Path, team: str) -> None:
    (outcome,) = run_one("", 0, tmp_path, to=team)
    assert (outcome.done, outcome.again, f"teams.{team}.members" in outcome.reply) == (False, True, True)


def test_a_team_that_all_refuse_is_one_refusal(tmp_path: Path) -> None:
    with smtp_server() as server:
        server.fail(Fault("rcpt", "550 5.1.1 nobody", times=2))
        (outcome,) = run_one(server.host, server.port, tmp_path, to="sales-nl")
    assert (outcome.done, outcome.again) == (False, False)


def test_a_misspelt_team_is_found_by_the_check() -> None:
    given = {"to": "sales-ln", "title": "Call"}
    with pytest.raises(ValidationError, match="there is no team sales-ln; did you mean sales-nl"):
        email_notice.Parameters.model_validate(given, context={"teams": frozenset(TEAMS)})


@pytest.mark.parametrize(
    "url", ["http://crm.example.com/hook", "http://10.0.0.7/hook", "http://localhost.x/"]
)
def test_the_check_wants_a_webhook_encrypted(url: str) -> None:
    with pytest.raises(ValidationError, match="write https://…, or set plugin"):
        WebhookAction(webhook_notice.Options()).parameters.model_validate({"url": url}, context={})


@pytest.mark.parametrize(
    "url", ["https://crm.example.com/", "http://127.0.0.9:80/", "http://[::1]/", "http://localhost/"]
)
def test_a_webhook_on_this_machine_need_not_be_encrypted(url: str) -> None:
    assert WebhookAction(webhook_notice.Options()).parameters.model_validate({"url": url}, context={})


def test_a_webhook_need_not_be_encrypted_where_a_setting_allows_it() -> None:
    action = WebhookAction(webhook_notice.Options(allow_http=True))
    assert action.parameters.model_validate({"url": "http://crm.example.com/"}, context={})


def test_what_is_not_encrypted_is_not_posted(tmp_path: Path) -> None:
    action = WebhookAction(webhook_notice.Options())
    given = {"url": "http://crm.example.com/", "data": {}}
    (outcome,) = action.run([Errand("7-x-call-1-0", "x", "call", given, example_contact(), None)])
    assert (outcome.done, outcome.again, "not encrypted" in outcome.reply) == (False, False, True)


def test_a_task_goes_by_smtp_where_a_host_is_set(tmp_path: Path) -> None:
    with smtp_server() as server:
        (outcome,) = run_one(server.host, server.port, tmp_path)
    (taken,) = server.journal
    assert (outcome.done, taken.recipients) == (True, ("sanne@example.com",))


def test_a_task_is_one_mail_for_its_readers_however_often_it_is_sent(tmp_path: Path) -> None:
    with smtp_server() as server:
        for _ in range(2):
            list(run_one(server.host, server.port, tmp_path))
    ids = {message_from_bytes(taken.content)["Message-ID"] for taken in server.journal}
    assert (len(server.journal), len(ids)) == (2, 1)


@pytest.mark.parametrize(("reply", "again"), [("550 5.1.1 nobody", False), ("451 4.2.1 later", True)])
def test_a_refused_task_is_tried_again_only_when_it_may_pass(tmp_path: Path, reply: str, again: bool) -> None:
    with smtp_server() as server:
        server.fail(Fault("rcpt", reply))
        (outcome,) = run_one(server.host, server.port, tmp_path)
    assert (outcome.done, outcome.again) == (False, again)


def run_one(host: str, port: int, folder: Path, to: str = "sanne@example.com") -> Iterable[NoticeOutcome]:
    options = email_notice.Options(host=host, port=port or 25)
    action = Colleague("task", "mails a task", EmailNotice(options, folder), options, TEAMS)
    given = {"to": to, "title": "Call {name}", "message": "", "due": ""}
    return action.run([Errand("7-x-call-1-0", "x", "call", given, example_contact(), None)])


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


class TestWebhookKeepsTheContract(ActionSuite):
    make, wrong = staticmethod(lambda folder: WebhookAction(webhook_notice.Options())), {"url": "ftp://x"}

    @pytest.fixture(autouse=True)
    def receiver(self) -> Iterator[None]:
        server = HTTPServer(("127.0.0.1", 0), _Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.given = {"": f"http://127.0.0.1:{server.server_port}/x"}
        yield
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("field", ["contact.email", "contact.id", "contact.lifecycle", "stage", "account.x"])
def test_what_identifies_or_places_a_contact_cannot_be_set(field: str) -> None:
    with pytest.raises(ValidationError):
        SetFieldParameters(field=field, value="x")


@pytest.mark.parametrize("value", [None, 7, True, "", " "])
def test_a_field_of_the_contact_is_set_to_text_only(value: object) -> None:
    with pytest.raises(ValidationError, match=r"contact\.city is a text"):
        SetFieldParameters.model_validate({"field": "contact.city", "value": value})


def test_a_zone_that_does_not_exist_cannot_be_set() -> None:
    with pytest.raises(ValidationError, match="there is no time zone Mars/Base"):
        SetFieldParameters(field="contact.timezone", value="Mars/Base")


def test_a_title_names_the_contact_and_takes_nothing_else_for_a_placeholder() -> None:
    assert filled("Call {name} {phone}", example_contact("{email}")) == "Call {email} {phone}"
