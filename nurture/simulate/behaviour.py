"""How people behave in a simulation: chances and delays, with defaults, from a YAML file.

open: 0.4                       # a chance, or one for each stage: {orientation: 0.3, decision: 0.5}
click: 0.2                      # of those who opened
visit: 0.4                      # to look at one more page
submit: {orientation: 0.02, comparison: 0.06, decision: 0.2}    # a form on the page they are on
reply: 0.003                    # of those who opened
unsubscribe: 0.004              # of those who opened and did not click
bounce: 0.01                    # that an address is dead: each mail to it bounces
templates:                      # chances that are other for one template
  comparison/costs: {click: 0.35}
spread: 0.7                     # how much people differ: 0, all the same
delay: {open: 5h, click: 1m, visit: 2m, submit: 4m, reply: 3h}  # half are sooner, half are later
awake: 07:00-23:00              # on each reader's own clock
forms: {/quote: quote, /contact: contact}                       # page → the form on it
sales: {accept: 0.0, not_now: 0.0, no_fit: 0.0, after: 1d}      # what sales answers; else nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from nurture.core.model import Stage

CHANCES = ("open", "click", "visit", "submit", "reply", "unsubscribe")
"""What stands in a behaviour as a chance by stage, and may be other for a template."""

ByStage = Mapping[Stage, float]


def by_stage(orientation: float, comparison: float, decision: float) -> ByStage:
    """A chance for each stage."""
    return {Stage.ORIENTATION: orientation, Stage.COMPARISON: comparison, Stage.DECISION: decision}


def _chances() -> Mapping[str, ByStage]:
    return {
        "open": by_stage(0.38, 0.45, 0.5),
        "click": by_stage(0.2, 0.25, 0.3),
        "visit": by_stage(0.35, 0.4, 0.45),
        "submit": by_stage(0.04, 0.08, 0.2),
        "reply": by_stage(0.002, 0.004, 0.01),
        "unsubscribe": by_stage(0.004, 0.003, 0.002),
    }


def _delays() -> Mapping[str, timedelta]:
    return {
        "open": timedelta(hours=5),
        "click": timedelta(minutes=1),
        "visit": timedelta(minutes=2),
        "submit": timedelta(minutes=4),
        "reply": timedelta(hours=3),
    }


def _forms() -> Mapping[str, str]:
    return {f"/{name}": name for name in ("brochure", "contact", "demo", "quote", "talk")}


@dataclass(frozen=True, slots=True)
class SalesHabit:
    """Which share of hand-overs sales answers in each way, `after` its opening; the rest stays open."""

    accept: float = 0.0
    not_now: float = 0.0
    no_fit: float = 0.0
    after: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The model. `templates` is template → chances that are other there; `delays` are medians."""

    chances: Mapping[str, ByStage] = field(default_factory=_chances)
    templates: Mapping[str, Mapping[str, ByStage]] = field(default_factory=dict)
    bounce: float = 0.01
    spread: float = 0.7
    delays: Mapping[str, timedelta] = field(default_factory=_delays)
    awake: tuple[time, time] = (time(7), time(23))
    forms: Mapping[str, str] = field(default_factory=_forms)
    sales: SalesHabit = field(default_factory=SalesHabit)

    def chance(self, of: str, template: str, stage: Stage) -> float:
        """How likely it is after a mail of `template` for somebody of middling interest."""
        other = self.templates.get(template)
        chances = other[of] if other is not None and of in other else self.chances[of]
        return chances[stage]
