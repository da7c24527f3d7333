"""Reads a document of `kind: campaign`; its steps are read in `steps`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nurture.core.campaign import Campaign, Cap, Policy, Window
from nurture.core.model import Stage
from nurture.core.predicate import Condition
from nurture.core.written import parse_dates, parse_days, parse_hours
from nurture.language import codes
from nurture.language.audience import read_audience
from nurture.language.cases import Case, read_cases
from nurture.language.handover import read_handover
from nurture.language.names import did_you_mean
from nurture.language.reading import Reader, Table
from nurture.language.steps import StepGraph
from nurture.language.yamlio import Node, Scalar, Sequence

KEYS = (
    "kind",
    "name",
    "profile",
    "purpose",
    "locale",
    "timezone",
    "audience",
    "exit",
    "policy",
    "stages",
    "handover",
    "moved",
    "tests",
)
END = "end"
"""Under `moved`: the end of the track."""

WINDOW_KEYS = ("days", "hours", "holidays", "quiet")
_QUIET_HINT = "write 2026-12-24, or 2026-12-24..2027-01-02"
_DAYS_HINT = "write mon-fri, or mon, wed, fri"
_HOURS_HINT = "write 09:00-17:30"
_ONLY_WORDS = re.compile(r"(?!.*\b(?:and|or|not|in)\b)[\w,;:!?'-]+(?: +[\w,;:!?'-]+)+")
_EXIT_HINT = (
    'write when the campaign ends: exit: answers.customer == "yes"; why, in words, is for a step\'s exit'
)


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """What was read: the campaign, its graph with the places of its steps, and its tests."""

    campaign: Campaign | None
    graph: StepGraph
    tests: tuple[Case, ...]


def read_campaign(reader: Reader, root: Table) -> CampaignDraft:
    """The draft of a campaign; with errors found, its campaign is not to be used."""
    name = reader.name(root.need("name"), "name")
    profile = _mentioned(reader, root, "profile")
    purpose = reader.name(root.need("purpose", "the consent that every message needs: marketing"), "purpose")
    locale = _mentioned(reader, root, "locale")
    zone = _mentioned(reader, root, "timezone")
    way_in = read_audience(reader, root)
    graph = StepGraph(reader)
    stages = reader.table(root.need("stages"), "stages", tuple(Stage))
    if stages is not None:
        graph.read_tracks(stages)
    policy = _policy(reader, root)
    handover = read_handover(reader, root)
    exit_when = _exit_when(reader, root.get("exit"))
    tests = root.get("tests") if not reader.published else None
    cases = read_cases(reader, tests, zone or "UTC", graph.places)
    moved = _moved(reader, root, graph)
    if not (name and profile and purpose and locale and zone and way_in):
        return CampaignDraft(None, graph, cases)
    campaign = Campaign(
        name=name,
        profile=profile,
        purpose=purpose,
        locale=locale,
        timezone=zone,
        audience=way_in.when,
        reenter=way_in.reenter,
        policy=policy,
        tracks=graph.tracks,
        steps=graph.steps,
        handover=handover,
        exit_when=exit_when,
        entries=way_in.entries,
        moved=moved,
    )
    return CampaignDraft(campaign, graph, cases)


def _mentioned(reader: Reader, table: Table, key: str) -> str | None:
    node = table.need(key)
    text = reader.text(node, key)
    reader.mention(key, text, node)
    return text


def _exit_when(reader: Reader, node: Node | None) -> Condition | None:
    """When somebody leaves the campaign. Since a step's `exit` says why in words, some write words here."""
    if isinstance(node, Scalar) and _ONLY_WORDS.fullmatch(node.text):
        message = f"exit must be a condition, not words: {node.text}"
        reader.report.add(codes.BAD_CONDITION, node, message, _EXIT_HINT)
        return None
    return reader.condition(node, "exit")


def _moved(reader: Reader, root: Table, graph: StepGraph) -> dict[str, str | None]:
    """Where people go on who stand on a step that this version lacks; `end` is the end of the track."""
    table = reader.open_table(root.get("moved"), "moved")
    moved: dict[str, str | None] = {}
    for old, node in table or ():
        target = reader.name(node, f"moved: {old.text}")
        if old.text in graph.places:
            reader.report.add(
                codes.MOVED_BUT_THERE, old, f"the step {old.text} is still there", "leave the line out"
            )
        elif target is not None and target != END and target not in graph.places:
            hint = did_you_mean(target, (*graph.places, END))
            reader.report.add(codes.UNKNOWN_STEP, node, f"moved: there is no step {target}", hint)
        elif target is not None:
            moved[old.text] = None if target == END else target
    return moved


# --- policy -----------------------------------------------------------------------------------------


def _policy(reader: Reader, root: Table) -> Policy:
    policy = reader.table(root.get("policy"), "policy", ("window", "cap", "priority"))
    if policy is None:
        return Policy()
    priority = reader.whole(policy.get("priority"), "priority", -1000, 1000)
    return Policy(_window(reader, policy), _cap(reader, policy), priority or 0)


def _window(reader: Reader, policy: Table) -> Window:
    table = reader.table(policy.get("window"), "window", WINDOW_KEYS)
    if table is None:
        return Window()
    days = _days(reader, table.get("days"))
    hours = reader.parsed(table.get("hours"), "hours", parse_hours, codes.BAD_HOURS, _HOURS_HINT)
    holidays = reader.text(table.get("holidays"), "holidays")
    reader.mention("holidays", holidays, table.get("holidays"))
    quiet = [
        reader.parsed(item, "quiet", parse_dates, codes.BAD_DATES, _QUIET_HINT)
        for item in reader.items(table.get("quiet"), "quiet")
    ]
    window = Window(holidays=holidays, quiet=tuple(days for days in quiet if days))
    return replace(
        window,
        days=days or window.days,
        start=hours[0] if hours else window.start,
        end=hours[1] if hours else window.end,
    )


def _days(reader: Reader, node: Node | None) -> frozenset[int]:
    """One text, or a list of such texts."""
    parts = node.items if isinstance(node, Sequence) else [node]
    days = [reader.parsed(part, "days", parse_days, codes.BAD_DAYS, _DAYS_HINT) for part in parts]
    return frozenset().union(*(each for each in days if each))


def _cap(reader: Reader, policy: Table) -> Cap | None:
    table = reader.table(policy.get("cap"), "cap", ("messages", "per"))
    if table is None:
        return None
    messages = reader.whole(table.need("messages"), "messages", 1, 1000)
    per = reader.duration(table.need("per"), "per")
    return Cap(messages, per) if messages and per else None
