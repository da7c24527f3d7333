"""Reads a document of `kind: profile`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from nurture.core.model import Stage
from nurture.core.predicate import Condition
from nurture.core.profile import (
    DORMANT_AFTER,
    Disqualifier,
    FitTerm,
    PointRule,
    Profile,
    Requirement,
    SignalRule,
)
from nurture.language import codes
from nurture.language.names import SIGNAL_NAMES
from nurture.language.reading import Reader, Table
from nurture.language.values import parse_pause
from nurture.language.yamlio import Mapping, Node, Scalar, Sequence

DEFAULT_HALF_LIFE = timedelta(days=21)
DEFAULT_SETTLE = timedelta(minutes=2)
ENGAGEMENT_KEYS = ("half_life", "caps", "settle", "dormant_after")
FIT_RULE_KEYS = ("id", "when", "points", "about", "ask")
TERMS = tuple(term.value for term in FitTerm)
SIGNAL_RULE_KEYS = ("id", "on", "where", "stage", "points", "buying", "people", "within")
STAGES = tuple(stage.value for stage in Stage)
KEYS = ("kind", "name", "lead", "fit", "engagement", "signals", "promote")

_MOST_POINTS = 10_000
_MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class _Engagement:
    """How what they did counts."""

    half_life: timedelta = DEFAULT_HALF_LIFE
    caps: dict[str, int] = field(default_factory=dict)
    settle: timedelta = DEFAULT_SETTLE
    dormant_after: timedelta = DORMANT_AFTER


def read_profile(reader: Reader, root: Table) -> Profile | None:
    """The profile, or None where it lacks a name; with errors found it is not to be used."""
    name = reader.name(root.need("name"), "name")
    lead = reader.table(root.get("lead"), "lead", ("require", "enrich"))
    fit = reader.table(root.need("fit"), "fit", ("prospect_at", "rules", "disqualify"))
    prospect_at = reader.whole(fit.need("prospect_at"), "prospect_at", 1, _MOST_POINTS) if fit else None
    engagement = _engagement(reader, root)
    profile = Profile(
        name=name or "",
        require=tuple(_requirements(reader, lead)) if lead else (),
        enrich=tuple(_enrichers(reader, lead)) if lead else (),
        prospect_at=prospect_at or 0,
        fit_rules=tuple(_fit_rules(reader, fit)) if fit else (),
        disqualifiers=tuple(_disqualifiers(reader, fit)) if fit else (),
        half_life=engagement.half_life,
        signals=tuple(_signal_rules(reader, root)),
        promote=reader.condition(root.get("promote"), "promote"),
        caps=engagement.caps,
        settle=engagement.settle,
        dormant_after=engagement.dormant_after,
    )
    _check_ids(reader, fit, root)
    return profile if name else None


def _requirements(reader: Reader, lead: Table) -> Iterator[Requirement]:
    for item in reader.items(lead.get("require"), "require"):
        fields = [item]
        if isinstance(item, Mapping):
            either = reader.table(item, "require", ("any_of",))
            fields = reader.items(either.need("any_of"), "any_of") if either else []
        names = []
        for each in fields:
            name = reader.text(each, "require")
            reader.mention("field", name, each)
            names.append(name or "")
        yield Requirement(tuple(names))


def _enrichers(reader: Reader, lead: Table) -> Iterator[str]:
    for item in reader.items(lead.get("enrich"), "enrich"):
        name = reader.text(item, "enrich")
        reader.mention("enricher", name, item)
        yield name or ""


def _fit_rules(reader: Reader, fit: Table) -> Iterator[PointRule]:
    for rule in _rules(reader, fit.get("rules"), "a fit rule", FIT_RULE_KEYS):
        rule_id = reader.name(rule.need("id"), "id")
        when = reader.condition(rule.need("when"), "when")
        points = reader.whole(rule.need("points"), "points", -_MOST_POINTS, _MOST_POINTS)
        about = reader.choice(rule.get("about"), "about", TERMS, codes.UNKNOWN_VALUE)
        ask = reader.text(rule.get("ask"), "ask")
        if rule_id is not None and when is not None and points is not None:
            yield PointRule(rule_id, when, points, FitTerm(about) if about in TERMS else None, ask)


def _disqualifiers(reader: Reader, fit: Table) -> Iterator[Disqualifier]:
    for rule in _rules(reader, fit.get("disqualify"), "a disqualifier", ("id", "when", "reason")):
        rule_id = reader.name(rule.need("id"), "id")
        when = reader.condition(rule.need("when"), "when")
        reason = reader.text(rule.need("reason", "say why, in a few words for sales"), "reason")
        if rule_id is not None and when is not None and reason is not None:
            yield Disqualifier(rule_id, when, reason)


def _engagement(reader: Reader, root: Table) -> _Engagement:
    table = reader.table(root.get("engagement"), "engagement", ENGAGEMENT_KEYS)
    if table is None:
        return _Engagement()
    settle = reader.parsed(table.get("settle"), "settle", parse_pause, codes.BAD_DURATION, _SETTLE_HINT)
    return _Engagement(
        half_life=reader.duration(table.get("half_life"), "half_life") or DEFAULT_HALF_LIFE,
        caps=dict(_caps(reader, table)),
        settle=DEFAULT_SETTLE if settle is None else settle,
        dormant_after=reader.duration(table.get("dormant_after"), "dormant_after") or DORMANT_AFTER,
    )


_SETTLE_HINT = "write a number and a unit: 2m, 90s; 0m where clicks are to count at once"


def _caps(reader: Reader, engagement: Table) -> Iterator[tuple[str, int]]:
    for kind_node, value in reader.open_table(engagement.get("caps"), "caps") or ():
        kind = reader.name(kind_node, "a cap")
        reader.mention("signal", kind, kind_node)
        points = reader.whole(value, "a cap", 0, _MOST_POINTS)
        if kind is not None and points is not None:
            yield kind, points


def _signal_rules(reader: Reader, root: Table) -> Iterator[SignalRule]:
    for rule in _rules(reader, root.get("signals"), "a signal rule", SIGNAL_RULE_KEYS):
        on_node = rule.need("on", "write what happened: opened, clicked, visited, submitted, replied")
        on = reader.name(on_node, "on")
        reader.mention("signal", on, on_node)
        where = reader.condition(rule.get("where"), "where", SIGNAL_NAMES)
        stage = reader.choice(rule.get("stage"), "stage", STAGES, codes.UNKNOWN_VALUE)
        points = reader.whole(rule.need("points"), "points", -_MOST_POINTS, _MOST_POINTS)
        buying = reader.flag(rule.get("buying"), "buying")
        people, within = _several(reader, rule)
        rule_id = reader.name(rule.get("id"), "id")
        if on is not None and points is not None:
            yield SignalRule(
                id=rule_id or _signal_rule_id(on, where, people),
                on=on,
                where=where,
                stage=Stage(stage) if stage in STAGES else None,
                points=points,
                buying=bool(buying),
                people=people if within else None,
                within=within if people else None,
            )


def _several(reader: Reader, rule: Table) -> tuple[int | None, timedelta | None]:
    """How many people of a firm a rule is about, within how long; the one needs the other."""
    if "people" not in rule and "within" not in rule:
        return None, None
    for key, other, hint in (("within", "people", "within: 7d"), ("people", "within", "people: 3")):
        if key not in rule:
            reader.report.add(
                codes.HALF_A_PICTURE,
                rule.get(other) or rule.node,
                f"{other} stands here without {key}",
                f"a rule about several people of a firm says both; add {hint}",
            )
    people = reader.whole(rule.get("people"), "people", 2, _MOST_PEOPLE)
    return people, reader.duration(rule.get("within"), "within")


def _signal_rule_id(on: str, where: Condition | None, people: int | None) -> str:
    did = f"{on} {where.source}" if where else on
    return f"{did}, {people} people" if people else did


def _rules(reader: Reader, node: Node | None, what: str, keys: tuple[str, ...]) -> Iterator[Table]:
    for item in reader.items(node, f"{what}s".removeprefix("a ")):
        table = reader.table(item, what, keys)
        if table is not None:
            yield table


def _check_ids(reader: Reader, fit: Table | None, root: Table) -> None:
    """Ids are how explanations and reports name a rule: each stands once in its list."""
    for table, key in ((fit, "rules"), (fit, "disqualify"), (root, "signals")):
        seen: dict[str, int] = {}
        node = table.get(key) if table else None
        for item in node.items if isinstance(node, Sequence) else ():
            id_node = item.entries["id"][1] if isinstance(item, Mapping) and "id" in item.entries else None
            if not isinstance(id_node, Scalar):
                continue
            first = seen.setdefault(id_node.text, id_node.line)
            if first != id_node.line:
                reader.report.add(
                    codes.DUPLICATE_ID,
                    id_node,
                    f"the id {id_node.text} is used twice; first in line {first}",
                    "give each rule an id of its own",
                )
