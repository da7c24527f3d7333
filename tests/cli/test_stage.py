"""`nurture stage`: told by hand, by whoever knows more than the signals show."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli

BECAUSE = "asked for our prices at the fair"


@pytest.fixture
def cli(cli: Cli) -> Cli:
    assert cli.import_people("An;an@bakery.example.com").code == 0
    cli("tick")
    return cli


def test_it_is_set_and_explained(cli: Cli) -> None:
    told = cli("stage", "an@bakery.example.com", "comparison", "--because", BECAUSE, "--until", "30d")
    assert (told.code, told.out.splitlines()[0]) == (0, "An: from orientation to comparison")
    why = cli("explain", "an@bakery.example.com", "--why-stage").out
    assert f"told by hand: {BECAUSE}" in why


def test_who_told_it_stands_in_the_story(cli: Cli) -> None:
    cli("stage", "1", "comparison", "--because", BECAUSE, "--by", "sanne@example.com")
    assert f"told by hand by sanne@example.com: {BECAUSE}" in cli("explain", "1").out


def test_what_comes_when_its_date_has_come_is_no_way_back_where_they_stay(cli: Cli) -> None:
    cli("stage", "1", "orientation", "--because", BECAUSE, "--until", "30d")
    told = cli("explain", "1", "--why-stage").out
    assert "still orientation, by the evidence, when what was told by hand ends on " in told
    assert "back to orientation" not in told


def test_the_result_has_the_shape_that_programs_rely_on(cli: Cli) -> None:
    found = cli("stage", "1", "decision", "--because", BECAUSE, "--json").json
    assert set(found) == {"contact", "before", "stage", "until"}
    assert (found["before"], found["stage"], found["until"]) == ("orientation", "decision", None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1", "decisoin", "--because", BECAUSE), "did you mean decision"),
        (("1", "decision", "--because", BECAUSE, "--until", "soon"), "30d or 2026-04-01"),
    ],
)
def test_what_cannot_be_understood_is_wrong_usage(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    outcome = cli("stage", *arguments)
    assert outcome.code == 2
    assert said in " ".join(outcome.err.replace("│", " ").split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody@example.com", "decision", "--because", BECAUSE),
        ("1", "decision", "--because", " "),
        ("1", "decision", "--because", BECAUSE, "--until", "2020-01-01"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(cli: Cli, arguments: tuple[str, ...]) -> None:
    outcome = cli("stage", *arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert "Traceback" not in outcome.err
