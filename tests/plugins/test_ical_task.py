"""The channel `ical`: a calendar object that programs take, once for each hand-over and person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from nurture import Notice, NoticeKind, SalesPerson
from nurture.testing.smtp import Fault, SmtpServer, smtp_server
from nurture.testing.suites_handover import SANNE, HandoverChannelSuite, example_notice
from plugins.ical_task import IcalTask, Options, calendar_object

AN = SalesPerson("An", "an@example.com")


def in_folder(folder: Path) -> IcalTask:
    return IcalTask(Options(from_address="nurture@firm.example"), folder)


class TestInAFolder(HandoverChannelSuite):
    make = staticmethod(in_folder)


@pytest.fixture(scope="module")
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


def by_mail(server: SmtpServer, **options: Any) -> IcalTask:
    where = {"host": server.host, "port": server.port, "from_address": "nurture@firm.example"}
    return IcalTask(Options(**where, **options), Path())


class TestByMail(HandoverChannelSuite):
    @pytest.fixture
    def channel(self, server: SmtpServer, tmp_path: Path) -> IcalTask:
        return by_mail(server)


def item(notice: Notice, kind: str = "todo", to: SalesPerson = SANNE) -> Any:
    """The object, read back by a parser."""
    text = calendar_object(notice, to, Options(kind=kind, from_address="nurture@firm.example"))
    calendar = vobject.readOne(text)
    return calendar.vtodo if kind == "todo" else calendar.vevent


def files(folder: Path) -> list[Path]:
    return sorted((folder / "tasks").glob("*.ics"))


# --- the object -------------------------------------------------------------------------------------


def test_a_task_has_the_deadline_and_the_dossier() -> None:
    task = item(example_notice())
    assert task.due.value == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    assert task.summary.value == "Hand-over 12: An de Vries, Bakkerij De Vries"
    assert "Ask when the site must be live." in task.description.value
    assert (task.status.value, task.attendee.value) == ("NEEDS-ACTION", "mailto:sanne@example.com")


def test_an_event_ends_with_the_deadline_and_takes_nobodys_time() -> None:
    event = item(example_notice(), "event")
    assert event.dtend.value == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    assert (event.transp.value, event.status.value) == ("TRANSPARENT", "CONFIRMED")


def test_a_repetition_is_the_very_same_object() -> None:
    texts = {calendar_object(example_notice(), SANNE, Options()) for _ in range(2)}
    assert len(texts) == 1


def test_a_reminder_is_the_same_task_in_a_later_version() -> None:
    first = example_notice()
    later = replace(example_notice(NoticeKind.REMINDER), at=first.at + timedelta(hours=3))
    before, after = item(first), item(later)
    assert before.uid.value == after.uid.value
    assert int(before.sequence.value) < int(after.sequence.value)
    assert (before.priority.value, after.priority.value) == ("5", "1")


def test_the_sequence_is_an_integer_that_programs_can_hold() -> None:
    assert 0 <= int(item(example_notice()).sequence.value) < 2**31


def test_another_person_has_a_task_of_their_own() -> None:
    assert item(example_notice()).uid.value != item(example_notice(), to=AN).uid.value


@pytest.mark.parametrize("kind", [NoticeKind.PASSED_ON, NoticeKind.WITHDRAWN])
def test_whoever_has_it_no_longer_gets_it_cancelled(kind: NoticeKind) -> None:
    text = calendar_object(example_notice(kind), SANNE, Options())
    assert "METHOD:CANCEL\r\n" in text
    assert "STATUS:CANCELLED\r\n" in text


def test_what_was_answered_is_completed() -> None:
    notice = example_notice()
    assert notice.dossier is not None
    answered = replace(notice.dossier, facts={**notice.dossier.facts, "answered": "Accepted by Sanne"})
    assert item(replace(notice, dossier=answered)).status.value == "COMPLETED"


def test_a_hand_over_without_a_deadline_has_a_task_without_one() -> None:
    notice = example_notice()
    assert notice.dossier is not None
    task = item(replace(notice, dossier=replace(notice.dossier, answer_by=None)))
    assert not hasattr(task, "due")


def test_what_is_overdue_is_still_due_later_than_it_begins() -> None:
    late = replace(example_notice(NoticeKind.ESCALATED), at=datetime(2026, 3, 3, tzinfo=UTC))
    task = item(late)
    assert task.due.value > task.dtstart.value


@given(st.text(max_size=300) | st.text(alphabet="a¡€🧁,;\\", max_size=300))
def test_whatever_a_lead_is_called_lines_are_short_and_it_comes_back_as_text(name: str) -> None:
    text = calendar_object(example_notice(name=name, note=name), SANNE, Options())
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    properties = [line.partition(":")[0].partition(";")[0] for line in text.split("\r\n") if line[:1] != " "]
    assert properties.count("SUMMARY") == properties.count("ATTENDEE") == properties.count("BEGIN") - 1 == 1


# --- in a folder ------------------------------------------------------------------------------------


def test_a_later_notice_replaces_the_file_of_the_earlier_one(tmp_path: Path) -> None:
    for kind in (NoticeKind.OPENED, NoticeKind.REMINDER):
        in_folder(tmp_path).notify(example_notice(kind))
    (file,) = files(tmp_path)
    assert "Reminder" in file.read_text("utf-8")


def test_after_a_withdrawal_nothing_of_the_lead_is_left(tmp_path: Path) -> None:
    channel = in_folder(tmp_path)
    channel.notify(example_notice())
    channel.notify(example_notice(NoticeKind.WITHDRAWN))
    (file,) = files(tmp_path)
    text = file.read_bytes().decode()
    assert ("An de Vries" in text, "METHOD:CANCEL" in text) == (False, True)


def test_what_was_never_there_is_not_cancelled(tmp_path: Path) -> None:
    outcome = in_folder(tmp_path).notify(example_notice(NoticeKind.PASSED_ON))
    assert (outcome.done, files(tmp_path)) == (True, [])


# --- by mail ----------------------------------------------------------------------------------------


def test_the_mail_carries_text_and_calendar(server: SmtpServer) -> None:
    by_mail(server).notify(example_notice(key="handover-12-ical"))
    mail = message_from_bytes(server.journal[-1].content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/calendar"]
    calendar = mail.get_body(("calendar",)) or next(
        p for p in mail.walk() if p.get_content_subtype() == "calendar"
    )
    assert (calendar["Content-Type"].params["method"], mail["To"]) == ("REQUEST", "Sanne <sanne@example.com>")


@pytest.mark.parametrize(("reply", "again"), [("550 5.1.1 no such person", False), ("451 4.2.1 later", True)])
def test_a_refusal_is_tried_again_only_when_it_may_pass(reply: str, again: bool) -> None:
    with smtp_server() as server:
        server.fail(Fault("rcpt", reply))
        outcome = by_mail(server).notify(example_notice())
    assert (outcome.done, outcome.again) == (False, again)


def test_a_team_with_nobody_to_tell_is_not_tried_again(tmp_path: Path) -> None:
    outcome = in_folder(tmp_path).notify(example_notice(to=None))
    assert (outcome.done, outcome.again, "set teams.sales.members" in outcome.reply) == (False, False, True)
