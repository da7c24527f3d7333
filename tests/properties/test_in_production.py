"""Random lives through the real store and sender, on both databases, judged by what the texts mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from nurture.app import App
from tests.properties.author import Author, Doc
from tests.properties.memory import read
from tests.properties.people import PERIODS, Person, person
from tests.properties.production import Production

WORLDS = 2
PEOPLE = 18


Worlds = list[list[Doc]]


@pytest.fixture(scope="module")
def worlds(office: App, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Worlds]:
    """The campaigns of each period: the same ones for both databases."""
    drafts = tmp_path_factory.mktemp("drafts")
    return {
        period: sound_worlds(office, drafts, period, start.date()) for period, (start, _) in PERIODS.items()
    }


def sound_worlds(office: App, folder: Path, period: str, today: date) -> Worlds:
    """Campaigns of several worlds, each of which the checker lets through."""
    found: Worlds = []
    seed = 0
    while len(found) < WORLDS:
        random = Random(f"production {period} {seed}")
        seed += 1
        docs = Author(random, busy=True).campaigns(3, f"{period}-{len(found)}", one_cap=True)
        if not read(folder, docs, office.known(), today).errors:
            found.append(docs)
    return found


def inhabitants(period: str, worlds: Worlds) -> list[Person]:
    start, length = PERIODS[period]
    random = Random(f"people {period}")
    return [
        person(random, number * PEOPLE + each, docs, start, length, f"{period}-{number}")
        for number, docs in enumerate(worlds)
        for each in range(1, PEOPLE + 1)
    ]


@pytest.mark.parametrize("period", PERIODS)
def test_every_ledger_of_production_keeps_what_its_campaigns_say(
    worlds: dict[str, Worlds], tmp_path: Path, database_url: str, period: str
) -> None:
    start, length = PERIODS[period]
    docs = [doc for world in worlds[period] for doc in world]
    people = inhabitants(period, worlds[period])
    firm = Production(tmp_path / "w", database_url, docs, people, start, moody=True)
    firm.run(start + length)
    mails = firm.mails()
    prospects = firm.to_prospects(mails)
    firm.close()
    assert len(mails) > 40
    assert [*firm.looks.end(mails), *firm.oracle.wrongs(mails), *prospects] == []
