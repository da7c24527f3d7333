"""What can be foreseen of steps: those that nobody comes to, that ask too early, or do things twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nurture.core.campaign import (
    Campaign,
    ChooseStep,
    DoStep,
    ExitStep,
    GoalStep,
    HandOverStep,
    SendStep,
    SplitStep,
    Step,
    WaitForStep,
)
from nurture.core.expression import Comparison, History, IsKnown, TextTest, walk
from nurture.core.predicate import Condition
from nurture.core.steps import ways_out
from nurture.errors import ConditionError
from nurture.language import foresight
from nurture.language.conditions import parse
from nurture.language.documents import Draft
from nurture.language.findings import Spot
from nurture.language.lint_conditions import place_of
from nurture.language.logic import Domains, always, follows, never

_OF_STEPS = ("sent", "opened", "clicked", "replied")

Graph = Mapping[str, frozenset[str]]
"""Step → the steps that one can come to from it at once."""


def check_steps(draft: Draft, campaign: Campaign, domains: Domains) -> None:
    """Everything that follows from the graph of the steps. Of a campaign with errors, nothing is said."""
    if draft.graph is None or draft.reader.report.has_errors:
        return
    graph = _graph(campaign, domains)
    firsts = {first for first in campaign.tracks.values() if first is not None}
    reached = _ahead(graph, firsts)
    _check_reached(draft, campaign, reached)
    _check_order(draft, campaign, graph, firsts, reached)
    _check_deeds(draft, campaign)
    _check_reasons(draft, campaign)
    _check_goals(draft, campaign, domains)


def spot_of(draft: Draft, step_id: str) -> Spot:
    """Where the id of a step stands."""
    return draft.graph.places.get(step_id, Spot()) if draft.graph else Spot()


# --- the graph --------------------------------------------------------------------------------------


def _graph(campaign: Campaign, domains: Domains) -> Graph:
    graph: dict[str, frozenset[str]] = {
        step.id: frozenset(to for to in _open_ways(step, domains) if to is not None)
        for step in campaign.steps.values()
    }
    for goal in campaign.goals:
        for step_id in goal.skips & graph.keys():
            graph[step_id] |= {goal.id}
    return graph


def _open_ways(step: Step, domains: Domains) -> Iterator[str | None]:
    """The ways out of a step but for branches that are certainly never taken."""
    if not isinstance(step, ChooseStep):
        yield from (way.to for way in ways_out(step))
        return
    for branch in step.branches:
        if branch.when is None or not never(branch.when.root, domains):
            yield branch.first
        if branch.when is None or always(branch.when.root, domains):
            return
    yield step.next


def _ahead(graph: Graph, firsts: set[str], without: str | None = None) -> set[str]:
    seen: set[str] = set()
    waiting = list(firsts)
    while waiting:
        step_id = waiting.pop()
        if step_id not in seen and step_id in graph and step_id != without:
            seen.add(step_id)
            waiting += graph[step_id]
    return seen


# --- findings ---------------------------------------------------------------------------------------


def _check_reached(draft: Draft, campaign: Campaign, reached: set[str]) -> None:
    """Of several steps in a row that nobody comes to, only the first is told."""
    behind = {
        way.to for step_id, step in campaign.steps.items() if step_id not in reached for way in ways_out(step)
    }
    empty = {
        arm.first for step in campaign.steps.values() if isinstance(step, SplitStep) for arm in step.arms
    }
    for step_id in campaign.steps:
        if step_id not in reached and step_id not in behind | empty:
            draft.reader.report.add(
                foresight.UNREACHABLE_STEP,
                spot_of(draft, step_id),
                f"nobody ever comes to {step_id}",
                "move it before the exit or go_to that ends the way, or remove it",
            )


def _check_order(draft: Draft, campaign: Campaign, graph: Graph, firsts: set[str], reached: set[str]) -> None:
    """Conditions on mails that come later on every way, and mails that come twice on every way."""
    for step_id, condition in _asked(campaign):
        mails = {
            part.what: part
            for part in walk(condition.root)
            if isinstance(part, History) and part.kind in _OF_STEPS and part.what in graph
        }
        if not mails:
            continue
        later = reached - _ahead(graph, firsts, without=step_id) - {step_id}
        for mail, history in mails.items():
            if mail in later and step_id not in _ahead(graph, {mail}):
                draft.reader.report.add(
                    foresight.NOT_YET_SENT,
                    place_of(draft, condition),
                    f"{history.kind}({mail!r}): at {step_id}, nobody has got {mail} yet",
                    "ask for a mail that comes before, or move the step behind it",
                )
    sends = [step for step in campaign.steps.values() if isinstance(step, SendStep)]
    for step in sends:
        others = [other for other in sends if other.template == step.template and other is not step]
        if not others:
            continue
        only_after = reached - _ahead(graph, firsts, without=step.id)
        for other in others:
            if other.id in only_after:
                draft.reader.report.add(
                    foresight.SAME_MAIL_TWICE,
                    spot_of(draft, other.id),
                    f"{other.id} sends {step.template}, which everybody who comes here got from {step.id}",
                    "send another template, or remove the step",
                )


def _asked(campaign: Campaign) -> Iterator[tuple[str, Condition]]:
    """Each condition that is looked at when a contact stands on a step."""
    for step in campaign.steps.values():
        if isinstance(step, WaitForStep):
            yield step.id, step.condition
        elif isinstance(step, ChooseStep):
            yield from ((step.id, branch.when) for branch in step.branches if branch.when is not None)


def _check_deeds(draft: Draft, campaign: Campaign) -> None:
    doing = (SendStep, DoStep, HandOverStep)
    if campaign.steps and not any(isinstance(step, doing) for step in campaign.steps.values()):
        draft.reader.report.add(
            foresight.NOTHING_SENT,
            draft.place_of("stages"),
            "no step sends anything",
            "add a step with send:",
        )
    for step in campaign.steps.values():
        if isinstance(step, HandOverStep) and step.team is None and campaign.handover is None:
            draft.reader.report.add(
                foresight.NO_TEAM,
                spot_of(draft, step.id),
                f"{step.id} hands over to the campaign's team, and there is none",
                "write hand_over: TEAM, or add handover: {team: TEAM}",
            )


def _check_reasons(draft: Draft, campaign: Campaign) -> None:
    """An exit step whose reason is written as a condition, as if it would ask first."""
    for step in campaign.steps.values():
        if isinstance(step, ExitStep) and _is_condition(step.reason):
            draft.reader.report.add(
                foresight.LIKE_A_CONDITION,
                spot_of(draft, step.id),
                f"{step.id} ends the campaign for everybody who comes here, whether or not {step.reason}",
                f"ask first: choose: [{{when: '{step.reason}', do: [{{id: {step.id}, exit: why}}]}}]",
            )


def _is_condition(reason: str) -> bool:
    try:
        root = parse(reason, rules=None).root
    except ConditionError:
        return False
    return any(isinstance(part, Comparison | History | IsKnown | TextTest) for part in walk(root))


def _check_goals(draft: Draft, campaign: Campaign, domains: Domains) -> None:
    audience = campaign.audience.root
    met = [("the exit", campaign.exit_when)] if campaign.exit_when else []
    met += [
        (f"the goal {step.id}", step.condition)
        for step in campaign.steps.values()
        if isinstance(step, GoalStep)
    ]
    for what, condition in met:
        # What everybody meets is told as such; this is for what only this audience meets.
        told = always(condition.root, domains) or never(audience, domains)
        if not told and follows(audience, condition.root, domains):
            draft.reader.report.add(
                foresight.MET_AT_ENTRY,
                place_of(draft, condition),
                f"whoever enters has met {what} already",
                "ask for something that the audience does not say already",
            )
