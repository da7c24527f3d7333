"""The report of a simulation: one HTML page that needs nothing else, for a desktop and for a telephone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import jinja2
from markupsafe import Markup

from nurture.core.campaign import Campaign
from nurture.core.schedule import find_zone
from nurture.simulate.charts import areas, bars, limit_shown
from nurture.simulate.draw import LEGEND, SAMPLE, draw_stages, legend, legend_sample
from nurture.simulate.palette import DRAWING, STANDINGS, standing_style
from nurture.simulate.result import DayCount, PeopleFrom, SimulationResult, StepFlow


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline answer."""

    value: str
    words: str
    warn: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its key: names and how many at the end; `limit` is what the broken line in it says."""

    title: str
    svg: Markup
    key: Mapping[str, int] = field(default_factory=dict)
    limit: str = ""


@dataclass(frozen=True, slots=True)
class StageView:
    """The track of one stage: its picture, and how wide that is."""

    name: str
    svg: Markup
    width: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A campaign, stage by stage; `legend` is a piece of line → what it means."""

    name: str
    stages: tuple[StageView, ...]
    legend: Mapping[Markup, str]


def render_report(result: SimulationResult, campaigns: Mapping[str, Campaign]) -> str:
    """The page; `campaigns` are those that ran, by name. The same result gives the same bytes."""
    names = [result.campaign, *sorted(name for name in result.flows if name != result.campaign)]
    pictures = [_picture(campaigns[name], result.flows.get(name, {})) for name in names if name in campaigns]
    standings = _standings(result)
    return _template().render(
        r=result,
        style=Markup(DRAWING + standing_style(standings)),
        tiles=list(_tiles(result)),
        pictures=pictures,
        over=_over(result),
        charts=list(_charts(result, standings)),
        mails=_mails_in_order(result, campaigns),
        zone=find_zone(result.timezone),
    )


def _picture(campaign: Campaign, flows: Mapping[str, StepFlow]) -> Picture:
    stages = tuple(StageView(one.stage, Markup(one.svg), one.width) for one in draw_stages(campaign, flows))
    samples = {
        Markup(
            f'<svg class="campaign" viewBox="0 0 {SAMPLE} 12" aria-hidden="true">{legend_sample(kind)}</svg>'
        ): LEGEND[kind]
        for kind in legend(campaign, flows)
    }
    return Picture(campaign.name, stages, samples)


def _over(result: SimulationResult) -> str:
    """Over whom it ran."""
    match result.people:
        case PeopleFrom.FILE:
            return f"over {', '.join(result.files)}"
        case PeopleFrom.DATABASE:
            return "over the people in the workspace's database as they stood"
        case PeopleFrom.MADE_UP:
            return "over made-up people"


def _mails_in_order(result: SimulationResult, campaigns: Mapping[str, Campaign]) -> Mapping[str, int]:
    """Mails by step, along the campaigns: the simulated one first, its steps as one walks them."""
    names = [result.campaign, *sorted(set(campaigns) - {result.campaign})]
    walked = [f"{name}/{step}" for name in names if name in campaigns for step in campaigns[name].steps]
    place = {step: number for number, step in enumerate(walked)}
    ordered = sorted(result.mails_by_step.items(), key=lambda one: (place.get(one[0], len(place)), one[0]))
    return dict(ordered)


@cache
def _template() -> jinja2.Template:
    loader = jinja2.PackageLoader("nurture.simulate", "pages")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("report.html")


def _tiles(result: SimulationResult) -> Iterator[Tile]:
    yield Tile(f"{result.contacts:,}", f"contacts of {result.received:,} leads")
    yield Tile(f"{result.enrolled:,}", "enrolled")
    yield Tile(f"{result.mails:,}", "mails in all")
    if result.peak is not None:
        too_many = 0 < result.daily_limit < result.peak.count
        limit = f", {result.daily_limit:,} are possible" if result.daily_limit else ""
        words = f"mails on the busiest day ({result.peak.day:%-d %b}){limit}"
        yield Tile(f"{result.peak.count:,}", words, too_many)
    yield Tile(f"{result.promoted:,}", "promoted to prospect")
    yield Tile(f"{sum(one.people for one in result.nothing):,}", "get nothing; why stands below")
    if result.longest_silence is not None:
        silence = result.longest_silence
        yield Tile(f"{silence.days:.0f} days", "the longest silence", who=silence.contact)
    if result.most_mails is not None:
        most = result.most_mails
        yield Tile(f"{most.mails}", "mails at most to one person", who=most.contact)


def _standings(result: SimulationResult) -> list[str]:
    """How people stood on any of the days, along the journey; what has no place in it comes behind."""
    found = {name for day in result.stages for name in day.people}
    return [name for name in STANDINGS if name in found] + sorted(found - set(STANDINGS))


def _charts(result: SimulationResult, standings: Sequence[str]) -> Iterator[Chart]:
    """Those in which there is something to see."""
    if result.mails:
        mails = bars("Mails a day", result.mails_by_day, limit=result.daily_limit)
        told = limit_shown(result.mails_by_day, result.daily_limit)
        yield Chart("Mails a day", Markup(mails), limit=told)
    if result.contacts:
        title = "People by stage, at the end of each day"
        series = {name: [day.people.get(name, 0) for day in result.stages] for name in standings}
        svg = areas(title, [day.day for day in result.stages], series)
        yield Chart(title, Markup(svg), {name: values[-1] for name, values in series.items()})
    if result.promoted:
        yield Chart("Promotions a week", Markup(bars("Promotions", weekly(result.promotions), each="week")))
    # The same axis for everybody, so that their loads can be compared.
    most = max((week.count for one in result.sales for week in one.weeks), default=0)
    for one in result.sales:
        if one.handovers:
            title = f"Hand-overs a week: {one.person or one.team}"
            weeks = _every_week(result, one.weeks)
            yield Chart(title, Markup(bars(title, weeks, each="week", most=most)))


def weekly(days: Sequence[DayCount]) -> list[DayCount]:
    """Counts by day as counts by week, each under its Monday."""
    weeks: Counter[date] = Counter()
    for one in days:
        weeks[one.day - timedelta(days=one.day.weekday())] += one.count
    return [DayCount(monday, count) for monday, count in weeks.items()]


def _every_week(result: SimulationResult, weeks: Sequence[DayCount]) -> list[DayCount]:
    """Weeks without any as well: the same axis for everybody."""
    counts = {week.day: week.count for week in weeks}
    first = result.start.astimezone(find_zone(result.timezone)).date()
    monday = first - timedelta(days=first.weekday())
    number = -(-(result.days + first.weekday()) // 7)
    days = [monday + timedelta(weeks=week) for week in range(number)]
    return [DayCount(day, counts.get(day, 0)) for day in days]
