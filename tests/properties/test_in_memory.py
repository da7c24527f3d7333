"""Random lives in random campaigns, decided on in memory and judged by what the texts mean."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from nurture.app import App
from nurture.journey.errands import action_parts
from tests.properties.author import Author
from tests.properties.looks import Looks
from tests.properties.memory import live, world
from tests.properties.oracle import Oracle
from tests.properties.people import PERIODS, person

WORLDS = 25
PEOPLE = 16
OFTEN = {
    "sent": 400,
    "sent in a later lap": 50,
    "came again": 50,
    "not_sent: window": 50,
    "not_sent: cap": 30,
    "not_sent: consent": 5,
    "split": 30,
    "chosen": 100,
    "timed_out": 20,
    "goal_reached": 20,
    "exited": 5,
    "stage_changed": 30,
    "handed_over": 5,
    "done": 30,
}
"""So often at least each of these must have happened, or there was nothing to judge."""


@pytest.mark.parametrize("period", PERIODS)
def test_every_ledger_keeps_what_its_campaigns_say(office: App, tmp_path: Path, period: str) -> None:
    start, length = PERIODS[period]
    known, actions = office.known(), action_parts(office.registry.actions)
    seen: Counter[str] = Counter()
    for seed in range(WORLDS):
        random = Random(f"{period} {seed}")
        docs = Author(random).campaigns(random.randint(1, 3))
        made = world(tmp_path / "campaigns", docs, known, actions, start.date())
        if made is None:
            seen["refused"] += 1
            continue
        people = [person(random, number, docs, start, length) for number in range(1, PEOPLE + 1)]
        oracle = Oracle(docs, people)
        looks = Looks(oracle)
        mails = [mail for each in people for mail in live(made.plan, each, start, start + length, looks)]
        assert [*looks.end(mails), *oracle.wrongs(mails)] == [], f"{period} {seed}"
        seen += looks.seen
    assert {what: seen[what] for what, times in OFTEN.items() if seen[what] < times} == {}
    assert seen["refused"] < WORLDS / 2
