"""Draws a campaign as SVG: a lane for each stage, its steps as boxes; after a simulation, who went where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

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
from nurture.core.steps import step_words, ways_out
from nurture.core.words import length
from nurture.simulate.layout import END, Cell, Layout, lay_out
from nurture.simulate.palette import DRAWING as STYLE
from nurture.simulate.result import StepFlow
from nurture.simulate.routes import ARROW, BOX_WIDTH, COLUMN, Grid, Point, Route, margins, routes

PLAIN_BOX, COUNTED_BOX = 60, 82
"""How high a box is; with numbers it has a foot."""
MARGIN, LANE_TOP, FIRST_RANK, END_HEIGHT = 24, 58, 58, 40
LANE_GAP, ROUND = 16, 8


class Kind(NamedTuple):
    """What a kind of step is called, the class that colours it, and the verb that its name makes needless."""

    name: str
    tone: str
    verb: str = ""


_KINDS: Mapping[type, Kind] = {
    SendStep: Kind("send", "mail", "sends "),
    WaitStep: Kind("wait", "time", "waits "),
    WaitUntilStep: Kind("wait until", "time", "waits until "),
    WaitForStep: Kind("wait for", "time"),
    ChooseStep: Kind("choose", "fork"),
    SplitStep: Kind("split", "fork"),
    DoStep: Kind("do", "act", "does "),
    GoalStep: Kind("goal", "goal", "goal: "),
    ExitStep: Kind("exit", "stop", "ends the campaign: "),
    GoToStep: Kind("go to", "fork", "goes on at "),
    HandOverStep: Kind("hand over", "goal", "hands over to "),
}

LEGEND: Mapping[str, str] = {"back": "back, once more", "jump": "who meets the goal jumps to it"}
LEGEND_WIDTH: Mapping[str, int] = {"back": 164, "jump": 244}

Flows = Mapping[str, StepFlow]


@dataclass(frozen=True, slots=True)
class _Lane:
    stage: Stage
    layout: Layout
    grid: Grid
    x: float
    width: float


def draw(campaign: Campaign, flows: Flows | None = None) -> str:
    """The picture, as an SVG document; with the numbers of a simulation where `flows` are given."""
    mark = campaign.name
    lanes = _lanes(campaign, COUNTED_BOX if flows else PLAIN_BOX)
    height = max(_bottom(lane) for lane in lanes) + 2 * MARGIN
    legend = _legend(lanes)
    title_width = MARGIN + 12 * len(campaign.name) + 32
    needed = title_width + sum(LEGEND_WIDTH[kind] for kind in legend)
    width = max(lanes[-1].x + lanes[-1].width + MARGIN, needed)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="campaign" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        f"aria-labelledby={quoteattr(f'{mark}-title {mark}-about')}>",
        f"<title id={quoteattr(f'{mark}-title')}>{escape(f'The campaign {campaign.name}')}</title>",
        f"<desc id={quoteattr(f'{mark}-about')}>{escape(_description(campaign, lanes))}</desc>",
        f"<style>{STYLE}</style>",
        f"<defs>{_arrow(mark, 'way')}{_arrow(mark, 'back')}{_arrow(mark, 'jump')}</defs>",
        f'<rect class="paper" width="{width:g}" height="{height:g}"/>',
        f'<text class="title" x="{MARGIN}" y="36">{escape(campaign.name)}</text>',
        *_told_lines(legend, title_width),
    ]
    for lane in lanes:
        parts += _lane(campaign, lane, height, flows or {})
    return "\n".join([*parts, "</svg>", ""])


def _lanes(campaign: Campaign, box_height: int) -> list[_Lane]:
    made: list[_Lane] = []
    x: float = MARGIN
    for stage in Stage:
        layout = lay_out(campaign.steps, campaign.tracks.get(stage))
        left, right = margins(layout)
        width = MARGIN + left + layout.columns * COLUMN - (COLUMN - BOX_WIDTH) + right + MARGIN
        grid = Grid(x + MARGIN + left, LANE_TOP + FIRST_RANK, box_height)
        made.append(_Lane(stage, layout, grid, x, width))
        x += width + LANE_GAP
    return made


def _bottom(lane: _Lane) -> float:
    """Where the lowest box, or the end of the track beneath it, ends."""
    deep = {
        step_id: lane.grid.y(cell.rank) + (END_HEIGHT if step_id == END else lane.grid.box_height)
        for step_id, cell in lane.layout.cells.items()
    }
    return max(deep.values(), default=lane.grid.top)


def _arrow(mark: str, kind: str) -> str:
    return (
        f'<marker id="{escape(mark)}-{kind}" viewBox="0 0 8 8" refX="0" refY="4" '
        f'markerUnits="userSpaceOnUse" markerWidth="{ARROW}" markerHeight="{ARROW + 2}" orient="auto">'
        f'<path class="head {kind}" d="M0 0L8 4L0 8z"/></marker>'
    )


def _legend(lanes: Sequence[_Lane]) -> list[str]:
    """The kinds of broken lines that there are."""
    back = any(line.back for lane in lanes for line in lane.layout.lines)
    jump = any(lane.layout.jumps for lane in lanes)
    return [kind for kind, there in (("back", back), ("jump", jump)) if there]


def _told_lines(legend: Sequence[str], x: float) -> Iterator[str]:
    for kind in legend:
        yield f'<path class="{kind} line" d="M{x:g} 32H{x + 34:g}"/>'
        yield f'<text class="soft" x="{x + 42:g}" y="36">{LEGEND[kind]}</text>'
        x += LEGEND_WIDTH[kind]


def _lane(campaign: Campaign, lane: _Lane, height: float, flows: Flows) -> Iterator[str]:
    x, deep = lane.x, height - LANE_TOP - MARGIN
    yield f'<rect class="lane" x="{x:g}" y="{LANE_TOP}" width="{lane.width:g}" height="{deep:g}" rx="12"/>'
    yield f'<text class="stage" x="{x + MARGIN:g}" y="{LANE_TOP + 27}">{lane.stage.value}</text>'
    if not lane.layout.cells:
        yield f'<text class="soft" x="{x + MARGIN:g}" y="{LANE_TOP + 52}">no steps of its own</text>'
    found = routes(lane.layout, lane.grid)
    for route in found:
        yield _stroke(route, campaign.name, _count(route, found, flows))
    used: set[Point] = set()
    names = {(line.source, line.target): line.label for line in lane.layout.lines if line.forks}
    for route in found:
        name = names.get((route.source, route.target), "") if route.kind == "way" else ""
        yield from _name(route, name, _count(route, found, flows), used)
    for step_id, cell in lane.layout.cells.items():
        if step_id == END:
            yield from _end(lane.grid.centre(cell), lane.grid.y(cell.rank))
        else:
            yield from _box(campaign.steps[step_id], lane, cell, flows.get(step_id))


def _count(route: Route, found: Sequence[Route], flows: Flows) -> int | None:
    """How many went this way; None where nothing was simulated."""
    if not flows:
        return None
    if route.kind != "jump":
        return flows[route.source].left.get(route.target, 0) if route.source in flows else 0
    if route.target not in flows:
        return 0
    walked = (each for each in found if each.target == route.target and each.kind != "jump")
    return max(0, flows[route.target].entered - sum(_count(each, found, flows) or 0 for each in walked))


def _stroke(route: Route, mark: str, count: int | None) -> str:
    thick = f' style="stroke-width:{min(1.6 + count**0.3 / 2.5, 5):.1f}"' if count else ""
    unused = " unused" if count == 0 else ""
    head = "" if route.target == END else f' marker-end="url(#{escape(mark)}-{route.kind})"'
    start = f'<circle class="head jump" cx="{route.points[0].x:g}" cy="{route.points[0].y:g}" r="3.5"/>'
    line = f'<path class="{route.kind} line{unused}" d="{_rounded(route.points)}"{head}{thick}/>'
    return (start if route.kind == "jump" else "") + line


def _rounded(points: Sequence[Point]) -> str:
    """From corner to corner, with the corners rounded off."""
    path = f"M{points[0].x:g} {points[0].y:g}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(here, before), _towards(here, after)
        path += f"L{enter.x:g} {enter.y:g}Q{here.x:g} {here.y:g} {leave.x:g} {leave.y:g}"
    return path + f"L{points[-1].x:g} {points[-1].y:g}"


def _towards(corner: Point, other: Point) -> Point:
    """Where the rounding of a corner meets the line to the next one."""
    across, down = other.x - corner.x, other.y - corner.y
    far = abs(across) + abs(down)
    part = min(ROUND, far / 2) / far if far else 0
    return Point(corner.x + across * part, corner.y + down * part)


def _name(route: Route, name: str, count: int | None, used: set[Point]) -> Iterator[str]:
    """What a way is called and how many went it, in a place of its own."""
    number = "" if count is None else f"{count:,}"
    if not name and not number:
        return
    place = route.label
    while place in used:
        place = Point(place.x, place.y - 14)
    used.add(place)
    full = f"<title>{escape(name)}</title>" if name else ""
    words = escape(short(name, 27 - len(number)))
    told = f'{" · " if words and number else ""}<tspan class="number">{number}</tspan>' if number else ""
    if route.anchor == "middle":
        wide = 6.7 * (len(words) + len(number)) + 16
        yield (
            f'<rect class="lane" x="{place.x - wide / 2:g}" y="{place.y - 12:g}" '
            f'width="{wide:g}" height="16"/>'
        )
    shown = f'<text class="label" x="{place.x:g}" y="{place.y:g}" text-anchor="{route.anchor}">'
    yield f"{shown}{full}{words}{told}</text>"


def _box(step: Step, lane: _Lane, cell: Cell, flow: StepFlow | None) -> Iterator[str]:
    kind = _KINDS[type(step)]
    x, y, high = lane.grid.x(cell), lane.grid.y(cell.rank), lane.grid.box_height
    ways = [line.target for line in lane.layout.lines if line.source == step.id]
    told = [f"{step.id}: {step_words(step)}", *(_told(flow, ways) if flow else [])]
    yield f'<g class="{kind.tone}" data-step={quoteattr(step.id)}><title>{escape(". ".join(told))}</title>'
    yield f'<rect class="box" x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{high}" rx="8"/>'
    yield f'<rect class="tone" x="{x:g}" y="{y + 9:g}" width="4" height="{high - 18}" rx="2"/>'
    yield f'<text class="kind" x="{x + 14:g}" y="{y + 18:g}">{kind.name.upper()}</text>'
    if isinstance(step, WaitForStep):
        at = f'x="{x + BOX_WIDTH - 10:g}" y="{y + 18:g}" text-anchor="end"'
        yield f'<text class="foot" {at}>up to {length(step.up_to)}</text>'
    yield f'<text class="id" x="{x + 14:g}" y="{y + 35:g}">{escape(short(step.id, 21))}</text>'
    yield f'<text class="soft" x="{x + 14:g}" y="{y + 51:g}">{escape(short(_about(step), 24))}</text>'
    if high == COUNTED_BOX:
        foot = " · ".join(_told(flow, ways)) if flow else "nobody came"
        yield f'<path class="rule" d="M{x + 14:g} {y + 59:g}H{x + BOX_WIDTH - 12:g}"/>'
        yield f'<text class="foot" x="{x + 14:g}" y="{y + 74:g}">{foot}</text>'
    yield "</g>"


def _told(flow: StepFlow, ways: Sequence[str]) -> list[str]:
    """Who came, who stands there, and who left by none of the lines: for another stage, or with sales."""
    left = 0 if END in ways else flow.left.get(END, 0)
    told = [f"{flow.entered:,} came", f"{flow.standing:,} here" if flow.standing else ""]
    return [part for part in [*told, f"{left:,} left" if left else ""] if part]


def _about(step: Step) -> str:
    """What the step does, without the word that stands above it."""
    if isinstance(step, WaitForStep):
        return step.condition.source
    if isinstance(step, ChooseStep | SplitStep):
        return f"one of {len(ways_out(step))} ways"
    return step_words(step).removeprefix(_KINDS[type(step)].verb)


def _end(centre: float, y: float) -> Iterator[str]:
    yield f'<circle class="head way" cx="{centre:g}" cy="{y + 5:g}" r="6"/>'
    yield f'<text class="soft" x="{centre:g}" y="{y + 29:g}" text-anchor="middle">end of the track</text>'


def _description(campaign: Campaign, lanes: Sequence[_Lane]) -> str:
    """The whole picture in words, for those who listen to it."""
    told = []
    for lane in lanes:
        steps = [campaign.steps[step_id] for step_id in lane.layout.cells if step_id != END]
        words = "; ".join(f"{step.id} {step_words(step)}" for step in steps) or "no steps of its own"
        told.append(f"{lane.stage.value.capitalize()}: {words}.")
    return " ".join(told)


def short(text: str, most: int) -> str:
    """A text that fits, with an ellipsis where it was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
