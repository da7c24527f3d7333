"""The lines of a drawing: from corner to corner, with their names, and how many went along them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from nurture.simulate.layout import END
from nurture.simulate.lettering import short, width
from nurture.simulate.result import StepFlow
from nurture.simulate.routes import COLUMN, Point, Route

ROUND = 8
LABEL_SIZE = 11.5
BESIDE = 14
"""So much room a name leaves to that of the next column."""

Flows = Mapping[str, StepFlow]


def count(route: Route, found: Sequence[Route], flows: Flows) -> int:
    """How many went this way: one line has all who went from here to there, a jump all who did not walk."""
    if route.kind != "jump":
        return flows[route.source].left.get(route.target, 0) if route.source in flows else 0
    walked = (each for each in found if each.target == route.target and each.kind != "jump")
    came = sum(flow.left.get(route.target, 0) for flow in flows.values())
    return came - sum(count(each, found, flows) for each in walked)


def otherwise(step_id: str, found: Sequence[Route], flows: Flows) -> int:
    """How many came to a step by none of the lines that lead to it."""
    lines = [each for each in found if each.target == step_id]
    if not lines or step_id not in flows:
        return 0
    return flows[step_id].entered - sum(count(each, found, flows) for each in lines)


def stroke(route: Route, mark: str, people: int | None) -> str:
    """The line itself, the thicker the more went along it; None where nothing was simulated."""
    thick = f' style="stroke-width:{min(1.6 + people**0.3 / 2.5, 5):.1f}"' if people else ""
    unused = " unused" if people == 0 else ""
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


def name(route: Route, words: str, people: int | None, used: set[Point]) -> Iterator[str]:
    """What a way is called and how many went it, in a place of its own."""
    number = "" if people is None else f"{people:,}"
    if not words and not number:
        return
    place = route.label
    while place in used:
        place = Point(place.x, place.y - 14)
    used.add(place)
    between = " · " if words and number else ""
    taken = width(between, LABEL_SIZE) + width(number, LABEL_SIZE, bold=True)
    shown = short(words, COLUMN - BESIDE - taken, LABEL_SIZE)
    full = f"<title>{escape(words)}</title>" if words else ""
    told = f'{between}<tspan class="number">{number}</tspan>' if number else ""
    if route.anchor == "middle":
        wide = width(shown, LABEL_SIZE) + taken + 4
        yield (
            f'<rect class="lane" x="{place.x - wide / 2:g}" y="{place.y - 12:g}" '
            f'width="{wide:g}" height="16"/>'
        )
    at = f'x="{place.x:g}" y="{place.y:g}" text-anchor="{route.anchor}"'
    yield f'<text class="label" {at}>{full}{escape(shown)}{told}</text>'
