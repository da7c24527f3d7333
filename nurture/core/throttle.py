"""How much may go out: limits by day and minute, warm-up plans, rests after trouble, and when to stop.

A day is one of UTC, so that the same plan gives the same numbers wherever it runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

FIRST_REST = timedelta(seconds=15)
LONGEST_REST = timedelta(minutes=15)
LATELY = timedelta(hours=3)
"""Refusals longer ago say nothing of a wave."""

OF_DAYS = timedelta(days=3)
"""Complaints come later than the mails that they are about."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A new relay's first weeks: `first` mails on the day `start`, then `growth` times as many each day."""

    start: date
    first: int
    growth: float

    def limit(self, day: date) -> int:
        """How many mails on that day; none before the start."""
        days = (day - self.start).days
        if days < 0:
            return 0
        # Beyond this, every firm's list is smaller; and a float has an end.
        return min(int(self.first * min(self.growth**days, 1e9)), 1_000_000_000)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many mails at most; None: as many as there are. `at_once` are batches that are under way."""

    per_day: int | None = None
    per_minute: int | None = None
    at_once: int | None = None
    warm_up: WarmUp | None = None

    @property
    def are_counted(self) -> bool:
        """Whether it must be known how many mails went."""
        return not (self.per_day is None and self.per_minute is None and self.warm_up is None)

    def of_day(self, day: date) -> int | None:
        """The limit of one day, with the warm-up plan as long as it is the lower."""
        warming = None if self.warm_up is None else self.warm_up.limit(day)
        known = [limit for limit in (self.per_day, warming) if limit is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Use:
    """What a relay, or a domain of recipients, has had; and until when it rests, or why it is paused."""

    day: datetime | None = None
    day_used: int = 0
    minute: datetime | None = None
    minute_used: int = 0
    rest_until: datetime | None = None
    strikes: int = 0
    paused_why: str | None = None

    def rolled(self, now: datetime) -> Use:
        """As it stands in the day and minute of `now`: what was used before counts no more."""
        day, minute = day_of(now), minute_of(now)
        use = self
        if use.day != day:
            use = replace(use, day=day, day_used=0)
        if use.minute != minute:
            use = replace(use, minute=minute, minute_used=0)
        return use

    def left(self, limits: Limits, now: datetime, wanted: int) -> int:
        """How many of `wanted` mails may go now."""
        if self.paused_why is not None or (self.rest_until is not None and self.rest_until > now):
            return 0
        use = self.rolled(now)
        for limit, used in (
            (limits.of_day(day_of(now).date()), use.day_used),
            (limits.per_minute, use.minute_used),
        ):
            if limit is not None:
                wanted = min(wanted, limit - used)
        return max(wanted, 0)

    def again(self, limits: Limits, now: datetime) -> datetime:
        """When to look again, where nothing is left now: after the rest, or in the next minute or day."""
        if self.rest_until is not None and self.rest_until > now:
            return self.rest_until
        of_day = limits.of_day(day_of(now).date())
        if of_day is not None and self.rolled(now).day_used >= of_day:
            return day_of(now) + timedelta(days=1)
        return minute_of(now) + timedelta(minutes=1)

    def plus(self, mails: int, now: datetime) -> Use:
        """After so many mails more."""
        use = self.rolled(now)
        return replace(use, day_used=use.day_used + mails, minute_used=use.minute_used + mails)

    def returned(self, mails: int, taken: Use) -> Use:
        """Without mails that were taken when it stood as `taken`, and did not go after all."""
        same_day, same_minute = self.day == taken.day, self.minute == taken.minute
        return replace(
            self,
            day_used=self.day_used - mails * same_day,
            minute_used=self.minute_used - mails * same_minute,
        )

    def struck(self, now: datetime) -> Use:
        """After trouble: it rests, twice as long each time (RFC 5321, section 4.5.4.1, asks for patience)."""
        rest = min(FIRST_REST * 2 ** min(self.strikes, 16), LONGEST_REST)
        return replace(self, rest_until=now + rest, strikes=self.strikes + 1)

    def recovered(self) -> Use:
        """After a mail was taken."""
        return replace(self, rest_until=None, strikes=0)


@dataclass(frozen=True, slots=True)
class PausePolicy:
    """What stops a relay: more than a share of the mails that it tried, and at least so many."""

    blocked: float
    blocked_at_least: int
    complaints: float
    complaints_at_least: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a relay's mails: `blocked` were refused for our sake (5.7.x, block lists)."""

    tried: int = 0
    blocked: int = 0
    complained: int = 0


def alarm(lately: Tally, of_days: Tally, policy: PausePolicy) -> str | None:
    """Why a relay should be paused, or None; the tallies are those of `LATELY` and `OF_DAYS`."""
    checks = (
        (lately.blocked, lately.tried, policy.blocked, policy.blocked_at_least, "refused because of us"),
        (
            of_days.complained,
            of_days.tried,
            policy.complaints,
            policy.complaints_at_least,
            "reported as spam",
        ),
    )
    for count, tried, share, at_least, what in checks:
        if count >= at_least and count > share * tried:
            return f"{count} of {tried} mails were {what}"
    return None


def day_of(at: datetime) -> datetime:
    """The beginning of its day in UTC."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def minute_of(at: datetime) -> datetime:
    """The beginning of its minute."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)
