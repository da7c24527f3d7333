"""The bundled actions keep the contract, and their own promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError

from nurture.core.model import AddTo, RemoveFrom
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
    return Colleague("task", "mails a task", EmailNotice(options, folder), options)


class TestTaskKeepsTheContract(ActionSuite):
    make = staticmethod(colleague)
    given, wrong = {"to": "sanne@example.com", "title": "Call {name}"}, {"to": "sanne", "title": "Call"}


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


def test_a_title_names_the_contact_and_takes_nothing_else_for_a_placeholder() -> None:
    assert filled("Call {name} {phone}", example_contact("{email}")) == "Call {email} {phone}"
