"""The marketer's guide, followed word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.docs.reader import a_reader


@pytest.mark.timeout(400)  # some forty commands, each a process of its own
def test_every_command_of_the_marketers_guide_does_what_it_shows(tmp_path: Path) -> None:
    with a_reader(tmp_path, quick=True) as reader:
        assert reader.follow(ROOT / "docs/marketers-guide.md") >= 10
