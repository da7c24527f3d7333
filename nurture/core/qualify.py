"""Whether there is enough to go on (the data standard), and whether person and firm fit the target group.

Unknown is kept apart from no: an unknown budget is a question for the next form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nurture.core.expression import UNKNOWN, Facts
from nurture.core.model import Contact, Finding, Lead, RuleFinding, Value
from nurture.core.profile import Disqualifier, PointRule, Profile, Requirement
from nurture.core.words import number


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well somebody fits: each fit rule's answer, the points, and the rule that excludes them, if any."""

    hits: tuple[RuleFinding, ...]
    misses: tuple[RuleFinding, ...]
    unknowns: tuple[RuleFinding, ...]
    points: int
    disqualified: RuleFinding | None = None

    @property
    def every(self) -> tuple[RuleFinding, ...]:
        """All fit rules' answers."""
        return (*self.hits, *self.misses, *self.unknowns)


@dataclass(frozen=True, slots=True)
class TermFinding:
    """What the rules about one term of sales say together; a rule about none stands for itself, by its id.

    `matched` is True where a rule gave points, None where none did and one is unknown, else False. `ask` are
    the form fields that would answer what is unknown; `at_stake` by how many points they could change the
    fit.
    """

    term: str
    matched: bool | None
    points: float
    reason: str
    ask: tuple[str, ...] = ()
    at_stake: float = 0

    @property
    def words(self) -> str:
        """The finding as sales reads it: `budget: unknown, ask on the next form; 40 points at stake`."""
        if self.matched is not None:
            return f"{self.term}: {self.reason}"
        fields = ", ".join(self.ask).replace("_", " ")
        named = "" if fields == self.term else f" ({fields})"
        how = f"unknown, ask on the next form{named}" if fields else self.reason
        return f"{self.term}: {how}; {number(self.at_stake)} points at stake"


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A form field whose answer is unknown, and by how many points it could change the fit."""

    field: str
    at_stake: float


def data_standard(who: Lead | Contact, requirements: Sequence[Requirement]) -> tuple[str, ...]:
    """What is missing, in words: `no name`, `no email or phone`. Empty: the data standard is met.

    A field is one of the lead's own or the name of an answer; blank is missing. Where something was given
    that cannot be used, it is `no usable email or phone`.
    """
    missing = []
    for requirement in requirements:
        for field in requirement.fields:
            if _is_given(who, field):
                break
        else:
            missing.append(_missing(who, requirement.fields))
    return tuple(missing)


def missing_words(requirement: Requirement) -> tuple[str, str]:
    """How `data_standard` says that it is not met: where nothing was given, and where nothing usable was."""
    listed = _listed(requirement.fields)
    return f"no {listed}", f"no usable {listed}"


def measure_fit(profile: Profile, facts: Facts) -> tuple[int, Disqualifier | None]:
    """The points, and the first disqualifier that matches. The fast way, without words."""
    points = 0
    for rule in profile.fit_rules:
        if rule.when.test(facts):
            points += rule.points
    for disqualifier in profile.disqualifiers:
        if disqualifier.when.test(facts):
            return points, disqualifier
    return points, None


def explain_fit(profile: Profile, facts: Facts) -> Verdict:
    """The same with every rule's answer in words, for dossiers and `explain`."""
    hits: list[RuleFinding] = []
    misses: list[RuleFinding] = []
    unknowns: list[RuleFinding] = []
    for rule in profile.fit_rules:
        found = _answer(rule, facts)
        matched = found.finding.matched
        (unknowns if matched is None else hits if matched else misses).append(found)
    points, disqualifier = measure_fit(profile, facts)
    excluded = None
    if disqualifier is not None:
        excluded = RuleFinding(disqualifier.id, explain_disqualifier(disqualifier, facts))
    return Verdict(tuple(hits), tuple(misses), tuple(unknowns), points, excluded)


def by_term(findings: Iterable[RuleFinding]) -> tuple[TermFinding, ...]:
    """The findings by the terms of sales, in the order of the first finding about each."""
    groups: dict[str, list[RuleFinding]] = {}
    for found in findings:
        groups.setdefault(found.about or found.rule, []).append(found)
    return tuple(_term(term.replace("_", " "), group) for term, group in groups.items())


def open_questions(profile: Profile, facts: Facts) -> tuple[OpenQuestion, ...]:
    """What forms should ask next: fields that fit rules need and that are unknown, the most telling first.

    The most telling is the one that could change the fit by the most points; of equal ones, that of the first
    rule.
    """
    stakes: dict[str, list[int]] = {}
    for rule in profile.fit_rules:
        if rule.ask is not None and _is_open(rule, facts):
            stakes.setdefault(rule.ask, []).append(rule.points)
    found = [OpenQuestion(field, _at_stake(points)) for field, points in stakes.items()]
    return tuple(sorted(found, key=lambda one: -one.at_stake))


def explain_disqualifier(disqualifier: Disqualifier, facts: Facts) -> Finding:
    """A disqualifier that matched, in words: `no budget: answers.role is student`."""
    return Finding(True, f"{disqualifier.reason}: {disqualifier.when.evaluate(facts).reason}")


def _answer(rule: PointRule, facts: Facts) -> RuleFinding:
    finding = rule.when.evaluate(facts)
    return RuleFinding(
        rule=rule.id,
        finding=finding,
        points=rule.points if finding.matched else 0,
        worth=rule.points,
        about="" if rule.about is None else rule.about.value,
        ask=rule.ask or "",
    )


def _term(term: str, group: Sequence[RuleFinding]) -> TermFinding:
    hits = [found for found in group if found.finding.matched]
    unknown = [found for found in group if found.finding.matched is None]
    told = hits or unknown or group
    open_ones = [] if hits else unknown
    return TermFinding(
        term=term,
        matched=True if hits else None if unknown else False,
        points=sum(found.points for found in hits),
        reason="; ".join(dict.fromkeys(found.finding.reason for found in told)),
        ask=tuple(dict.fromkeys(found.ask for found in open_ones if found.ask)),
        at_stake=_at_stake([found.worth for found in open_ones]),
    )


def _is_open(rule: PointRule, facts: Facts) -> bool:
    """Whether the field that the rule asks for is unknown, and would decide: `known(x)` is never unknown."""
    matched = rule.when.test(facts)
    asked = [path for path in rule.when.names().paths if path[-1] == rule.ask]
    if matched is None or not asked:
        return matched is None
    return matched is False and all(facts.lookup(path) is UNKNOWN for path in asked)


def _at_stake(points: Sequence[float]) -> float:
    """Between the best and the worst answer: rules about one thing mostly exclude each other."""
    return max(0, *points) - min(0, *points) if points else 0


def _missing(who: Lead | Contact, fields: Sequence[str]) -> str:
    problems = who.problems if isinstance(who, Lead) else {}
    nothing, nothing_usable = missing_words(Requirement(tuple(fields)))
    return nothing_usable if any(field in problems for field in fields) else nothing


def _is_given(who: Lead | Contact, field: str) -> bool:
    value: Value = getattr(who, field, None)
    if value is None:
        value = who.answers.get(field)
    return bool(value.strip()) if isinstance(value, str) else value is not None and value != ()


def _listed(fields: Sequence[str]) -> str:
    return " or ".join(field.replace("_", " ") for field in fields)
