"""A script of events: what it says happens, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nurture.errors import SourceError
from nurture.settings import Settings
from nurture.simulate.events import read_script
from nurture.simulate.result import SimulationResult
from nurture.simulate.run import simulate
from tests.simulate.world import order, workspace

LEADS = """\
name,email,interests,consent,country,budget,role
An Jansen,an@bakkerij.example.com,website,marketing,NL,5-10k,owner
"""
CSV = """\
at,contact,kind,campaign,step,url,form
2026-03-03T10:00,an@bakkerij.example.com,opened,new-website,welcome,,
2026-03-04T11:00,an@bakkerij.example.com,submitted,,,https://www.example.com/quote,quote
"""


def simulated(folder: Path, script: str, name: str = "events.csv") -> SimulationResult:
    settings: Settings = workspace(folder / "workspace")
    leads, events = folder / "leads.csv", folder / name
    leads.write_text(LEADS, encoding="utf-8")
    events.write_text(script, encoding="utf-8")
    wanted = replace(order(leads, days=5), behaviour=None, script=read_script(events))
    return simulate(settings, wanted, processes=1)


def test_what_the_script_says_happens_and_nothing_else(tmp_path: Path) -> None:
    result = simulated(tmp_path, CSV)
    assert result.signals == {"opened": 1, "submitted": 1}


def test_a_scripted_buying_signal_promotes(tmp_path: Path) -> None:
    result = simulated(tmp_path, CSV)
    assert [day.day.isoformat() for day in result.promotions if day.count] == ["2026-03-04"]


def test_a_script_may_be_json_lines(tmp_path: Path) -> None:
    line = '{"at": "2026-03-03T10:00:00+01:00", "contact": "an@bakkerij.example.com", "kind": "visited", '
    result = simulated(tmp_path, line + '"data": {"url": "https://www.example.com/prices"}}\n', "e.jsonl")
    assert result.signals == {"visited": 1}


def test_a_scripted_unsubscription_ends_the_mails(tmp_path: Path) -> None:
    line = "at,contact,kind\n2026-03-02T12:00,an@bakkerij.example.com,unsubscribed\n"
    settings = simulated(tmp_path, line)
    assert settings.mails == 1


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("at,kind\n", r":1:1: there is no column 'contact'"),
        ("at,contact,kind\nsoon,an@bakkerij.example.com,opened\n", r":2:1: at: 'soon' is no time"),
        ("at,contact,kind\n2026-03-03,,opened\n", r":2:1: contact is missing"),
        ("at,contact,kind\n2026-03-03,bo@nobody.example,opened\n", r":2:1: the list has no contact"),
        ("at,contact,kind\n2026-03-03,an@bakkerij.example.com,clickd\n", "did you mean clicked"),
        ('{"at": 3\n', r":1:1: not JSON"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        simulated(tmp_path, script)
