"""Where one mail stands, in words: what became of it, why, what happens next, and what a person can do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

import sqlalchemy as sa

from nurture.core.feedback import Severity
from nurture.deliver.bounces.verdict import judge
from nurture.errors import NurtureError
from nurture.store import outbox_view
from nurture.store.outbox import MAX_ATTEMPTS, State

_WHAT: Mapping[State, str] = {
    State.READY: "it waits to be sent",
    State.CLAIMED: "a worker prepares it; nothing has left",
    State.TRANSMITTING: "it is on its way to the mail server",
    State.SENT: "the mail server took it",
    State.FAILED: "it was given up",
    State.UNKNOWN: "nobody can know whether it arrived: it stays as it is, so that nobody gets it twice",
    State.WITHHELD: "it was not sent, because at the last moment it was not allowed",
}
_CAN: Mapping[State, str] = {
    State.UNKNOWN: "look into the mail server's log, then: nurture outbox resolve {id} sent, resend or drop",
    State.FAILED: "once the cause is gone: nurture outbox resolve {id} resend",
    State.WITHHELD: "once the reason is gone: nurture outbox resolve {id} resend",
    State.READY: "to leave it: nurture outbox resolve {id} drop",
}
_FAULT: Mapping[Severity, str] = {
    Severity.HARD: "the address takes no mail",
    Severity.SOFT: "the mailbox takes none for now",
    Severity.OURS: "they refused us, not the address",
}


def standing(connection: sa.Connection, outbox_id: int) -> dict[str, object]:
    """All that is known of one mail. Raised when there is none of that id: NurtureError."""
    found = outbox_view.find(connection, after=outbox_id - 1, limit=1)
    if not found or found[0]["id"] != outbox_id:
        raise NurtureError(f"there is no mail {outbox_id}", hint="see: nurture outbox list")
    row = found[0]
    state = State(row["state"])
    due = row["not_before"].astimezone(UTC) if state is State.READY else None
    fields = ("id", "email", "campaign", "step", "state", "subject", "relay", "done_at")
    return {
        **{name: row[name] for name in fields},
        "what": _WHAT[state],
        "because": _because(state, row["reply"]),
        "attempts": f"{row['attempts']} of {MAX_ATTEMPTS}" if row["attempts"] else "",
        "next": f"tried from {due:%Y-%m-%d %H:%M} UTC on" if due else "",
        "can": _CAN.get(state, "").format(id=outbox_id),
    }


def _because(state: State, reply: str | None) -> str:
    if not reply or state in (State.SENT, State.WITHHELD, State.UNKNOWN):
        return reply or ""
    verdict = judge(reply)
    known = f" ({_FAULT[verdict.severity]}: {verdict.reason})" if verdict.reason != "undefined" else ""
    return reply + known
