"""Replaying a past finds what asking at every moment finds, with nothing remembered from one to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.assess import assess, find_promotion, measure
from nurture.core.decide import decide
from nurture.core.engagement import SignalRules
from nurture.core.fold import apply
from nurture.core.model import Account, Contact, Lifecycle, Signal, SignalClass, Snapshot, Stage
from nurture.core.past import Standing
from nurture.core.plan import Plan
from nurture.core.profile import Profile
from nurture.core.qualify import data_standard
from nurture.core.replay import Known, Past, Replayer, Said, Told, standing_as
from nurture.core.replay_asks import is_steady
from nurture.language.workspace import compile_source

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SINCE, UNTIL = START + timedelta(days=4), START + timedelta(days=60)
NEWEST = 12
HELD = timedelta(days=5)
RULES = {"odd": lambda text: None if text is None else len(str(text)) % 2 == 1}

PROFILE = """\
kind: profile
name: firm
lead: {require: [name]}
fit:
  prospect_at: 40
  rules:
    - {id: budget, when: answers.budget == "large", points: 40}
    - {id: near, when: contact.country == "NL", points: 20}
    - {id: odd, when: odd(contact.city), points: 10}
    - {id: size, when: account.employees > 10, points: 20}
FIT
  disqualify:
    - {id: student, when: answers.role == "student", reason: a student}
AGAINST
engagement: {half_life: 10d, settle: SETTLE, caps: CAPS, dormant_after: 20d}
signals:
  - {id: clicked, on: clicked, points: 3}
  - {id: prices, on: visited, where: url.path == "/prices", stage: comparison, points: 6}
  - {id: cold, on: unsubscribed, points: -12}
  - {id: quote, on: submitted, where: form == "quote", stage: decision, points: 20, buying: true}
