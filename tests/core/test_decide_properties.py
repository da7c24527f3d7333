"""What holds for every contact, whatever the campaigns say and whatever happens: random lives, decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.campaign import Campaign, Cap, Policy, Step, Window
from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import Decision, Lifecycle, Send, Signal, SignalClass, Snapshot
from nurture.core.plan import Plan
from nurture.language.conditions import parse
from tests.core.make import (
    DAY,
    FITTING,
    HOUR,
    PROFILE,
    Fork,
    campaign,
    contact,
    send,
    signal,
    snapshot,
    wait,
    wait_for,
)

ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "Pacific/Chatham"]
STARTS = [
    datetime(2026, 3, 5, 8, tzinfo=UTC),
    datetime(2026, 3, 27, 20, tzinfo=UTC),
    datetime(2026, 10, 22, tzinfo=UTC),
]
CONDITIONS = [
    'clicked("s1")',
    'visited("/prices")',
    "fit >= 60",
    "engagement >= 5",
    'sent("s2")',
    "account.sector",
]
DURATIONS = st.sampled_from([HOUR, 7 * HOUR, DAY, 3 * DAY, 10 * DAY])


@st.composite
def tracks(draw: st.DrawFn) -> list[list[Step | Fork]]:
    """Three tracks of random steps; every step has an id of its own."""
    made = 0

    def track(depth: int) -> list[Step | Fork]:
        return [step(depth) for _ in range(draw(st.integers(1, 4)))]

    def step(depth: int) -> Step | Fork:
        nonlocal made
        made += 1
        kind = draw(
            st.sampled_from(["send", "send", "wait", "wait_for", "choose", "split"][: 6 if depth else 4])
        )
        if kind == "send":
            return send(f"s{made}")
        if kind == "wait":
            return wait(f"w{made}", draw(DURATIONS))
        if kind == "wait_for":
            return wait_for(f"f{made}", draw(st.sampled_from(CONDITIONS)), draw(DURATIONS))
        id = f"{kind}{made}"
        if kind == "choose":
            return Fork(id, [(draw(st.sampled_from(CONDITIONS)), track(depth - 1)), (None, track(depth - 1))])
        return Fork(id, [(50, track(depth - 1)), (40, track(depth - 1)), (10, [])])

    return [track(2) for _ in range(3)]


@st.composite
def campaigns(draw: st.DrawFn, version_id: int) -> Campaign:
    start, end = draw(st.sampled_from([(0, 23), (9, 17), (2, 3), (22, 4)]))
    window = Window(draw(st.frozensets(st.integers(1, 7), min_size=1)), time(start, 30), time(end, 30))
    cap = draw(st.none() | st.builds(Cap, st.integers(1, 3), st.sampled_from([DAY, 7 * DAY])))
    return campaign(
        *draw(tracks()),
        name=f"campaign-{version_id}",
        version_id=version_id,
        policy=Policy(draw(st.sampled_from([Window(), window])), cap, draw(st.integers(0, 2))),
        audience=parse(draw(st.sampled_from(['"website" in contact.interests', "engagement >= 3"]))),
        exit_when=draw(st.none() | st.just(parse('visited("/jobs")'))),
        reenter=draw(st.none() | st.sampled_from([DAY, 20 * DAY])),
    )


PLANS = st.tuples(campaigns(1), campaigns(2)).map(lambda two: Plan(PROFILE, {1: two[0], 2: two[1]}, (1, 2)))
HAPPENINGS = st.sampled_from(
    [
        ("visited", {"url": "/prices"}),
        ("visited", {"url": "/portfolio/shops"}),
        ("visited", {"url": "/jobs"}),
        ("clicked", {"step": "s1", "campaign": "campaign-1"}),
        ("submitted", {"form": "quote"}),
        ("consent", {}),
        ("withdrawal", {}),
        ("suppression", {}),
        ("rejection", {}),
        ("nothing", {}),
    ]
)
CLASSES = st.sampled_from([SignalClass.HUMAN] * 3 + [SignalClass.PROBABLE, SignalClass.MACHINE])
EVENTS = st.lists(
    st.tuples(st.timedeltas(timedelta(0), 20 * DAY), HAPPENINGS, CLASSES), min_size=2, max_size=12
)


@dataclass
class Life:
    """What became of one contact: every decision with the picture it was taken on."""

    looks: list[tuple[Snapshot, Decision, datetime]]

    def sends(self) -> list[tuple[Send, Snapshot, Decision, datetime]]:
        return [
            (effect, before, decision, now)
            for before, decision, now in self.looks
            for effect in decision.effects
            if isinstance(effect, Send)
        ]


def happen(of: Snapshot, what: str, data: dict[str, Any], classed: SignalClass, now: datetime) -> Snapshot:
    if what == "consent":
        return replace(of, consents=frozenset({"marketing"}))
    if what == "withdrawal":
        return replace(of, consents=frozenset())
    if what == "suppression":
        return replace(of, suppressed=not of.suppressed)
    if what == "rejection" and of.contact.lifecycle is Lifecycle.PROSPECT:
        resting = replace(of.contact, lifecycle=Lifecycle.RECYCLED, recycle_at=now + 5 * DAY)
        return replace(of, contact=resting, open_handover=False, rejected_at=now)
    new: tuple[Signal, ...] = ()
    if what in {"visited", "clicked", "submitted"}:
        new = (signal(what, now, classed, len(of.signals) + 1, **data),)
    return replace(of, signals=(*of.signals, *new))


def live(plan: Plan, of: Snapshot, start: datetime, events: Sequence[Any]) -> Life:
    """Looks when something happens and when a decision asked to be looked at again, as the worker does.

    `apply` raises when a message would be sent twice.
    """
    life, now, due = Life([]), start, start
    for gap, (what, data), classed in [*events, (60 * DAY, ("nothing", {}), SignalClass.HUMAN)]:
        happens, looks = now + gap, 0
        while due <= happens and looks < 40:
            of, due = look(life, plan, of, due)
            looks += 1
        now = max(happens, due if looks == 40 else happens)
        of = happen(of, what, data, classed, now)
        of, due = look(life, plan, of, now)
    return life


def look(life: Life, plan: Plan, of: Snapshot, now: datetime) -> tuple[Snapshot, datetime]:
    decision = decide(of, plan, now)
    life.looks.append((of, decision, now))
    return apply(of, decision, now), decision.next_at or datetime.max.replace(tzinfo=UTC)


PEOPLE = st.builds(
    lambda zone, budget, consents: snapshot(
        contact=contact(timezone=zone, answers={"budget": budget}), account=FITTING, consents=consents
    ),
    st.none() | st.sampled_from(ZONES),
    st.sampled_from(["10k+", "1k"]),
    st.sampled_from([frozenset({"marketing"}), frozenset({"marketing"}), frozenset()]),
)


@settings(max_examples=150)
@given(PLANS, PEOPLE, st.sampled_from(STARTS), EVENTS)
def test_every_life_keeps_the_rules(
    plan: Plan, who: Snapshot, start: datetime, events: Sequence[Any]
) -> None:
    life = live(plan, who, start, events)
    for before, decision, now in life.looks:
        assert decision.next_at is None or decision.next_at > now
        again = decide(apply(before, decision, now), plan, now)
        assert (again.effects, again.lifecycle) == ((), decision.lifecycle)
        assert not_later(decision.next_at, again.next_at)
        assert {record.what for record in again.records} <= {"not_sent"}
    for sent, before, decision, now in life.sends():
        chosen = plan.campaigns[sent.version_id]
        assert "marketing" in before.consents
        assert not before.suppressed
        assert decision.lifecycle is Lifecycle.CONTACT
        assert_window_open(chosen.policy.window, now, before.contact.timezone or chosen.timezone)
    assert_caps_kept(life, plan)


def not_later(alarm: datetime | None, needed: datetime | None) -> bool:
    """An alarm may be early (another campaign took the room under the cap meanwhile), never late."""
    return needed is None or (alarm is not None and alarm <= needed)


def assert_window_open(window: Window, now: datetime, zone: str) -> None:
    wall = now.astimezone(ZoneInfo(zone))
    if window.start < window.end:
        assert window.start <= wall.time() < window.end
        assert wall.isoweekday() in window.days
        return
    began = wall if wall.time() >= window.start else wall.replace(tzinfo=None) - DAY
    assert wall.time() >= window.start or wall.time() < window.end
    assert began.isoweekday() in window.days


def assert_caps_kept(life: Life, plan: Plan) -> None:
    times: list[datetime] = []
    for sent, _, _, now in life.sends():
        times.append(now)
        cap = plan.campaigns[sent.version_id].policy.cap
        if cap is not None:
            assert sum(1 for one in times if one > now - cap.per) <= cap.messages
