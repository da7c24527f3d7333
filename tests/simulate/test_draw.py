"""The drawing: every step and every way is in it, lines can be followed, and the numbers stand at them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise, product
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.campaign import Campaign
from nurture.core.model import Stage
from nurture.language.workspace import compile_source
from nurture.simulate.boxes import BOX_WIDTH, PLAIN_BOX
from nurture.simulate.draw import draw
from nurture.simulate.layout import END, Layout, lay_out
from nurture.simulate.result import StepFlow
from nurture.simulate.routes import ARROW, Grid, Point, Route, close_ranks, routes

SVG = "{http://www.w3.org/2000/svg}"
HEAD = """\
kind: campaign
name: {name}
profile: web-agency
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {{when: '"website" in contact.interests'}}
handover: {{team: sales-nl}}
stages:
  orientation:
"""
LOOPS = """\
    - {id: hello, send: orientation/welcome}
    - {id: tuesday, wait: {until: tue 09:00}}
    - {id: price, send: comparison/costs}
    - {id: a-week, wait: 7d}
    - id: again
      choose:
        - {when: sent("price") < 3, do: [{id: once-more, go_to: price}]}
        - {when: not clicked("price"), do: [{id: rest, wait: 2d}, {id: from-tuesday, go_to: tuesday}]}
    - {id: asked, goal: visited("/prices")}
    - {id: last, send: orientation/cases}
