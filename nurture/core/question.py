"""What somebody asks after with `explain --why-not`: `send:STEP`, `enrol:CAMPAIGN`, `promote`, …"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from nurture.core.campaign import (
    Campaign,
    ChooseStep,
    DoStep,
    ExitStep,
    GoalStep,
    GoToStep,
    HandOverStep,
    SendStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
)
from nurture.core.model import Stage
from nurture.errors import NurtureError, QuestionError, did_you_mean

STEP_KINDS: Mapping[type, str] = {
    SendStep: "send",
    WaitStep: "wait",
    WaitUntilStep: "wait",
    WaitForStep: "wait_for",
    ChooseStep: "choose",
    SplitStep: "split",
    DoStep: "do",
    GoalStep: "goal",
    ExitStep: "exit",
    GoToStep: "go_to",
    HandOverStep: "hand_over",
}
"""What a kind of step is called in a campaign's text."""

_ALONE = ("promote", "hand_over")
_HEADS = (*dict.fromkeys(STEP_KINDS.values()), "enrol", "stage")
_EXAMPLES = "send:STEP, CAMPAIGN/send:STEP, enrol:CAMPAIGN, stage:comparison, promote or hand_over"


class Wanted(StrEnum):
    """The kinds of things that can be asked after."""

    STEP = "step"
    ENROL = "enrol"
    PROMOTE = "promote"
    HAND_OVER = "hand_over"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked after; `campaign` is the version in which the step was found, or may be entered."""

    wanted: Wanted
    campaign: Campaign | None = None
    step: Step | None = None
    stage: Stage | None = None

    @property
    def words(self) -> str:
        """The question as it can be asked again, with nothing left open: `machines/send:price`."""
        if self.campaign is not None and self.step is not None:
            return f"{self.campaign.name}/{STEP_KINDS[type(self.step)]}:{self.step.id}"
        if self.campaign is not None:
            return f"enrol:{self.campaign.name}"
        return self.wanted.value if self.stage is None else f"stage:{self.stage.value}"

    @property
    def sentence(self) -> str:
        """The question as a person asks it of a contact: `Why was price of machines not sent?`"""
        if self.campaign is not None and self.step is not None:
            called = f"{self.step.id} of {self.campaign.name}"
            sends = isinstance(self.step, SendStep)
            return f"Why was {called} not sent?" if sends else f"Why did they not come to {called}?"
        if self.campaign is not None:
            return f"Why did they not enter {self.campaign.name}?"
        if self.stage is not None:
            return f"Why are they not in {self.stage.value}?"
        prospect = self.wanted is Wanted.PROMOTE
        return "Why are they no prospect?" if prospect else "Why were they not given to sales?"


def read_question(text: str, campaigns: Iterable[Campaign]) -> Question:
    """What `text` asks after, by the names in `campaigns`; of several versions of one, the first counts most.

    Raised when it is no question: QuestionError; when it names nothing there is, or something that two
    campaigns have: NurtureError.
    """
    versions: dict[str, list[Campaign]] = {}
    for campaign in campaigns:
        versions.setdefault(campaign.name, []).append(campaign)
    wanted = text.strip()
    if wanted in _ALONE:
        return Question(Wanted(wanted))
    where, slash, what = wanted.rpartition("/")
    kind, colon, name = what.rpartition(":")
    if not name or (colon and kind not in _HEADS) or (slash and kind in ("enrol", "stage")):
        about = did_you_mean(kind, _HEADS) if colon and kind not in _HEADS else ""
        raise QuestionError(f"nothing can be asked with {wanted!r}{about}", hint=f"ask with {_EXAMPLES}")
    if kind == "stage":
        return Question(Wanted.STAGE, stage=_stage(name))
    if kind == "enrol":
        return Question(Wanted.ENROL, _named(name, versions)[0])
    candidates = {where: _named(where, versions)} if slash else versions
    return _step(kind, name, candidates)


def read_moment(text: str, zone: tzinfo) -> datetime:
    """The moment that `text` means on a clock in `zone`: a day is its end; one with an offset keeps it.

    Raised when it is no date: QuestionError.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        if len(text.strip()) <= len("2026-03-02"):
            found += timedelta(days=1) - timedelta(microseconds=1)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise QuestionError(
            f"{text!r} is no date", hint="write 2026-03-02, 2026-03-02T10:00 or 2026-03-02T10:00+01:00"
        ) from None


def _stage(name: str) -> Stage:
    names = [stage.value for stage in Stage]
    if name not in names:
        raise NurtureError(f"there is no stage {name!r}{did_you_mean(name, names)}")
    return Stage(name)


def _named(name: str, versions: Mapping[str, list[Campaign]]) -> list[Campaign]:
    if not versions:
        raise _nothing_published()
    if name not in versions:
        raise NurtureError(f"there is no campaign {name!r}{did_you_mean(name, versions)}")
    return versions[name]


def _step(kind: str, name: str, versions: Mapping[str, list[Campaign]]) -> Question:
    found: dict[str, Question] = {}
    for campaign in (one for several in versions.values() for one in several):
        step = campaign.steps.get(name)
        if step is not None and campaign.name not in found:
            found[campaign.name] = Question(Wanted.STEP, campaign, step)
    if not found:
        raise _no_such_step(kind, name, versions)
    fitting = [one for one in found.values() if not kind or STEP_KINDS[type(one.step)] == kind]
    if len(fitting) > 1:
        raise NurtureError(
            f"{name} is a step of {' and of '.join(sorted(found))}",
            hint=f"write {' or '.join(sorted(one.words for one in fitting))}",
        )
    if fitting:
        return fitting[0]
    other = min(found.values(), key=lambda one: one.words)
    is_one = f"{name} is a {STEP_KINDS[type(other.step)]} step of {other.words.partition('/')[0]}"
    raise NurtureError(f"{is_one}, not a {kind} step", hint=f"write {other.words}")


def _no_such_step(kind: str, name: str, versions: Mapping[str, list[Campaign]]) -> NurtureError:
    if not versions:
        return _nothing_published()
    every = [step for several in versions.values() for one in several for step in one.steps.values()]
    ids = {step.id for step in every if not kind or STEP_KINDS[type(step)] == kind}
    whose = f"{next(iter(versions))} has" if len(versions) == 1 else "no campaign has"
    no = "no" if len(versions) == 1 else "a"
    return NurtureError(f"{whose} {no} {kind + ' ' if kind else ''}step {name!r}{did_you_mean(name, ids)}")


def _nothing_published() -> NurtureError:
    return NurtureError("no campaign has been published", hint="run: nurture publish")
