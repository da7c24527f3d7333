"""`explain` tells where each field came from and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nurture.app import App
from nurture.core.model import Contact, Revise
from nurture.journey.explain import Explainer
from nurture.store.revisions import revise
from tests.world import MONDAY, make_app, person, submit

AN = "an1@bakkerij1.nl"


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    with closing(make_app(tmp_path / "w", database_url)) as app:
        submit(app, person(1, email=AN, phone="+49301234567", country=""))
        yield app


def told(app: App) -> dict[str, str]:
    explained = Explainer(app.store, app.clock, app.plans, app.signer).explain(AN)
    return {one.field: one.words for one in explained.origins}


def test_what_was_said_is_told_with_its_form(app: App) -> None:
    assert told(app)["name"] == "said in brochure (webform)"


def test_what_was_found_is_told_with_the_enricher_and_how_sure_it_is(app: App) -> None:
    assert told(app)["country"] == (
        "found by country_from_phone, 80% sure: the telephone number begins with that of DE"
    )


def test_what_is_known_of_the_firm_is_told_too(app: App) -> None:
    assert told(app)["account.name"].startswith("found by company_from_email_domain, 60% sure")


@pytest.mark.parametrize(
    "revision", [Revise((), fields={"city": "Ede"}), Revise((), answers={"segment": "a"})]
)
def test_what_a_campaign_has_set_is_told_as_that(app: App, revision: Revise) -> None:
    with app.store.write() as connection:
        revise(connection, [(Contact(1, MONDAY), revision)], MONDAY)
    (field,) = revision.fields or [f"answers.{key}" for key in revision.answers]
    assert told(app)[field] == "set by a campaign"
