"""Until when sales has to answer a hand-over, when it is reminded, and what is due of one. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from nurture.core.campaign import HandoverPolicy, Window
from nurture.core.schedule import IsHoliday, business_deadline, public_holiday


class Due(StrEnum):
    """What is due of a hand-over that nobody has answered."""

    REMINDER = "reminder"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when to answer, and when to remind of that; None where the campaign says nothing of it."""

    answer_by: datetime | None = None
    remind_at: datetime | None = None


def set_deadline(
    policy: HandoverPolicy,
    window: Window,
    zone: ZoneInfo,
    now: datetime,
    is_holiday: IsHoliday = public_holiday,
) -> Deadline:
    """The deadline of a hand-over that somebody gets `now`, by the business hours given."""
    within, remind = policy.answer_within, policy.remind
    if within is None:
        return Deadline()
    if not policy.business:
        answer_by = now + within
        return Deadline(answer_by, None if remind is None else answer_by - remind)
    answer_by = business_deadline(now, within, window, zone, is_holiday)
    if remind is None:
        return Deadline(answer_by)
    # An hour of business before the end is when all but an hour has passed.
    return Deadline(answer_by, business_deadline(now, within - remind, window, zone, is_holiday))


def first_look(policy: HandoverPolicy, deadline: Deadline) -> datetime | None:
    """When a new hand-over is to be looked at first."""
    return deadline.remind_at or (deadline.answer_by if policy.escalate else None)


def find_due(
    policy: HandoverPolicy, answer_by: datetime | None, *, reminded: bool, escalated: bool, now: datetime
) -> Due | None:
    """What is due now. A reminder that comes too late is none: the deadline has passed."""
    if answer_by is None:
        return None
    if now >= answer_by:
        return Due.ESCALATION if policy.escalate and not escalated else None
    return Due.REMINDER if policy.remind is not None and not reminded else None
