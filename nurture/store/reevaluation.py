"""Everybody judged anew by another profile: the numbers by one statement, and who must be decided on.

Most people stay where they were: of them only fit and engagement change. The database finds those; whoever
may change stage, become a prospect or be disqualified is woken, and decided on as always. So nothing is
decided here, and where a float is on the edge somebody is looked at in vain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import Lifecycle, SignalClass, Stage
from nurture.core.predicate import Condition
from nurture.core.profile import Profile
from nurture.store import firms, schema
from nurture.store import journey as journeys
from nurture.store.conditions import Measured, compile_condition, people, speech_of
from nurture.store.shapes import Answer, Expression, Speech
from nurture.store.signal_conditions import Addresses, addresses_asked
from nurture.store.signals import NEWEST
from nurture.store.snapshots import handed_over
from nurture.store.weighing import weigh

journey, signal = schema.journey, schema.signal

_MARGIN = 1e-9
"""By so much the sums of floats may differ from the core's."""


@dataclass(frozen=True, slots=True)
class Reevaluated:
    """How many people got new numbers or are looked at again, and how many are looked at again."""

    changed: int
    woken: int


def reevaluate(
    connection: sa.Connection, profile: Profile, now: datetime, *, numbers_asked: bool = False
) -> Reevaluated:
    """Gives contacts the numbers of `profile`, and wakes whom it may put elsewhere.

    `numbers_asked`: campaigns ask for fit or engagement, so that a number alone may lead somewhere.
    Raised when a part of the profile cannot be asked of the database: NotCompiled; nothing has changed then.
    """
    speech = speech_of(connection)
    addresses = addresses_asked(connection, profile.signals, speech)
    judged = _Judging(profile, speech, now, addresses).everybody(numbers_asked)
    new, old = judged.c, journey.c
    differs = sa.or_(
        new.wake,
        new.fit.is_distinct_from(old.fit),
        new.engagement.is_distinct_from(old.engagement),
        new.due_at.is_distinct_from(old.due_at),
    )
    journeys.stop_deciding(connection)
    changed = connection.execute(
        sa.update(journey)
        .where(old.contact_id == new.contact_id, differs)
        .values(
            fit=new.fit,
            engagement=new.engagement,
            due_at=sa.case((sa.and_(new.wake, _not_due(now)), now), else_=new.due_at),
            wakes=sa.case((new.wake, old.wakes + 1), else_=old.wakes),
            attempts=sa.case((new.wake, 0), else_=old.attempts),
            stuck=sa.case((sa.not_(new.wake), old.stuck)),
        )
    ).rowcount
    return Reevaluated(changed, journeys.count_due(connection, now, changed))


