"""Asking after one contact in a real store: the answers are of what was decided, and come true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from nurture.app import App
from nurture.core.model import DecisionRecord
from nurture.core.whynot import Answer
from nurture.errors import NurtureError
from nurture.journey.inquire import Inquirer
from nurture.store import consents, records, retention, schema
from tests.journey.desk import Desk
from tests.world import MONDAY, person, submit


def ask(desk: Desk, asked: str, who: str = "1") -> Answer:
    app = desk.app
    answer = Inquirer(app.store, app.clock, app.plans, app.signer).ask(who, why_not=asked).why_not
    assert answer is not None
    return answer


@contextmanager
def statements(app: App) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(app.store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(app.store.engine, "before_cursor_execute", note)


def test_a_mail_comes_when_it_is_said_to_and_not_before(desk: Desk) -> None:
    answer = ask(desk, "how-it-works")
    assert answer.next_at is not None
    desk.advance((answer.next_at - MONDAY - timedelta(minutes=1)).total_seconds() / 86_400)
    assert "how-it-works" not in desk.sent()
    desk.advance(1 / 1_440)
    assert desk.sent().count("how-it-works") == 3


def test_what_was_sent_is_told_with_the_version_that_sent_it(desk: Desk) -> None:
    (happened,) = ask(desk, "new-website/send:welcome").happened
    (version,) = {row.hash for row in desk.rows(schema.campaign_version) if row.name == "new-website"}
    assert (happened.at, happened.version) == (MONDAY, version)


def test_a_choice_taken_is_told_with_its_record(desk: Desk) -> None:
    desk.advance(3)
    desk.advance(4)
    obstacle = next(one for one in ask(desk, "send:cases").obstacles if one.code == "choose")
    (kept,) = obstacle.evidence
    assert (kept.at, kept.record.what, kept.record.step) == (
        MONDAY + timedelta(days=7),
        "chosen",
        "what-next",
    )


@pytest.mark.parametrize("asked", ["send:cases", "send:how-it-works", "new-website/send:welcome"])
def test_the_answer_is_the_same_once_old_records_are_gone(desk: Desk, asked: str) -> None:
    desk.advance(3)
    desk.advance(4)
    before = ask(desk, asked)
    with desk.app.store.write() as connection:
        again = [(1, DecisionRecord("not_sent", "the window", "new-website", "v", "welcome"))]
        records.add_records(connection, again * 2, MONDAY)
        assert retention.prune(connection, desk.app.clock.now(), timedelta(seconds=1)) == 3
        assert len(list(records.told(connection, [1], ["not_sent"]))) == 1
    assert ask(desk, asked) == before


def test_withdrawn_consent_is_what_stands_in_the_way(desk: Desk) -> None:
    with desk.app.store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "a test", MONDAY)
    answer = ask(desk, "send:how-it-works")
    assert answer.next_at is None
    assert "Nothing but this can bring it: consent for marketing." in answer.summary


def test_a_stopped_campaign_can_be_asked_after(desk: Desk) -> None:
    desk.file.unlink()
    desk.publish()
    answer = ask(desk, "new-website/send:cases")
    assert answer.obstacles[0].code == "not_live"


def test_a_renamed_step_can_be_asked_after_by_its_name_now(desk: Desk) -> None:
    desk.edit("{id: settle, wait: 3d}", "{id: calm, wait: 3d}")
    desk.edit("stages:", "moved: {settle: calm}\nstages:")
    desk.publish()
    assert ask(desk, "new-website/send:how-it-works").obstacles[0].words.startswith("at calm since")
    with pytest.raises(NurtureError, match="no step 'settle'"):
        ask(desk, "new-website/settle")


def test_asking_takes_a_fixed_number_of_queries_and_changes_nothing(desk: Desk) -> None:
    counts = []
    for asked in ("promote", "new-website/send:how-it-works", "enrol:webshop", "new-website/planning"):
        ask(desk, asked)
        with statements(desk.app) as seen:
            ask(desk, asked)
        counts.append(len(seen))
        assert not [one for one in seen if one.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert len(set(counts)) == 1


def test_who_is_junk_is_told_so(desk: Desk) -> None:
    submit(desk.app, person(9, email="", name="Nobody"))
    with desk.app.store.read() as connection:
        junk = connection.scalar(
            sa.select(schema.journey.c.contact_id).where(schema.journey.c.lifecycle == "junk")
        )
    answer = ask(desk, "new-website/send:welcome", str(junk))
    assert (answer.obstacles[0].code, answer.next_at) == ("lifecycle", None)
