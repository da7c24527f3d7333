"""The compiled profile: what the firm knows of its customers, as `language` makes it of YAML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from nurture.core.model import Stage
from nurture.core.predicate import Condition


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of the data standard: met when any of `fields` is known."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointRule:
    """A fit rule: `points` (may be negative) where `when` matches."""

    id: str
    when: Condition
    points: int


@dataclass(frozen=True, slots=True)
class Disqualifier:
    """An absolute rule: where `when` matches, the person is no prospect, for `reason`."""

    id: str
    when: Condition
    reason: str


@dataclass(frozen=True, slots=True)
class SignalRule:
    """What a signal means: points for engagement, evidence for a stage, and whether it is a buying signal.

    `id` is what explanations call it: the campaign author's own, else made of kind and condition.
    """

    id: str
    on: str
    where: Condition | None
    stage: Stage | None
    points: int
    buying: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What the firm knows of its customers, written once.

    A contact goes on to a stage when the evidence for it (points after decay) reaches `forward_at`, and back
    when it has fallen below `back_below`, but not before it has been in the stage for `stage_rest`. The gap
    between the two is what keeps a contact from going to and fro.
    """

    name: str
    require: tuple[Requirement, ...]
    enrich: tuple[str, ...]
    prospect_at: int
    fit_rules: tuple[PointRule, ...]
    disqualifiers: tuple[Disqualifier, ...]
    half_life: timedelta
    signals: tuple[SignalRule, ...]
    promote: Condition | None
    version: str = ""
    forward_at: float = 10.0
    back_below: float = 2.5
    stage_rest: timedelta = timedelta(days=7)
