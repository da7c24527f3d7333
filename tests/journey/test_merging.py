"""Merged contacts in a running engine: nothing is sent twice, and old links still work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.clock import VirtualClock
from nurture.core.model import SignalKind
from nurture.journey.explain import Explainer
from nurture.journey.privacy import Privacy
from nurture.store import schema
from nurture.store.merging import merge_one
from nurture.store.merging_rounds import Merging
from nurture.store.unmerging import unmerge
from nurture.tokens import LinkFacts, UnsubscribeFacts, VisitorFacts
from nurture.web.hits import Hit, Unsubscribed, store_group
from tests.world import MONDAY, make_app, person, submit


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = make_app(tmp_path / "firm", database_url)
    yield app
    app.close()


def rows(app: App, table: sa.Table) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def merge(app: App, gone: int = 2, kept: int = 1) -> None:
    with app.store.write() as connection:
        one = Merging(gone, kept, "review", ("same telephone",))
        merge_one(connection, one, app.signer.address_hash, app.clock.now())


def live(app: App, days: int) -> None:
    clock = app.clock
    assert isinstance(clock, VirtualClock)
    for _ in range(days * 4):
        app.tick()
        clock.advance(timedelta(hours=6))


def sent(app: App) -> Counter[tuple[str, str]]:
    return Counter((row.campaign, row.step) for row in rows(app, schema.outbox) if row.state == "sent")


@pytest.mark.parametrize("days", [0, 1, 5])
def test_merged_on_their_way_through_one_campaign_nothing_goes_twice_from_then_on(
    app: App, days: int
) -> None:
    submit(app, person(1))
    live(app, 2)
    submit(app, person(2))
    live(app, days)
    before = sent(app)
    merge(app)
    live(app, 20)
    more = sent(app) - before
    assert more
    assert set(more.values()) == {1}
    assert not more.keys() & before.keys()


def test_merged_before_anything_went_each_mail_goes_once(app: App) -> None:
    submit(app, person(1), person(2))
    merge(app)
    live(app, 20)
    assert set(sent(app).values()) == {1}


def test_a_click_in_a_mail_to_who_was_merged_is_of_who_they_are_now(app: App) -> None:
    submit(app, person(1), person(2))
    merge(app)
    facts = LinkFacts(1, 2, "new-website", "welcome", "https://firm.example/")
    with app.store.write() as connection:
        store_group(connection, [(b"k" * 16, Hit(facts, MONDAY, "GET", "Firefox", {}))], MONDAY)
    (click,) = [row for row in rows(app, schema.signal) if row.kind == SignalKind.CLICKED]
    assert click.contact_id == 1


def test_an_unsubscribe_in_a_mail_to_who_was_merged_is_of_who_they_are_now(app: App) -> None:
    submit(app, person(1), person(2))
    merge(app)
    facts = UnsubscribeFacts(2, "marketing", 1, "new-website", "welcome")
    with app.store.write() as connection:
        gone = [(b"k" * 16, Unsubscribed(facts, MONDAY, "one-click"))]
        store_group(connection, gone, MONDAY, fresh=True)
    (consent,) = rows(app, schema.consent)
    assert (consent.contact_id, consent.granted) == (1, False)


def test_a_form_of_whoever_came_by_a_mail_to_who_was_merged_is_of_who_they_are_now(app: App) -> None:
    submit(app, person(1), person(2))
    merge(app)
    token = app.signer.sign("visit", VisitorFacts(2, 1, "new-website", "welcome", 2_000_000_000))
    submit(app, {"_visitor": token, "city": "Utrecht"})
    assert rows(app, schema.contact)[0].city == "Utrecht"


def test_an_erasure_takes_who_was_merged_with_it(app: App) -> None:
    submit(app, person(1), person(2))
    merge(app)
    privacy = Privacy(app.store, app.clock, app.signer)
    privacy.erase(privacy.kept("1"))
    assert rows(app, schema.former_contact) == []


def test_explain_tells_by_the_number_of_before_who_it_is_now_and_why(app: App) -> None:
    submit(app, person(1), person(2))
    merge(app)
    explained = Explainer(app.store, app.clock, app.plans, app.signer).explain("2")
    assert explained.contact.id == 1
    assert any("contact 2 (An Jansen-2" in entry.words for entry in explained.story)
    assert any("is the same person: same telephone" in entry.words for entry in explained.story)


def test_parted_again_both_live_on(app: App) -> None:
    submit(app, person(1), person(2))
    live(app, 2)
    merge(app)
    live(app, 2)
    with app.store.write() as connection:
        unmerge(connection, 2, app.clock.now())
    live(app, 20)
    per_person = Counter(
        (row.contact_id, row.campaign, row.step) for row in rows(app, schema.outbox) if row.state == "sent"
    )
    assert set(per_person.values()) == {1}
    assert {contact_id for contact_id, _, _ in per_person} == {1, 2}
