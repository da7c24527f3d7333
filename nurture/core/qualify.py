"""Whether there is enough to go on (the data standard), and whether person and firm fit the target group.

Unknown is kept apart from no: an unknown budget is a question for the next form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nurture.core.expression import Facts
from nurture.core.model import Contact, Finding, Lead, RuleFinding, Value
from nurture.core.profile import Disqualifier, Profile, Requirement


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well somebody fits: each fit rule's answer, the points, and the rule that excludes them, if any."""

    hits: tuple[RuleFinding, ...]
    misses: tuple[RuleFinding, ...]
    unknowns: tuple[RuleFinding, ...]
    points: int
    disqualified: RuleFinding | None = None


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
    hits, misses, unknowns = [], [], []
    for rule in profile.fit_rules:
        finding = rule.when.evaluate(facts)
        if finding.matched:
            hits.append(RuleFinding(rule.id, finding, rule.points))
        elif finding.matched is None:
            unknowns.append(RuleFinding(rule.id, finding))
        else:
            misses.append(RuleFinding(rule.id, finding))
    points, disqualifier = measure_fit(profile, facts)
    excluded = None
    if disqualifier is not None:
        excluded = RuleFinding(disqualifier.id, explain_disqualifier(disqualifier, facts))
    return Verdict(tuple(hits), tuple(misses), tuple(unknowns), points, excluded)


def explain_disqualifier(disqualifier: Disqualifier, facts: Facts) -> Finding:
    """A disqualifier that matched, in words: `no budget: answers.role is student`."""
    return Finding(True, f"{disqualifier.reason}: {disqualifier.when.evaluate(facts).reason}")


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
