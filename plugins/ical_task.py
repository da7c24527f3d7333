"""The hand-over channel `ical`: a task, or an event, with the deadline of the answer in sales' own calendar.

    [plugin.ical_task]
    kind = "todo"               # or "event": Outlook and Google take no tasks by mail
    host = "smtp.example.com"   # by mail to whoever is told; without a host a file in `folder`
    folder = "tasks"            # taken from the workspace's folder

The calendar object is that of RFC 5545, sent by the rules of RFC 5546: a `REQUEST` with a stable UID for each
hand-over and person, whose SEQUENCE and DTSTAMP rise, so that a repetition changes nothing, and a reminder
changes what is there. Who has it no longer, or must erase it, gets a `CANCEL`. In a folder there is one file
for each hand-over and person, which a later notice replaces; a withdrawal leaves nothing of the lead in it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from nurture import (
    HandoverChannel,
    MailServer,
    Notice,
    NoticeKind,
    NoticeOutcome,
    PluginConfig,
    SalesPerson,
    drop_file,
    hookimpl,
    notice_head,
    notice_subject,
    one_line,
    render_notice,
    send_mail,
)

API_VERSION = 1

LINE = 75
"""Octets in a line."""

CANCELLED = (NoticeKind.PASSED_ON, NoticeKind.WITHDRAWN)
_URGENT = (NoticeKind.REMINDER, NoticeKind.ESCALATED)
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
_LENGTH = timedelta(minutes=15)


class Options(MailServer):
    """[plugin.ical_task]: `kind` is what is made of a hand-over, `folder` where files are written when no
    `host` is set.
    """

    kind: Literal["todo", "event"] = "todo"
    folder: str = Field(default="tasks", min_length=1)


class IcalTask:
    """A calendar object a notice."""

    name = "ical"

    def __init__(self, options: Options, workspace: Path) -> None:
        self._options = options
        self._folder = workspace / options.folder

    def notify(self, notice: Notice) -> NoticeOutcome:
        if notice.to is None or not notice.to.email:
            team = notice.team
            return NoticeOutcome(False, False, f"team {team} has nobody to tell: set teams.{team}.members")
        if not self._options.host:
            return self._write(notice, notice.to)
        try:
            message = self._message(notice, notice.to)
        except (ValueError, MessageError) as error:
            return NoticeOutcome(False, False, f"{notice.to.email!r} cannot be mailed to: {error}")
        return send_mail(self._options, message)

    def _message(self, notice: Notice, to: SalesPerson) -> EmailMessage:
        message = notice_head(self._options, notice, to, notice_subject(notice))
        message.set_content(render_notice(notice))
        method = "CANCEL" if notice.kind in CANCELLED else "REQUEST"
        content = calendar_object(notice, to, self._options)
        # Beside the text as what mail programs act on (RFC 6047).
        message.add_alternative(
            content.encode(), "text", "calendar", cte="base64", params={"method": method, "charset": "UTF-8"}
        )
        return message

    def _write(self, notice: Notice, to: SalesPerson) -> NoticeOutcome:
        path = self._folder / f"{_uid(notice, to)}.ics"
        if notice.kind in CANCELLED and not path.exists():
            return NoticeOutcome(True, reply="there was nothing to take back")
        content = calendar_object(notice, to, self._options)
        return drop_file(path, content.encode())


def calendar_object(notice: Notice, to: SalesPerson, options: Options) -> str:
    """The text of the object, in lines of at most 75 octets that end in CRLF."""
    from vobject import iCalendar

    calendar = iCalendar()
    calendar.add("prodid").value = "-//Nurture//Hand-over//EN"
    calendar.add("method").value = "CANCEL" if notice.kind in CANCELLED else "REQUEST"
    item = calendar.add("vtodo" if options.kind == "todo" else "vevent")
    domain = options.from_address.rpartition("@")[2]
    item.add("uid").value = f"{_uid(notice, to)}@{domain}"
    # Of the notice, and not of this moment: a repetition is the same object.
    item.add("dtstamp").value = _utc(notice.at)
    item.add("sequence").value = str(int((notice.at - _BEGINNING).total_seconds()))
    item.add("summary").value = one_line(notice_subject(notice))
    item.add("description").value = _text(render_notice(notice))
    organizer = item.add("organizer")
    organizer.value = f"mailto:{options.from_address}"
    attendee = item.add("attendee")
    attendee.value = f"mailto:{one_line(to.email)}"
    attendee.cn_param = one_line(to.name).replace('"', "'") or to.email
    attendee.rsvp_param = "FALSE"
    _time(item, notice, options)
    # Folded here: the library counts characters where it should count octets.
    return folded(calendar.serialize(lineLength=10**9))


def folded(text: str) -> str:
    """Lines of at most 75 octets, parted between characters (RFC 5545, section 3.1)."""
    lines = []
    for line in text.split("\r\n"):
        room, piece = LINE, ""
        for character in line:
            size = len(character.encode())
            if size > room:
                lines.append(piece)
                room, piece = LINE - 1, " "
            piece += character
            room -= size
        lines.append(piece)
    return "\r\n".join(lines)


def _time(item: Any, notice: Notice, options: Options) -> None:
    dossier = notice.dossier
    due = dossier.answer_by if dossier is not None and dossier.answer_by else None
    answered = dossier is not None and "answered" in dossier.facts
    item.add("priority").value = "1" if notice.kind in _URGENT else "5"
    if options.kind == "todo":
        item.add("dtstart").value = _utc(notice.at)
        if due is not None:
            # RFC 5545, section 3.8.2.3: what is due is due later than it begins.
            item.add("due").value = _utc(max(due, notice.at + timedelta(seconds=1)))
        done = "COMPLETED" if answered else "NEEDS-ACTION"
        item.add("status").value = "CANCELLED" if notice.kind in CANCELLED else done
        return
    ends = due or notice.at + _LENGTH
    item.add("dtstart").value = _utc(ends - _LENGTH)
    item.add("dtend").value = _utc(ends)
    # It takes nobody's time: a colleague who looks for a free hour finds it.
    item.add("transp").value = "TRANSPARENT"
    item.add("status").value = "CANCELLED" if notice.kind in CANCELLED else "CONFIRMED"


def _uid(notice: Notice, to: SalesPerson) -> str:
    """Of this hand-over and this person: what one has no longer, another may have."""
    whose = sha256(to.email.strip().lower().encode()).hexdigest()[:12]
    return f"handover-{notice.handover_id}-{whose}"


def _utc(at: datetime) -> datetime:
    from vobject.icalendar import utc

    return at.astimezone(utc).replace(microsecond=0)


def _text(text: str) -> str:
    """Without the controls that no calendar takes."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    return [IcalTask(config.options("ical_task", Options), config.workspace)]
