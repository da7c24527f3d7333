"""The boxes of a drawing: what a step is called and does, and after a simulation who came to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from nurture.core.campaign import (
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
from nurture.core.steps import step_words, ways_out
from nurture.core.words import length
from nurture.simulate.lettering import short, width
from nurture.simulate.result import StepFlow
from nurture.simulate.routes import BOX_WIDTH, Point

PLAIN_BOX, COUNTED_BOX = 60, 101
"""How high a box is; with numbers it has a foot of two lines."""
END_HEIGHT = 40

SIDE = 14
INSIDE = BOX_WIDTH - 2 * SIDE
"""So much room there is for words."""
ID_SIZE, ABOUT_SIZE, FOOT_SIZE = 13, 12, 11.5

NOBODY = StepFlow(0, 0, {})


class Kind(NamedTuple):
    """What a kind of step is called, the class that colours it, and the verb that its name makes needless."""

    name: str
    tone: str
    verb: str = ""


KINDS: Mapping[type, Kind] = {
    SendStep: Kind("send", "mail", "sends "),
    WaitStep: Kind("wait", "time", "waits "),
    WaitUntilStep: Kind("wait until", "time", "waits until "),
    WaitForStep: Kind("wait for", "time"),
    ChooseStep: Kind("choose", "fork"),
    SplitStep: Kind("split", "fork"),
    DoStep: Kind("do", "act"),
    GoalStep: Kind("goal", "goal", "goal: "),
    ExitStep: Kind("exit", "stop", "ends the campaign: "),
    GoToStep: Kind("go to", "fork", "goes on at "),
    HandOverStep: Kind("hand over", "goal", "hands over to "),
}


def box(step: Step, at: Point, flow: StepFlow | None) -> Iterator[str]:
    """The box of a step, its upper left corner `at`; with a foot where there is a flow."""
    kind, (x, y) = KINDS[type(step)], at
    high = COUNTED_BOX if flow else PLAIN_BOX
    told = [f"{step.id}: {step_words(step)}", *(told_of(flow) if flow else [])]
    yield f'<g class="{kind.tone}" data-step={quoteattr(step.id)}><title>{escape(". ".join(told))}</title>'
    yield f'<rect class="box" x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{high}" rx="8"/>'
    yield f'<rect class="tone" x="{x:g}" y="{y + 9:g}" width="4" height="{high - 18}" rx="2"/>'
    yield f'<text class="kind" x="{x + SIDE:g}" y="{y + 18:g}">{kind.name.upper()}</text>'
    if isinstance(step, WaitForStep):
        place = f'x="{x + BOX_WIDTH - 10:g}" y="{y + 18:g}" text-anchor="end"'
        yield f'<text class="foot" {place}>up to {length(step.up_to)}</text>'
    name, about = short(step.id, INSIDE, ID_SIZE, bold=True), short(_about(step), INSIDE, ABOUT_SIZE)
    yield f'<text class="id" x="{x + SIDE:g}" y="{y + 35:g}">{escape(name)}</text>'
    yield f'<text class="soft" x="{x + SIDE:g}" y="{y + 51:g}">{escape(about)}</text>'
    if flow:
        yield from _foot(flow, x, y)
    yield "</g>"


def told_of(flow: StepFlow) -> list[str]:
    """Who came or began there, who stands there, and who left for another stage, with sales or for good."""
    came = f"{flow.entered:,} came" if flow.entered or flow.began else "nobody came"
    began = f"{flow.began:,} began" if flow.began else ""
    here = f"{flow.standing:,} here" if flow.standing else ""
    gone = f"{flow.gone:,} left" if flow.gone else ""
    return [" · ".join(filter(None, (came, began))), *filter(None, (here, gone))]


def _foot(flow: StepFlow, x: float, y: float) -> Iterator[str]:
    """Who came on the one line, what became of them on the other."""
    came, *rest = told_of(flow)
    number, _, words = came.partition(" ")
    yield f'<path class="rule" d="M{x + SIDE:g} {y + 60:g}H{x + BOX_WIDTH - SIDE:g}"/>'
    strong = f'<tspan class="number">{number}</tspan> {words}' if number != "nobody" else came
    yield f'<text class="foot" x="{x + SIDE:g}" y="{y + 76:g}">{strong}</text>'
    if rest:
        yield f'<text class="foot" x="{x + SIDE:g}" y="{y + 91:g}">{" · ".join(rest)}</text>'


def _about(step: Step) -> str:
    """What the step does, without the word that stands above it."""
    match step:
        case WaitForStep(condition=condition):
            return condition.source
        case ChooseStep() | SplitStep():
            ways = len(ways_out(step))
            return f"one of {ways} ways" if ways > 1 else "one way"
        case DoStep(action=action, parameters=parameters):
            first = next(iter(parameters.values()), "")
            return f"{action}: {first}" if isinstance(first, str | int | float) and first != "" else action
        case _:
            return step_words(step).removeprefix(KINDS[type(step)].verb)


def end(centre: float, y: float) -> Iterator[str]:
    """The end of a track."""
    yield f'<circle class="head way" cx="{centre:g}" cy="{y + 5:g}" r="6"/>'
    yield f'<text class="soft" x="{centre:g}" y="{y + 29:g}" text-anchor="middle">end of the track</text>'


def came_otherwise(at: Point, people: int) -> str:
    """The mark above a box to which people came by none of the lines."""
    number = f"{people:,}"
    wide = width(number, FOOT_SIZE, bold=True)
    arrow = f"M{at.x + wide + 5:g} {at.y - 12:g}h6v8m-3.5 -3.5l3.5 3.5l3.5 -3.5"
    return (
        f'<g class="come"><title>{number} came from another stage</title>'
        f'<text class="label number" x="{at.x + 2:g}" y="{at.y - 6:g}">{number}</text>'
        f'<path class="come line" d="{arrow}"/></g>'
    )
