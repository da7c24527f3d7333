"""The report of a backtest: one HTML page that needs nothing else, for a desktop and for a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import jinja2
from markupsafe import Markup

from nurture.backtest.figures import monday_of
from nurture.backtest.result import Backtest, Change, End, Line
from nurture.backtest.words import (
    DIFFERENT,
    MEANINGS,
    figures,
    gained_words,
    left_out_words,
    profile_words,
    promoted_words,
    summary,
)
from nurture.simulate.charts import lines

SHOWN = 500
"""So many leads of each kind are on the page; the CSV file has all."""

STYLE = """
.chart .curve{fill:none;stroke-width:2.6;stroke-linejoin:round}
.chart .at-old{stroke:#c0691c;stroke-dasharray:7 4}.chart .at-new{stroke:#0d4a80}
.key .at-old{background:#c0691c}.key .at-new{background:#0d4a80}
@media (prefers-color-scheme:dark){.chart .at-old{stroke:#e09a3c}.chart .at-new{stroke:#a6d2f6}
.key .at-old{background:#e09a3c}.key .at-new{background:#a6d2f6}}
.gained:first-of-type{margin-top:14px}
.answers+p{margin-top:18px}.answers td:first-child{color:var(--soft)}.answers .part{padding-left:18px}
.leads{table-layout:fixed}.leads td{overflow-wrap:anywhere}
.leads .why{display:block;color:var(--soft);font-size:14px}
.answers td{overflow-wrap:anywhere}.answers .num{white-space:normal}
@media (max-width:760px){.answers tr,.leads tr{display:grid;border-bottom:1px solid var(--rule);padding:9px 0}
.answers tr{grid-template-columns:1fr 1fr}.answers td,.answers th,.leads td{border:0;padding:1px 10px 1px 0}
.answers td:first-child,.answers th:first-child{grid-column:1/-1;padding-left:0}
.leads tr:first-child{display:none}.answers .num{text-align:left}
.leads td[data-is]::before{content:attr(data-is) ": ";color:var(--soft)}}
"""
"""The two rules' colours differ in brightness too, and one line is broken: they need no red and green."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A curve for each of the two rules; `ends` is what its last number is, where that says something."""

    title: str
    svg: Markup
    ends: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """The leads of one change: how many, what became of them, and those that are shown."""

    change: Change
    meaning: str
    people: int
    ends: Mapping[End, int]
    lines: Sequence[Line]


def render_report(result: Backtest) -> str:
    """The page. The same result gives the same bytes."""
    return _template().render(
        r=result,
        style=Markup(STYLE),
        summary=summary(result),
        left_out=left_out_words(result),
        sides={"old": profile_words(result.old), "new": profile_words(result.new)},
        figures=list(figures(result)),
        gained=list(gained_words(result)),
        ends=[end for end in End if any(counts[end] for counts in result.changes.values())],
        meanings=MEANINGS,
        charts=list(_charts(result)),
        groups=list(_groups(result)),
        promoted=promoted_words,
    )


def _charts(result: Backtest) -> Iterator[Chart]:
    """Those in which there is something to see."""
    days = [week.monday for week in result.weeks]
    a_week = {"old": [week.old for week in result.weeks], "new": [week.new for week in result.weeks]}
    if not any(map(sum, a_week.values())):
        return
    title = "To sales, week by week"
    peaks = {name: f"at most {max(values):,}" for name, values in a_week.items()}
    yield Chart(title, Markup(lines(title, days, a_week)), peaks)
    whole = {name: list(accumulate(values)) for name, values in a_week.items()}
    yield _grown("To sales so far", result, whole)
    won = {"old": [0] * len(days), "new": [0] * len(days)}
    place = {monday: number for number, monday in enumerate(days)}
    for line in result.lines:
        for name, one in (("old", line.old), ("new", line.new)):
            if one is not None and line.became.end is End.WON:
                won[name][place[monday_of(one.at)]] += 1
    if any(map(sum, won.values())):
        title = "Of these, won in the end: by the week in which they went to sales"
        yield _grown(title, result, {name: list(accumulate(values)) for name, values in won.items()})


def _grown(title: str, result: Backtest, series: Mapping[str, Sequence[int]]) -> Chart:
    days = [week.monday for week in result.weeks]
    return Chart(
        title,
        Markup(lines(title, days, series)),
        {name: f"{values[-1]:,} at the end" for name, values in series.items()},
    )


def _groups(result: Backtest) -> Iterator[Group]:
    """The leads for whom the rules differ, and those won whom neither promotes; the won ones first."""
    for change in (*DIFFERENT, Change.NEITHER):
        found = [line for line in result.lines if line.change is change]
        if found:
            found.sort(key=lambda line: (list(End).index(line.became.end), line.contact_id))
            yield Group(change, MEANINGS[change], len(found), result.changes[change], found[:SHOWN])


@cache
def _template() -> jinja2.Template:
    loader = jinja2.ChoiceLoader(
        [jinja2.PackageLoader(package, "pages") for package in ("nurture.backtest", "nurture.simulate")]
    )
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("backtest.html")
