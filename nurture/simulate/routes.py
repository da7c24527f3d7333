"""Leads the lines of a laid-out track round its boxes: down from rank to rank, back by rails at the side.

A line turns only between two ranks. Lines that would lie on each other there get tracks of their own, so
that the eye can follow each. A loop goes back on the right of the boxes, a jump to a goal comes from the
left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from nurture.simulate.layout import END, Cell, Layout, Line

BOX_WIDTH, COLUMN = 180, 204
GAP, CLOSE = 84, 46
"""Between two ranks; and where all lines there go straight down and nothing has a name."""
FIRST_TURN, LAST_TURN = 24, 44
"""How far beneath a rank lines turn: above it is room for a number, beneath it for a name."""
RAIL = 14
ARROW = 8


class Point(NamedTuple):
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """One line as drawn: its corners, and where its name begins, ends or has its middle (`anchor`)."""

    kind: Literal["way", "back", "jump"]
    source: str
    target: str
    points: tuple[Point, ...]
    label: Point
    anchor: Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells of one track are: the upper left corner of the first, and how high a box is.

    The ranks in `close` have only little room beneath them.
    """

    left: float
    top: float
    box_height: int
    close: frozenset[int] = frozenset()

    def x(self, cell: Cell) -> float:
        return self.left + cell.column * COLUMN

    def y(self, rank: int) -> float:
        near = sum(one < rank for one in self.close)
        return self.top + rank * (self.box_height + GAP) - near * (GAP - CLOSE)

    def centre(self, cell: Cell) -> float:
        return self.x(cell) + BOX_WIDTH / 2

    def middle(self, cell: Cell) -> float:
        return self.y(cell.rank) + self.box_height / 2


