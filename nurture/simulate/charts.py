"""Charts as SVG: bars by day or by week, stacked areas, lines. Plain shapes; colours come from the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from xml.sax.saxutils import escape, quoteattr

from nurture.simulate.result import DayCount

WIDTH, HEIGHT = 480, 236
"""Not wider than this, so that the words are large enough on a telephone as well."""
LEFT, RIGHT, TOP, BOTTOM = 54, 24, 16, 34
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
DATES, LINES = 5, 5
"""At most so many dates along the bottom, and spaces between the lines."""
FAR = 3
"""A limit so many times as high as the highest bar would only press the bars flat: it is told, not drawn."""


def bars(title: str, counts: Sequence[DayCount], *, each: str = "day", limit: int = 0, most: int = 0) -> str:
    """One bar `each` day or week; a `limit` that is near is drawn as a line.

    `most` is what the axis must reach as well, so that several charts have the same.
    """
    near = limit if _is_near(counts, limit) else 0
    lines = axis(max([count.count for count in counts] + [near, most]))
    days = [count.day for count in counts]
    parts = [*_grid(lines), *_dates(days), *_bars(counts, each, limit, lines[-1]), *_limit(near, lines[-1])]
    highest = max(counts, key=lambda one: one.count, default=None)
    told = f"{title}: {sum(count.count for count in counts):,} in all"
    if highest is not None and highest.count:
        told += f", at most {highest.count:,} ({_when(highest.day, each)})"
    return _chart(told, parts)


def limit_shown(counts: Sequence[DayCount], limit: int) -> str:
    """What the line of the limit means, or that it is too far away to be drawn; empty without a limit."""
    if not limit:
        return ""
    over = sum(count.count > limit for count in counts)
    told = f"the mail server takes {limit:,} a day"
    if not _is_near(counts, limit):
        return f"{told}: far above what the chart shows"
    return f"{told}; on {over} day{'' if over == 1 else 's'} that is too little" if over else told


def _is_near(counts: Sequence[DayCount], limit: int) -> bool:
    return 0 < limit <= FAR * max((count.count for count in counts), default=0)


def areas(title: str, days: Sequence[date], series: Mapping[str, Sequence[int]]) -> str:
    """Stacked areas: for each name one number a day. Each has the name's class, `at-NAME`."""
    totals = [sum(values[number] for values in series.values()) for number in range(len(days))]
    lines = axis(max(totals, default=0))
    parts = [*_grid(lines), *_dates(days)]
    below = [0] * len(days)
    for name, values in series.items():
        above = [low + value for low, value in zip(below, values, strict=True)]
        outline = [*_edge(above, lines[-1]), *reversed(_edge(below, lines[-1]))]
        told = f"{name}: {values[-1]:,} at the end" if values else name
        shape = f'class={quoteattr(f"area at-{name}")} points="{" ".join(outline)}"'
        parts.append(f"<polygon {shape}><title>{escape(told)}</title></polygon>")
        below = above
    ends = ", ".join(f"{name} {values[-1]:,}" for name, values in series.items() if values)
    return _chart(f"{title}: {ends}", parts)


def lines(title: str, days: Sequence[date], series: Mapping[str, Sequence[int]]) -> str:
    """One line for each name, with a number a day or week. Each has the name's class, `at-NAME`."""
    steps = axis(max((value for values in series.values() for value in values), default=0))
    parts = [*_grid(steps), *_dates(days)]
    for name, values in series.items():
        points = " ".join(
            f"{_x(number, len(values)):.1f},{_y(value, steps[-1]):.1f}" for number, value in enumerate(values)
        )
        shape = f'class={quoteattr(f"curve at-{name}")} points="{points}"'
        parts.append(f"<polyline {shape}><title>{escape(name)}</title></polyline>")
    told = ", ".join(f"{name} at most {max(values):,}" for name, values in series.items() if values)
    return _chart(f"{title}: {told}", parts)


def axis(most: int) -> list[int]:
    """The lines of an axis: from 0 in even steps of 1, 2 or 5 times a power of ten, to what it must show."""
    step, scale = 1, 1
    while step * LINES < most:
        step = next((factor * scale for factor in (1, 2, 5) if factor * scale > step), 10 * scale)
        scale = scale * 10 if step == 10 * scale else scale
    return [number * step for number in range(max(1, -(-most // step)) + 1)]


def _chart(told: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label={quoteattr(told)}>'
        f"{''.join(parts)}</svg>"
    )


def _grid(lines: Sequence[int]) -> Iterator[str]:
    for value in lines:
        y = _y(value, lines[-1])
        kind = "grid" if value else "grid zero"
        yield f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        told = _in_short(value, lines[-1])
        yield f'<text class="tick" x="{LEFT - 8}" y="{y + 4.5:.1f}" text-anchor="end">{told}</text>'


def _in_short(value: int, top: int) -> str:
    """Large numbers in thousands or millions, as there is little room on a telephone: 20k, 5M."""
    for least, unit, letter in ((10_000_000, 1_000_000, "M"), (10_000, 1_000, "k")):
        if top >= least and value:
            return f"{value // unit}{letter}"
    return f"{value:,}"


def _bars(counts: Sequence[DayCount], each: str, limit: int, top: int) -> Iterator[str]:
    slot = PLOT_WIDTH / max(len(counts), 1)
    wide = min(max(slot * 0.76, 0.8), 40)
    for number, count in enumerate(counts):
        x, y = _x(number, len(counts)) - wide / 2, _y(count.count, top)
        kind = "bar over" if 0 < limit < count.count else "bar"
        told = f"{_when(count.day, each)}: {count.count:,}"
        yield (
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
            f'height="{TOP + PLOT_HEIGHT - y:.1f}"><title>{told}</title></rect>'
        )


def _when(day: date, each: str) -> str:
    return f"week of {day:%-d %b %Y}" if each == "week" else f"{day:%a %-d %b %Y}"


def _dates(days: Sequence[date]) -> Iterator[str]:
    """Some dates along the bottom, each under the middle of what happened then."""
    every = max(1, -(-len(days) // DATES))
    if every > 7 and days[1] - days[0] == timedelta(days=1):
        every = -(-every // 7) * 7
    form = "%-d %b" if not days or days[-1] - days[0] < timedelta(days=300) else "%b %Y"
    foot = TOP + PLOT_HEIGHT
    for number in range(0, len(days), every):
        x = _x(number, len(days))
        place = f'x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle"'
        yield f'<line class="grid zero" x1="{x:.1f}" x2="{x:.1f}" y1="{foot}" y2="{foot + 5}"/>'
        yield f'<text class="tick" {place}>{days[number]:{form}}</text>'


def _limit(limit: int, top: int) -> Iterator[str]:
    if limit:
        y = _y(limit, top)
        yield f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _edge(values: Sequence[int], top: int) -> list[str]:
    """The edge of an area: level at both ends, so that it fills the days to their borders."""
    if not values:
        return []
    inner = [(_x(number, len(values)), value) for number, value in enumerate(values)]
    points = [(LEFT, values[0]), *inner, (WIDTH - RIGHT, values[-1])]
    return [f"{x:.1f},{_y(value, top):.1f}" for x, value in points]


def _x(number: int, of: int) -> float:
    """The middle of a day or week, in bars and areas alike."""
    return LEFT + PLOT_WIDTH * (number + 0.5) / of


def _y(value: float, top: int) -> float:
    return TOP + PLOT_HEIGHT * (1 - value / top)
