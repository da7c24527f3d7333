"""Forms sent by somebody who came by a link in a mail: whose they are where they name nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.store import schema
from nurture.tokens import OPEN, VISIT, VisitorFacts
from tests.ingest.conftest import NOW, SIGNER, Desk

FORM = {"source": "webform", "name": "poll", "media_type": "application/x-www-form-urlencoded"}


def visitor(desk: Desk, days: int = 30, purpose: str = VISIT) -> str:
    """The token of the only contact there is."""
    expires = int((NOW + timedelta(days=days)).timestamp())
    facts = VisitorFacts(desk.contact()["id"], 5, "new-website", "welcome", expires)
    return SIGNER.sign(purpose, facts)


@pytest.fixture
def known(desk: Desk) -> Desk:
    desk.bring("name,email\nAn de Vries,an@bakkerij.example\n")
    return desk


def test_a_form_that_names_nobody_joins_whose_link_it_was(known: Desk) -> None:
    known.bring(f"question=when&_visitor={visitor(known)}", **FORM)
    (signal,) = known.rows(schema.signal)
    assert (signal["contact_id"], signal["kind"]) == (known.contact()["id"], "submitted")


def test_it_fills_gaps_and_overwrites_nothing(known: Desk) -> None:
    known.bring(f"name=Bo&city=Utrecht&_visitor={visitor(known)}", **FORM)
    assert (known.contact()["name"], known.contact()["city"]) == ("An de Vries", "Utrecht")


def test_who_names_another_address_is_somebody_else(known: Desk) -> None:
    token = visitor(known)
    known.bring(f"name=Bo&email=bo%40elders.example&_visitor={token}", **FORM)
    assert [row["email"] for row in known.contacts()] == ["an@bakkerij.example", "bo@elders.example"]


@pytest.mark.parametrize(("days", "purpose", "ending"), [(-1, VISIT, ""), (30, OPEN, ""), (30, VISIT, "x")])
def test_a_token_that_is_not_good_joins_nobody(known: Desk, days: int, purpose: str, ending: str) -> None:
    known.bring(f"question=when&_visitor={visitor(known, days, purpose)}{ending}", **FORM)
    assert [row["contact_id"] for row in known.rows(schema.signal)] != [1]


def test_a_robot_joins_nobody(known: Desk) -> None:
    known.bring(f"question=when&_gotcha=x&_visitor={visitor(known)}", **FORM)
    assert 1 not in {row["contact_id"] for row in known.rows(schema.signal)}
