"""Web forms: in the inbox before the answer, and onwards only to the firm's own pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.clock import VirtualClock
from nurture.core.profile import Profile
from nurture.errors import SourceError, StoreError
from nurture.ingest.intake import Intake
from nurture.plug.discover import find_plugins
from nurture.plug.manager import load_plugins
from nurture.settings import Consent, Leads
from nurture.store import schema
from nurture.store.engine import Store
from nurture.web.answering import BODY_AT_MOST
from nurture.web.forms import is_own
from nurture.web.services import PublicServices
from tests.store.people import NOW, rows_of
from tests.web.world import Client, KeepingIntake, serving

BODY = b"name=An&email=an%40bakkerij.example"
BUNDLED = Path(__file__).parents[2] / "plugins"
FORM = "application/x-www-form-urlencoded"


def test_a_form_is_received_whole_before_the_thanks(client: Client, intake: KeepingIntake) -> None:
    answer = client.post("/f/brochure", BODY)
    assert (answer.status, "Thank you" in answer.text) == (200, True)
    assert intake.received == [("webform", "brochure", FORM, BODY)]


def test_json_is_answered_in_json(client: Client, intake: KeepingIntake) -> None:
    answer = client.post("/f/quote", b'{"name": "An"}', "application/json")
    assert (answer.status, answer.text) == (200, '{"received": true}')
    assert intake.received == [("webform", "quote", "application/json", b'{"name": "An"}')]


def test_a_robot_in_the_honeypot_is_answered_like_anybody(client: Client, intake: KeepingIntake) -> None:
    person, robot = client.post("/f/quote", BODY), client.post("/f/quote", BODY + b"&_gotcha=spam")
    assert (robot.status, robot.body) == (person.status, person.body)
    assert len(intake.received) == 2


def test_onwards_to_the_firms_own_page(client: Client) -> None:
    answer = client.post("/f/quote", BODY + b"&_next=https%3A%2F%2Ffirm.example%2Fthanks%3Fa%3D1")
    assert (answer.status, answer.headers["Location"]) == (303, "https://firm.example/thanks?a=1")


def test_nobody_is_led_to_a_strangers_page(client: Client) -> None:
    answer = client.post("/f/quote", BODY + b"&_next=https%3A%2F%2Fevil.example%2F")
    assert (answer.status, answer.headers["Location"]) == (200, None)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/thanks",
        "//firm.example/",
        "javascript:alert(1)",
        "https://firm.example.evil.example/",
        "https://firm.example@evil.example/",
        "https://evil.example\\@firm.example/",
        "https://evil.example#@firm.example/",
        "https:firm.example",
        "http://firm.example/",
        "https://firm.example:8443/",
        "https://firm.example:port/",
        "https://firm.example/\r\nSet-Cookie: a=b",
        " https://firm.example/",
        "https://f\u0131rm.example/",
        "https://[firm.example/",
    ],
)
def test_what_is_not_on_the_own_site_is_none_of_ours(address: str) -> None:
    assert not is_own(address, frozenset({"https://firm.example:443"}))


@pytest.mark.parametrize(
    "address", ["https://firm.example", "https://FIRM.example/thanks", "https://firm.example:443/"]
)
def test_what_is_on_the_own_site_is_ours(address: str) -> None:
    assert is_own(address, frozenset({"https://firm.example:443"}))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("/f/quote", b"", 400, id="nothing sent"),
        pytest.param("/f/..%2f..%2fetc", BODY, 404, id="a path for a name"),
        pytest.param("/f/quote", b"a=" + b"x" * BODY_AT_MOST, 413, id="too much"),
    ],
)
def test_what_cannot_be_taken_is_said_kindly(
    client: Client, intake: KeepingIntake, path: str, body: bytes, status: int
) -> None:
    answer = client.post(path, body)
    assert (answer.status, "<h1>" in answer.text) == (status, True)
    assert intake.received == []


@pytest.mark.parametrize(
    ("error", "status"), [(SourceError("no JSON"), 400), (StoreError("the database is away"), 503)]
)
def test_no_thanks_for_what_was_not_stored(
    client: Client, intake: KeepingIntake, error: SourceError | StoreError, status: int
) -> None:
    intake.error = error
    answer = client.post("/f/quote", BODY)
    assert (answer.status, "Thank you" in answer.text) == (status, False)


def test_a_defect_of_ours_shows_no_traceback(client: Client, intake: KeepingIntake) -> None:
    intake.error = RuntimeError("secret detail")  # type: ignore[assignment]  # what must not happen, does
    answer = client.post("/f/quote", BODY)
    assert (answer.status, "Something went wrong" in answer.text) == (500, True)
    assert "secret detail" not in answer.text


def test_a_form_becomes_a_submitted_signal_of_its_contact(
    services: PublicServices, store: Store, clock: VirtualClock, tmp_path: Path
) -> None:
    registry = load_plugins(["web_forms"], find_plugins([BUNDLED]), {}, tmp_path)
    profile = Profile(
        name="web-agency",
        require=(),
        enrich=(),
        prospect_at=60,
        fit_rules=(),
        disqualifiers=(),
        half_life=timedelta(days=21),
        signals=(),
        promote=None,
    )
    intake = Intake(
        store,
        clock,
        sources=registry.sources,
        enrichers={},
        profile=profile,
        leads=Leads(),
        signer=services.signer,
        consent=Consent(),
        message_domain="firm.example",
    )
    with serving(replace(services, intake=lambda: intake)) as client:
        assert client.post("/f/quote", BODY).status == 200
    intake.sort_batch()
    (signal,) = rows_of(store, schema.signal)
    assert (signal.kind, signal.at, signal.classed) == ("submitted", NOW, "human")
    assert signal.data["form"] == "quote"