class _Turns:
    """The tracks between the ranks. First everybody asks for one, then they are shared out.

    Who comes down in a column turns away above the track from which another comes into that column, so
    that the two do not lie on each other there. Where they cross over in a circle, one steps aside.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._asked: defaultdict[int, dict[object, set[float]]] = defaultdict(dict)
        self._tracks: dict[tuple[int, object], int] = {}
        self._aside: set[tuple[int, object]] = set()

    def ask(self, above: int, who: object, *xs: float) -> None:
        """For a track beneath the rank `above`, from x to x. What one asks for twice is one track."""
        self._asked[above].setdefault(who, set()).update(xs)

    def ranks(self) -> set[int]:
        """Those beneath which anybody turns."""
        return set(self._asked)

    def share_out(self, leaves: Callable[[object], float | None]) -> None:
        """Gives everybody a track; `leaves` tells in which column somebody comes down."""
        for above, asked in self._asked.items():
            taken: list[list[set[float]]] = []
            waiting = sorted(asked, key=lambda who: max(asked[who]) - min(asked[who]))
            least = dict.fromkeys(waiting, 0)
            while waiting:
                before = {
                    who: [one for one in waiting if one != who and leaves(one) in asked[who] - {leaves(who)}]
                    for who in waiting
                }
                who = min(waiting, key=lambda one: len(before[one]))
                self._aside.update((above, one) for one in before[who])
                waiting.remove(who)
                track = least[who]
                while track < len(taken) and any(_overlap(asked[who], other) for other in taken[track]):
                    track += 1
                taken += [[] for _ in range(track + 1 - len(taken))]
                taken[track].append(asked[who])
                self._tracks[above, who] = track
                for one in waiting:
                    if leaves(who) in asked[one] - {leaves(one)}:
                        least[one] = max(least[one], track + 1)

    def y(self, above: int, who: object) -> float:
        number = self._tracks[above, who]
        if above < 0:
            return self._grid.top - 12 - 5 * number
        most = max(track for (rank, _), track in self._tracks.items() if rank == above)
        apart = min(8, (LAST_TURN - FIRST_TURN) / max(most, 1))
        return self._grid.y(above) + self._grid.box_height + FIRST_TURN + apart * number

    def aside(self, above: int, who: object) -> float:
        """How far beside the middle of the column somebody comes down."""
        return -10 if (above, who) in self._aside else 0


def _overlap(one: set[float], other: set[float]) -> bool:
    return min(one) <= max(other) and min(other) <= max(one)


def routes(layout: Layout, grid: Grid) -> list[Route]:
    """A route for each line and each jump of the layout, in their order."""
    plan = _Plan(layout, grid)
    plan.turns.share_out(lambda who: grid.centre(who) if isinstance(who, Cell) else None)
    return [
        *(_way(layout, grid, plan.turns, line) for line in plan.forward),
        *plan.loops.routes(),
        *plan.goals.routes(),
    ]


def close_ranks(layout: Layout) -> frozenset[int]:
    """The ranks beneath which no line turns and no way has a name: the next one may be near."""
    plan = _Plan(layout, Grid(0, 0, 0))
    named = {_hops(layout, line)[1].rank - 1 for line in plan.forward if line.forks}
    return frozenset(range(layout.ranks)) - plan.turns.ranks() - named


class _Plan:
    """What lines there are, and where they want to turn."""

    def __init__(self, layout: Layout, grid: Grid) -> None:
        self.turns = _Turns(grid)
        self.forward = [line for line in layout.lines if not line.back]
        back = sorted((line for line in layout.lines if line.back), key=lambda line: _span(layout, line))
        jumps = sorted(layout.jumps, key=lambda goal: layout.cells[goal].rank - layout.jumps[goal])
        self.loops = _Loops(layout, grid, self.turns, back)
        self.goals = _Goals(layout, grid, self.turns, jumps)
        for line in self.forward:
            for here, there in pairwise(_hops(layout, line)):
                if here.column != there.column:
                    self.turns.ask(here.rank, here, grid.centre(here), grid.centre(there))
        self.loops.ask()
        self.goals.ask()


def _span(layout: Layout, line: Line) -> int:
    return layout.cells[line.source].rank - layout.cells[line.target].rank


def _hops(layout: Layout, line: Line) -> list[Cell]:
    return [layout.cells[line.source], *line.through, layout.cells[line.target]]


def _way(layout: Layout, grid: Grid, turns: _Turns, line: Line) -> Route:
    hops = _hops(layout, line)
    points = [Point(grid.centre(hops[0]), grid.y(hops[0].rank) + grid.box_height)]
    for here, there in pairwise(hops):
        if here.column != there.column:
            y, x = turns.y(here.rank, here), grid.centre(here) + turns.aside(here.rank, here)
            down = Point(x, grid.y(here.rank) + grid.box_height)
            points = [*(points if here != hops[0] else []), down, Point(x, y), Point(grid.centre(there), y)]
    last = hops[-1]
    points.append(Point(grid.centre(last), grid.y(last.rank) - (0 if line.target == END else ARROW)))
    beneath = Point(points[0].x + 8, points[0].y + 16)
    if not line.forks:
        return Route("way", line.source, line.target, tuple(points), beneath, "start")
    above = Point(grid.centre(hops[1]), grid.y(hops[1].rank) - 22)
    return Route("way", line.source, line.target, tuple(points), above, "middle")


class _Loops:
    """The ways back: out of the box on the right, up a rail, and into the other box from the right."""

    def __init__(self, layout: Layout, grid: Grid, turns: _Turns, lines: Sequence[Line]) -> None:
        self._layout, self._grid, self._turns, self._lines = layout, grid, turns, lines
        self._outside = {line.source: self._beside(line) for line in lines}

    def ask(self) -> None:
        for line, rail in self.rails().items():
            source, target = self._ends(line)
            if not _is_last(self._layout, source):
                self._turns.ask(source.rank, (line.source, "out"), self._out(source), rail)
            if not _is_last(self._layout, target):
                self._turns.ask(target.rank - 1, (line.source, "in"), self._out(target) + 7, rail)

    def routes(self) -> list[Route]:
        came: Counter[str] = Counter()
        made = []
        for line, rail in self.rails().items():
            source, target = self._ends(line)
            leave = self._grid.middle(source)
            enter = self._grid.middle(target) + (0, 10, -10)[came[line.target] % 3]
            came[line.target] += 1
            edge = self._grid.x(source) + BOX_WIDTH
            label = Point(edge + 8, leave - 6)
            points = [Point(edge, leave)]
            if not _is_last(self._layout, source):
                x, y = self._out(source), self._turns.y(source.rank, (line.source, "out"))
                points += [Point(x, leave), Point(x, y)]
                leave, label = y, Point(x + 6, y - 5)
            points.append(Point(rail, leave))
            if not _is_last(self._layout, target):
                x, y = self._out(target) + 7, self._turns.y(target.rank - 1, (line.source, "in"))
                points += [Point(rail, y), Point(x, y), Point(x, enter)]
            else:
                points.append(Point(rail, enter))
            points.append(Point(self._grid.x(target) + BOX_WIDTH + ARROW, enter))
            made.append(Route("back", line.source, line.target, tuple(points), label, "start"))
        return made

    def _ends(self, line: Line) -> tuple[Cell, Cell]:
        return self._layout.cells[line.source], self._layout.cells[line.target]

    def _out(self, cell: Cell) -> float:
        return self._grid.x(cell) + BOX_WIDTH + 9

    def rails(self) -> dict[Line, float]:
        """Where each goes up: a rail of its own, the shortest way nearest to the boxes."""
        return {line: self._outside[line.source] + RAIL * number for number, line in enumerate(self._lines)}

    def _beside(self, line: Line) -> float:
        """On the right of all that is between the two ends, and of what is just above and beneath."""
        source, target = self._ends(line)
        ranks = range(target.rank - 1, source.rank + 2)
        columns = 1 + max(column for rank, column in self._layout.taken() if rank in ranks)
        return self._grid.left + columns * COLUMN + 36


class _Goals:
    """The jumps: down a rail on the left, from the first step that one skips, and into the goal."""

    def __init__(self, layout: Layout, grid: Grid, turns: _Turns, goals: Sequence[str]) -> None:
        self._layout, self._grid, self._turns, self._goals = layout, grid, turns, goals

    def ask(self) -> None:
        for number, goal in enumerate(self._goals):
            cell = self._layout.cells[goal]
            if not _is_first(self._layout, cell):
                self._turns.ask(cell.rank - 1, (goal, "jump"), self._rail(number), self._grid.x(cell) - 12)

    def routes(self) -> list[Route]:
        made = []
        for number, goal in enumerate(self._goals):
            cell = self._layout.cells[goal]
            rail, enter, edge = self._rail(number), self._grid.middle(cell), self._grid.x(cell)
            points = [Point(rail, self._grid.middle(Cell(self._layout.jumps[goal], 0)))]
            label = Point(edge - 12, enter - 7)
            if not _is_first(self._layout, cell):
                y = self._turns.y(cell.rank - 1, (goal, "jump"))
                points += [Point(rail, y), Point(edge - 12, y), Point(edge - 12, enter)]
                label = Point(edge - 18, y - 5)
            else:
                points.append(Point(rail, enter))
            points.append(Point(edge - ARROW, enter))
            made.append(Route("jump", "", goal, tuple(points), label, "end"))
        return made

    def _rail(self, number: int) -> float:
        return self._grid.left - 42 - RAIL * number


def _is_last(layout: Layout, cell: Cell) -> bool:
    """Whether nothing is on its right, so that a line can leave straight."""
    return not any(rank == cell.rank and column > cell.column for rank, column in layout.taken())


def _is_first(layout: Layout, cell: Cell) -> bool:
    return not any(rank == cell.rank and column < cell.column for rank, column in layout.taken())


def margins(layout: Layout) -> tuple[float, float]:
    """How much room the rails need on the left and on the right of the boxes."""
    rails = _Plan(layout, Grid(0, 0, 0)).loops.rails().values()
    boxes = layout.columns * COLUMN - (COLUMN - BOX_WIDTH)
    left = 30 + RAIL * len(layout.jumps) if layout.jumps else 0
    return left, max((rail + RAIL - boxes for rail in rails if rail > boxes), default=0)
