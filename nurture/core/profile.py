"""The compiled profile: what the firm knows of its customers, as `language` makes it of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from nurture.core.model import Stage
from nurture.core.predicate import Condition

NO_CAPS: Mapping[str, int] = MappingProxyType({})
DORMANT_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One entry of the data standard: met when any of `fields` is known."""

    fields: tuple[str, ...]


class FitTerm(StrEnum):
    """What sales asks of anybody who might buy; a fit rule says which of these it is about."""

    SIZE = "size"
    SECTOR = "sector"
    REGION = "region"
    BUDGET = "budget"
    AUTHORITY = "authority"
    NEED = "need"
    TIME_FRAME = "time_frame"

    @property
    def words(self) -> str:
        """The term as people say it: `time frame`."""
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class PointRule:
    """A fit rule: `points` (may be negative) where `when` matches.

    `about` is the term of sales that it asks for; `ask` the form field that would answer it where that is not
    known.
    """

    id: str
    when: Condition
    points: int
    about: FitTerm | None = None
    ask: str | None = None


@dataclass(frozen=True, slots=True)
class Disqualifier:
    """An absolute rule: where `when` matches, the person is no prospect, for `reason`."""

    id: str
    when: Condition
    reason: str


@dataclass(frozen=True, slots=True)
class SignalRule:
    """What a signal means: points for engagement, evidence for a stage, and whether it is a buying signal.

    `id` is what explanations call it: the campaign author's own, else made of kind and condition. With
    `people` it is about the firm: so many of its people must have done so `within` a while.
    """

    id: str
    on: str
    where: Condition | None
    stage: Stage | None
    points: int
    buying: bool = False
    people: int | None = None
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What the firm knows of its customers, written once.

    A contact goes on to a stage when the evidence for it (points after decay) reaches `forward_at`, and back
    when it has fallen below `back_below`, but not before it has been in the stage for `stage_rest`. The gap
    between the two is what keeps a contact from going to and fro.

    `caps`: of one kind of signal, all points together, as they have faded, count for engagement at most so
    much (min(cap, sum)); evidence for a stage has no cap. `settle`: opens, clicks and visits younger than
    this count for nothing yet (`core.settling`). `dormant_after`: a contact for whom so long nothing human
    was recorded is dormant (`core.facts`).
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
    caps: Mapping[str, int] = field(default_factory=lambda: NO_CAPS)
    settle: timedelta = timedelta(0)
    dormant_after: timedelta = DORMANT_AFTER
