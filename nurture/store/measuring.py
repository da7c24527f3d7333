"""What a profile makes of everybody, as one query: their new numbers, and which of its conditions hold.

It decides nothing: `reevaluation` does, and only about whether the core must.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import Lifecycle
from nurture.core.predicate import Condition
from nurture.core.profile import Profile
from nurture.store import schema
from nurture.store.conditions import Measured, compile_condition, people
from nurture.store.shapes import Answer, Expression, Speech
from nurture.store.signal_conditions import Addresses
from nurture.store.snapshots import handed_over
from nurture.store.weighing import reckoned_once, weigh

contact, journey = schema.contact, schema.journey

_WEIGHED = ("engagement", "sure", "comparison", "decision", "signals")
"""What is 0 for who has no signals."""


def measure_all(profile: Profile, speech: Speech, now: datetime, addresses: Addresses) -> sa.Subquery:
    """One row for each contact that is followed, or recycled.

    The weights of `weighing.weigh`; `fit`; `disqualified` and `promoted`: whether the condition holds, by
    what humans did for the latter; `waiting` and `rejected_at` of sales; and of the journey what there was.
    Raised when a part of the profile cannot be asked of the database: NotCompiled.
    """
    weights = weigh(profile, speech, now, addresses)
    sales = handed_over().subquery("sales")
    weighed = {name: sa.func.coalesce(weights.c[name], 0, type_=weights.c[name].type) for name in _WEIGHED}

    def holds(condition: Condition, measured: Measured) -> Answer:
        return compile_condition(
            condition,
            now=now,
            speech=speech,
            measured=measured,
            settle=profile.settle,
            dormant_after=profile.dormant_after,
        )

    engaged = Measured(None, weighed["engagement"])
    fit: Expression = sa.literal(0, sa.Integer)
    for rule in profile.fit_rules:
        fit = fit + sa.case((holds(rule.when, engaged), rule.points), else_=0)
    promoted: Answer = sa.false()
    if profile.promote is not None:
        promoted = true(holds(profile.promote, Measured(fit, weighed["sure"], human_only=True)))
    columns = (
        journey.c.contact_id,
        contact.c.account_id,
        (journey.c.lifecycle == Lifecycle.CONTACT.value).label("followed"),
        *(journey.c[name] for name in ("stage", "stage_since", "recycle_at", "due_at", "stuck")),
        journey.c.fit.label("last_fit"),
        journey.c.engagement.label("last_engagement"),
        *(value.label(name) for name, value in weighed.items()),
        *(weights.c[name] for name in ("bought", "bought_at", "unsettled_at")),
        sa.func.coalesce(sales.c.waiting, 0).label("waiting"),
        sales.c.rejected_at,
        fit.label("fit"),
        sa.or_(sa.false(), *(true(holds(one.when, engaged)) for one in profile.disqualifiers)).label(
            "disqualified"
        ),
        promoted.label("promoted"),
    )
    everybody = (
        people()
        .outerjoin(weights, weights.c.contact_id == journey.c.contact_id)
        .outerjoin(sales, sales.c.contact_id == journey.c.contact_id)
    )
    followed = journey.c.lifecycle.in_([Lifecycle.CONTACT.value, Lifecycle.RECYCLED.value])
    return reckoned_once(sa.select(*columns).select_from(everybody).where(followed), "measured")


def true(answer: Answer) -> Answer:
    """Unknown does not hold."""
    return sa.func.coalesce(answer, sa.false())
