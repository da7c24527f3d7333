"""The oracle finds what is wrong with a ledger: one made by hand for each of its laws."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.properties.author import Doc
from tests.properties.oracle import Mail, Oracle
from tests.properties.people import DAY, Event, Person

DOC: Doc = {
    "name": "one",
    "timezone": "UTC",
    "audience": {"when": "true", "reenter": "after 20d"},
    "policy": {
        "window": {"hours": "09:00-17:00", "days": "mon-fri", "holidays": "NL", "quiet": ["2026-03-20"]},
        "cap": {"messages": 2, "per": "2d"},
    },
    "stages": {
        "orientation": [
            {"id": "first", "send": "x"},
            {"id": "pause", "wait": {"until": "wed 09:00"}},
            {"id": "second", "send": "x"},
            {
                "id": "trial",
                "split": {"a": 50, "b": 50},
                "do": {"a": [{"id": "mail-a", "send": "x"}], "b": [{"id": "mail-b", "send": "x"}]},
            },
            {"id": "again", "send": "x"},
            {"id": "week", "wait": "7d"},
            {"id": "back", "go_to": "again"},
        ]
    },
}
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
AMSTERDAM = Person(1, "Europe/Amsterdam", "NL", {}, (), True, ())


def mail(step: str, at: datetime, occurrence: int = 1, lap: int = 0, **more: Any) -> Mail:
    return Mail(1, "one", step, occurrence, lap, at, more.get("went", at))


def wrongs(*mails: Mail) -> set[str]:
    """The laws that these mails break."""
    return {wrong.partition(":")[0] for wrong in Oracle([DOC], [AMSTERDAM]).wrongs(mails)}


GOOD = (
    mail("first", MONDAY),
    mail("second", MONDAY + 2 * DAY),
    mail("mail-a", MONDAY + 2 * DAY),
    mail("again", MONDAY + 7 * DAY),
    mail("again", MONDAY + 14 * DAY, lap=1),
    mail("first", MONDAY + 36 * DAY, 2, 0),
)
WRONG = {
    "before the window opens": ("windows", mail("first", MONDAY - timedelta(hours=3))),
    "when it has closed, in their zone": ("windows", mail("first", MONDAY + timedelta(hours=6))),
    "an hour later by the clock in summer": (
        "windows",
        mail("first", datetime(2026, 3, 30, 15, 30, tzinfo=UTC)),
    ),
    "on a Sunday": ("windows", mail("first", MONDAY + 6 * DAY)),
    "on a holiday": ("windows", mail("first", datetime(2026, 4, 6, 10, tzinfo=UTC))),
    "on a quiet day": ("windows", mail("first", datetime(2026, 3, 20, 10, tzinfo=UTC))),
    "decided in time and gone too late": (
        "windows",
        mail("first", MONDAY, went=MONDAY + timedelta(hours=9)),
    ),
}


def test_a_ledger_as_it_must_be_has_nothing_wrong() -> None:
    assert wrongs(*GOOD) == set()


@pytest.mark.parametrize("what", WRONG)
def test_a_mail_outside_the_window_is_found(what: str) -> None:
    law, wrong = WRONG[what]
    assert wrongs(wrong) == {law}


def test_one_mail_more_than_the_cap_is_found() -> None:
    many = [
        mail(step, MONDAY + timedelta(hours=2 * n)) for n, step in enumerate(("first", "mail-a", "again"))
    ]
    assert wrongs(*many) == {"caps"}


def test_too_many_that_went_together_are_found() -> None:
    late = MONDAY + 9 * DAY
    many = [
        mail(step, MONDAY + at * DAY, went=late) for at, step in ((0, "first"), (3, "mail-a"), (7, "again"))
    ]
    assert wrongs(*many) == {"caps"}


@pytest.mark.parametrize("what", ["unsubscribed", "suppressed"])
def test_a_mail_to_somebody_who_wants_none_is_found(what: str) -> None:
    gone = replace(AMSTERDAM, events=(Event(MONDAY + timedelta(hours=1), what),))
    late = mail("first", MONDAY, went=MONDAY + timedelta(hours=2))
    assert [wrong.partition(":")[0] for wrong in Oracle([DOC], [gone]).wrongs([late])] == ["consents"]


def test_a_step_done_twice_is_found() -> None:
    assert wrongs(mail("mail-a", MONDAY), mail("mail-a", MONDAY + 8 * DAY, lap=1)) == {"twice"}


def test_mails_of_two_arms_are_found() -> None:
    assert wrongs(mail("mail-a", MONDAY), mail("mail-b", MONDAY + DAY)) == {"arms"}


def test_a_lap_that_is_too_short_is_found() -> None:
    assert wrongs(mail("again", MONDAY), mail("again", MONDAY + 3 * DAY, lap=1)) == {"laps"}


def test_a_wait_that_was_not_waited_is_found() -> None:
    assert wrongs(mail("first", MONDAY), mail("second", MONDAY + DAY)) == {"waits"}


def test_somebody_who_comes_again_too_soon_is_found() -> None:
    assert wrongs(mail("first", MONDAY), mail("first", MONDAY + 8 * DAY, 2)) == {"reentry"}
