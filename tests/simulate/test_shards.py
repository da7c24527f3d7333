"""People of one firm are in one shard where a rule is about several; the result does not depend on shards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.simulate import master
from nurture.simulate.master import _shards
from nurture.simulate.run import simulate
from nurture.simulate.summary import as_json
from tests.simulate.world import order, workspace, write_leads

RULE = "  - {id: together, on: clicked, stage: comparison, points: 15, people: 2, within: 14d}\n"


@given(st.lists(st.integers(1, 40), min_size=1, max_size=200).map(sorted), st.integers(1, 20))
def test_no_firm_is_divided_and_nobody_is_left_out(firms: list[int], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(master, "SHARD", size)
        shards = list(_shards(firms, by_firm=True))
    parts = [[one for one in firms if shard.first <= one <= shard.last] for shard in shards]
    assert [one for part in parts for one in part] == firms


def test_small_shards_give_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = workspace(tmp_path / "w")
    profile = tmp_path / "w" / "campaigns" / "profile.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("signals:\n", f"signals:\n{RULE}", 1), encoding="utf-8")
    leads = write_leads(tmp_path / "leads.csv", 120)
    whole = json.dumps(as_json(simulate(settings, order(leads, days=10), processes=1)), default=str)
    monkeypatch.setattr(master, "SHARD", 10)
    parts = json.dumps(as_json(simulate(settings, order(leads, days=10), processes=1)), default=str)
    assert parts == whole
