"""Everybody judged anew by another profile: the numbers by one statement, and who must be decided on.

Most people stay where they were: of them only fit and engagement change. The database finds those; whoever
may change stage, become a prospect or be disqualified is woken, and decided on as always. So nothing is
decided here, and where a float is on the edge somebody is looked at in vain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import SignalClass, Stage
from nurture.core.profile import Profile
from nurture.store import firms, schema
from nurture.store import journey as journeys
from nurture.store.conditions import speech_of
from nurture.store.measuring import measure_all, true
from nurture.store.shapes import Answer, Expression, Speech
from nurture.store.signal_conditions import addresses_asked
from nurture.store.signals import NEWEST
from nurture.store.weighing import reckoned_once

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
    measured = measure_all(profile, speech, now, addresses)
    judged = _Judging(profile, speech, now, measured).everybody(numbers_asked)
    new, old = judged.c, journey.c
    differs = sa.or_(
        new.wake,
        new.fit.is_distinct_from(old.fit),
        new.engagement.is_distinct_from(old.engagement),
        new.due_at.is_distinct_from(old.due_at),
    )
    journeys.stop_deciding(connection)
    _make_room(connection)
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


def _make_room(connection: sa.Connection) -> None:
    """Lets the sums of all people be kept in memory, for this transaction alone."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")


class _Judging:
    """One row for each contact: its new numbers, and whether it must be decided on."""

    def __init__(self, profile: Profile, speech: Speech, now: datetime, measured: sa.Subquery) -> None:
        self._profile = profile
        self._speech = speech
        self._now = now
        self._one = measured.c
        self._measured = measured

    def everybody(self, numbers_asked: bool) -> sa.Subquery:
        one = self._one
        fit = sa.case((one.followed, one.fit), else_=one.last_fit)
        engagement = sa.case((one.followed, one.engagement), else_=one.last_engagement)
        wake: Answer = sa.case((one.followed, self._may_change()), else_=self._may_return())
        wake = sa.or_(wake, self._may_be_pictured())
        if numbers_asked:
            other = sa.or_(fit != one.last_fit, sa.func.abs(engagement - one.last_engagement) > _MARGIN)
            wake = sa.or_(wake, other)
        columns = (
            one.contact_id,
            fit.label("fit"),
            engagement.label("engagement"),
            sa.func.coalesce(wake, sa.true()).label("wake"),
            sa.case((one.followed, self._due_at()), else_=one.due_at).label("due_at"),
        )
        return reckoned_once(sa.select(*columns).select_from(self._measured), "judged")

    # --- who must be decided on -----------------------------------------------------------------------

    def _may_change(self) -> Answer:
        one = self._one
        return sa.or_(
            self._may_go_forward(),
            self._may_fall_back(),
            one.disqualified,
            sa.and_(one.waiting == 0, sa.or_(self._has_bought(), self._is_promoted())),
            # The core sees the newest signals alone; and what has not settled is looked at when it has.
            one.signals > NEWEST,
            one.unsettled_at.is_not(None),
            one.stage_since.is_(None),
            one.stuck.is_not(None),
        )

    def _may_return(self) -> Answer:
        """Of a recycled contact, who has given a buying signal since sales said no, or may have."""
        bought = sa.and_(self._one.rejected_at.is_not(None), self._has_bought())
        return sa.or_(bought, self._one.unsettled_at.is_not(None))

    def _may_be_pictured(self) -> Answer:
        """Whether so many people of the firm did anything that they may complete a rule about several."""
        rules = [rule for rule in self._profile.signals if rule.people is not None]
        if not rules:
            return sa.false()
        fewest = min(rule.people for rule in rules if rule.people is not None)
        busy = firms.busy_firms({rule.on for rule in rules}, fewest)
        return true(self._one.account_id.in_(busy))

    def _may_go_forward(self) -> Answer:
        one = self._one
        enough = self._profile.forward_at - _MARGIN
        bought = true(one.bought >= self._profile.back_below - _MARGIN)
        decided = sa.or_(one.decision >= enough, bought)
        return sa.or_(
            sa.and_(self._in(Stage.ORIENTATION), sa.or_(one.comparison >= enough, decided)),
            sa.and_(self._in(Stage.COMPARISON), decided),
        )

    def _may_fall_back(self) -> Answer:
        least = self._profile.back_below
        # Nothing is exactly nothing: no float is on the edge there.
        faded = self._evidence() < (least + _MARGIN if least > 0 else least)
        return sa.and_(sa.not_(self._in(Stage.ORIENTATION)), faded, self._rested() <= self._now)

    def _has_bought(self) -> Answer:
        at = self._one.bought_at
        news = sa.or_(self._since().is_(None), at > self._since())
        return sa.and_(at.is_not(None), true(news), self._one.fit >= self._profile.prospect_at)

    def _is_promoted(self) -> Answer:
        did = sa.exists().where(
            signal.c.contact_id == self._one.contact_id,
            signal.c.classed == SignalClass.HUMAN.value,
            signal.c.at > self._since(),
        )
        return sa.and_(self._one.promoted, sa.or_(self._since().is_(None), did))

    def _since(self) -> Expression:
        return sa.func.coalesce(self._one.rejected_at, self._one.recycle_at)

    # --- when they are looked at again ----------------------------------------------------------------

    def _evidence(self) -> Expression:
        """What speaks for the stage they are in, and later ones."""
        return sa.case((self._in(Stage.DECISION), self._one.decision), else_=self._one.comparison)

    def _rested(self) -> Expression:
        return self._speech.later(self._one.stage_since, self._profile.stage_rest)

    def _due_at(self) -> Expression:
        """The alarm that there is, or the moment at which the stage falls back, whichever is earlier."""
        profile, due_at = self._profile, self._one.due_at
        if profile.back_below <= 0:
            return due_at
        times = self._evidence() / profile.back_below
        faded = sa.case((times >= 1, self._speech.faded_at(self._now, profile.half_life, times)))
        falls = sa.case((faded > self._rested(), faded), else_=self._rested())
        earlier = sa.case((sa.or_(due_at.is_(None), falls < due_at), falls), else_=due_at)
        return sa.case((self._in(Stage.ORIENTATION), due_at), else_=earlier)

    def _in(self, stage: Stage) -> Answer:
        return self._one.stage == stage.value


def _not_due(now: datetime) -> Answer:
    """An earlier alarm stays."""
    return sa.or_(journey.c.due_at.is_(None), journey.c.due_at > now)
