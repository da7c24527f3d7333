"""Whatever the campaigns say and whatever happened: what `why_not` says comes true, and not before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import Send, Snapshot
from nurture.core.obstacles import CODES, Case, Lift, Mail
from nurture.core.plan import Plan
from nurture.core.question import read_question
from nurture.core.telling import Kept
from nurture.core.whynot import Answer, why_not
from tests.core.make import DAY
from tests.core.test_decide_properties import EVENTS, PEOPLE, PLANS, STARTS, Life, live

SECOND = timedelta(seconds=1)


def cases(plan: Plan, life: Life) -> Iterator[Case]:
    """The contact as they stood after each look, with all that had been kept by then."""
    kept: list[Kept] = []
    mails: list[Mail] = []
    for before, decision, now in life.looks:
        kept += [Kept(now, record) for record in decision.records]
        sends = [effect for effect in decision.effects if isinstance(effect, Send)]
        mails += [Mail(one.campaign, one.step, one.occurrence, now, "sent") for one in sends]
        yield Case(apply(before, decision, now), plan, now, decision.next_at, UTC, tuple(kept), tuple(mails))


def sent(snapshot: Snapshot, plan: Plan, now: datetime) -> set[tuple[str, str]]:
    effects = decide(snapshot, plan, now).effects
    return {(effect.campaign, effect.step) for effect in effects if isinstance(effect, Send)}


def questions(plan: Plan) -> st.SearchStrategy[str]:
    names = [
        f"{one.name}/send:{step}"
        for one in plan.live_campaigns
        for step in one.steps
        if step[0] == "s" and step[1:].isdigit()
    ]
    return st.sampled_from(names)


@settings(max_examples=80)
@given(PLANS, PEOPLE, st.sampled_from(STARTS), EVENTS, st.data())
def test_a_mail_comes_when_it_is_said_to_and_not_before(
    plan: Plan, who: Snapshot, start: datetime, events: Sequence[Any], data: st.DataObject
) -> None:
    life = live(plan, who, start, events)
    every = list(cases(plan, life))
    asked = data.draw(questions(plan))
    question = read_question(asked, plan.live_campaigns)
    wanted = tuple(asked.split("/send:"))
    for case in every[:: max(1, len(every) // 3)]:
        answer = why_not(case, question)
        assert answer.summary
        if any(one.counts for one in answer.happened):
            continue
        assert_told(answer, case)
        snapshot, now = case.snapshot, case.now
        while answer.next_at is not None and now < answer.next_at:
            # A worker may look more often than it must: nothing comes of it before.
            between = data.draw(st.datetimes(now.replace(tzinfo=None), answer.next_at.replace(tzinfo=None)))
            now = min(max(between.replace(tzinfo=UTC), now + DAY), answer.next_at - SECOND)
            decision = decide(snapshot, plan, now)
            snapshot = apply(snapshot, decision, now)
            assert wanted not in {(e.campaign, e.step) for e in decision.effects if isinstance(e, Send)}
            if now >= answer.next_at - SECOND:
                break
        if answer.next_at is not None:
            assert wanted in sent(snapshot, plan, answer.next_at)


def assert_told(answer: Answer, case: Case) -> None:
    assert {one.code for one in answer.obstacles} <= CODES.keys()
    final = [one for one in answer.obstacles if one.lift is Lift.NOTHING]
    if answer.next_at is None:
        assert any(one.lift is not Lift.TIME for one in answer.obstacles)
        return
    assert all(one.lifts_at is None or one.lifts_at <= answer.next_at for one in answer.obstacles)
    assert not final or "time" in answer.summary
