"""The operator's guide, followed word for word."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from nurture.core.feedback import HARD_REASONS, OUR_REASONS
from nurture.deliver.sender import CLAIM_LEASE, TRANSMIT_LEASE
from nurture.handover import notices
from nurture.settings import load_settings
from tests.docs.blocks import ROOT
from tests.docs.reader import a_reader

GUIDE = ROOT / "docs/operators-guide.md"
VARIABLES = re.findall(r"^\| `(NURTURE_\w+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_command_of_the_operators_guide_does_what_it_shows(tmp_path: Path) -> None:
    with a_reader(tmp_path, quick=True) as reader:
        assert reader.follow(GUIDE) >= 8


@pytest.mark.parametrize(
    ("doing", "lease"),
    [
        ("preparing mails", CLAIM_LEASE),
        ("in the middle of sending a mail", TRANSMIT_LEASE),
        ("telling sales", notices.LEASE),
    ],
)
def test_the_guide_tells_how_long_what_a_dead_worker_held_stays_away(doing: str, lease: timedelta) -> None:
    (told,) = re.findall(rf"^\| {doing} \| (.+) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    seconds = int(lease.total_seconds())
    assert f"after {f'{seconds // 60} minutes' if seconds >= 60 else f'{seconds} seconds'}" in told


@pytest.mark.parametrize(("row", "reasons"), [("hard", HARD_REASONS), ("our fault", OUR_REASONS)])
def test_the_guide_names_the_reasons_for_bounces(row: str, reasons: frozenset[str]) -> None:
    (told,) = re.findall(rf"^\| {row} \| (`.+) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", told)) == reasons


@pytest.mark.parametrize("variable", VARIABLES)
def test_each_variable_of_the_guide_wins_over_the_file(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nurture.toml").write_text(
        'secret_key = "file"\n[database]\nurl = "file"\n[broker]\nurl = "file"\n'
        '[plugin.smtp]\nhost = "kept"\npassword = "file"\n'
        '[teams.sales]\nwebhook = "kept"\nwebhook_secret = "file"\n'
    )
    monkeypatch.setenv(variable, "environment")
    settings = load_settings(tmp_path)
    assert _value(settings, variable.removeprefix("NURTURE_").lower().split("__")) == "environment"
    assert (settings.plugin["smtp"]["host"], settings.teams["sales"].webhook) == ("kept", "kept")


def _value(settings: Any, path: list[str]) -> object:
    for name in path:
        settings = settings[name] if isinstance(settings, dict) else getattr(settings, name)
    return settings.get_secret_value() if isinstance(settings, SecretStr) else settings
