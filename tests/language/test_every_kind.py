"""Every kind of finding is found where it stands, alone, and is gone when its advice is taken."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from nurture.app import build_app
from nurture.clock import VirtualClock
from nurture.doctor import findings_in, settings_findings
from nurture.language import lint  # noqa: F401  # with it the catalogue is full
from nurture.language.catalogue import CATALOGUE
from nurture.language.findings import CheckFinding
from nurture.settings import load_settings
from nurture.store.migrate import upgrade
from tests.language.kinds import Example, Files, examples, write
from tests.world import MONDAY, submit

EXAMPLES = examples()


def check(folder: Path, files: Files, published: Files | None = None) -> list[CheckFinding]:
    """What `nurture check` finds, in a workspace that may have been published before."""
    if published is not None:
        write(folder, published)
        with closing(build_app(load_settings(folder), VirtualClock(MONDAY))) as app:
            upgrade(app.store)
            app.publish()
            submit(app, {"name": "An", "email": "an@example.com", "interests": "website"})
            app.advance()
    write(folder, files)
    with closing(build_app(load_settings(folder), VirtualClock(MONDAY))) as app:
        return [*settings_findings(app), *findings_in(app, app.documents())]


def test_the_workspace_of_the_examples_has_no_findings(tmp_path: Path) -> None:
    assert check(tmp_path, {}) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.code)
def test_what_is_wrong_gives_that_finding_alone_where_it_stands(tmp_path: Path, example: Example) -> None:
    found = [
        (one.code, (one.file, one.line, one.column))
        for one in check(tmp_path, example.wrong, example.published)
    ]
    assert found == [(example.code, example.where())]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.code)
def test_what_is_put_right_has_no_findings(tmp_path: Path, example: Example) -> None:
    assert check(tmp_path, example.right, example.published) == []


def test_there_is_an_example_of_every_kind() -> None:
    assert sorted(CATALOGUE) == [example.code for example in EXAMPLES]