PROMOTE
"""
MOVING_FIT = "    - {id: looks, when: 'visited(\"/prices\", within=5d) >= 2', points: 20}"
MOVING_AGAINST = "    - {id: jobs, when: 'visited(\"/jobs\") >= 2', reason: seeks work}"
PROMOTIONS = (
    "promote: fit >= 40 and engagement >= 12",
    "promote: engagement >= 12",
    'promote: fit >= 20 and answers.budget == "large" and stage in ["comparison", "decision"]',
    "promote: engagement >= 15 or (fit >= 60 and clicked() >= 3)",
    'promote: not clicked(within=6d) and visited("/prices") >= 2 and consent.marketing',
    "",
)


def compiled(promote: str, *, fit: bool, against: bool, settle: str = "0s", caps: str = "{}") -> Profile:
    text = PROFILE.replace("PROMOTE", promote).replace("SETTLE", settle).replace("CAPS", caps)
    text = text.replace("FIT\n", f"{MOVING_FIT}\n" if fit else "")
    text = text.replace("AGAINST\n", f"{MOVING_AGAINST}\n" if against else "")
    found = compile_source(text, "profile.yaml")
    assert isinstance(found, Profile)
    return found


PROFILES = [
    compiled(promote, fit=fit, against=against, settle=settle, caps=caps)
    for promote in PROMOTIONS
    for fit in (False, True)
    for against in (False, True)
    for settle in ("0s", "3d")
    for caps in ("{}", "{clicked: 5, visited: 15}")
]


def person(**changes: Any) -> Contact:
    return replace(Contact(id=7, created_at=START, name="An", answers={}), **changes)


moments = st.integers(0, 25 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
WHAT: list[tuple[str, dict[str, Any]]] = [
    ("clicked", {}),
    ("clicked", {}),
    ("visited", {"url": "https://a.example/prices"}),
    ("visited", {"url": "https://a.example/prices"}),
    ("visited", {"url": "https://a.example/prices"}),
    ("visited", {"url": "https://a.example/jobs"}),
    ("unsubscribed", {}),
    ("submitted", {"form": "quote"}),
    ("submitted", {"form": "brochure"}),
]
happenings = st.tuples(
    moments, st.sampled_from(WHAT), st.sampled_from([SignalClass.HUMAN, SignalClass.HUMAN, *SignalClass])
)
people = st.builds(
    person,
    name=st.sampled_from([None, "An", "An"]),
    country=st.sampled_from([None, "NL", "DE"]),
    city=st.sampled_from([None, "Ede", "Gent"]),
    answers=st.fixed_dictionaries(
        {},
        optional={
            "budget": st.sampled_from(["large", "small"]),
            "role": st.sampled_from(["student", *["owner"] * 5]),
        },
    ),
)
firms = st.sampled_from([None, Account(1, employees=5), Account(1, employees=50)])


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    known = [Known(START, draw(people), draw(firms))]
    changes = sorted(draw(st.lists(moments.filter(lambda at: at > START), max_size=2, unique=True)))
    known += [Known(at, draw(people), draw(firms)) for at in changes]
    happened = sorted(draw(st.lists(happenings, max_size=30)), key=lambda one: one[0])
    signals = [
        Signal(n, 7, kind, at, data, classed) for n, (at, (kind, data), classed) in enumerate(happened)
    ]
    # Whom the engine knew by then begins as it had them; others come in when they come in.
    states = (Lifecycle.JUNK, Lifecycle.CONTACT, Lifecycle.CONTACT, Lifecycle.RECYCLED)
    begins, began = draw(st.sampled_from([(START, Lifecycle.JUNK), *((SINCE, state) for state in states)]))
    back = SINCE + timedelta(days=8) if began is Lifecycle.RECYCLED else None
    return Past(
        begins=begins,
        standing=Standing(began, back, draw(st.sampled_from(Stage)), START),
        known=tuple(known),
        signals=tuple(signals),
        said=tuple(Said(at, "marketing", yes) for at, yes in draw(_said)),
        rejected_at=START if back else None,
        told=tuple(Told(at, stage, at + HELD) for at, stage in draw(_told) if at > SINCE),
        ends=draw(st.one_of(st.none(), st.none(), moments.filter(lambda at: at > SINCE))),
    )


_told = st.lists(st.tuples(moments, st.sampled_from(Stage)), max_size=2, unique_by=lambda one: one[0]).map(
    lambda some: sorted(some, key=lambda one: one[0])
)
_said = st.lists(st.tuples(moments, st.booleans()), max_size=3).map(sorted)


def asked_at_every_moment(past: Past, profile: Profile) -> tuple[str, datetime, str, str] | None:
    """What becomes of them, by a new picture and a new measure at each moment; nothing is taken for known."""
    happened = {one.at for one in (*past.signals, *past.said, *past.told)} | {one.since for one in past.known}
    waiting = sorted({past.begins, SINCE, *(at for at in happened if at > past.begins)})
    signal_rules = SignalRules(profile.signals, RULES)
    standing = past.standing
    while waiting:
        now = waiting.pop(0)
        if now > UNTIL or (past.ends is not None and now >= past.ends):
            return None
        known = [one for one in past.known if one.since <= now] or past.known[:1]
        by_hand = [one for one in past.told if one.at == now]
        if by_hand:
            stage, until = by_hand[0].stage, by_hand[0].until
            standing = standing._replace(stage=stage, stage_since=now, told_at=now, told_until=until)
        contact = standing_as(standing, known[-1].contact)
        if contact.lifecycle is Lifecycle.JUNK:
            if data_standard(contact, profile.require):
                continue
            contact = replace(contact, lifecycle=Lifecycle.CONTACT, stage_since=now)
        granted = {one.purpose: one.granted for one in past.said if one.at <= now}
        picture = Snapshot(
            contact=contact,
            account=known[-1].account,
            signals=tuple(one for one in past.signals if one.at <= now)[-NEWEST:],
            consents=frozenset(purpose for purpose, yes in granted.items() if yes),
            rejected_at=past.rejected_at,
        )
        found = measure(picture, profile, signal_rules, RULES, now)
        decision = decide(picture, Plan(profile, {}, rules=RULES), now)
        after = apply(picture, decision, now).contact
        stays = decision.lifecycle is not Lifecycle.RECYCLED
        if stays and found.disqualifier is not None:
            return "disqualified", now, found.disqualifier.id, ""
        promotion = find_promotion(found, profile, picture)
        if stays and promotion is not None and now >= SINCE:
            told = assess(picture, profile, RULES, now)
            assert told.buying is not None or told.promote.matched
            return "promoted", now, promotion.rule, promotion.because
        if after.lifecycle is Lifecycle.PROSPECT:
            # Before the time that is looked at: only the stage counts, and when it falls back.
            after = replace(after, lifecycle=Lifecycle.CONTACT)
            decision = replace(decision, next_at=found.stage.falls_at)
        standing = standing._replace(
            lifecycle=after.lifecycle, stage=after.stage, stage_since=after.stage_since
        )
        waiting = [at for at in waiting if at in happened or at == SINCE]
        waiting = sorted({*waiting, *([decision.next_at] if decision.next_at else [])})
    return None


def replayed(past: Past, profile: Profile) -> tuple[str, datetime, str, str] | None:
    """The same by the replay; by which rule it disqualifies is not told, and taken for right."""
    found = Replayer(profile, RULES, SINCE, UNTIL, NEWEST).replay(past)
    if found.promoted is not None:
        return "promoted", found.promoted.at, found.promoted.rule, found.promoted.because
    if found.disqualified_at is not None:
        wanted = asked_at_every_moment(past, profile)
        return "disqualified", found.disqualified_at, wanted[2] if wanted else "", ""
    return None


@settings(max_examples=500)
@given(past=pasts(), profile=st.sampled_from(PROFILES))
def test_a_replay_finds_what_asking_at_every_moment_finds(past: Past, profile: Profile) -> None:
    assert replayed(past, profile) == asked_at_every_moment(past, profile)


def did(*what: tuple[int, str, str]) -> tuple[Signal, ...]:
    """Signals of a human: the day, the kind, and of a visit the page."""
    made = enumerate(sorted(what))
    return tuple(
        Signal(n, 7, kind, START + timedelta(days=day), {"url": f"https://a.example{page}"} if page else {})
        for n, (day, kind, page) in made
    )


PRICES = (1, "visited", "/prices")
TURNING = {
    "a condition that waiting made true is met at the next click, which itself does not count yet": (
        compiled(
            'promote: not clicked(within=6d) and visited("/prices")', fit=False, against=False, settle="3d"
        ),
        did(PRICES, (1, "clicked", ""), (15, "clicked", "")),
        None,
    ),
    "few enough points are met at the next click, which itself does not count yet": (
        compiled("promote: engagement < 3", fit=False, against=False, settle="3d"),
        did(PRICES, (30, "clicked", "")),
        None,
    ),
    "after a no of sales anything is news, though no rule gives it points": (
        compiled("promote: engagement >= 5", fit=False, against=False),
        did(*[PRICES] * 3, (14, "visited", "/jobs")),
        SINCE + timedelta(days=8),
    ),
    "what a condition asks for matters, though no rule gives it points": (
        compiled('promote: visited("/jobs")', fit=False, against=False),
        did((14, "visited", "/jobs")),
        None,
    ),
    "who is dormant is told by anything they do, though no rule gives it points": (
        compiled("promote: contact.dormant", fit=False, against=False),
        did(PRICES, (14, "visited", "/jobs")),
        None,
    ),
    "what does not count yet pushes out what weighed against somebody": (
        compiled("promote: engagement >= 12", fit=False, against=False, settle="3d"),
        did((2, "unsubscribed", ""), *[(3, "visited", "/prices")] * 4, *[(9, "clicked", "")] * 8),
        None,
    ),
}


@pytest.mark.parametrize("claim", TURNING)
def test_no_moment_is_passed_over_at_which_the_answer_turns(claim: str) -> None:
    profile, signals, back = TURNING[claim]
    began = Lifecycle.CONTACT if back is None else Lifecycle.RECYCLED
    known = (Known(START, person(answers={"budget": "large"}), None),)
    standing = Standing(began, back, Stage.ORIENTATION, START)
    past = Past(SINCE, standing, known, signals, rejected_at=SINCE if back else None)
    asked = asked_at_every_moment(past, profile)
    assert asked is not None
    assert replayed(past, profile) == asked


@pytest.mark.parametrize(
    ("promote", "steady"),
    [
        ("promote: fit >= 40 and engagement >= 12", True),
        ("promote: engagement > 0 or clicked() >= 3", True),
        ('promote: stage == "decision" and not contact.dormant', True),
        ("promote: active_days(within=7d) >= 3", True),
        ("", True),
        ("promote: engagement < 12", False),
        ("promote: engagement >= -3", False),
        ("promote: not engagement >= 12", False),
        ("promote: 12 <= engagement <= 30", False),
        ("promote: not clicked(within=6d)", False),
        ("promote: sent() >= 2", False),
    ],
)
def test_a_profile_is_steady_when_waiting_alone_makes_nothing_come_true(promote: str, steady: bool) -> None:
    assert is_steady(compiled(promote, fit=False, against=False)) is steady


def test_a_cap_that_holds_up_what_others_outweigh_is_not_steady() -> None:
    assert not is_steady(compiled("promote: engagement >= 12", fit=False, against=False, caps="{clicked: 5}"))
