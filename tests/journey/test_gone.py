"""`nurture check` on a campaign that people are under way in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.app import App
from nurture.journey.gone import gone_steps
from tests.world import make_app, person, submit

FILE = "campaigns/new-website.yaml"


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    app = make_app(tmp_path / "w", database_url)
    submit(app, person(1), person(2))
    app.advance()
    yield app
    app.close()


def found(app: App, old: str, new: str, url: str | None = None) -> list[str]:
    """What is said after an edit of the campaign."""
    path = app.settings.folder / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return [each.message for each in gone_steps(url or app.settings.database_url, app.documents())]


WITHOUT_SETTLE = ("    - {id: settle, wait: 3d}\n", "")


def test_a_step_that_people_stand_on_cannot_vanish(app: App) -> None:
    assert found(app, *WITHOUT_SETTLE) == ["2 people stand on the step settle, which is gone"]


def test_it_is_said_at_the_steps_of_that_file(app: App) -> None:
    found(app, *WITHOUT_SETTLE)
    (finding,) = gone_steps(app.settings.database_url, app.documents())
    line = (app.settings.folder / FILE).read_text(encoding="utf-8").split("\n").index("stages:") + 1
    assert (finding.file, finding.line, finding.column) == (FILE, line, 1)


def test_a_line_under_moved_is_enough(app: App) -> None:
    assert found(app, "    - {id: settle, wait: 3d}\n", "") != []
    assert found(app, "\nhandover:", "\nmoved: {settle: read-welcome}\nhandover:") == []


def test_a_step_that_nobody_stands_on_may_vanish(app: App) -> None:
    assert found(app, "    - {id: breathe, wait: 2d}\n", "") == []


def test_without_a_database_nothing_is_said(app: App) -> None:
    away = app.settings.folder / "away.db"
    assert found(app, *WITHOUT_SETTLE, url=f"sqlite:///{away}") == []


def test_asking_makes_no_database(app: App) -> None:
    away = app.settings.folder / "away.db"
    gone_steps(f"sqlite:///{away}", app.documents())
    assert not away.exists()


def test_a_database_that_does_not_answer_is_no_trouble(app: App) -> None:
    assert found(app, *WITHOUT_SETTLE, url="postgresql+psycopg://nobody@127.0.0.1:1/nothing") == []


def test_a_file_that_is_no_database_is_no_trouble(app: App) -> None:
    other = app.settings.folder / "nurture.toml"
    assert found(app, *WITHOUT_SETTLE, url=f"sqlite:///{other}") == []
