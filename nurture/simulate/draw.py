"""Draws a campaign as SVG: a lane for each stage, its steps as boxes; after a simulation, who went where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
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
from nurture.core.steps import reachable, step_words
from nurture.simulate.layout import END, Cell, Layout, Line, lay_out
from nurture.simulate.result import StepFlow

BOX_WIDTH, BOX_HEIGHT = 184, 56
COLUMN, RANK = 208, 118
MARGIN, HEAD = 28, 74
LANE_GAP = 36

_KINDS: Mapping[type, tuple[str, str]] = {
    SendStep: ("send", "mail"),
    WaitStep: ("wait", "time"),
    WaitUntilStep: ("wait until", "time"),
    WaitForStep: ("wait for", "time"),
    ChooseStep: ("choose", "fork"),
    SplitStep: ("split", "fork"),
    DoStep: ("do", "act"),
    GoalStep: ("goal", "goal"),
    ExitStep: ("exit", "stop"),
    GoToStep: ("go to", "fork"),
    HandOverStep: ("hand over", "goal"),
}
"""What each kind of step is called, and the class that colours it."""

STYLE = """
.campaign{--paper:#fff;--ink:#1f2933;--soft:#5b6770;--line:#8b97a1;--box:#fff;--lane:#f4f6f8;
--mail:#0b6fb8;--time:#8a6100;--fork:#6b4fa3;--act:#00706a;--goal:#1b7a3d;--stop:#b3392c;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){.campaign{--paper:#14181d;--ink:#e8ecf0;--soft:#a9b4be;--line:#76828d;
--box:#1f262e;--lane:#191f26;--mail:#6cb8f0;--time:#e0b04a;--fork:#b9a1ec;--act:#56c8bf;--goal:#6fce8d;
--stop:#f08a7e}}
.campaign .paper{fill:var(--paper)}.campaign .lane{fill:var(--lane)}
.campaign text{fill:var(--ink);font-size:13px}.campaign .title{font-size:17px;font-weight:650}
.campaign .stage{font-size:14px;font-weight:650;text-transform:capitalize}
.campaign .kind{font-size:11px;font-weight:650;letter-spacing:.04em}
.campaign .soft{fill:var(--soft);font-size:12px}
.campaign .way{fill:none;stroke:var(--line);stroke-width:1.6}.campaign .back{stroke-dasharray:5 4}
.campaign .head{fill:var(--line)}.campaign .label{fill:var(--soft);font-size:11.5px;paint-order:stroke;
stroke:var(--lane);stroke-width:4px;stroke-linejoin:round}
.campaign .box{fill:var(--box);stroke:var(--line);stroke-width:1.2}
.campaign .mail{--tone:var(--mail)}.campaign .time{--tone:var(--time)}.campaign .fork{--tone:var(--fork)}
.campaign .act{--tone:var(--act)}.campaign .goal{--tone:var(--goal)}.campaign .stop{--tone:var(--stop)}
.campaign .tone{fill:var(--tone)}.campaign .kind{fill:var(--tone)}
"""

Flows = Mapping[str, StepFlow]


def draw(campaign: Campaign, flows: Flows | None = None) -> str:
    """The picture, as an SVG document; with the numbers of a simulation where `flows` are given."""
    mark = campaign.name
    layouts = {stage: lay_out(campaign.steps, campaign.tracks.get(stage)) for stage in Stage}
    lanes, x = {}, MARGIN
    for stage, layout in layouts.items():
        width = (
            layout.columns * COLUMN + 2 * MARGIN + (MARGIN if any(line.back for line in layout.lines) else 0)
        )
        lanes[stage] = (x, width)
        x += width + LANE_GAP
    height = HEAD + max(layout.ranks for layout in layouts.values()) * RANK + MARGIN
    width = x - LANE_GAP + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="campaign" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-labelledby="{mark}-title {mark}-about">',
        f'<title id="{mark}-title">{escape(f"The campaign {campaign.name}")}</title>',
        f'<desc id="{mark}-about">{escape(_description(campaign))}</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse" '
        'markerWidth="11" markerHeight="11" '
        'orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
        f'<rect class="paper" width="{width}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="30">{escape(campaign.name)}</text>',
    ]
    for stage, layout in layouts.items():
        parts += _lane(campaign, stage, layout, lanes[stage], height, flows or {})
    return "\n".join([*parts, "</svg>", ""])


def _lane(
    campaign: Campaign, stage: Stage, layout: Layout, place: tuple[int, int], height: int, flows: Flows
) -> Iterator[str]:
    x, width = place
    yield f'<rect class="lane" x="{x}" y="44" width="{width}" height="{height - 44 - MARGIN / 2:g}" rx="10"/>'
    yield f'<text class="stage" x="{x + 14}" y="66">{stage.value}</text>'
    used: set[tuple[float, float]] = set()
    for line in layout.lines:
        yield from _way(layout, line, x, width, flows, used)
    for step_id, cell in layout.cells.items():
        if step_id == END:
            yield from _end(*_corner(x, cell))
        else:
            yield from _box(campaign.steps[step_id], *_corner(x, cell), flows.get(step_id))


def _corner(x: int, cell: Cell) -> tuple[int, int]:
    """The upper left corner of the box in a cell."""
    rank, column = cell
    return x + MARGIN + column * COLUMN, HEAD + 12 + rank * RANK


def _box(step: Step, x: int, y: int, flow: StepFlow | None) -> Iterator[str]:
    name, tone = _KINDS[type(step)]
    words = step_words(step)
    yield f'<g class="{tone}" data-step={quoteattr(step.id)}><title>{escape(f"{step.id}: {words}")}</title>'
    yield f'<rect class="box" x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="7"/>'
    yield f'<rect class="tone" x="{x}" y="{y + 7}" width="4" height="{BOX_HEIGHT - 14}" rx="2"/>'
    yield f'<text class="kind" x="{x + 14}" y="{y + 18}">{name.upper()}</text>'
    room = 23
    if flow is not None:
        right = f'x="{x + BOX_WIDTH - 10}" text-anchor="end"'
        yield f'<text class="soft" {right} y="{y + 18}">{flow.entered:,} came</text>'
        if flow.standing:
            here = f"{flow.standing:,} here"
            room = 21 - len(here)
            yield f'<text class="soft" {right} y="{y + 35}">{here}</text>'
    yield f'<text x="{x + 14}" y="{y + 35}">{escape(short(step.id, room))}</text>'
    yield f'<text class="soft" x="{x + 14}" y="{y + 49}">{escape(short(words, 25))}</text></g>'


def _end(x: int, y: int) -> Iterator[str]:
    centre = x + BOX_WIDTH / 2
    yield f'<circle class="head" cx="{centre:g}" cy="{y + 8}" r="6"/>'
    yield f'<text class="soft" x="{centre:g}" y="{y + 30}" text-anchor="middle">end of the track</text>'


def _way(
    layout: Layout, line: Line, x: int, width: int, flows: Flows, used: set[tuple[float, float]]
) -> Iterator[str]:
    start_x, start_y = _corner(x, layout.cells[line.source])
    end_x, end_y = _corner(x, layout.cells[line.target])
    half = BOX_WIDTH / 2
    count = flows[line.source].left.get(line.target, 0) if line.source in flows else None
    thick = "" if not count else f' style="stroke-width:{min(1.6 + count**0.3 / 2, 7):.1f}"'
    if line.back:
        right = x + width - MARGIN / 2
        low, high = start_y + BOX_HEIGHT + 14, end_y - 16
        path = (
            f"M{start_x + half:g} {start_y + BOX_HEIGHT}V{low}H{right:g}V{high}H{end_x + half:g}V{end_y - 1}"
        )
        yield f'<path class="way back" d="{path}" marker-end="url(#arrow)"{thick}/>'
        return
    points = [(start_x + half, start_y + BOX_HEIGHT)]
    for cell in line.through:
        corner_x, corner_y = _corner(x, cell)
        points += [(corner_x + half, corner_y), (corner_x + half, corner_y + BOX_HEIGHT)]
    top = end_y + 1 if line.target == END else end_y - 1
    points.append((end_x + half, top))
    yield f'<path class="way" d="{_curve(points)}" marker-end="url(#arrow)"{thick}/>'
    label = " ".join(part for part in (short(line.label, 26), f"{count:,}" if count else "") if part)
    if label:
        label_x, label_y = points[1][0], points[1][1] - 14
        while (label_x, label_y) in used:
            label_y -= 14
        used.add((label_x, label_y))
        full = f"<title>{escape(line.label)}</title>" if line.label else ""
        place = f'x="{label_x:g}" y="{label_y:g}" text-anchor="middle"'
        yield f'<text class="label" {place}>{full}{escape(label)}</text>'


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Down from point to point: straight where the column stays, a soft S where it changes."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for (before_x, before_y), (x, y) in pairwise(points):
        middle = (before_y + y) / 2
        path += f"V{y:g}" if x == before_x else f"C{before_x:g} {middle:g} {x:g} {middle:g} {x:g} {y:g}"
    return path


def _description(campaign: Campaign) -> str:
    counted = ", ".join(
        f"{stage.value}: {len(set(reachable(campaign.steps, campaign.tracks.get(stage))))} steps"
        for stage in Stage
        if campaign.tracks.get(stage) is not None
    )
    return f"The steps of the campaign in the tracks of its stages. {counted}"


def short(text: str, most: int) -> str:
    """A text that fits, with an ellipsis where it was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
