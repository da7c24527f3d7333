"""Wrong input to `nurture backtest` is told in a sentence that says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli, cli, run

__all__ = ["cli", "run"]


@pytest.fixture
def published(cli: Cli) -> Cli:
    assert cli.import_people("An;an@example.com").code == 0
    return cli


def profile(cli: Cli) -> Path:
    return cli.folder / "campaigns" / "profile.yaml"


def test_a_version_is_found_by_its_beginning(published: Cli) -> None:
    first = published("backtest", "--profile", profile(published), "--since", "2026-01-01", "--json").json
    version = first["old"]["version"]
    again = published(
        "backtest", "--profile", profile(published), "--against", version, "--since", "2026-01-01", "--json"
    ).json
    assert (again["old"]["version"], again["old"]["origin"]) == (version, "published")


def test_two_files_can_be_compared(published: Cli) -> None:
    other = published.write("other.yaml", profile(published).read_text().replace("points: 35", "points: 30"))
    answer = published(
        "backtest", "--profile", other, "--against", profile(published), "--since", "2026-01-01", "--json"
    ).json
    assert (answer["old"]["origin"], answer["new"]["origin"]) == ("profile.yaml", "other.yaml")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "yesterday"], "--since: 'yesterday' is no date"),
        (
            ["--since", "2026-02-01", "--until", "2026-01-01"],
            "--since: 2026-02-01 lies after the end, 2026-01-01",
        ),
        (["--since", "2026-01-01", "--against", "beef00"], "no published version begins with 'beef00'"),
        (
            ["--since", "2026-01-01", "--csv", "/nowhere/at/all.csv"],
            "--csv: /nowhere/at/all.csv cannot be written",
        ),
    ],
)
def test_what_is_wrong_is_said(published: Cli, arguments: list[str], told: str) -> None:
    done = published("backtest", "--profile", profile(published), *arguments)
    assert done.code == 1
    assert told in done.err


def test_a_day_to_come_is_now(published: Cli) -> None:
    asked = ("backtest", "--profile", profile(published), "--since", "2026-01-01", "--json")
    until = published(*asked, "--until", "9999-12-31").json["until"]
    assert until < published(*asked).json["until"]


def test_a_file_that_is_not_there_is_said(published: Cli) -> None:
    done = published("backtest", "--profile", "no.yaml", "--since", "2026-01-01")
    assert (done.code, "there is no file no.yaml" in done.err) == (1, True)


def test_an_error_in_the_profile_is_told_with_its_place(published: Cli) -> None:
    text = profile(published).read_text(encoding="utf-8").replace("promote: fit >= 60", "promote: fit >>= 60")
    wrong = published.write("wrong.yaml", text)
    done = published("backtest", "--profile", wrong, "--since", "2026-01-01")
    assert done.code == 1
    line = text[: text.index("promote: ")].count("\n") + 1
    assert f"wrong.yaml:{line}:" in done.err


def test_a_campaign_is_no_profile(published: Cli) -> None:
    campaign = published.folder / "campaigns" / "greeting.yaml"
    done = published("backtest", "--profile", campaign, "--since", "2026-01-01")
    assert done.code == 1
    assert "is a campaign, not a profile" in done.err


def test_without_a_published_profile_a_file_must_be_named(cli: Cli) -> None:
    done = cli("backtest", "--profile", profile(cli), "--since", "2026-01-01")
    assert done.code == 1
    assert "compare with a file: --against FILE" in done.err