class _Judging:
    """One row for each contact: its new numbers, and whether it must be decided on."""

    def __init__(self, profile: Profile, speech: Speech, now: datetime, addresses: Addresses) -> None:
        self._profile = profile
        self._speech = speech
        self._now = now
        self._weights = weigh(profile, speech, now, addresses)
        self._sales = handed_over().subquery("sales")
        self._fit = self._points()

    def everybody(self, numbers_asked: bool) -> sa.Subquery:
        followed = journey.c.lifecycle == Lifecycle.CONTACT.value
        fit = sa.case((followed, self._fit), else_=journey.c.fit)
        engagement = sa.case((followed, self._number("engagement")), else_=journey.c.engagement)
        wake: Answer = sa.case((followed, self._may_change()), else_=self._may_return())
        wake = sa.or_(wake, self._may_be_pictured())
        if numbers_asked:
            other = sa.or_(fit != journey.c.fit, sa.func.abs(engagement - journey.c.engagement) > _MARGIN)
            wake = sa.or_(wake, other)
        due_at = sa.case((followed, self._due_at()), else_=journey.c.due_at)
        weights, sales = self._weights, self._sales
        return (
            sa.select(
                journey.c.contact_id,
                fit.label("fit"),
                engagement.label("engagement"),
                sa.func.coalesce(wake, sa.true()).label("wake"),
                due_at.label("due_at"),
            )
            .select_from(
                people()
                .outerjoin(weights, weights.c.contact_id == journey.c.contact_id)
                .outerjoin(sales, sales.c.contact_id == journey.c.contact_id)
            )
            .where(journey.c.lifecycle.in_([Lifecycle.CONTACT.value, Lifecycle.RECYCLED.value]))
            .subquery("judged")
        )

    # --- numbers ------------------------------------------------------------------------------------

    def _points(self) -> Expression:
        total: Expression = sa.literal(0, sa.Integer)
        for rule in self._profile.fit_rules:
            total = total + sa.case((self._holds(rule.when, self._engaged()), rule.points), else_=0)
        return total

    def _engaged(self) -> Measured:
        return Measured(None, self._number("engagement"))

    def _number(self, name: str) -> Expression:
        """A weight; 0 for who has no signals."""
        return sa.func.coalesce(self._weights.c[name], 0.0, type_=sa.Float())

    def _holds(self, condition: Condition, measured: Measured) -> Answer:
        profile = self._profile
        return compile_condition(
            condition,
            now=self._now,
            speech=self._speech,
            measured=measured,
            settle=profile.settle,
            dormant_after=profile.dormant_after,
        )

    # --- who must be decided on -----------------------------------------------------------------------

    def _may_change(self) -> Answer:
        weights = self._weights.c
        return sa.or_(
            self._may_go_forward(),
            self._may_fall_back(),
            *(_true(self._holds(one.when, self._engaged())) for one in self._profile.disqualifiers),
            sa.and_(
                sa.func.coalesce(self._sales.c.waiting, 0) == 0,
                sa.or_(self._has_bought(), self._is_promoted()),
            ),
            # The core sees the newest signals alone; and what has not settled is looked at when it has.
            _true(weights.signals > NEWEST),
            weights.unsettled_at.is_not(None),
            journey.c.stage_since.is_(None),
            journey.c.stuck.is_not(None),
        )

    def _is_free(self) -> Answer:
        """Whether no hand-over of theirs waits for an answer."""
        return sa.func.coalesce(self._sales.c.waiting, 0) == 0

    def _may_return(self) -> Answer:
        """Of a recycled contact, who has given a buying signal since sales said no, or may have."""
        bought = sa.and_(self._sales.c.rejected_at.is_not(None), self._has_bought())
        return sa.or_(bought, self._weights.c.unsettled_at.is_not(None))

    def _may_be_pictured(self) -> Answer:
        """Whether so many people of the firm did anything that they may complete a rule about several."""
        rules = [rule for rule in self._profile.signals if rule.people is not None]
        if not rules:
            return sa.false()
        fewest = min(rule.people for rule in rules if rule.people is not None)
        busy = firms.busy_firms({rule.on for rule in rules}, fewest)
        return _true(schema.contact.c.account_id.in_(busy))

    def _may_go_forward(self) -> Answer:
        enough = self._profile.forward_at - _MARGIN
        bought = _true(self._weights.c.bought >= self._profile.back_below - _MARGIN)
        decided = sa.or_(self._number("decision") >= enough, bought)
        return sa.or_(
            sa.and_(_in(Stage.ORIENTATION), sa.or_(self._number("comparison") >= enough, decided)),
            sa.and_(_in(Stage.COMPARISON), decided),
        )

    def _may_fall_back(self) -> Answer:
        least = self._profile.back_below
        # Nothing is exactly nothing: no float is on the edge there.
        faded = self._evidence() < (least + _MARGIN if least > 0 else least)
        return sa.and_(journey.c.stage != Stage.ORIENTATION.value, self._rested() <= self._now, faded)

    def _has_bought(self) -> Answer:
        at = self._weights.c.bought_at
        news = sa.or_(self._since().is_(None), at > self._since())
        return sa.and_(at.is_not(None), _true(news), self._fit >= self._profile.prospect_at)

    def _is_promoted(self) -> Answer:
        condition = self._profile.promote
        if condition is None:
            return sa.false()
        sure = Measured(self._fit, self._number("sure"), human_only=True)
        did = sa.exists().where(
            signal.c.contact_id == journey.c.contact_id,
            signal.c.classed == SignalClass.HUMAN.value,
            signal.c.at > self._since(),
        )
        return sa.and_(_true(self._holds(condition, sure)), sa.or_(self._since().is_(None), did))

    def _since(self) -> Expression:
        return sa.func.coalesce(self._sales.c.rejected_at, journey.c.recycle_at)

    # --- when they are looked at again ----------------------------------------------------------------

    def _evidence(self) -> Expression:
        """What speaks for the stage they are in, and later ones."""
        return sa.case((_in(Stage.DECISION), self._number("decision")), else_=self._number("comparison"))

    def _rested(self) -> Expression:
        return self._speech.later(journey.c.stage_since, self._profile.stage_rest)

    def _due_at(self) -> Expression:
        """The alarm that there is, or the moment at which the stage falls back, whichever is earlier."""
        profile = self._profile
        if profile.back_below <= 0:
            return journey.c.due_at
        times = self._evidence() / profile.back_below
        faded = sa.case((times >= 1, self._speech.faded_at(self._now, profile.half_life, times)))
        falls = sa.case((faded > self._rested(), faded), else_=self._rested())
        earlier = sa.or_(journey.c.due_at.is_(None), falls < journey.c.due_at)
        return sa.case(
            (sa.and_(journey.c.stage != Stage.ORIENTATION.value, earlier), falls), else_=journey.c.due_at
        )


def _not_due(now: datetime) -> Answer:
    """An earlier alarm stays."""
    return sa.or_(journey.c.due_at.is_(None), journey.c.due_at > now)


def _in(stage: Stage) -> Answer:
    return journey.c.stage == stage.value


def _true(answer: Answer) -> Answer:
    """Unknown does not hold."""
    return sa.func.coalesce(answer, sa.false())
