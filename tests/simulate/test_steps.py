"""Steps of every kind in a simulation: the numbers flow along them, and nothing reaches outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nurture.simulate.behaviour import Behaviour
from nurture.simulate.result import SimulationResult, StepFlow
from nurture.simulate.run import simulate
from tests.simulate.world import order, workspace, write_leads

CAMPAIGN = """\
kind: campaign
name: everything
profile: web-agency
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
stages:
  orientation:
    - {id: hello, send: orientation/welcome}
    - {id: mark, do: {tag: greeted}}
    - {id: tell, do: {webhook: {url: "https://hooks.example.com/x"}}}
    - id: arms
      split: {a: 50, b: 50}
      do: {a: [{id: tuesday, wait: {until: tue 09:00}}], b: [{id: nap, wait: 1d}]}
    - {id: gone, choose: [{when: answers.role == "employee", do: [{id: out, exit: not the one who decides}]}]}
    - {id: reads, wait_for: clicked("hello"), up_to: 3d, on_timeout: again}
    - {id: sales, hand_over: sales-nl}
    - {id: again, wait: 5d}
    - {id: reminder, send: orientation/cases}
    - {id: back, go_to: again}
handover: {team: sales-nl, answer_within: 4h}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> SimulationResult:
    folder = tmp_path_factory.mktemp("steps")
    settings = workspace(folder / "workspace")
    for name in ("new-website", "webshop"):
        (settings.folder / "campaigns" / f"{name}.yaml").unlink()
    (settings.folder / "campaigns" / "everything.yaml").write_text(CAMPAIGN, encoding="utf-8")
    leads = write_leads(folder / "leads.csv", 100)
    return simulate(
        settings, replace(order(leads, behaviour=Behaviour()), campaign="everything"), processes=1
    )


def flows(result: SimulationResult) -> dict[str, StepFlow]:
    return dict(result.flows["everything"])


def test_every_step_was_come_to(result: SimulationResult) -> None:
    wanted = "hello mark tell arms tuesday nap gone out reads sales again reminder back"
    assert set(wanted.split()) <= set(flows(result))


def test_the_arms_of_a_split_add_up(result: SimulationResult) -> None:
    onward = flows(result)["arms"].left
    assert onward["tuesday"] + onward["nap"] == flows(result)["arms"].entered


def test_a_loop_is_walked_again_and_again(result: SimulationResult) -> None:
    laps, reminder = flows(result)["back"].left["again"], flows(result)["reminder"]
    assert laps > flows(result)["hello"].entered
    assert reminder.entered >= result.mails_by_step["everything/reminder"]


def test_who_exits_stands_nowhere(result: SimulationResult) -> None:
    out = flows(result)["out"]
    assert (out.standing, out.left, out.gone) == (0, {}, out.entered)


def test_who_is_handed_over_by_a_step_counts_for_sales(result: SimulationResult) -> None:
    assert sum(load.handovers for load in result.sales) >= flows(result)["sales"].entered > 0


def test_what_enters_a_step_stands_or_leaves(result: SimulationResult) -> None:
    for step in flows(result).values():
        assert step.entered == step.standing + sum(step.left.values()) + step.gone
