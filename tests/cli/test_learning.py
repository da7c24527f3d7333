"""`nurture learn` from its arguments to its files."""

from __future__ import annotations

import pytest

from nurture.app import build_app
from nurture.settings import load_settings
from nurture.store.migrate import upgrade
from tests.cli.conftest import Cli
from tests.learn.people import add_ended


@pytest.fixture
def cli(cli: Cli) -> Cli:
    app = build_app(load_settings(cli.folder))
    upgrade(app.store)
    add_ended(app.store, 300)
    app.close()
    return cli


def test_the_proposal_passes_the_check_without_findings(cli: Cli) -> None:
    profile = cli.folder / "campaigns" / "profile.yaml"
    assert cli("learn", "--out", profile).code == 0
    assert cli("check", "--json").json == {"findings": []}


def test_nothing_changes_by_learning(cli: Cli) -> None:
    before = {path: path.read_bytes() for path in cli.folder.rglob("*.yaml")}
    assert cli("learn").code == 0
    assert {path: path.read_bytes() for path in cli.folder.rglob("*.yaml")} == before


def test_json_tells_the_card_and_its_quality(cli: Cli) -> None:
    found = cli("learn", "--json").json
    assert (found["leads"], found["in_time_order"]) == (300, True)
    assert 0.6 < found["auc"]["mean"] < 1
    assert found["profile"].startswith("# A proposal.")


def test_the_card_is_told_in_words(cli: Cli) -> None:
    assert "budget is " in cli("learn").out


def test_the_page_shows_the_card(cli: Cli) -> None:
    page = cli.folder / "learned.html"
    assert cli("learn", "--html", page).code == 0
    assert "The points card" in page.read_text(encoding="utf-8")


def test_without_the_extra_it_says_what_to_install(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nurture.learn.extra.find_spec", lambda name: None)
    ended = cli("learn")
    assert (ended.code, 'pip install "nurture[learn]"' in ended.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "yesterday"), "--since: 'yesterday' is no date"),
        (("--out", "/no/such/folder/x.yaml"), "--out: /no/such/folder/x.yaml cannot be written"),
        (("--monotone", "answers.budget"), "does not say in which direction"),
    ],
)
def test_what_cannot_be_done_is_told_without_a_traceback(
    cli: Cli, arguments: tuple[str, ...], told: str
) -> None:
    ended = cli("learn", *arguments)
    assert (ended.code, "Traceback" in ended.err) == (1, False)
    assert told in ended.err
