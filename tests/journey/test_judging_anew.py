"""Publishing a changed profile: everybody gets its numbers, and only whom it moves is decided on."""

from __future__ import annotations

from typing import Any

import pytest

from nurture.store import schema
from tests.journey.desk import Desk


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.advance(1)
    return desk


def change(desk: Desk, old: str, new: str) -> None:
    path = desk.file.parent / "profile.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    desk.app.publish()


def due(desk: Desk) -> list[int]:
    now = desk.app.clock.now()
    return [
        row.contact_id for row in desk.rows(schema.journey) if row.due_at is not None and row.due_at <= now
    ]


def fits(desk: Desk) -> set[Any]:
    return {row.fit for row in desk.rows(schema.journey)}


def test_a_number_alone_wakes_nobody(desk: Desk) -> None:
    before = fits(desk)
    change(desk, "prospect_at: 60", "prospect_at: 60\n  # all the same")
    change(desk, "points: 15,", "points: 14,")
    assert (due(desk), fits(desk) == before) == ([], False)


def test_who_is_disqualified_now_is_woken(desk: Desk) -> None:
    change(
        desk, "  disqualify:\n", "  disqualify:\n    - {id: all, when: known(contact.email), reason: none}\n"
    )
    assert len(due(desk)) == 3


def test_where_the_database_cannot_be_asked_everybody_is_woken(desk: Desk) -> None:
    rule = "  rules:\n    - {id: works, when: role_address(contact.email), points: 1}\n"
    change(desk, "  rules:\n", rule)
    assert len(due(desk)) == 3


def test_where_signals_settle_later_everybody_is_woken(desk: Desk) -> None:
    change(desk, "settle: 2m", "settle: 10m")
    assert len(due(desk)) == 3
