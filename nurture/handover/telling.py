"""What a notice says: its subject, its text, and the JSON that other programs get."""

from __future__ import annotations

from typing import Any

from nurture.core.model import Notice, NoticeKind
from nurture.handover.render import as_json, render_dossier, title_of, when_words, zone_of

_BEFORE_THE_TITLE = {
    NoticeKind.OPENED: "",
    NoticeKind.REMINDER: "Reminder: ",
    NoticeKind.ESCALATED: "No answer: ",
    NoticeKind.REASSIGNED: "Now yours: ",
    NoticeKind.PASSED_ON: "No longer yours: ",
    NoticeKind.RESUMED: "Your turn again: ",
    NoticeKind.WITHDRAWN: "Erase: ",
}


def notice_subject(notice: Notice) -> str:
    """A notice in one line: `Reminder: Hand-over 12: An de Vries, Bakkerij De Vries`."""
    title = title_of(notice.dossier) if notice.dossier else f"Hand-over {notice.handover_id}"
    return _BEFORE_THE_TITLE[notice.kind] + title


def render_notice(notice: Notice) -> str:
    """The whole notice as plain text: why it comes, then the dossier where there is one."""
    if notice.dossier is None:
        return f"{notice_subject(notice)}\n\n{notice.why}\n"
    head = "\n".join(notice_reasons(notice))
    return (f"{head}\n\n" if head else "") + render_dossier(notice.dossier)


def notice_reasons(notice: Notice) -> tuple[str, ...]:
    """Why the notice comes, in plain lines; none where the dossier says it."""
    lines = [notice.why] if notice.why else []
    if notice.kind is NoticeKind.REMINDER and notice.dossier and notice.dossier.answer_by:
        when = when_words(notice.dossier.answer_by, zone_of(notice.dossier))
        lines.append(f"Answer before {when}.")
    return tuple(lines)


def notice_json(notice: Notice) -> dict[str, Any]:
    """The notice as what JSON knows; `event` is its kind (`handover.opened`), `handover` the dossier."""
    return {
        "event": f"handover.{notice.kind}",
        "key": notice.key,
        "handover_id": notice.handover_id,
        "team": notice.team,
        "to": {"name": notice.to.name, "email": notice.to.email} if notice.to else None,
        "why": notice.why,
        "at": notice.at.isoformat(),
        "handover": as_json(notice.dossier) if notice.dossier else None,
    }
