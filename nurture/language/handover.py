"""Reads `handover:` of a campaign: who in which team gets a prospect, until when, and what follows."""

from __future__ import annotations

import re

from nurture.core.assign import LEAST_LOADED, ROUND_ROBIN, WAYS
from nurture.core.campaign import LEAD, NEXT, HandoverPolicy, RejectRule
from nurture.language import codes
from nurture.language.names import did_you_mean
from nurture.language.reading import Reader, Table
from nurture.language.values import AnswerTime, parse_answer_time, parse_reject_rule
from nurture.language.yamlio import Node, Sequence

KEYS = ("team", "assign", "notify", "answer_within", "remind", "escalate", "when_rejected")
_ANSWER_HINT = "write 4 business hours, or 2d"
_REJECT_HINT = "write recycle after 90d, recycle on 2027-01-04, disqualify, or merge"
_ADDRESS = re.compile(r"[^@\s<>,]+@[^@\s<>,]+")


def read_handover(reader: Reader, root: Table) -> HandoverPolicy | None:
    """The policy; None where the campaign hands nobody over."""
    table = reader.table(root.get("handover"), "handover", KEYS)
    if table is None:
        return None
    team = reader.text(table.need("team"), "team")
    reader.mention("team", team, table.get("team"))
    assign = _assign(reader, table.get("assign"))
    answer = _time(reader, table, "answer_within")
    remind = _time(reader, table, "remind")
    if remind is not None:
        _check_reminder(reader, table, remind, answer)
    escalate = _escalate(reader, table)
    if team:
        for way in assign:
            reader.mention("way", f"{team}:{way}", table.get("assign"))
        if escalate == LEAD:
            reader.mention("lead", team, table.get("escalate"))
    return HandoverPolicy(
        team=team or "",
        assign=assign,
        notify=_notify(reader, table),
        answer_within=answer.within if answer else None,
        business=answer.business if answer else False,
        remind=remind.within if remind else None,
        escalate=escalate,
        when_rejected=_when_rejected(reader, table),
    )


def _assign(reader: Reader, node: Node | None) -> tuple[str, ...]:
    """One way, or several in the order in which they count."""
    items = node.items if isinstance(node, Sequence) else [node] if node is not None else []
    ways: list[str] = []
    for item in items:
        way = reader.choice(item, "assign", WAYS, codes.UNKNOWN_VALUE)
        if way is None:
            continue
        if way in ways:
            reader.report.add(codes.BAD_ASSIGN, item, f"assign names {way} twice", "leave one of them out")
        elif {way, *ways} >= {LEAST_LOADED, ROUND_ROBIN}:
            reader.report.add(
                codes.BAD_ASSIGN,
                item,
                f"assign names both {LEAST_LOADED} and {ROUND_ROBIN}, and either chooses among equals",
                "leave one of them out",
            )
        ways.append(way)
    return tuple(ways) or (ROUND_ROBIN,)


def _time(reader: Reader, table: Table, key: str) -> AnswerTime | None:
    return reader.parsed(table.get(key), key, parse_answer_time, codes.BAD_DURATION, _ANSWER_HINT)


def _check_reminder(reader: Reader, table: Table, remind: AnswerTime, answer: AnswerTime | None) -> None:
    if answer is None:
        if "answer_within" not in table:
            problem, hint = "there is no answer_within that it could come before", _ANSWER_HINT
            reader.report.add(codes.BAD_REMINDER, table.at("remind"), f"remind: {problem}", hint)
    elif remind.business != answer.business:
        unit = "business hours" if answer.business else "plain time"
        reader.report.add(
            codes.BAD_REMINDER,
            table.at("remind"),
            f"remind: answer_within is in {unit}, and this is not",
            "write remind: 1 business hour" if answer.business else "write remind: 1h",
        )
    elif remind.within >= answer.within:
        reader.report.add(
            codes.BAD_REMINDER,
            table.at("remind"),
            "remind: it would come before the hand-over itself",
            "write how long before the deadline: less than answer_within",
        )


def _escalate(reader: Reader, table: Table) -> str:
    node = table.get("escalate")
    text = reader.text(node, "escalate")
    if text is None or node is None:
        return ""
    if text not in (LEAD, NEXT) and not _ADDRESS.fullmatch(text):
        hint = did_you_mean(text, (LEAD, NEXT)) or "write lead, next, or an e-mail address"
        reader.report.add(codes.BAD_ESCALATION, node, f"escalate: there is no {text}", hint)
    elif "answer_within" not in table:
        reader.report.add(
            codes.BAD_ESCALATION,
            table.at("escalate"),
            "escalate: there is no answer_within after which it could come",
            _ANSWER_HINT,
        )
    return text


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
