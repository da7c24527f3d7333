"""Reads a document of `kind: campaign`; its steps are read in `steps`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from nurture.core.campaign import Campaign, Cap, HandoverPolicy, Policy, RejectRule, Window
from nurture.core.model import Stage
from nurture.core.predicate import Condition
from nurture.language import codes
from nurture.language.reading import Reader, Table
from nurture.language.steps import StepGraph
from nurture.language.values import (
    parse_answer_time,
    parse_days,
    parse_duration,
    parse_hours,
    parse_reject_rule,
)
from nurture.language.yamlio import Node, Sequence, plain_data

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
    "tests",
)
ASSIGNMENTS = ("round_robin",)
"""Ways to choose who in a team gets a hand-over."""

_DAYS_HINT = "write mon-fri, or mon, wed, fri"
_HOURS_HINT = "write 09:00-17:30"
_ANSWER_HINT = "write 4 business hours, or 2d"
_REJECT_HINT = "write recycle after 90d, or disqualify"


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """What was read: the campaign, its graph with the places of its steps, and its tests as plain data."""

    campaign: Campaign | None
    graph: StepGraph
    tests: tuple[dict[str, Any], ...]


def read_campaign(reader: Reader, root: Table) -> CampaignDraft:
    """The draft of a campaign; with errors found, its campaign is not to be used."""
    name = reader.name(root.need("name"), "name")
    profile = _mentioned(reader, root, "profile")
    purpose = reader.name(root.need("purpose", "the consent that every message needs: marketing"), "purpose")
    locale = _mentioned(reader, root, "locale")
    zone = _mentioned(reader, root, "timezone")
    when, reenter = _audience(reader, root)
    graph = StepGraph(reader)
    stages = reader.table(root.need("stages"), "stages", tuple(Stage))
    if stages is not None:
        graph.read_tracks(stages)
    policy = _policy(reader, root)
    handover = _handover(reader, root)
    exit_when = reader.condition(root.get("exit"), "exit")
    tests = _tests(reader, root)
    if not (name and profile and purpose and locale and zone and when):
        return CampaignDraft(None, graph, tests)
    campaign = Campaign(
        name=name,
        profile=profile,
        purpose=purpose,
        locale=locale,
        timezone=zone,
        audience=when,
        reenter=reenter,
        policy=policy,
        tracks=graph.tracks,
        steps=graph.steps,
        handover=handover,
        exit_when=exit_when,
    )
    return CampaignDraft(campaign, graph, tests)


def _mentioned(reader: Reader, table: Table, key: str) -> str | None:
    node = table.need(key)
    text = reader.text(node, key)
    reader.mention(key, text, node)
    return text


def _audience(reader: Reader, root: Table) -> tuple[Condition | None, timedelta | None]:
    audience = reader.table(root.need("audience"), "audience", ("when", "reenter"))
    if audience is None:
        return None, None
    when = reader.condition(audience.need("when"), "when")
    reenter = reader.parsed(
        audience.get("reenter"), "reenter", _after, codes.BAD_DURATION, "write after 180d"
    )
    return when, reenter


def _after(text: str) -> timedelta | None:
    return parse_duration(text.strip().removeprefix("after "))


# --- policy -----------------------------------------------------------------------------------------


def _policy(reader: Reader, root: Table) -> Policy:
    policy = reader.table(root.get("policy"), "policy", ("window", "cap", "priority"))
    if policy is None:
        return Policy()
    priority = reader.whole(policy.get("priority"), "priority", -1000, 1000)
    return Policy(_window(reader, policy), _cap(reader, policy), priority or 0)


def _window(reader: Reader, policy: Table) -> Window:
    table = reader.table(policy.get("window"), "window", ("days", "hours", "holidays"))
    if table is None:
        return Window()
    days = _days(reader, table.get("days"))
    hours = reader.parsed(table.get("hours"), "hours", parse_hours, codes.BAD_HOURS, _HOURS_HINT)
    holidays = reader.text(table.get("holidays"), "holidays")
    reader.mention("holidays", holidays, table.get("holidays"))
    window = Window(holidays=holidays)
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


# --- hand-over --------------------------------------------------------------------------------------


def _handover(reader: Reader, root: Table) -> HandoverPolicy | None:
    keys = ("team", "assign", "notify", "answer_within", "when_rejected")
    table = reader.table(root.get("handover"), "handover", keys)
    if table is None:
        return None
    team = reader.text(table.need("team"), "team")
    reader.mention("team", team, table.get("team"))
    assign = reader.choice(table.get("assign"), "assign", ASSIGNMENTS, codes.UNKNOWN_VALUE)
    answer = reader.parsed(
        table.get("answer_within"), "answer_within", parse_answer_time, codes.BAD_DURATION, _ANSWER_HINT
    )
    return HandoverPolicy(
        team=team or "",
        assign=assign or ASSIGNMENTS[0],
        notify=_notify(reader, table),
        answer_within=answer.within if answer else None,
        business=answer.business if answer else False,
        when_rejected=_when_rejected(reader, table),
    )


def _notify(reader: Reader, handover: Table) -> tuple[str, ...]:
    if "notify" not in handover:
        return ("email",)
    channels = []
    for item in reader.items(handover.get("notify"), "notify"):
        channel = reader.text(item, "notify")
        reader.mention("channel", channel, item)
        channels.append(channel or "")
    return tuple(channels)


def _when_rejected(reader: Reader, handover: Table) -> dict[str, RejectRule]:
    table = reader.open_table(handover.get("when_rejected"), "when_rejected")
    rules = {}
    for reason, node in table or ():
        reader.mention("reason", reason.text, reason)
        rule = reader.parsed(
            node, f"when_rejected: {reason.text}", parse_reject_rule, codes.BAD_REJECT_RULE, _REJECT_HINT
        )
        if rule is not None:
            rules[reason.text] = rule
    return rules


# --- tests ------------------------------------------------------------------------------------------


def _tests(reader: Reader, root: Table) -> tuple[dict[str, Any], ...]:
    """Kept as they are; who runs them reads them."""
    tests = []
    for item in reader.items(root.get("tests"), "tests"):
        table = reader.table(item, "a test", ("name", "given", "when", "expect"))
        if table is None:
            continue
        reader.text(table.need("name"), "name")
        reader.open_table(table.get("given"), "given")
        for key in ("when", "expect"):
            for step in reader.items(table.get(key), key):
                reader.open_table(step, key)
        tests.append(plain_data(table.node))
    return tuple(tests)
