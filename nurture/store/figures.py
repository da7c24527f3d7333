"""Counts for reports: each one statement over everybody, or a run over them in batches.

People are counted by when they became known: at their first signal where that is earlier than their record
(an imported history), else when their record came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from nurture.core.consent import CONFIRMATION_VERSION
from nurture.core.model import Lifecycle, Result, SignalClass, SignalKind
from nurture.store import outcomes, records, schema
from nurture.store.bulk import among
from nurture.store.conditions import speech_of
from nurture.store.types import Instant

contact, journey, enrolment, handover = schema.contact, schema.journey, schema.enrolment, schema.handover

AT_ONCE = 5_000
"""So many people a batch."""

READ = (SignalKind.OPENED.value, SignalKind.CLICKED.value, SignalKind.REPLIED.value)
"""What shows that somebody has read a mail."""

_NOT_YET = (Lifecycle.LEAD.value, Lifecycle.JUNK.value)
_WITH_SALES = (Lifecycle.PROSPECT.value, Lifecycle.ACCEPTED.value, Lifecycle.CUSTOMER.value)
_TAKEN = (Lifecycle.ACCEPTED.value, Lifecycle.CUSTOMER.value)
_MOMENT = Instant(timezone=True)


class By(StrEnum):
    """By what people are told apart. Who is in two campaigns counts in both; weeks begin on Monday, UTC."""

    ALL = "all"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    STAGE = "stage"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class ByAnswer:
    """By what people answered to a question: `answers.origin`; only what is a text is told apart."""

    name: str

    @property
    def value(self) -> str:
        """How it is written."""
        return f"answers.{self.name}"


Apart = By | ByAnswer
"""By what people can be told apart."""


class AnswersBy(StrEnum):
    """By what hand-overs are told apart; `rule` is the rule that promoted."""

    TEAM = "team"
    PERSON = "person"
    CAMPAIGN = "campaign"
    RULE = "rule"


_GROUPS: Mapping[AnswersBy, sa.ColumnElement[Any]] = {
    AnswersBy.TEAM: handover.c.team,
    AnswersBy.PERSON: sa.func.coalesce(handover.c.assignee_name, handover.c.team),
    AnswersBy.CAMPAIGN: handover.c.campaign,
}


_ACCEPTED = "accepted"
HANDED_BACK = "handed_back"
_ANSWERED = sa.case((handover.c.returned_at.is_not(None), HANDED_BACK), else_=handover.c.answer)


@dataclass(frozen=True, slots=True)
class Period:
    """Who became known from `since` on, and before `until`; None: no end."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether a moment lies in it."""
        ends = [at >= self.since] if self.since else []
        ends += [at < self.until] if self.until else []
        return sa.and_(sa.true(), *ends)


class FunnelRow(NamedTuple):
    """How many of a group came how far.

    `sales` is who was ever given to sales, and `accepted` whom sales took and has not handed back; who was
    won is both, also where nobody gave them or answered.
    """

    group: str | None
    people: int
    contacts: int
    sales: int
    accepted: int
    won: int
    lost: int


class PersonAt(NamedTuple):
    """Where somebody stands, since when they are known, and what became of them."""

    id: int
    since: datetime
    group: str | None
    lifecycle: str
    stage: str
    result: str | None
    result_at: datetime | None


class AnswerRow(NamedTuple):
    """How often a group of hand-overs was answered so (None: not yet), for which reason.

    `answer` is `HANDED_BACK` where somebody had been accepted and was not kept.
    """

    group: str | None
    answer: str | None
    reason: str | None
    handovers: int


class ReadRow(NamedTuple):
    """A mail that somebody opened, clicked in or answered."""

    contact_id: int
    kind: str
    at: datetime
    campaign: str
    step: str


def funnel(connection: sa.Connection, by: Apart, period: Period) -> list[FunnelRow]:
    """How far people came, one row a group."""
    every = _everybody(connection, by, period)
    got = [sa.func.sum(sa.case((every.c[name], 1), else_=0)) for name in FunnelRow._fields[2:]]
    query = sa.select(every.c.group, sa.func.count(), *got).group_by(every.c.group).order_by(every.c.group)
    return [FunnelRow(*row) for row in connection.execute(query)]