"""
FLOWS = {
    "hello": StepFlow(100, 5, {"tuesday": 80, "asked": 9}, 6),
    "tuesday": StepFlow(113, 0, {"price": 113}),
    "price": StepFlow(1330, 0, {"a-week": 1330}),
    "a-week": StepFlow(1330, 0, {"again": 1323, "asked": 7}),
    "again": StepFlow(1323, 0, {"once-more": 1217, "rest": 33, "asked": 73}),
    "once-more": StepFlow(1217, 0, {"price": 1217}),
    "rest": StepFlow(33, 0, {"from-tuesday": 33}),
    "from-tuesday": StepFlow(33, 0, {"tuesday": 33}),
    "asked": StepFlow(89, 0, {"last": 89}),
    "last": StepFlow(89, 0, {"": 89}),
}


def compiled(track: str, name: str = "made") -> Campaign:
    made = compile_source(HEAD.format(name=name) + track, "made.yaml")
    assert isinstance(made, Campaign)
    return made


def random_campaign(seed: int) -> Campaign:
    """A track with forks in forks, ways back out of them, exits and goals."""
    random = Random(seed)
    names: list[str] = []

    def steps(depth: int, indent: str) -> Iterator[str]:
        for _ in range(random.randint(1, 3)):
            number = len(names)
            names.append(f"s{number}")
            yield f"{indent}- {{id: s{number}, send: mails/a}}"
            yield f"{indent}- {{id: w{number}, wait: 1d}}"
            if depth and random.random() < 0.5:
                yield f"{indent}- id: f{number}"
                yield f"{indent}  choose:"
                for way in range(random.randint(1, 3)):
                    yield f"{indent}    - when: fit > {way}"
                    yield f"{indent}      do:"
                    yield from steps(depth - 1, indent + "        ")
                    if random.random() < 0.4:
                        yield f"{indent}        - {{id: g{number}-{way}, go_to: s{random.choice(top)}}}"
                    elif random.random() < 0.2:
                        yield f"{indent}        - {{id: x{number}-{way}, exit: enough}}"
            if depth == 2:
                top.append(number)
                if random.random() < 0.3:
                    yield f"{indent}- {{id: goal{number}, goal: fit > 9}}"

    top = [0]
    return compiled("\n".join(steps(2, "    ")) + "\n")


def drawn(campaign: Campaign) -> tuple[Layout, Grid, list[Route]]:
    layout = lay_out(campaign.steps, campaign.tracks[Stage.ORIENTATION])
    grid = Grid(500, 100, PLAIN_BOX, close_ranks(layout))
    return layout, grid, routes(layout, grid)


def numbers_at(svg: str) -> dict[str, list[str]]:
    """The numbers at the lines, by the name that stands with them."""
    found: dict[str, list[str]] = {}
    for text in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        number = text.find(f"{SVG}tspan")
        if number is not None:
            name = text.find(f"{SVG}title")
            found.setdefault("" if name is None else name.text or "", []).append(number.text or "")
    return found


def test_each_loop_has_a_line_of_its_own() -> None:
    back = [route for route in drawn(compiled(LOOPS))[2] if route.kind == "back"]
    assert {(route.source, route.target) for route in back} == {
        ("once-more", "price"),
        ("from-tuesday", "tuesday"),
    }
    assert len({max(point.x for point in route.points) for route in back}) == 2


def test_a_goal_has_a_line_from_where_one_jumps_to_it() -> None:
    layout, grid, found = drawn(compiled(LOOPS))
    jump = next(route for route in found if route.kind == "jump")
    assert jump.target == "asked"
    assert jump.points[0].y == grid.middle(layout.cells["hello"])
    assert jump.points[-1].x == grid.x(layout.cells["asked"]) - ARROW


def test_a_goal_that_nobody_can_walk_to_is_drawn() -> None:
    track = "    - {id: a, send: b}\n    - {id: w, wait: 1d}\n    - {id: g, go_to: a}\n"
    drawing = draw(compiled(track + "    - {id: won, goal: fit > 1}\n    - {id: thanks, send: c}\n"))
    assert set(re.findall(r'data-step="([^"]+)"', drawing)) == {"a", "w", "g", "won", "thanks"}


def test_a_loop_shows_how_many_went_round_it() -> None:
    at = numbers_at(draw(compiled(LOOPS), FLOWS))
    assert {"1,217", "33"} <= set(at[""])


def test_a_jump_shows_how_many_came_to_the_goal_without_walking_there() -> None:
    at = numbers_at(draw(compiled(LOOPS), FLOWS))
    assert "16" in at[""]  # 9 from hello, 7 from a-week; the other 73 by the choose's own way


def test_a_way_shows_how_many_went_it() -> None:
    at = numbers_at(draw(compiled(LOOPS), FLOWS))
    assert (at['sent("price") < 3'], at["none of these"]) == (["1,217"], ["73"])


def words_of(svg: str, step_id: str) -> list[str]:
    """The words in a box, line by line."""
    group = next(
        each for each in ElementTree.fromstring(svg).iter(f"{SVG}g") if each.get("data-step") == step_id
    )
    return ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]


def test_a_box_says_who_came_who_stands_there_and_who_left() -> None:
    assert words_of(draw(compiled(LOOPS), FLOWS), "hello")[-2:] == ["100 came", "5 here · 6 left"]


def test_who_came_to_the_end_of_the_track_did_not_leave_on_the_way() -> None:
    assert words_of(draw(compiled(LOOPS), FLOWS), "last")[-1] == "89 came"


def test_who_came_from_another_stage_is_told_at_the_box() -> None:
    flows = {**FLOWS, "tuesday": StepFlow(120, 0, {"price": 120})}
    assert "7 came from another stage" in draw(compiled(LOOPS), flows)
    assert "from another stage" not in draw(compiled(LOOPS), FLOWS)


def test_in_a_simulation_that_nobody_flowed_through_nobody_came() -> None:
    assert draw(compiled(LOOPS), {}).count(">nobody came<") == len(compiled(LOOPS).steps)


def test_without_a_simulation_there_are_no_numbers() -> None:
    assert numbers_at(draw(compiled(LOOPS))) == {}


def test_what_the_broken_lines_are_is_told_only_where_there_are_any() -> None:
    plain = draw(compiled("    - {id: a, send: b}\n"))
    assert "back, once more" in draw(compiled(LOOPS))
    assert "back, once more" not in plain


def test_the_description_tells_the_whole_picture() -> None:
    campaign = compiled(LOOPS)
    described = ElementTree.fromstring(draw(campaign)).find(f"{SVG}desc")
    assert described is not None
    assert all(step_id in (described.text or "") for step_id in campaign.steps)


def test_the_names_of_title_and_description_are_in_the_picture() -> None:
    root = ElementTree.fromstring(draw(compiled(LOOPS)))
    named = {each.attrib["id"] for each in root if "id" in each.attrib}
    assert set(root.attrib["aria-labelledby"].split()) <= named


def test_the_picture_loads_nothing() -> None:
    svg = draw(compiled(LOOPS), FLOWS)
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|@import|href=|url\((?!#)", svg) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(scheme: str) -> None:
    from nurture.simulate.palette import DRAWING

    light, dark = DRAWING.split("@media (prefers-color-scheme:dark)")
    colours = dict(re.findall(r"--(\w+):(#\w+)", light if scheme == "light" else dark))
    for text in ("ink", "soft", "mail", "time", "fork", "act", "goal", "stop"):
        for ground in ("lane", "box", "paper"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["line"], colours["lane"]) >= 3


def contrast(one: str, other: str) -> float:
    """As WCAG 2 counts it."""
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


def brightness(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_no_line_runs_through_a_box(seed: int) -> None:
    layout, grid, found = drawn(random_campaign(seed))
    boxes = [(grid.x(cell), grid.y(cell.rank)) for step_id, cell in layout.cells.items() if step_id != END]
    for route in found:
        for one, other in pairwise(route.points):
            for x, y in boxes:
                beside = max(one.x, other.x) <= x or min(one.x, other.x) >= x + BOX_WIDTH
                apart = max(one.y, other.y) <= y or min(one.y, other.y) >= y + PLAIN_BOX
                assert beside or apart, route


@settings(max_examples=150)
@given(st.integers(0, 10**9))
def test_lines_lie_on_each_other_only_where_they_part_or_meet(seed: int) -> None:
    for one, other in combinations(drawn(random_campaign(seed))[2], 2):
        parts = one.kind != "jump" and one.source == other.source
        if not parts and one.target != other.target:
            for here, there in product(pairwise(one.points), pairwise(other.points)):
                assert not on_each_other(here, there), (one, other)


def on_each_other(here: tuple[Point, Point], there: tuple[Point, Point]) -> bool:
    """Whether two pieces run along each other; a crossing or a touch is none."""
    for across, along in ((0, 1), (1, 0)):
        if len({point[across] for point in (*here, *there)}) == 1:
            first, second = sorted(sorted(point[along] for point in piece) for piece in (here, there))
            return first[1] > second[0]
    return False
