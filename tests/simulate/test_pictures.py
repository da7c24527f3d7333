"""The drawing and the report: complete, well laid out, self-contained, and safe whatever a lead wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.app import build_app
from nurture.core.campaign import Campaign
from nurture.core.model import Stage
from nurture.core.steps import ways_out
from nurture.settings import load_settings
from nurture.simulate.boxes import PLAIN_BOX
from nurture.simulate.draw import draw
from nurture.simulate.layout import END, lay_out
from nurture.simulate.report import render_report
from nurture.simulate.result import (
    DayCount,
    DayStages,
    MostMails,
    NothingGot,
    PeopleFrom,
    SalesLoad,
    Sample,
    SampleEvent,
    SampleMail,
    Silence,
    SimulationResult,
    StepFlow,
)
from nurture.simulate.routes import BOX_WIDTH
from nurture.workspace import create_workspace
from tests.core.make import DAY, Fork, campaign, send, wait

NASTY = '<script>alert(1)</script>"><img src=x>'
START = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("w") / "w"
    create_workspace(folder)
    compiled = build_app(load_settings(folder)).documents()
    return next(each.campaign for each in compiled.campaigns if each.campaign.name == "new-website")


def result(name: str = "new-website", contact: str = "an@example.com") -> SimulationResult:
    """A small result in which everything is filled in."""
    days = [date(2026, 3, 2 + number) for number in range(20)]
    mail = SampleMail(START, name, "welcome", f"Hello {contact}", f"<p>{contact}</p>", f"Hello {contact}")
    events = (SampleEvent(START, "mail", f"mail to {contact}", 0), SampleEvent(START, "note", contact))
    return SimulationResult(
        campaign=name,
        version="396baa9512345678",
        start=START,
        days=20,
        seed=1,
        timezone="Europe/Amsterdam",
        people=PeopleFrom.FILE,
        files=("fair.csv",),
        received=100,
        contacts=90,
        junk={"no name": 10},
        enrolled=80,
        mails=200,
        mails_by_day=tuple(DayCount(day, number * 3) for number, day in enumerate(days)),
        mails_by_step={f"{name}/welcome": 80},
        peak=DayCount(days[-1], 57),
        daily_limit=40,
        stages=tuple(DayStages(day, {"orientation": 60, "prospect": 20}) for day in days),
        promotions=(DayCount(days[3], 2),),
        promoted=2,
        signals={"opened": 30},
        sales=(SalesLoad("Sanne", "sales-nl", 2, DayCount(days[3], 2), (DayCount(days[0], 2),)),),
        nothing=(NothingGot(f"no consent {contact}", 10, contact),),
        longest_silence=Silence(contact, 12.0, START, START + 12 * DAY),
        most_mails=MostMails(contact, 7),
        flows={name: {"welcome": StepFlow(80, 5, {"settle": 75})}},
        samples=(Sample(contact, "a contact, 1 mail", events, (mail,)),),
    )


def random_campaign(seed: int) -> Campaign:
    """Nested forks, three deep at most."""
    random, number = Random(seed), iter(range(10_000))

    def track(depth: int) -> Iterator[object]:
        for _ in range(random.randint(1, 4)):
            step_id = f"s{next(number)}"
            if depth and random.random() < 0.4:
                ways = [("fit > 1", list(track(depth - 1))) for _ in range(random.randint(1, 3))]
                yield Fork(step_id, [*ways, (None, list(track(depth - 1)) if random.random() < 0.5 else [])])
            else:
                yield send(step_id) if random.random() < 0.5 else wait(step_id, DAY)

    return campaign(list(track(3)), list(track(2)), list(track(1)))  # type: ignore[arg-type]  # steps and forks


def test_every_step_is_in_the_picture(example: Campaign) -> None:
    drawn = set(re.findall(r'data-step="([^"]+)"', draw(example)))
    assert drawn == set(example.steps)


def test_the_picture_is_well_formed_and_says_what_it_is(example: Campaign) -> None:
    root = ElementTree.fromstring(draw(example))
    assert root.find("{http://www.w3.org/2000/svg}title").text == "The campaign new-website"  # type: ignore[union-attr]


def test_the_same_campaign_gives_the_same_bytes(example: Campaign) -> None:
    assert draw(example) == draw(example)


def test_what_a_marketer_wrote_is_only_text_in_the_picture(example: Campaign) -> None:
    step = next(iter(example.steps.values()))
    steps = {**example.steps, step.id: replace(step, template=NASTY)}  # type: ignore[call-arg]
    assert "<script" not in draw(replace(example, steps=steps))


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_no_two_boxes_share_a_cell_and_no_line_runs_through_a_box(seed: int) -> None:
    made = random_campaign(seed)
    for stage in Stage:
        layout = lay_out(made.steps, made.tracks[stage])
        cells = list(layout.cells.values())
        cells += [cell for line in layout.lines for cell in line.through]
        assert len(cells) == len(set(cells))


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_every_way_out_of_every_step_has_a_line_that_goes_down(seed: int) -> None:
    made = random_campaign(seed)
    for stage in Stage:
        layout = lay_out(made.steps, made.tracks[stage])
        wanted = {
            (step_id, way.to or END)
            for step_id in layout.cells
            if step_id != END
            for way in ways_out(made.steps[step_id])
        }
        assert {(line.source, line.target) for line in layout.lines} == wanted
        assert all(layout.cells[line.source] < layout.cells[line.target] for line in layout.lines)


@settings(max_examples=100)
@given(st.integers(0, 10**9))
def test_no_two_boxes_overlap_and_all_lie_in_the_picture(seed: int) -> None:
    svg = ElementTree.fromstring(draw(random_campaign(seed)))
    width, height = (float(part) for part in svg.attrib["viewBox"].split()[2:])
    corners = [
        (float(rect.attrib["x"]), float(rect.attrib["y"]))
        for rect in svg.iter("{http://www.w3.org/2000/svg}rect")
        if rect.attrib.get("class") == "box"
    ]
    assert all(0 <= x <= width - BOX_WIDTH and 0 <= y <= height - PLAIN_BOX for x, y in corners)
    for number, (x, y) in enumerate(corners):
        for other_x, other_y in corners[number + 1 :]:
            assert abs(x - other_x) >= BOX_WIDTH or abs(y - other_y) >= PLAIN_BOX


def test_the_report_loads_nothing(example: Campaign) -> None:
    page = render_report(result(), {"new-website": example})
    assert re.findall(r'(?:src|href)="(?!data:)[^"]*"', page) == []
    assert "default-src 'none'" in page


def test_what_a_lead_wrote_is_only_text_in_the_report(example: Campaign) -> None:
    page = render_report(result(contact=NASTY), {"new-website": example})
    assert "<script" not in page
    assert "<img" not in page


def test_the_same_result_gives_the_same_page(example: Campaign) -> None:
    assert render_report(result(), {"new-website": example}) == render_report(
        result(), {"new-website": example}
    )


def test_the_report_says_where_the_limit_is_broken(example: Campaign) -> None:
    page = render_report(result(), {"new-website": example})
    assert '<div class="tile warn"><b>57</b>' in page
    assert "the mail server takes 40 a day" in page


def test_several_pictures_in_one_page_are_told_apart(example: Campaign) -> None:
    other = replace(example, name="other")
    two = replace(result(), flows={"new-website": {}, "other": {}})
    page = render_report(two, {"new-website": example, "other": other})
    titles = re.findall(r'<title id="([^"]+)"', page)
    assert titles == [f"{name}-{stage}-title" for name in ("new-website", "other") for stage in Stage]


def test_of_nobody_little_is_said(example: Campaign) -> None:
    empty = replace(
        result(),
        received=0,
        contacts=0,
        promoted=0,
        mails=0,
        mails_by_step={},
        sales=(),
        nothing=(),
        samples=(),
    )
    page = render_report(empty, {"new-website": example})
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings == [
        "The campaign, and who went where",
        "Sales",
        "Who gets nothing, and why",
        "Mails by step",
    ]
    assert "Everybody gets something" not in page


def test_a_week_without_hand_overs_is_an_empty_week(example: Campaign) -> None:
    page = render_report(result(), {"new-website": example})
    assert "week of 2 Mar 2026: 2" in page
    assert "week of 16 Mar 2026: 0" in page
