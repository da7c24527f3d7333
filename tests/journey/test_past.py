"""What was answered on a day is still answered of that day, whatever has come since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from nurture.core.model import SignalClass
from nurture.core.whynot import Answer
from nurture.errors import NurtureError
from nurture.journey.explain import Explainer
from nurture.journey.inquire import Inquirer, Inquiry
from nurture.journey.seeing import PictureOf
from nurture.store import consents, signals
from tests.journey.desk import Desk
from tests.world import MONDAY, person, submit

ASKED = (
    *("new-website/send:welcome", "new-website/send:cases", "new-website/send:how-it-works"),
    *("new-website/wait_for:read-welcome", "new-website/send:costs", "new-website/send:included"),
    *("new-website/send:talk", "enrol:new-website", "enrol:webshop", "promote", "hand_over"),
    *("stage:comparison", "stage:orientation"),
)


def ask(desk: Desk, who: int, asked: str, at: datetime | None = None) -> Inquiry:
    app = desk.app
    inquirer = Inquirer(app.store, app.clock, app.plans, app.signer)
    return inquirer.ask(str(who), why_not=asked, at=None if at is None else at.isoformat())


EVERYTHING = [(who, asked) for who in (1, 2, 3) for asked in ASKED]


def answers(
    desk: Desk, at: datetime | None = None, questions: Sequence[tuple[int, str]] = EVERYTHING
) -> dict[tuple[int, str], Answer]:
    found = {(who, asked): ask(desk, who, asked, at).why_not for who, asked in questions}
    return {key: answer for key, answer in found.items() if answer is not None}


def happen(desk: Desk, who: int, kind: str, **data: Any) -> None:
    with desk.app.store.write() as connection:
        now = desk.app.clock.now()
        new = signals.NewSignal(who, kind, now, data, SignalClass.HUMAN, "a test says so")
        signals.record_signals(connection, [new], now)
    desk.advance()


def withdraw(desk: Desk, who: int) -> None:
    with desk.app.store.write() as connection:
        consents.withdraw(connection, who, "marketing", "one-click", desk.app.clock.now())


def rename(desk: Desk) -> None:
    desk.edit("{id: think-it-over, wait: 9d}", "{id: muse, wait: 2d}")
    desk.edit("stages:", "moved: {think-it-over: muse}\nstages:")
    desk.publish()


def days(desk: Desk) -> Sequence[Any]:
    """What happens on the days of a small world: each is done at noon, after the answers of that day."""
    prices = "https://www.example.com/prices"
    return (
        lambda: happen(desk, 1, "clicked", step="welcome", campaign="new-website"),
        lambda: [happen(desk, 2, "visited", url=prices) for _ in range(2)],
        lambda: withdraw(desk, 3),
        lambda: submit(desk.app, person(1, city="Utrecht", budget="10k+")),
        lambda: rename(desk),
        lambda: happen(desk, 1, "submitted", form="quote"),
        lambda: desk.app.desk.answer(1, "rejected", "not_now", "sanne@example.com"),
        lambda: happen(desk, 2, "visited", url="https://www.example.com/quote"),
        lambda: (desk.file.unlink(), desk.publish()),
    )


def test_what_was_answered_on_a_day_is_answered_of_it_ever_after(desk: Desk) -> None:
    then: dict[datetime, dict[tuple[int, str], Answer]] = {}
    stories: dict[datetime, list[Any]] = {}
    for day, happens in enumerate(days(desk)):
        desk.advance(0.5)
        now = desk.app.clock.now()
        # Every day a third of all that may be asked, another one than the day before.
        then[now] = answers(desk, questions=EVERYTHING[day % 3 :: 3])
        stories[now] = [everything(desk, who) for who in (1, 2, 3)]
        # A second later, so that what is asked of the day lies before what happens.
        desk.advance(0.5)
        happens()
        desk.advance()
    for at, answered in then.items():
        for key, answer in answered.items():
            later = ask(desk, *key, at=at)
            assert later.as_of.picture is PictureOf.THEN
            assert told(later.why_not) == told(answer), (at, key)
        for who, before in enumerate(stories[at], 1):
            assert everything(desk, who, at) == before, (at, who)


def everything(desk: Desk, who: int, at: datetime | None = None) -> Any:
    """What `explain` tells of one contact, but for the alarm, of which only the next one is kept.

    The score that is stored is that of the last decision; of another moment it is measured.
    """
    app = desk.app
    explainer = Explainer(app.store, app.clock, app.plans, app.signer)
    found = explainer.explain(str(who), at=None if at is None else at.isoformat())
    inquirer = Inquirer(app.store, app.clock, app.plans, app.signer)
    why = inquirer.ask(str(who), why_stage=True, at=None if at is None else at.isoformat()).why_stage
    person = replace(found.contact, fit=0, engagement=0.0)
    return person, found.account, found.story, found.standing, found.places, why


def told(answer: Answer | None) -> Any:
    assert answer is not None
    return answer.summary, [one.words for one in answer.happened], answer.obstacles, answer.next_at


def test_a_day_in_the_future_is_judged_on_the_picture_of_today(desk: Desk) -> None:
    inquiry = ask(desk, 1, "new-website/wait:settle", MONDAY + timedelta(days=10))
    assert inquiry.as_of.picture is PictureOf.TO_COME
    assert inquiry.why_not is not None
    assert inquiry.why_not.next_at == MONDAY + timedelta(days=10)


def test_who_was_not_known_yet_cannot_be_asked_after(desk: Desk) -> None:
    with pytest.raises(NurtureError, match="was not known yet on 2026-03-01 10:00 UTC"):
        ask(desk, 1, "promote", MONDAY - timedelta(days=1))


def test_a_date_is_its_end_on_the_contacts_own_clock(desk: Desk) -> None:
    desk.advance(5)
    app = desk.app
    as_of = (
        Inquirer(app.store, app.clock, app.plans, app.signer)
        .ask("1", why_not="promote", at="2026-03-03")
        .as_of
    )
    assert as_of.zone == "Europe/Amsterdam"
    assert as_of.at == datetime.fromisoformat("2026-03-03T23:59:59.999999+01:00")


def test_what_is_not_kept_is_said(desk: Desk) -> None:
    desk.advance(1)
    assert ask(desk, 1, "promote", MONDAY + timedelta(hours=1)).as_of.caveats == ()
    submit(desk.app, person(1, employees=30, company="Bakkerij Jansen"))
    assert ask(desk, 1, "promote", MONDAY + timedelta(hours=1)).as_of.caveats == ()


def test_what_is_recorded_later_of_an_earlier_time_was_not_known_then(desk: Desk) -> None:
    desk.advance(2)
    at = desk.app.clock.now()
    before = answers(desk), everything(desk, 1)
    desk.advance(1)
    with desk.app.store.write() as connection:
        url = {"url": "https://www.example.com/prices"}
        old = [
            signals.NewSignal(1, "visited", MONDAY + timedelta(hours=n), url, SignalClass.HUMAN, "late")
            for n in range(1, 4)
        ]
        signals.record_signals(connection, old, desk.app.clock.now())
        consents.grant(connection, 1, "events", "form", desk.app.clock.now())
    withdraw(desk, 1)
    desk.advance(30)
    after = answers(desk, at), everything(desk, 1, at)
    assert {key: told(one) for key, one in after[0].items()} == {
        key: told(one) for key, one in before[0].items()
    }
    assert after[1] == before[1]
    assert ask(desk, 1, "stage:comparison").why_not != before[0][1, "stage:comparison"]