def money_won(
    connection: sa.Connection, by: Apart, period: Period
) -> list[tuple[str | None, str | None, int]]:
    """What was won, in hundredths: (group, currency, sum)."""
    every = _everybody(connection, by, period)
    columns = (every.c.group, every.c.currency)
    query = (
        sa.select(*columns, sa.func.sum(every.c.hundredths))
        .where(every.c.won, every.c.hundredths.is_not(None))
        .group_by(*columns)
        .order_by(*columns)
    )
    return [(group, currency, int(total)) for group, currency, total in connection.execute(query)]


def answers(connection: sa.Connection, by: AnswersBy, period: Period) -> list[AnswerRow]:
    """What sales made of the hand-overs that were opened in the period."""
    if by is AnswersBy.RULE:
        return _answers_by_rule(connection, period)
    columns = (_GROUPS[by].label("group"), _ANSWERED, handover.c.reason)
    query = sa.select(*columns, sa.func.count()).where(period.holds(handover.c.created_at))
    return [AnswerRow(*row) for row in connection.execute(query.group_by(*columns).order_by(*columns))]


def _answers_by_rule(connection: sa.Connection, period: Period) -> list[AnswerRow]:
    """The rule stands in the record that was made in one transaction with the hand-over, at one moment."""
    counts: Counter[tuple[str | None, str | None, str | None]] = Counter()
    columns = (handover.c.contact_id, handover.c.created_at, _ANSWERED, handover.c.reason)
    query = sa.select(*columns).where(period.holds(handover.c.created_at)).order_by(handover.c.id)
    with connection.execute(query.execution_options(yield_per=AT_ONCE)) as rows:
        for some in rows.partitions():
            told = records.told(connection, sorted({row.contact_id for row in some}), ["handed_over"])
            rules = {(one.contact_id, one.at): one.record.rule for one in told}
            counts.update((rules.get((id_, at)), answer, reason) for id_, at, answer, reason in some)
    return [AnswerRow(*key, count) for key, count in counts.items()]


def everybody(connection: sa.Connection, period: Period, by: Apart = By.ALL) -> Iterator[Sequence[PersonAt]]:
    """All who became known in the period, `AT_ONCE` at a time: any number takes as little memory."""
    since, became = _since(connection), outcomes.holding()
    query = (
        sa.select(
            contact.c.id,
            since.c.since,
            _group(connection, by, since.c.since).label("group"),
            journey.c.lifecycle,
            journey.c.stage,
            became.c.result,
            became.c.at,
        )
        .select_from(
            contact.join(journey, journey.c.contact_id == contact.c.id)
            .join(since, since.c.id == contact.c.id)
            .outerjoin(became, became.c.contact_id == contact.c.id)
        )
        .where(period.holds(since.c.since))
        .order_by(contact.c.id)
    )
    with connection.execute(query.execution_options(yield_per=AT_ONCE)) as rows:
        for some in rows.partitions():
            yield [PersonAt(*row) for row in some]


def mails_sent(connection: sa.Connection, period: Period) -> list[tuple[str, str, int]]:
    """To how many of those who became known in the period each mail went: (campaign, step, people)."""
    outbox, since = schema.outbox, _since(connection)
    people = sa.func.count(outbox.c.contact_id.distinct())
    query = (
        sa.select(outbox.c.campaign, outbox.c.step, people)
        .join(since, since.c.id == outbox.c.contact_id)
        .where(
            outbox.c.state == "sent",
            outbox.c.version_id != CONFIRMATION_VERSION,
            period.holds(since.c.since),
        )
        .group_by(outbox.c.campaign, outbox.c.step)
        .order_by(outbox.c.campaign, outbox.c.step)
    )
    return [(campaign, step, count) for campaign, step, count in connection.execute(query)]


