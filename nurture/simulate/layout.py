"""Places the steps of one track on a grid: ranks downwards, columns side by side, no two in one cell.

A layered layout after Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures" (1981): steps are ranked by the longest way to them, and a way over several ranks gets a cell in
each, so that no line runs through a box. Ways that lead back are left out of the ranking; a goal comes below
all that one skips by jumping to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from nurture.core.campaign import GoalStep, GoToStep, Step
from nurture.core.steps import reachable, ways_out

END = ""
"""The id of the cell at which a track ends."""


class Cell(NamedTuple):
    """From 0, downwards and to the right."""

    rank: int
    column: int


@dataclass(slots=True, eq=False)
class Line:
    """A way from one step to another: what it is called, and the cells that it passes on its way."""

    source: str
    target: str
    label: str
    through: tuple[Cell, ...] = ()
    back: bool = False
    forks: bool = False
    """Whether another line leaves the same step."""


@dataclass(slots=True)
class Layout:
    """Where every step of a track is, and the lines between them."""

    cells: dict[str, Cell] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    jumps: dict[str, int] = field(default_factory=dict)
    """Goals to which one jumps → the first rank from which one does."""

    @property
    def ranks(self) -> int:
        return 1 + max((rank for rank, _ in self.taken()), default=0)

    @property
    def columns(self) -> int:
        return 1 + max((column for _, column in self.taken()), default=0)

    def taken(self) -> list[Cell]:
        """The cells in which there is a box or a passing line."""
        return [*self.cells.values(), *(cell for line in self.lines for cell in line.through)]


def lay_out(steps: Mapping[str, Step], first: str | None) -> Layout:
    """The layout of the track that begins with `first`; empty where it has no steps."""
    order = _in_order(steps, first)
    lines = _lines(steps, order)
    if any(line.target == END for line in lines):
        order.append(END)
    forward = [line for line in lines if not line.back]
    ranks = _ranks(order, [*((line.source, line.target) for line in forward), *_skips(steps, order)])
    layout = Layout(lines=lines)
    _place(layout, order, forward, ranks)
    for skipped, goal in _skips(steps, order):
        layout.jumps[goal] = min(ranks[skipped], layout.jumps.get(goal, ranks[skipped]))
    return layout


def _in_order(steps: Mapping[str, Step], first: str | None) -> list[str]:
    """The steps that one can come to, by walking or by jumping to a goal, in the order of the text."""
    there = set(reachable(steps, first))
    goals = [step for step in steps.values() if isinstance(step, GoalStep)]
    while new := [goal.id for goal in goals if goal.id not in there and goal.skips & there]:
        for goal in new:
            there.update(reachable(steps, goal))
    return [step_id for step_id in steps if step_id in there]


def _lines(steps: Mapping[str, Step], order: list[str]) -> list[Line]:
    """One line a pair of steps; two ways between the same two share it, their names joined."""
    found: dict[tuple[str, str], Line] = {}
    for step_id in order:
        step = steps[step_id]
        back = isinstance(step, GoToStep) and bool(step.repeats)
        for way in ways_out(step):
            target = END if way.to is None else way.to
            known = found.get((step_id, target))
            if known is None:
                found[step_id, target] = Line(step_id, target, way.label, back=back)
            elif way.label and way.label != known.label:
                known.label = f"{known.label} / {way.label}"
    ways = Counter(line.source for line in found.values())
    for line in found.values():
        line.forks = ways[line.source] > 1
    return list(found.values())


def _skips(steps: Mapping[str, Step], order: list[str]) -> list[tuple[str, str]]:
    """Each goal behind each step that a jump to it skips."""
    goals = [step for step in map(steps.get, order) if isinstance(step, GoalStep)]
    return [(skipped, goal.id) for goal in goals for skipped in order if skipped in goal.skips]


def _ranks(order: list[str], pairs: list[tuple[str, str]]) -> dict[str, int]:
    """The longest way to each; the end comes below everything."""
    ranks = dict.fromkeys(order, 0)
    # Without ways back there is no circle, so this settles after as many rounds as the longest way.
    for _ in range(len(order) + 1):
        changed = False
        for above, below in pairs:
            if ranks[below] < ranks[above] + 1:
                ranks[below], changed = ranks[above] + 1, True
        if not changed:
            break
    if END in ranks:
        ranks[END] = max([rank for step_id, rank in ranks.items() if step_id != END], default=-1) + 1
    return ranks


def _place(layout: Layout, order: list[str], lines: list[Line], ranks: Mapping[str, int]) -> None:
    """Rank by rank: each cell wants to be below where its line comes from, and moves right if it is taken."""
    hops: dict[int, list[tuple[float, int, str, Line | None]]] = {}
    columns: dict[str, int] = {}
    passing: dict[int, list[Cell]] = {id(line): [] for line in lines}
    for rank in range(max(ranks.values(), default=0) + 1):
        wanted = hops.pop(rank, [])
        for position, step_id in enumerate(order):
            if ranks[step_id] == rank:
                wanted.append((_wish(step_id, lines, columns, passing), position, step_id, None))
        taken = -1
        for wish, _, step_id, line in sorted(wanted, key=lambda each: each[:2]):
            column = max(taken + 1, int(wish))
            taken = column
            if line is not None:
                passing[id(line)].append(Cell(rank, column))
                if rank + 1 < ranks[line.target]:
                    hops.setdefault(rank + 1, []).append((column, len(order), "", line))
                continue
            columns[step_id] = column
            layout.cells[step_id] = Cell(rank, column)
            _send_on(step_id, rank, column, lines, ranks, hops, len(order))
    for line in lines:
        line.through = tuple(passing[id(line)])


def _send_on(
    step_id: str,
    rank: int,
    column: int,
    lines: list[Line],
    ranks: Mapping[str, int],
    hops: dict[int, list[tuple[float, int, str, Line | None]]],
    last: int,
) -> None:
    """Lines that go further than the next rank take a cell there."""
    for number, line in enumerate(each for each in lines if each.source == step_id):
        if ranks[line.target] > rank + 1:
            hops.setdefault(rank + 1, []).append((column + number, last, "", line))


def _wish(
    step_id: str, lines: list[Line], columns: Mapping[str, int], passing: Mapping[int, list[Cell]]
) -> float:
    """The column that a step would like: of its lines, that furthest to the left."""
    wishes = []
    for line in lines:
        if line.target != step_id or line.source not in columns:
            continue
        if passing[id(line)]:
            wishes.append(passing[id(line)][-1][1])
            continue
        siblings = [each for each in lines if each.source == line.source]
        wishes.append(columns[line.source] + siblings.index(line))
    return min(wishes, default=0)
