"""The desk in a whole workspace: what sales says leads people back by themselves, and `explain` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.app import App
from nurture.clock import VirtualClock
from nurture.core.model import Lifecycle
from nurture.journey.explain import Explainer
from tests.world import MONDAY, make_app, person, submit

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY)


@pytest.fixture
def app(tmp_path: Path, clock: VirtualClock) -> Iterator[App]:
    """A workspace in which somebody has asked for a quote, and so is with sales."""
    app = make_app(tmp_path / "firm", f"sqlite:///{tmp_path / 'firm.db'}", clock)
    submit(app, person(1), form="quote")
    app.tick()
    yield app
    app.close()


def explained(app: App) -> tuple[Lifecycle, str]:
    found = Explainer(app.store, app.clock, app.plans, app.signer).explain("1")
    return found.contact.lifecycle, "\n".join(entry.words for entry in found.story)


def test_who_gets_it_and_why_is_told(app: App) -> None:
    lifecycle, story = explained(app)
    assert lifecycle is Lifecycle.PROSPECT
    assert "hand-over 1 goes to Sanne de Wit: next in turn, no hand-over open" in story


def test_a_recycled_contact_comes_back_at_the_date_and_that_is_told(app: App, clock: VirtualClock) -> None:
    app.desk.answer(1, "rejected", "not_now", by="Sanne", until=(MONDAY + 30 * DAY).date())
    app.tick()
    assert explained(app)[0] is Lifecycle.RECYCLED
    clock.advance(30 * DAY)
    app.tick()
    lifecycle, story = explained(app)
    assert lifecycle is Lifecycle.CONTACT
    assert "they are left alone until 31 March 2026" in story
    assert "a contact again: the date until which they were left alone has come" in story


def test_a_contact_handed_back_is_one_again_at_the_next_look(app: App) -> None:
    app.desk.answer(1, "accepted", by="Sanne")
    app.tick()
    app.desk.answer(1, "handed_back", "unreachable", by="Sanne")
    app.tick()
    lifecycle, story = explained(app)
    assert lifecycle is Lifecycle.CONTACT
    assert "Sanne handed back hand-over 1: Could not be reached" in story


def test_an_answer_on_a_form_brings_back_what_sales_had_asked(app: App) -> None:
    app.desk.answer(1, "asked", by="Sanne", need="start")
    app.tick()
    assert explained(app)[0] is Lifecycle.CONTACT
    submit(app, person(1, start="in May"), form="brochure")
    app.tick()
    lifecycle, story = explained(app)
    assert lifecycle is Lifecycle.PROSPECT
    assert "waits for an answer of Sanne de Wit again: Known now: start is in May." in story


def test_nobody_is_handed_over_twice_while_sales_waits_for_more(app: App) -> None:
    app.desk.answer(1, "asked", need="start")
    submit(app, person(1), form="quote")
    app.tick()
    assert [row.id for row in app.desk.list(open_only=False)] == [1]