def read_of(connection: sa.Connection, contact_ids: Sequence[int]) -> Iterator[ReadRow]:
    """Which mails these people opened, clicked in or answered themselves, of each the oldest first."""
    signal = schema.signal
    query = (
        sa.select(signal.c.contact_id, signal.c.kind, signal.c.at, signal.c.data)
        .where(
            among(connection, signal.c.contact_id, contact_ids),
            signal.c.kind.in_(READ),
            signal.c.classed == SignalClass.HUMAN.value,
        )
        .order_by(signal.c.contact_id, signal.c.at, signal.c.id)
    )
    for contact_id, kind, at, data in connection.execute(query):
        campaign, step = data.get("campaign"), data.get("step")
        if isinstance(campaign, str) and isinstance(step, str):
            yield ReadRow(contact_id, kind, at, campaign, step)


def _everybody(connection: sa.Connection, by: Apart, period: Period) -> sa.Subquery:
    since, became = _since(connection), outcomes.holding()
    given = (
        sa.select(
            handover.c.contact_id,
            sa.func.max(sa.case((_ANSWERED == _ACCEPTED, 1), else_=0)).label("yes"),
        )
        .group_by(handover.c.contact_id)
        .subquery()
    )
    won = _is(became.c.result, Result.WON)
    tables = (
        contact.join(journey, journey.c.contact_id == contact.c.id)
        .join(since, since.c.id == contact.c.id)
        .outerjoin(given, given.c.contact_id == contact.c.id)
        .outerjoin(became, became.c.contact_id == contact.c.id)
    )
    if by is By.CAMPAIGN:
        # Who came in twice is one person.
        entered = sa.select(enrolment.c.contact_id, enrolment.c.campaign).distinct().subquery()
        tables = tables.outerjoin(entered, entered.c.contact_id == contact.c.id)
        group: sa.ColumnElement[Any] = entered.c.campaign
    else:
        group = _group(connection, by, since.c.since)
    return (
        sa.select(
            group.label("group"),
            journey.c.lifecycle.not_in(_NOT_YET).label("contacts"),
            sa.or_(given.c.contact_id.is_not(None), journey.c.lifecycle.in_(_WITH_SALES), won).label("sales"),
            sa.or_(sa.func.coalesce(given.c.yes, 0) == 1, journey.c.lifecycle.in_(_TAKEN), won).label(
                "accepted"
            ),
            won.label("won"),
            _is(became.c.result, Result.LOST).label("lost"),
            became.c.hundredths,
            became.c.currency,
        )
        .select_from(tables)
        .where(period.holds(since.c.since))
        .subquery("everybody")
    )


def _group(connection: sa.Connection, by: Apart, since: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    match by:
        case ByAnswer(name):
            return speech_of(connection).member_text(contact.c.answers, name)
        case By.SOURCE:
            return contact.c.source
        case By.STAGE:
            return journey.c.stage
        case By.WEEK:
            return _monday(connection, since)
    return sa.literal("all", sa.Text)


def _monday(connection: sa.Connection, at: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """The Monday of a moment's week (UTC), as 2026-03-02."""
    if connection.dialect.name == "postgresql":
        return sa.func.to_char(sa.func.date_trunc("week", sa.func.timezone("UTC", at)), "YYYY-MM-DD")
    return sa.func.date(sa.type_coerce(at, sa.Text), "-6 days", "weekday 1")


def _since(connection: sa.Connection) -> sa.Subquery:
    """Since when each person is known."""
    signal = schema.signal
    first = (
        sa.select(signal.c.contact_id, sa.func.min(signal.c.at).label("at"))
        .group_by(signal.c.contact_id)
        .subquery()
    )
    earlier = sa.case((first.c.at < contact.c.created_at, first.c.at), else_=contact.c.created_at)
    return (
        sa.select(contact.c.id, sa.type_coerce(earlier, _MOMENT).label("since"))
        .select_from(contact.outerjoin(first, first.c.contact_id == contact.c.id))
        .subquery("known")
    )


def _is(column: sa.ColumnElement[Any], result: Result) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(column == result.value, sa.false())
