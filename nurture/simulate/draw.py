"""Draws a campaign as SVG: a lane for each stage, its steps as boxes; after a simulation, who went where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from nurture.core.campaign import Campaign
from nurture.core.model import Stage
from nurture.core.steps import step_words
from nurture.simulate.boxes import COUNTED_BOX, END_HEIGHT, NOBODY, PLAIN_BOX, box, came_otherwise, end
from nurture.simulate.layout import END, Layout, lay_out
from nurture.simulate.lettering import width as wide
from nurture.simulate.palette import DRAWING as STYLE
from nurture.simulate.routes import (
    ARROW,
    BOX_WIDTH,
    COLUMN,
    Grid,
    Point,
    Route,
    close_ranks,
    margins,
    routes,
)
from nurture.simulate.strokes import Flows, count, name, otherwise, stroke

MARGIN, LANE_TOP, FIRST_RANK = 20, 58, 58
LANE_GAP = 16

LEGEND = {
    "back": "back, once more",
    "jump": "who meets the goal jumps to it",
    "come": "came from another stage",
}
"""The kinds of lines that are not told by their place, and what they are."""

SAMPLE = 34
"""How long the piece of line in front of such words is."""


@dataclass(frozen=True, slots=True)
class StagePicture:
    """The track of one stage as an SVG of its own, without a ground, and how wide it is."""

    stage: str
    svg: str
    width: int


@dataclass(frozen=True, slots=True)
class _Lane:
    stage: Stage
    layout: Layout
    grid: Grid
    routes: list[Route]
    x: float
    width: float


def draw(campaign: Campaign, flows: Flows | None = None) -> str:
    """The picture, as an SVG document; with the numbers of a simulation where `flows` are given."""
    mark = campaign.name
    lanes = _lanes(campaign, flows)
    height = max(_bottom(lane) for lane in lanes) + 2 * MARGIN
    told = legend(campaign, flows)
    title = MARGIN + wide(campaign.name, 19, bold=True) + 32
    needed = title + sum(_legend_width(kind) for kind in told)
    width = max(lanes[-1].x + lanes[-1].width + MARGIN, needed)
    parts = [
        _opening(mark, f"0 0 {width:g} {height:g}", width, height),
        *_named(mark, f"The campaign {campaign.name}", " ".join(_told(campaign, lane) for lane in lanes)),
        f"<style>{STYLE}</style>",
        _arrows(mark),
        f'<rect class="paper" width="{width:g}" height="{height:g}"/>',
        f'<text class="title" x="{MARGIN}" y="36">{escape(campaign.name)}</text>',
        *_legend_line(told, title),
    ]
    for lane in lanes:
        deep = height - LANE_TOP - MARGIN
        parts.append(
            f'<rect class="lane" x="{lane.x:g}" y="{LANE_TOP}" width="{lane.width:g}" '
            f'height="{deep:g}" rx="12"/>'
        )
        parts += _contents(campaign, lane, mark, flows)
    return "\n".join([*parts, "</svg>", ""])


def draw_stages(campaign: Campaign, flows: Flows | None = None) -> list[StagePicture]:
    """The same, one picture a stage, for a page that puts them beside or beneath each other.

    The page gives them their ground, and the style of `palette.DRAWING`.
    """
    made = []
    for lane in _lanes(campaign, flows):
        mark = f"{campaign.name}-{lane.stage.value}"
        height = _bottom(lane) + MARGIN - LANE_TOP
        box_ = f"{lane.x:g} {LANE_TOP} {lane.width:g} {height:g}"
        parts = [
            _opening(mark, box_, lane.width, height),
            *_named(mark, f"{campaign.name}, {lane.stage.value}", _told(campaign, lane)),
            _arrows(mark),
            *_contents(campaign, lane, mark, flows),
        ]
        made.append(StagePicture(lane.stage.value, "\n".join([*parts, "</svg>"]), round(lane.width)))
    return made


def legend(campaign: Campaign, flows: Flows | None = None) -> list[str]:
    """The kinds of lines in the picture that need a word, of those in `LEGEND`."""
    lanes = _lanes(campaign, flows)
    there = {
        "back": any(line.back for lane in lanes for line in lane.layout.lines),
        "jump": any(lane.layout.jumps for lane in lanes),
        "come": any(
            otherwise(step_id, lane.routes, flows or {}) for lane in lanes for step_id in lane.layout.cells
        ),
    }
    return [kind for kind in LEGEND if there[kind]]


def legend_sample(kind: str, x: float = 0, y: float = 6) -> str:
    """A piece of such a line."""
    if kind == "come":
        return f'<path class="come line" d="M{x + 12:g} {y - 4:g}h8v8m-3.5 -3.5l3.5 3.5l3.5 -3.5"/>'
    return f'<path class="{kind} line" d="M{x:g} {y:g}H{x + SAMPLE:g}"/>'


# --- the parts --------------------------------------------------------------------------------------


def _lanes(campaign: Campaign, flows: Flows | None) -> list[_Lane]:
    made: list[_Lane] = []
    x: float = MARGIN
    for stage in Stage:
        layout = lay_out(campaign.steps, campaign.tracks.get(stage))
        left, right = margins(layout)
        width = MARGIN + left + layout.columns * COLUMN - (COLUMN - BOX_WIDTH) + right + MARGIN
        high = PLAIN_BOX if flows is None else COUNTED_BOX
        grid = Grid(x + MARGIN + left, LANE_TOP + FIRST_RANK, high, close_ranks(layout))
        made.append(_Lane(stage, layout, grid, routes(layout, grid), x, width))
        x += width + LANE_GAP
    return made


def _bottom(lane: _Lane) -> float:
    """Where the lowest box, or the end of the track beneath it, ends."""
    deep = {
        step_id: lane.grid.y(cell.rank) + (END_HEIGHT if step_id == END else lane.grid.box_height)
        for step_id, cell in lane.layout.cells.items()
    }
    return max(deep.values(), default=lane.grid.top)


def _opening(mark: str, box_: str, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="campaign" viewBox="{box_}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        f"aria-labelledby={quoteattr(f'{mark}-title {mark}-about')}>"
    )


def _named(mark: str, title: str, about: str) -> Iterator[str]:
    yield f"<title id={quoteattr(f'{mark}-title')}>{escape(title)}</title>"
    yield f"<desc id={quoteattr(f'{mark}-about')}>{escape(about)}</desc>"


def _arrows(mark: str) -> str:
    return f"<defs>{_arrow(mark, 'way')}{_arrow(mark, 'back')}{_arrow(mark, 'jump')}</defs>"


def _arrow(mark: str, kind: str) -> str:
    return (
        f'<marker id="{escape(mark)}-{kind}" viewBox="0 0 8 8" refX="0" refY="4" '
        f'markerUnits="userSpaceOnUse" markerWidth="{ARROW}" markerHeight="{ARROW + 2}" orient="auto">'
        f'<path class="head {kind}" d="M0 0L8 4L0 8z"/></marker>'
    )


def _legend_width(kind: str) -> float:
    return SAMPLE + 8 + wide(LEGEND[kind], 12) + 20


def _legend_line(kinds: Sequence[str], x: float) -> Iterator[str]:
    for kind in kinds:
        yield legend_sample(kind, x, 32)
        yield f'<text class="soft" x="{x + SAMPLE + 8:g}" y="36">{LEGEND[kind]}</text>'
        x += _legend_width(kind)


def _contents(campaign: Campaign, lane: _Lane, mark: str, flows: Flows | None) -> Iterator[str]:
    yield f'<text class="stage" x="{lane.x + MARGIN:g}" y="{LANE_TOP + 27}">{lane.stage.value}</text>'
    if not lane.layout.cells:
        yield f'<text class="soft" x="{lane.x + MARGIN:g}" y="{LANE_TOP + 52}">no steps of its own</text>'
    counts = [None if flows is None else count(route, lane.routes, flows) for route in lane.routes]
    for route, people in zip(lane.routes, counts, strict=True):
        yield stroke(route, mark, people)
    used: set[Point] = set()
    names = {(line.source, line.target): line.label for line in lane.layout.lines if line.forks}
    for route, people in zip(lane.routes, counts, strict=True):
        words = names.get((route.source, route.target), "") if route.kind == "way" else ""
        yield from name(route, words, people, used)
    for step_id, cell in lane.layout.cells.items():
        at = Point(lane.grid.x(cell), lane.grid.y(cell.rank))
        if step_id == END:
            yield from end(lane.grid.centre(cell), at.y)
            continue
        yield from box(campaign.steps[step_id], at, None if flows is None else flows.get(step_id, NOBODY))
        if people := otherwise(step_id, lane.routes, flows or {}):
            yield came_otherwise(at, people)


def _told(campaign: Campaign, lane: _Lane) -> str:
    """One stage in words, for those who listen to the picture."""
    steps = [campaign.steps[step_id] for step_id in lane.layout.cells if step_id != END]
    words = "; ".join(f"{step.id} {step_words(step)}" for step in steps) or "no steps of its own"
    return f"{lane.stage.value.capitalize()}: {words}."
