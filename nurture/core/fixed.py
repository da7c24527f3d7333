"""What a profile says of somebody by their data alone, so that it need not be asked again at every moment.

Most fit rules and disqualifiers ask only who somebody is. Between two changes of their data these answer
alike, whatever happens meanwhile: a profile in which they are replaced by their answers measures the same.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime

from nurture.core.expression import And, History, Literal, Name, Node, walk
from nurture.core.facts import Rules, SnapshotFacts
from nurture.core.model import Contact, Snapshot
from nurture.core.plan import Plan
from nurture.core.predicate import Condition
from nurture.core.profile import PointRule, Profile
from nurture.core.truth import Test, compile_test

_MOVING = {"lifecycle", "stage", "stage_since", "fit", "engagement", "recycle_at"}
_PERSON = {field.name for field in fields(Contact)} - _MOVING
_ALWAYS = Condition("true", Literal(True))
_MOST = 1_000
"""So many kinds of people are remembered; then it begins anew, so that memory stays flat."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A plan that measures one kind of people as the whole one does. `hopeless`: it promotes none of them."""

    plan: Plan
    hopeless: bool


class FixedPlans:
    """The plans of one profile without campaigns, each for those people for whom the same rules hold."""

    def __init__(self, profile: Profile, rules: Rules) -> None:
        self._profile = profile
        self._rules = rules
        self._fit = [rule for rule in profile.fit_rules if is_fixed(rule.when.root)]
        self._moving = [rule for rule in profile.fit_rules if not is_fixed(rule.when.root)]
        self._against = [rule for rule in profile.disqualifiers if is_fixed(rule.when.root)]
        self._needed = _needed_of(profile)
        self._known: dict[tuple[object, ...], Fixed] = {}

    def of(self, snapshot: Snapshot, now: datetime) -> Fixed:
        """That of a person, by what is known of them and their company at `now`."""
        facts = SnapshotFacts(snapshot, None, None, None, now, rules=self._rules)
        points = tuple([rule.points if rule.when.test(facts) else 0 for rule in self._fit])
        harmless = frozenset([rule.id for rule in self._against if not rule.when.test(facts)])
        facts.fit = sum(points)
        may_promote = self._profile.promote is not None and all(test(facts) for test in self._needed)
        kind = (facts.fit, harmless, may_promote)
        if kind not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[kind] = self._make(*kind)
        return self._known[kind]

    def _make(self, fit: int, harmless: frozenset[str], may_promote: bool) -> Fixed:
        against = tuple(rule for rule in self._profile.disqualifiers if rule.id not in harmless)
        known = PointRule("known", _ALWAYS, fit)
        profile = replace(self._profile, fit_rules=(known, *self._moving), disqualifiers=against)
        fits_too_little = fit < profile.prospect_at
        hopeless = not self._moving and not against and fits_too_little and not may_promote
        return Fixed(Plan(profile, {}, rules=self._rules), hopeless)


def is_fixed(root: Node, *, with_fit: bool = False) -> bool:
    """Whether a condition asks for nothing but data of person and company (and for the fit, `with_fit`)."""
    for node in walk(root):
        if isinstance(node, History) or (isinstance(node, Name) and not _is_data(node.path, with_fit)):
            return False
    return True


def _is_data(path: tuple[str, ...], with_fit: bool) -> bool:
    if path[0] == "contact":
        return len(path) > 1 and path[1] in _PERSON
    return path[0] in ("account", "answers", "source") or (with_fit and path == ("fit",))


def _needed_of(profile: Profile) -> list[Test]:
    """What of the promote condition must hold whatever else does, and asks for data and fit alone."""
    if profile.promote is None:
        return []
    root = profile.promote.root
    operands = root.operands if isinstance(root, And) else (root,)
    return [compile_test(operand) for operand in operands if is_fixed(operand, with_fit=True)]
