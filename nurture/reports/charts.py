"""Charts of reports as SVG: bars across with their intervals, and courses over days; coloured by the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from nurture.core.survival import Course

WIDTH = 480
"""Not wider than this, so that the words are large enough on a telephone as well."""
_RIGHT, _ROW, _BAR = 120, 40, 13
_LONGEST = 52
_LEFT, _TOP, _HEIGHT, _FOOT = 56, 12, 220, 32
_LINES = 4
_TOPS = (0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
"""How high the axis of shares can be: a tenth that was won would lie on the floor below 100 %."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: as long as `value`, with a line from `low` to `high` where there is an interval."""

    label: str
    value: float
    told: str
    low: float | None = None
    high: float | None = None


def bars_across(title: str, bars: Sequence[Bar]) -> str:
    """One bar under the other, each beneath its words."""
    most = max([one.high if one.high is not None else one.value for one in bars], default=0) or 1
    height = len(bars) * _ROW + 6
    shapes = "".join(_bar(bar, number * _ROW, (WIDTH - _RIGHT) / most) for number, bar in enumerate(bars))
    told = f"{title}: " + ", ".join(f"{bar.label} {bar.told}" for bar in bars)
    return _chart(told, height, shapes)


def courses(title: str, series: Mapping[str, Course], days: int) -> str:
    """For each name, which share has had it by which day. A course has the class `line-NUMBER`, from 0 on."""
    most = max((one.by(days) for one in series.values()), default=1.0)
    top = next(height for height in _TOPS if height >= most)
    shapes = [*_grid(days, top)]
    for number, (name, one) in enumerate(series.items()):
        told, steps = f"{name}: {one.by(days):.0%} within {days} days", _steps(one, days, top)
        shapes.append(f'<path class="course line-{number}" d="{steps}"><title>{escape(told)}</title></path>')
    ends = ", ".join(f"{name} {one.by(days):.0%}" for name, one in series.items())
    return _chart(f"{title}, within {days} days: {ends}", _TOP + _HEIGHT + _FOOT, "".join(shapes))


def _bar(bar: Bar, top: int, scale: float) -> str:
    wide, middle = max(bar.value * scale, 1), top + 20 + _BAR / 2
    label = bar.label if len(bar.label) <= _LONGEST else f"{bar.label[: _LONGEST - 1]}…"
    end = wide if bar.high is None else max(bar.high * scale, wide)
    parts = [
        f'<text class="label" x="0" y="{top + 14}">{escape(label)}</text>',
        f'<rect class="bar" x="0" y="{top + 20}" width="{wide:.1f}" height="{_BAR}" rx="2"/>',
    ]
    if bar.low is not None and bar.high is not None:
        low, high = bar.low * scale, bar.high * scale
        parts.append(
            f'<path class="interval" d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8'
            f'M{high:.1f} {middle - 4}v8"/>'
        )
    parts.append(f'<text class="told" x="{end + 7:.1f}" y="{middle + 4.5}">{escape(bar.told)}</text>')
    return f"<g><title>{escape(f'{bar.label}: {bar.told}')}</title>{''.join(parts)}</g>"


def _grid(days: int, top: float) -> Iterator[str]:
    for number in range(_LINES + 1):
        y = _y(number / _LINES)
        kind = "grid" if number else "grid zero"
        yield f'<line class="{kind}" x1="{_LEFT}" x2="{WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _tick(_LEFT - 8, y + 4.5, "end", f"{100 * top * number / _LINES:g}%")
        x = _x(days * number / _LINES, days)
        end = "end" if number == _LINES else "middle"
        yield _tick(x, _TOP + _HEIGHT + 20, end, f"{days * number // _LINES} d")


def _tick(x: float, y: float, anchor: str, told: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{told}</text>'


def _steps(one: Course, days: int, top: float) -> str:
    """Level until somebody has it, then up; `top` is the share at the upper end."""
    parts = [f"M{_x(0, days):.1f} {_y(0):.1f}"]
    for day, share in one.points:
        if day <= days:
            parts.append(f"H{_x(day, days):.1f}V{_y(share / top):.1f}")
    return "".join([*parts, f"H{_x(days, days):.1f}"])


def _chart(told: str, height: float, shapes: str) -> str:
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label={quoteattr(told)}>'
    return f"{head}{shapes}</svg>"


def _x(day: float, days: int) -> float:
    return _LEFT + (WIDTH - 12 - _LEFT) * day / max(days, 1)


def _y(share: float) -> float:
    return _TOP + _HEIGHT * (1 - share)
