"""How a profile counts: caps on nothing, clicks that wait too long, questions that answer nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import inf

from nurture.core.profile import PointRule, Profile
from nurture.language import foresight
from nurture.language.documents import Draft
from nurture.language.reading import Table
from nurture.language.yamlio import Mapping as YamlMapping
from nurture.language.yamlio import Node, Scalar, Sequence

LONGEST_SETTLE = timedelta(minutes=30)
"""Sales waits so long for whoever clicks a link that says they want to buy."""


def check_scores(draft: Draft, profile: Profile) -> None:
    """Findings on how a profile counts."""
    _check_caps(draft, profile)
    _check_settle(draft, profile)
    _check_questions(draft, profile)


def most_engagement(profile: Profile) -> float:
    """The most that engagement can ever be, by the rules and their caps."""
    kinds = {rule.on for rule in profile.signals if rule.points > 0}
    return sum(profile.caps.get(kind, inf) for kind in kinds)


def _check_caps(draft: Draft, profile: Profile) -> None:
    given = {rule.on for rule in profile.signals if rule.points > 0}
    for kind, (key, _) in _entries(_below(draft.root, "engagement", "caps")).items():
        if kind in profile.caps and kind not in given:
            draft.reader.report.add(
                foresight.CAP_ON_NOTHING,
                key,
                f"caps: no signal rule gives points for {kind}",
                f"add a rule with on: {kind}, or leave the cap out",
            )


def _check_settle(draft: Draft, profile: Profile) -> None:
    node = _below(draft.root, "engagement", "settle")
    if node is not None and profile.settle > LONGEST_SETTLE:
        draft.reader.report.add(
            foresight.LONG_SETTLE,
            node,
            "sales hears of every click so much later",
            "write 2m, or 10m at most",
        )


def _check_questions(draft: Draft, profile: Profile) -> None:
    """`ask` names a field whose answer the rule does not look at."""
    rules = {rule.id: rule for rule in profile.fit_rules}
    listed = _below(draft.root, "fit", "rules")
    for item in listed.items if isinstance(listed, Sequence) else ():
        entries = _entries(item)
        id_node, ask_node = (entries[key][1] if key in entries else None for key in ("id", "ask"))
        rule = rules.get(id_node.text) if isinstance(id_node, Scalar) else None
        if rule is not None and rule.ask is not None and ask_node is not None and not _answers(rule):
            draft.reader.report.add(
                foresight.ASKS_PAST_THE_RULE,
                ask_node,
                f"ask: the rule {rule.id} does not look at the field {rule.ask}",
                f"ask for what {rule.when.source} needs to know",
            )


def _answers(rule: PointRule) -> bool:
    """Whether the answer is among what the condition asks: `budget` in answers.budget."""
    return any(path[-1] == rule.ask for path in rule.when.names().paths)


def _below(root: Table, *keys: str) -> Node | None:
    node: Node | None = root.node
    for key in keys:
        entry = _entries(node).get(key)
        node = None if entry is None else entry[1]
    return node


def _entries(node: Node | None) -> Mapping[str, tuple[Scalar, Node]]:
    return node.entries if isinstance(node, YamlMapping) else {}
