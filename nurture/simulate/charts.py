"""Charts as SVG: bars by day, stacked areas, and bars by week. Plain shapes; colours come from the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

from nurture.simulate.result import DayCount

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 16, 34
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

SERIES = ("s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8")
"""The classes that colour the series, in order."""


def bars(title: str, counts: Sequence[DayCount], limit: int = 0) -> str:
    """One bar a day (or week); `limit` is drawn as a line where it is not 0."""
    top = nice_top(max([count.count for count in counts] + [limit, 1]))
    return _chart(title, [*_grid(top), *_day_bars(counts, top), *_limit(limit, top)])


def areas(title: str, days: Sequence[date], series: Mapping[str, Sequence[int]]) -> str:
    """Stacked areas: for each name one number a day."""
    totals = [sum(values[number] for values in series.values()) for number in range(len(days))]
    top = nice_top(max([*totals, 1]))
    parts = [*_grid(top), *_date_ticks(days)]
    below = [0.0] * len(days)
    for colour, (name, values) in zip(SERIES, series.items(), strict=False):
        above = [low + value for low, value in zip(below, values, strict=True)]
        upper = [f"{_x(number, len(days)):.1f},{_y(value, top):.1f}" for number, value in enumerate(above)]
        lower = [f"{_x(number, len(days)):.1f},{_y(value, top):.1f}" for number, value in enumerate(below)]
        told = f"{name}: {values[-1]:,} at the end" if values else name
        points = " ".join([*upper, *reversed(lower)])
        parts.append(f'<polygon class="{colour}" points="{points}"><title>{escape(told)}</title></polygon>')
        below = above
    return _chart(title, parts)


def nice_top(most: float) -> int:
    """The end of an axis: 1, 2, 2.5 or 5 times a power of ten, and never below what it must show."""
    step = 1
    while True:
        for factor in (1, 2, 2.5, 5):
            if factor * step >= most and (factor * step) % 1 == 0:
                return int(factor * step)
        step *= 10


def _chart(title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )


def _grid(top: int) -> Iterator[str]:
    for value in dict.fromkeys((0, round(top / 2), top)):
        y = _y(value, top)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>'


def _day_bars(counts: Sequence[DayCount], top: int) -> Iterator[str]:
    yield from _date_ticks([count.day for count in counts])
    slot = PLOT_WIDTH / max(len(counts), 1)
    for number, count in enumerate(counts):
        height = PLOT_HEIGHT * count.count / top
        x, wide = LEFT + number * slot, min(max(slot * 0.78, 1), 44)
        told = f"{count.day:%a %d %b %Y}: {count.count:,}"
        yield (
            f'<rect class="s1" x="{x + (slot - wide) / 2:.1f}" y="{TOP + PLOT_HEIGHT - height:.1f}" '
            f'width="{wide:.1f}" height="{height:.1f}"><title>{told}</title></rect>'
        )


def _date_ticks(days: Sequence[date]) -> Iterator[str]:
    """Some six dates along the bottom."""
    every = max(1, -(-len(days) // 6))
    slot = PLOT_WIDTH / max(len(days), 1)
    for number in range(0, len(days), every):
        x = LEFT + (number + 0.5) * slot
        anchor = "start" if number == 0 else "middle"
        place = f'x="{LEFT if number == 0 else x:.1f}" y="{HEIGHT - 12}"'
        yield f'<text class="tick" {place} text-anchor="{anchor}">{days[number]:%d %b}</text>'


def _limit(limit: int, top: int) -> Iterator[str]:
    if limit:
        y = _y(limit, top)
        yield f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (
            f'<text class="limit" x="{WIDTH - RIGHT}" y="{y - 5:.1f}" text-anchor="end">'
            f"the mail server takes {limit:,} a day</text>"
        )


def _x(number: int, of: int) -> float:
    return LEFT + PLOT_WIDTH * (number / (of - 1) if of > 1 else 0.5)


def _y(value: float, top: int) -> float:
    return TOP + PLOT_HEIGHT * (1 - value / top)
