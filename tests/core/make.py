"""Short ways to make the values that the core's tests are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nurture.core.campaign import (
    Arm,
    Branch,
    Campaign,
    ChooseStep,
    ExitStep,
    HandoverPolicy,
    Policy,
    SendStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
)
from nurture.core.model import (
    Account,
    Contact,
    Decision,
    Lifecycle,
    Move,
    Send,
    Signal,
    SignalClass,
    Snapshot,
    Stage,
)
from nurture.core.profile import Disqualifier, PointRule, Profile, Requirement, SignalRule
from nurture.language.conditions import parse
from nurture.language.names import SIGNAL_NAMES

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def signal_rule(
    id: str, on: str, where: str | None, points: int, stage: Stage | None = None, buying: bool = False
) -> SignalRule:
    condition = None if where is None else parse(where, names=SIGNAL_NAMES)
    return SignalRule(id, on, condition, stage, points, buying)


PROFILE = Profile(
    name="web-agency",
    require=(Requirement(("name",)), Requirement(("email", "phone"))),
    enrich=(),
    prospect_at=60,
    fit_rules=(
        PointRule("sme", parse("5 <= account.employees <= 250"), 30),
        PointRule("budget", parse('answers.budget in ["5-10k", "10k+"]'), 40),
        PointRule("region", parse('account.country in ["NL", "BE"]'), 20),
    ),
    disqualifiers=(Disqualifier("student", parse('answers.role == "student"'), "no budget"),),
    half_life=21 * DAY,
    signals=(
        signal_rule("portfolio", "visited", 'url.path.startswith("/portfolio")', 2, Stage.ORIENTATION),
        signal_rule("prices", "visited", 'url.path == "/prices"', 6, Stage.COMPARISON),
        signal_rule("quote", "submitted", 'form == "quote"', 40, Stage.DECISION, buying=True),
        signal_rule("click", "clicked", None, 3),
    ),
    promote=parse('fit >= 60 and engagement >= 25 and stage in ["comparison", "decision"]'),
    version="profile-1",
)

FITTING = Account(1, employees=40, country="NL")
"""With an answer for the budget, 90 points of fit; without, 50."""


def contact(**fields: Any) -> Contact:
    known: dict[str, Any] = {
        "id": 1,
        "created_at": MONDAY - 30 * DAY,
        "email": "an@example.com",
        "name": "An",
        "interests": ("website",),
        "lifecycle": Lifecycle.CONTACT,
    }
    return Contact(**{**known, **fields})


def snapshot(signals: Sequence[Signal] = (), **fields: Any) -> Snapshot:
    """A contact who consents to marketing; `fields` are those of Snapshot."""
    known: dict[str, Any] = {"contact": contact(), "consents": frozenset({"marketing"})}
    return Snapshot(signals=tuple(signals), **{**known, **fields})


def signal(
    kind: str, at: datetime = MONDAY, classed: SignalClass = SignalClass.HUMAN, id: int = 1, **data: Any
) -> Signal:
    return Signal(id, 1, kind, at, data, classed)


def visited(path: str, at: datetime = MONDAY, **more: Any) -> Signal:
    return signal("visited", at, url=f"https://www.example.com{path}", **more)


QUOTE = signal("submitted", form="quote")


# --- campaigns --------------------------------------------------------------------------------------


@dataclass
class Fork:
    """A choose (ways are conditions, None for else) or a split (ways are weights), with a track each."""

    id: str
    ways: Sequence[tuple[Any, Sequence[Step | Fork]]]


def send(id: str) -> SendStep:
    return SendStep(id, f"mails/{id}")


def wait(id: str, duration: timedelta) -> WaitStep:
    return WaitStep(id, duration)


def wait_for(id: str, condition: str, up_to: timedelta) -> WaitForStep:
    return WaitForStep(id, parse(condition), up_to)


def campaign(
    orientation: Sequence[Step | Fork] = (),
    comparison: Sequence[Step | Fork] = (),
    decision: Sequence[Step | Fork] = (),
    **fields: Any,
) -> Campaign:
    """A campaign of tracks as lists of steps, each followed by the next. `fields` are those of Campaign."""
    steps: dict[str, Step] = {}
    tracks = {
        Stage.ORIENTATION: _link(orientation, None, steps),
        Stage.COMPARISON: _link(comparison, None, steps),
        Stage.DECISION: _link(decision, None, steps),
    }
    known: dict[str, Any] = {
        "name": "new-website",
        "profile": "web-agency",
        "purpose": "marketing",
        "locale": "nl",
        "timezone": "Europe/Amsterdam",
        "audience": parse('"website" in contact.interests'),
        "reenter": None,
        "policy": Policy(),
        "handover": HandoverPolicy("sales-nl"),
        "version": "campaign-1",
        "version_id": 1,
    }
    return Campaign(tracks=tracks, steps=steps, **{**known, **fields})


def _link(track: Sequence[Step | Fork], following: str | None, steps: dict[str, Step]) -> str | None:
    """Links a track from its end, adds its steps, and answers the id of the first."""
    for step in reversed(track):
        if isinstance(step, Fork):
            linked = _fork(step, following, steps)
        elif isinstance(step, WaitForStep):
            linked = replace(step, next=following, on_timeout=following)
        elif isinstance(step, ExitStep):
            linked = step
        else:
            linked = replace(step, next=following)
        steps[step.id] = linked
        following = step.id
    return following


def _fork(fork: Fork, following: str | None, steps: dict[str, Step]) -> Step:
    ways = [(way, _link(track, following, steps) if track else None) for way, track in fork.ways]
    if any(isinstance(way, int) for way, _ in ways):
        arms = tuple(Arm(first or f"hold-out-{fork.id}", way, first) for way, first in ways)
        return SplitStep(fork.id, arms, following)
    branches = tuple(Branch(None if way is None else parse(way), first) for way, first in ways)
    return ChooseStep(fork.id, branches, following)


# --- what a decision says ---------------------------------------------------------------------------


def sends(decision: Decision) -> list[str]:
    return [effect.step for effect in decision.effects if isinstance(effect, Send)]


def moves(decision: Decision) -> list[Move]:
    return [effect for effect in decision.effects if isinstance(effect, Move)]


def whats(decision: Decision) -> list[str]:
    return [record.what for record in decision.records]


def reason(decision: Decision, what: str) -> str:
    return next(record.reason for record in decision.records if record.what == what)
