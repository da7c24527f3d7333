"""How nested steps become a graph."""

from __future__ import annotations

from nurture.core.campaign import Campaign, ChooseStep, SplitStep, WaitForStep
from nurture.core.model import Stage
from nurture.language.workspace import compile_source
from tests.language.examples import CAMPAIGN


def campaign(orientation: str) -> Campaign:
    """The example campaign with another orientation track, written in flow style."""
    start, end = CAMPAIGN.index("  orientation:"), CAMPAIGN.index("  comparison:")
    compiled = compile_source(f"{CAMPAIGN[:start]}  orientation: {orientation}\n{CAMPAIGN[end:]}", "x")
    assert isinstance(compiled, Campaign)
    return compiled


def following(compiled: Campaign) -> dict[str, str | None]:
    return {step.id: step.next for step in compiled.steps.values() if step.id not in ("proof", "plan")}


def test_each_step_knows_the_next_and_the_last_has_none() -> None:
    compiled = campaign("[{id: a, wait: 1d}, {id: b, wait: 1d}]")
    assert (compiled.steps["a"].next, compiled.steps["b"].next) == ("b", None)


def test_every_stage_has_a_track_even_if_it_is_empty() -> None:
    compiled = campaign("[{id: a, wait: 1d}]")
    assert compiled.tracks == {Stage.ORIENTATION: "a", Stage.COMPARISON: "proof", Stage.DECISION: "plan"}
    without = CAMPAIGN.replace("  decision:\n    - {id: plan, send: decision/planning}\n", "")
    published = compile_source(without, "x")
    assert isinstance(published, Campaign)
    assert published.tracks[Stage.DECISION] is None


def test_the_last_step_of_a_branch_goes_on_behind_the_choose() -> None:
    compiled = campaign(
        "[{id: c, choose: [{when: fit > 1, do: [{id: x, wait: 1d}, {id: y, wait: 1d}]},"
        " {else: [{id: z, wait: 1d}]}]}, {id: d, wait: 1d}]"
    )
    assert {name: compiled.steps[name].next for name in "xyz"} == {"x": "y", "y": "d", "z": "d"}


def test_a_choose_within_a_choose_comes_out_behind_both() -> None:
    inner = "{id: in, choose: [{when: fit > 2, do: [{id: x, wait: 1d}]}]}"
    compiled = campaign(f"[{{id: out, choose: [{{when: fit > 1, do: [{inner}]}}]}}, {{id: d, wait: 1d}}]")
    assert (compiled.steps["x"].next, compiled.steps["in"].next, compiled.steps["out"].next) == (
        "d",
        "d",
        "d",
    )


def test_a_branch_without_steps_goes_on_behind_the_choose() -> None:
    step = campaign("[{id: c, choose: [{when: fit > 1, do: []}]}]").steps["c"]
    assert isinstance(step, ChooseStep)
    assert step.branches[0].first is None


def test_the_branch_for_else_has_no_condition() -> None:
    step = campaign("[{id: c, choose: [{when: fit > 1, do: []}, {else: [{id: z, wait: 1d}]}]}]").steps["c"]
    assert isinstance(step, ChooseStep)
    assert [branch.when and branch.when.source for branch in step.branches] == ["fit > 1", None]


def test_the_hold_out_of_a_split_goes_on_behind_it() -> None:
    step = campaign("[{id: a, wait: 1d}]").steps["proof"]
    assert isinstance(step, SplitStep)
    assert [(arm.name, arm.weight, arm.first) for arm in step.arms] == [
        ("a", 45, "proof-a"),
        ("b", 45, "proof-b"),
        ("holdout", 10, None),
    ]


def test_a_time_out_goes_on_to_the_next_step_unless_it_names_one() -> None:
    compiled = campaign(
        "[{id: w, wait_for: opened(), up_to: 1d, on_timeout: c}, {id: b, wait: 1d}, {id: c, wait: 1d},"
        " {id: v, wait_for: opened(), up_to: 1d}, {id: d, wait: 1d}]"
    )
    named, unnamed = compiled.steps["w"], compiled.steps["v"]
    assert isinstance(named, WaitForStep)
    assert isinstance(unnamed, WaitForStep)
    assert (named.next, named.on_timeout, unnamed.on_timeout) == ("b", "c", "d")
