"""A campaign over a whole list: the same for the same seed, and true to the engine's own rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nurture.errors import NurtureError
from nurture.settings import Settings
from nurture.simulate import master
from nurture.simulate.behaviour import Behaviour, SalesHabit, by_stage
from nurture.simulate.lists import Leads
from nurture.simulate.result import SimulationResult
from nurture.simulate.run import Order, simulate
from nurture.simulate.summary import as_json
from tests.simulate.world import NAMELESS, order, workspace, write_leads

PEOPLE = 120


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return workspace(tmp_path_factory.mktemp("simulate") / "workspace")


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_leads(tmp_path_factory.mktemp("leads") / "leads.csv", PEOPLE)


@pytest.fixture(scope="module")
def result(settings: Settings, leads: Path) -> SimulationResult:
    return simulate(settings, order(leads), processes=1)


def told(result: SimulationResult) -> str:
    return json.dumps(as_json(result))


def test_the_same_seed_gives_the_same_bytes(
    settings: Settings, leads: Path, result: SimulationResult
) -> None:
    assert told(simulate(settings, order(leads), processes=1)) == told(result)


def test_another_seed_gives_another_result(settings: Settings, leads: Path, result: SimulationResult) -> None:
    assert simulate(settings, order(leads, seed=2), processes=1).signals != result.signals


def test_two_processes_give_the_same_bytes_as_one(
    settings: Settings, leads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(master, "SHARD", 50)
    one = simulate(settings, order(leads, days=10), processes=1)
    assert told(simulate(settings, order(leads, days=10), processes=2)) == told(one)


def test_one_persons_day_does_not_change_anothers(
    settings: Settings, tmp_path: Path, leads: Path, result: SimulationResult
) -> None:
    lines = leads.read_text(encoding="utf-8").splitlines()
    fewer = tmp_path / "fewer.csv"
    fewer.write_text("\n".join([lines[0], *lines[2:]]) + "\n", encoding="utf-8")
    without = simulate(settings, order(fewer), processes=1)
    story = {one.contact: [(event.at, event.kind) for event in one.events] for one in result.samples}
    shared = [one for one in without.samples if one.contact in story]
    assert shared
    assert all([(event.at, event.kind) for event in one.events] == story[one.contact] for one in shared)


def test_junk_is_counted_with_its_reason(result: SimulationResult) -> None:
    assert result.junk == {"no name": NAMELESS}
    assert ("junk: no name", NAMELESS) in [(one.reason, one.people) for one in result.nothing]


def test_everybody_stands_somewhere_each_day(result: SimulationResult) -> None:
    assert {sum(day.people.values()) for day in result.stages} == {result.contacts}


def test_everybody_gets_mail_or_has_a_reason_not_to(result: SimulationResult) -> None:
    silent = sum(one.people for one in result.nothing) - NAMELESS
    mailed = {event.mail for one in result.samples for event in one.events if event.mail is not None}
    assert mailed
    assert 0 < silent < result.contacts


def test_what_flows_into_a_step_stands_there_or_flows_out(result: SimulationResult) -> None:
    steps = result.flows["new-website"].values()
    assert all(step.entered == step.standing + sum(step.left.values()) + step.gone for step in steps)


def test_the_welcome_goes_to_each_who_entered_and_may_be_mailed(result: SimulationResult) -> None:
    welcome = result.flows["new-website"]["welcome"]
    assert 0 < result.mails_by_step["new-website/welcome"] <= welcome.entered == result.enrolled


def test_nobody_gets_more_than_the_cap_allows(result: SimulationResult) -> None:
    for sample in result.samples:
        times = [mail.at for mail in sample.mails]
        assert all((later - first).days >= 7 for first, later in zip(times, times[2:], strict=False))


def test_ten_samples_are_ten_people(result: SimulationResult) -> None:
    assert len({sample.contact for sample in result.samples}) == 10


def test_a_sample_holds_its_mails_as_rendered(result: SimulationResult) -> None:
    mails = [mail for sample in result.samples for mail in sample.mails]
    assert mails
    assert all(mail.subject and "<html" in mail.html and mail.text for mail in mails)


def test_hand_overs_are_shared_out_in_turn(settings: Settings, leads: Path) -> None:
    eager = Behaviour(chances={name: by_stage(0.9, 0.9, 0.9) for name in Behaviour().chances}, spread=0)
    loads = simulate(settings, order(leads, behaviour=eager), processes=1).sales
    numbers = [load.handovers for load in loads]
    assert sum(numbers) > 1
    assert max(numbers) - min(numbers) <= 1


def test_sales_that_says_no_sends_people_back(settings: Settings, leads: Path) -> None:
    eager = Behaviour(
        chances={name: by_stage(0.9, 0.9, 0.9) for name in Behaviour().chances},
        sales=SalesHabit(no_fit=1.0),
    )
    last = simulate(settings, order(leads, behaviour=eager), processes=1).stages[-1].people
    assert last.get("disqualified", 0) > last.get("prospect", 0)


def test_dead_addresses_bounce(settings: Settings, leads: Path) -> None:
    dead = simulate(settings, order(leads, days=5, behaviour=Behaviour(bounce=1.0)), processes=1)
    assert dead.mails == 0
    assert dead.signals["bounced"] > 0


def test_a_list_of_junk_has_a_result(settings: Settings, tmp_path: Path) -> None:
    assert simulate(settings, order(write_leads(tmp_path / "junk.csv", NAMELESS)), processes=1).mails == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: replace(one, campaign="new-websit"), "did you mean"),
        (
            lambda one: replace(one, leads=[Leads(Path("leads.doc"))]),
            "read from files that end",
        ),
        (lambda one: replace(one, leads=[Leads(Path("no.csv"))]), "cannot be read"),
    ],
)
def test_what_cannot_be_simulated_is_told(
    settings: Settings, leads: Path, change: Callable[[Order], Order], words: str
) -> None:
    with pytest.raises(NurtureError, match=words):
        simulate(settings, change(order(leads)), processes=1)
