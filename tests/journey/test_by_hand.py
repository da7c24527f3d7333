"""Stages told by hand: kept, recorded, explained, and not undone by a worker that knew nothing of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from nurture.core.model import Stage
from nurture.errors import NurtureError
from nurture.journey.explain import Explainer
from nurture.journey.inquire import Inquirer
from nurture.store import journey, schema
from tests.journey.desk import Desk
from tests.world import MONDAY

BECAUSE = "asked for our prices at the fair"


def standing(desk: Desk) -> tuple[str, bool]:
    with desk.app.store.read() as connection:
        row = connection.execute(sa.select(schema.journey).where(schema.journey.c.contact_id == 1)).one()
    return row.stage, row.stage_told_at is not None


def test_the_contact_goes_on_in_the_track_of_the_stage_they_are_told_into(desk: Desk) -> None:
    desk.app.stages.tell("1", Stage.COMPARISON, BECAUSE)
    desk.advance()
    assert standing(desk) == ("comparison", True)
    assert {row.track for row in desk.rows(schema.enrolment) if row.contact_id == 1} == {"comparison"}


def test_it_is_kept_in_their_story(desk: Desk) -> None:
    app = desk.app
    app.stages.tell("1", Stage.COMPARISON, f"  {BECAUSE}\n", until=timedelta(days=30))
    told = Explainer(app.store, app.clock, app.plans, app.signer).explain("1").story
    assert any(f"from orientation to comparison, told by hand: {BECAUSE}" in one.words for one in told)


def test_why_stage_names_the_hand_and_the_date(desk: Desk) -> None:
    app = desk.app
    app.stages.tell("1", Stage.COMPARISON, BECAUSE, until=timedelta(days=30))
    asked = Inquirer(app.store, app.clock, app.plans, app.signer)
    why = asked.ask("1", why_stage=True).why_stage
    assert why is not None
    assert BECAUSE in why.summary
    assert (why.falls_at, why.falls_to) == (app.clock.now() + timedelta(days=30), Stage.ORIENTATION)


def test_as_of_a_day_before_nobody_had_told_it(desk: Desk) -> None:
    app = desk.app
    app.clock.sleep(86_400)
    app.stages.tell("1", Stage.COMPARISON, BECAUSE)
    asked = Inquirer(app.store, app.clock, app.plans, app.signer)
    then = asked.ask("1", why_stage=True, at=MONDAY.isoformat()).why_stage
    assert then is not None
    assert then.stage is Stage.ORIENTATION


def test_a_decision_taken_without_it_is_void(desk: Desk) -> None:
    app, now = desk.app, desk.app.clock.now()
    with app.store.write() as connection:
        journey.wake(connection, [1], now)
        claim = journey.claim(connection, now, limit=10, lease=timedelta(minutes=5))
    app.stages.tell("1", Stage.DECISION, BECAUSE)
    with app.store.write() as connection:
        assert journey.still_held(connection, claim.token, [1]) == frozenset()


@pytest.mark.parametrize("because", ["", "  ", "x" * 301])
def test_a_reason_is_asked_for_and_not_a_novel(desk: Desk, because: str) -> None:
    with pytest.raises(NurtureError, match="because has"):
        desk.app.stages.tell("1", Stage.DECISION, because)


def test_a_date_that_has_passed_is_refused(desk: Desk) -> None:
    with pytest.raises(NurtureError, match="has passed"):
        desk.app.stages.tell("1", Stage.DECISION, BECAUSE, until=MONDAY - timedelta(days=1))
