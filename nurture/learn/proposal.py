"""The card as a profile: a YAML text with its reasons as comments, for a person to compare and to publish.

What the present profile says beside points (data standard, disqualifiers, stages, half-life) stays as it is.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML

from nurture.language.conditions import parse
from nurture.learn.card import Card, Rule
from nurture.learn.search import Condition, Doing
from nurture.learn.thresholds import Thresholds
from nurture.learn.writing import condition_text, ids_for

_WIDTH = 110
_WORD = re.compile(r"(?!(?:true|false|null)$)[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One rule as the profile says it: `asks` is its condition in the language, or what was done; `words` are
    the same for people.

    `about` are the keys of the present profile for questions on the same field: `about`, `ask`.
    """

    id: str
    asks: str
    words: str
    rule: Rule
    about: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def lines_of(
    card: Card,
    signals: Mapping[str, Mapping[str, Any]],
    about: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> list[Line]:
    """The rules with their ids and conditions; `signals` are the signal rules by id, as YAML has them.

    `about` is field → the keys that a rule on it has beside condition and points.
    """
    conditions = [rule.term for rule in card.fit_rules if isinstance(rule.term, Condition)]
    found = [
        _fit_line(id_, condition, rule, about)
        for id_, condition, rule in zip(ids_for(conditions), conditions, card.fit_rules, strict=True)
    ]
    for rule in card.signal_rules:
        if isinstance(rule.term, Doing):
            signal = signals[rule.term.rule]
            where = f" where {signal['where']}" if "where" in signal else ""
            did = f"{signal['on']}{where}"
            found.append(Line(rule.term.rule, did, did, rule))
    return found


def _fit_line(id_: str, condition: Condition, rule: Rule, about: Mapping[str, Mapping[str, str]]) -> Line:
    asks = condition_text(condition)
    kept = next((about[atom.subject] for atom in condition.atoms if atom.subject in about), {})
    return Line(id_, asks, parse(asks).words(), rule, kept)


def write_profile(
    before: Mapping[str, Any],
    lines: Sequence[Line],
    signals: Mapping[str, Mapping[str, Any]],
    thresholds: Thresholds,
    header: Sequence[str],
) -> str:
    """The text of the profile. `before` is the present one, as YAML has it; `header` are comments above."""
    fit = {key: value for key, value in before.get("fit", {}).items() if key not in ("prospect_at", "rules")}
    parts = [
        *(f"# {line}".rstrip() for line in header),
        "kind: profile",
        f"name: {_quoted(str(before['name']))}",
        *_yaml({"lead": before["lead"]} if "lead" in before else {}),
        "fit:",
        f"  prospect_at: {thresholds.prospect_at}",
        "  rules:",
        *_fit_rules(lines, thresholds),
        *(f"  {line}" for line in _yaml(fit)),
        *_yaml({"engagement": before["engagement"]} if "engagement" in before else {}),
        *_signal_rules(lines, signals),
        *_yaml({key: value for key, value in before.items() if key not in _WRITTEN}),
        f"promote: {_quoted(thresholds.promote)}",
    ]
    return "\n".join(parts) + "\n"


_WRITTEN = frozenset({"kind", "name", "lead", "fit", "engagement", "signals", "promote"})


def _fit_rules(lines: Sequence[Line], thresholds: Thresholds) -> Iterator[str]:
    if thresholds.everyone:
        yield "    # Everybody begins with these points, so that nobody's total has to be below nothing."
        yield f"    - {{id: everyone, when: true, points: {thresholds.everyone}}}"
    for line in lines:
        if isinstance(line.rule.term, Condition):
            yield f"    # {told(line.rule)}"
            rule = {"id": line.id, "when": line.asks, "points": line.rule.points, **line.about}
            yield f"    - {_flow(rule)}"


def _signal_rules(lines: Sequence[Line], signals: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    found = [line for line in lines if isinstance(line.rule.term, Doing)]
    if found:
        yield "signals:"
    for line in found:
        yield f"  # {told(line.rule)}"
        yield f"  - {_flow({**signals[line.id], 'points': line.rule.points})}"


def told(rule: Rule) -> str:
    """Of how many leads a rule was true, and how many of them were won."""
    if not rule.learned:
        return f"{rule.leads:,} leads: too few to learn from, its points are those of before"
    return f"{rule.leads:,} leads, {rule.won:,} of them won ({rule.won / rule.leads:.0%})"


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in values.items()) + "}"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A text as YAML: plain where it is a word, in single quotes where it can be printed, else as JSON."""
    if _WORD.fullmatch(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text)


def _yaml(values: Mapping[str, Any]) -> list[str]:
    if not values:
        return []
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = _WIDTH
    written = io.StringIO()
    yaml.dump(dict(values), written)
    return written.getvalue().splitlines()
