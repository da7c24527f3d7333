"""Conditions as SQL: TRUE, FALSE and NULL where `core.truth` answers True, False and None.

What a condition asks is looked up in contact, account, journey, consent, outbox and signal; so the expression
stands in a query over `people()`, or any other that has these contacts in it. Three things differ from
asking `core.facts`, all of them on purpose:

- `fit`, `engagement` and `stage` are those of the last decision, unless others are given (`Measured`).
- All signals of a contact count, not the newest 200 alone.
- Plugin rules cannot be asked: `NotCompiled` names the one that is in the way.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.core.campaign import NO_FORMER_NAMES, FormerNames
from nurture.core.expression import ACTIVITY_KINDS, And, History
from nurture.core.facts import DORMANT, NO_ACTIVITY
from nurture.core.model import Account, Contact, SignalClass, SignalKind
from nurture.core.predicate import Condition
from nurture.core.profile import DORMANT_AFTER
from nurture.core.settling import UNSURE
from nurture.store import schema, shapes
from nurture.store.compiler import Compiler, NotCompiled
from nurture.store.consents import given_by_themselves
from nurture.store.shapes import Answer, Expression, Shape, Speech
from nurture.store.snapshots import NOT_SENT
from nurture.store.speech import Postgresql, Sqlite

__all__ = ["Measured", "NotCompiled", "compile_condition", "compile_roughly", "people", "speech_of"]

contact, account, journey = schema.contact, schema.account, schema.journey


@dataclass(frozen=True, slots=True)
class Measured:
    """What `fit` and `engagement` are: expressions of the query in which the condition stands.

    None: not known, as in the profile's own rules. `human_only`: nothing but what humans did has happened.
    """

    fit: Expression | None = None
    engagement: Expression | None = None
    human_only: bool = False


LAST_DECISION = Measured(journey.c.fit, journey.c.engagement)
"""The numbers of the last decision."""


def compile_condition(
    condition: Condition,
    *,
    now: datetime,
    speech: Speech,
    campaign: str | None = None,
    former: FormerNames = NO_FORMER_NAMES,
    settle: timedelta = timedelta(0),
    dormant_after: timedelta = DORMANT_AFTER,
    measured: Measured = LAST_DECISION,
) -> sa.ColumnElement[bool]:
    """The condition about each row of `people()` at `now`; step names are those of `campaign`.

    What happened under a `former` name of a step counts as the step's own. `settle` and `dormant_after` are
    those of the profile.
    Raised when a part cannot be asked of the database: NotCompiled.
    """
    return _Compiler(speech, now, campaign, former, settle, dormant_after, measured).truth(condition.root)


def compile_roughly(
    condition: Condition,
    *,
    now: datetime,
    speech: Speech,
    campaign: str | None = None,
    former: FormerNames = NO_FORMER_NAMES,
    settle: timedelta = timedelta(0),
    dormant_after: timedelta = DORMANT_AFTER,
) -> sa.ColumnElement[bool]:
    """What of the condition can be asked: true of all for whom it holds, and of others, too."""
    compiler = _Compiler(speech, now, campaign, former, settle, dormant_after)
    parts = condition.root.operands if isinstance(condition.root, And) else (condition.root,)
    asked = []
    for part in parts:
        # Where one part of an `and` cannot be asked, the others still keep most people out.
        with suppress(NotCompiled):
            asked.append(compiler.truth(part))
    return sa.and_(sa.true(), *asked)


def people() -> sa.FromClause:
    """Everybody, with their company: what a compiled condition is asked of."""
    return contact.join(journey, journey.c.contact_id == contact.c.id).outerjoin(
        account, account.c.id == contact.c.account_id
    )


def speech_of(connection: sa.Connection) -> Speech:
    """How this database is spoken to."""
    return Postgresql() if connection.dialect.name == "postgresql" else Sqlite()


_MEASURED = frozenset({"fit", "engagement", "stage", "lifecycle"})
_NO_VALUES = frozenset(
    {"id", "answers", "created_at", "stage_since", "recycle_at", "stage_told_at", "stage_told_until"}
)
_CONTACT = frozenset(field.name for field in fields(Contact)) - _MEASURED - _NO_VALUES
_ACCOUNT = frozenset(field.name for field in fields(Account)) - {"id", "facts"}
_LISTS = frozenset({"interests", "tags"})


class _Compiler(Compiler):
    """Turns nodes into expressions about one row of `people()`."""

    def __init__(
        self,
        speech: Speech,
        now: datetime,
        campaign: str | None,
        former: FormerNames,
        settle: timedelta,
        dormant_after: timedelta,
        measured: Measured = LAST_DECISION,
    ) -> None:
        super().__init__(speech)
        self.now = now
        self.campaign = campaign
        self.former = former
        self.settle = settle
        self.dormant_after = dormant_after
        self.measured = measured

    # --- names --------------------------------------------------------------------------------------

    def lookup(self, path: tuple[str, ...]) -> Shape:
        if len(path) == 1:
            return self._standing(path[0])
        name = path[1] if len(path) == 2 else ".".join(path[1:])
        match path[0]:
            case "contact":
                return self._of_contact(name)
            case "account":
                return self._of_account(name)
            case "answers":
                return self.speech.member(contact.c.answers, name)
            case "consent":
                return Shape(truth=_consents(name))
        return Shape()

    def _standing(self, name: str) -> Shape:
        if name in ("fit", "engagement"):
            number = self.measured.fit if name == "fit" else self.measured.engagement
            return Shape() if number is None else Shape(number=self.speech.number_column(number))
        if name in ("stage", "lifecycle"):
            return Shape(text=journey.c[name])
        return Shape(text=contact.c.source) if name == "source" else Shape()

    def _of_contact(self, name: str) -> Shape:
        if name in _LISTS:
            return Shape(items=_list_or_empty(contact.c[name]), words=True)
        if name == DORMANT:
            return Shape(truth=self._is_dormant())
        return Shape(text=contact.c[name]) if name in _CONTACT else self._standing(name)

    def _of_account(self, name: str) -> Shape:
        if name == "employees":
            return Shape(number=self.speech.number_column(account.c.employees))
        if name in _ACCOUNT:
            return Shape(text=account.c[name])
        return self.speech.member(account.c.facts, name)

    # --- what happened ------------------------------------------------------------------------------

    def happened(self, asked: History) -> sa.Select[tuple[int]]:
        after = None if asked.within is None else self.now - asked.within
        if asked.kind == "sent":
            return self._sent(asked.what, after)
        if asked.kind in ACTIVITY_KINDS:
            active = self._active()
            return active if after is None else active.where(schema.signal.c.at >= after)
        signal = schema.signal
        # One contact's rows of the (contact_id, at) index; the rest is read off the rows themselves.
        query = sa.select(signal.c.id).where(
            signal.c.contact_id == contact.c.id,
            signal.c.kind == asked.kind,
            self._counts(signal.c.classed),
        )
        if asked.kind in UNSURE and self.settle:
            query = query.where(signal.c.at <= self.now - self.settle)
        if after is not None:
            query = query.where(signal.c.at >= after)
        if asked.what is not None:
            query = query.where(self._is_about(asked.kind, asked.what))
        return query

    def _active(self) -> sa.Select[tuple[int]]:
        """What a person surely did, and has settled."""
        signal = schema.signal
        # One contact's rows of the (contact_id, at) index, as above.
        query = sa.select(signal.c.id).where(
            signal.c.contact_id == contact.c.id,
            signal.c.classed == SignalClass.HUMAN.value,
            signal.c.kind.not_in(sorted(NO_ACTIVITY)),
        )
        if self.settle:
            sure = sa.or_(signal.c.kind.not_in(sorted(UNSURE)), signal.c.at <= self.now - self.settle)
            query = query.where(sure)
        return query

    def _is_dormant(self) -> Answer:
        since = self.now - self.dormant_after
        return sa.and_(
            contact.c.created_at <= since,
            sa.not_(sa.exists(self._active().where(schema.signal.c.at > since))),
        )

    def _counts(self, classed: Expression) -> Answer:
        if self.measured.human_only:
            return classed == SignalClass.HUMAN.value
        return classed != SignalClass.MACHINE.value

    def _is_about(self, kind: str, what: str) -> Answer:
        data = schema.signal.c.data
        if kind == SignalKind.VISITED:
            return self._is_beneath(schema.signal.c.path, what)
        if kind == SignalKind.SUBMITTED:
            return self._equal(self.speech.member_text(data, "form"), what)
        text = self.speech.member_text(data, "step")
        step = sa.or_(*(self._equal(text, name) for name in self._names(what)))
        if self.campaign is None:
            return sa.and_(step, sa.not_(shapes.known(self.speech.member(data, "campaign"))))
        return sa.and_(step, self._equal(self.speech.member_text(data, "campaign"), self.campaign))

    def _is_beneath(self, path: Expression, what: str) -> Answer:
        if what == "/":
            return self._equal(path, what)
        beneath = what if what.endswith("/") else what + "/"
        return sa.or_(self._equal(path, what), self.speech.starts(path, sa.literal(beneath, sa.Text)))

    def _sent(self, step: str | None, after: datetime | None) -> sa.Select[tuple[int]]:
        outbox = schema.outbox
        # Along the unique key, which starts with the contact, the campaign and the step.
        query = sa.select(outbox.c.id).where(
            outbox.c.contact_id == contact.c.id, outbox.c.state.not_in(NOT_SENT)
        )
        if step is not None:
            query = query.where(outbox.c.campaign == self.campaign, outbox.c.step.in_(self._names(step)))
        if after is not None:
            query = query.where(
                sa.func.coalesce(outbox.c.done_at, outbox.c.created_at, type_=outbox.c.created_at.type)
                >= after
            )
        return query

    def _names(self, step: str) -> list[str]:
        return [step, *sorted(self.former.get(step, ()))]

    def _equal(self, text: Expression, what: str) -> Answer:
        return self.speech.compare_texts(text, "==", sa.literal(what, sa.Text))


def _consents(purpose: str) -> Answer:
    consent = schema.consent
    return sa.exists(
        sa.select(consent.c.contact_id).where(
            consent.c.contact_id == contact.c.id,
            consent.c.purpose == purpose,
            consent.c.granted,
            given_by_themselves(),
        )
    )


def _list_or_empty(column: Expression) -> Expression:
    return sa.func.coalesce(column, sa.literal([], column.type), type_=column.type)
