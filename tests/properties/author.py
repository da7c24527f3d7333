"""Writes random campaigns, as marketers would: every kind of step, nested, with loops, as YAML text.

A text is written from a document of plain dicts, lists and texts, which `oracle` reads as well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

Doc = dict[str, Any]

PROFILE = """\
kind: profile
name: firm
lead: {require: [name, any_of: [email, phone]]}
fit:
  prospect_at: 50
  rules:
    - {id: large, when: answers.size == "large", points: 50}
    - {id: near, when: 'contact.country in ["NL", "US"]', points: 20}
  disqualify:
    - {id: student, when: answers.role == "student", reason: no budget}
engagement: {half_life: 3d}
signals:
  - {id: clicked, on: clicked, points: 2}
  - {id: portfolio, on: visited, where: url.path == "/portfolio", stage: orientation, points: 6}
  - {id: prices, on: visited, where: url.path == "/prices", stage: comparison, points: 6}
  - {id: planning, on: visited, where: url.path == "/planning", stage: decision, points: 7}
  - {id: quote, on: submitted, where: form == "quote", stage: decision, points: 40, buying: true}
promote: fit >= 50 and engagement >= 30 and stage == "decision"
"""

ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "UTC",
)
TEMPLATES = (
    "orientation/welcome",
    "orientation/cases",
    "orientation/how-it-works",
    "comparison/costs",
    "comparison/included",
    "decision/planning",
)
STAGES = ("orientation", "comparison", "decision")
DURATIONS = ("40m", "5h", "1d", "1d 12h", "2d", "3d", "1w")
UNTIL = ("tue 09:00", "mon-fri 08:30", "sun 02:30", "sat, sun 23:45", "02:15", "sun 01:45")
HOURS = (
    "09:00-17:30",
    "08:00-12:00",
    "02:00-03:00",
    "01:30-02:15",
    "02:15-05:00",
    "22:00-04:00",
    "23:30-01:15",
    "00:00-24:00",
    "12:00-11:00",
)
DAYS = ("mon-fri", "mon, wed, fri", "sat-mon", "sun", "tue-thu, sun", "mon-sun")
HOLIDAYS = ("NL", "US", "US-NY", "DE-BY", "BR", "WS", "NP", "AU-NSW")
QUIET = (
    "2026-03-29",
    "2026-04-03..2026-04-07",
    "2026-10-24..2026-10-26",
    "2026-12-24..2027-01-02",
    "2026-11-01",
)
REENTER = ("1d", "6d", "20d")
ASKED = (
    'visited("/prices")',
    'submitted("brochure")',
    'submitted("quote")',
    'visited("/portfolio", within=3d)',
    "fit >= 50",
    "engagement >= 6",
    'answers.size == "large"',
    'answers.segment == "gold"',
    "known(answers.renewal)",
    '"warm" in contact.tags',
    'contact.country == "NL"',
    'stage in ["comparison", "decision"]',
    "not replied()",
)
AUDIENCES = (
    "true",
    "known(contact.email)",
    '"website" in contact.interests',
    'contact.country != "NL"',
    '"warm" in contact.tags or engagement >= 1',
    "answers.seats > 10",
)


@dataclass
class Track:
    """What has been written of a track: its mails, and how many steps it may still have."""

    mails: list[str] = field(default_factory=list)
    left: int = 12


class Author:
    """One author; the same seed writes the same. A `busy` one writes to many people, at a day's pace."""

    def __init__(self, random: Random, *, busy: bool = False) -> None:
        self.random = random
        self.number = 0
        self.audiences = AUDIENCES[:3] if busy else AUDIENCES
        self.durations = DURATIONS[2:] if busy else DURATIONS
        self.pull = 3 if busy else 1

    def campaigns(self, number: int, world: str = "", *, one_cap: bool = False) -> list[Doc]:
        """Campaigns for the same people, most often with one cap over all.

        With a `world`, they are only for those who have it among their interests.
        """
        names = [f"{world or 'campaign'}-{each}" for each in "abcdef"[:number]]
        only = f'"{world}" in contact.interests' if world else None
        cap = self.cap()
        docs = []
        for name in names:
            doc = self.campaign(name, [each for each in names if each != name], only)
            if not one_cap and self.random.random() < 0.2:
                cap = self.cap()
            if cap is not None:
                doc["policy"]["cap"] = cap
            docs.append(doc)
        return docs

    def campaign(self, name: str, others: Sequence[str], only: str | None = None) -> Doc:
        self.number = 0
        stages = self.random.sample(STAGES, self.random.randint(1, 3))
        doc: Doc = {
            "kind": "campaign",
            "name": name,
            "profile": "firm",
            "purpose": "marketing",
            "locale": self.random.choice(("nl", "en")),
            "timezone": self.random.choice(ZONES),
            "audience": self.audience(only),
            "policy": self.policy(),
            "stages": {stage: self.track(others) for stage in STAGES if stage in {"orientation", *stages}},
            "handover": {"team": "sales-nl", "when_rejected": {"not_now": "recycle after 3d"}},
        }
        if self.random.random() < 0.15:
            doc["exit"] = self.random.choice(ASKED[:4])
        return doc

    # --- who, and when --------------------------------------------------------------------------------

    def audience(self, only: str | None) -> Doc:
        when = self.random.choice(self.audiences)
        audience: Doc = {"when": when if only is None else f"({when}) and {only}"}
        way = self.random.random() * self.pull
        if way < 0.2:
            audience["on"] = {"signal": "submitted", "where": 'form == "brochure"', "within": "4d"}
        elif way < 0.35:
            audience["on"] = {"signal": "visited", "where": 'url.path == "/prices"'}
        elif way < 0.5:
            audience["date"] = {"field": "answers.renewal", "minus": self.random.choice(("10d", "3d"))}
        if self.random.random() < 0.5:
            audience["reenter"] = f"after {self.random.choice(REENTER)}"
        return audience

    def policy(self) -> Doc:
        policy: Doc = {"priority": self.random.randint(-1, 2) * 10}
        window: Doc = {}
        if self.random.random() < 0.75:
            window["hours"] = self.random.choice(HOURS)
        if self.random.random() < 0.6:
            window["days"] = self.random.choice(DAYS)
        if self.random.random() < 0.5:
            window["holidays"] = self.random.choice(HOLIDAYS)
        if self.random.random() < 0.4:
            window["quiet"] = self.random.sample(QUIET, self.random.randint(1, 3))
        if window:
            policy["window"] = window
        return policy

    def cap(self) -> Doc | None:
        if self.random.random() < 0.2:
            return None
        return {"messages": self.random.randint(1, 3), "per": self.random.choice(("5h", "1d", "3d", "1w"))}

    # --- steps ----------------------------------------------------------------------------------------

    def fresh(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-{self.number}"

    def track(self, others: Sequence[str]) -> list[Doc]:
        return self.steps(Track(), 2, others)

    def steps(self, track: Track, depth: int, others: Sequence[str]) -> list[Doc]:
        """A list of steps that ends as lists can end: by going on, by an exit, or by going back."""
        steps: list[Doc] = []
        for _ in range(self.random.randint(2, 5) if depth == 2 else self.random.randint(1, 3)):
            if track.left > 0:
                steps += self.some(track, depth, others)
        if not steps:
            steps = [self.send(track)]
        if self.random.random() < 0.35:
            self.loop(steps, track)
        self.resolve(steps)
        return steps

    def some(self, track: Track, depth: int, others: Sequence[str]) -> list[Doc]:
        track.left -= 1
        kinds = ["send"] * 6 + ["wait"] * 4 + ["wait_for"] * 2 + ["do"] * 2 + ["hand_over"]
        if depth:
            kinds += ["choose"] * 3 + ["split"] * 2 + ["goal"] * 2
        match self.random.choice(kinds):
            case "send":
                return [self.send(track)]
            case "wait":
                return [{"id": self.fresh("wait"), "wait": self.waiting()}]
            case "wait_for":
                return [self.wait_for(track, depth, others)]
            case "do":
                return [{"id": self.fresh("do"), "do": self.deed(others)}]
            case "hand_over":
                yes = {"id": self.fresh("give"), "hand_over": True}
                branch = {"when": 'visited("/prices") >= 3', "do": [yes]}
                return [{"id": self.fresh("choose"), "choose": [branch]}]
            case "choose":
                return [self.choose(track, depth, others)]
            case "split":
                return [self.split(track, depth, others)]
            case _:
                return [{"id": self.fresh("goal"), "goal": self.condition(track)}]

    def send(self, track: Track) -> Doc:
        mail = self.fresh("mail")
        track.mails.append(mail)
        return {"id": mail, "send": self.random.choice(TEMPLATES)}

    def waiting(self) -> str | Doc:
        way = self.random.random()
        if way < 0.6:
            return self.random.choice(self.durations)
        if way < 0.8:
            return {"until": self.random.choice(UNTIL)}
        if way < 0.9:
            day = self.random.choice(("2026-03-29", "2026-04-05", "2026-10-25", "2026-11-01", "2026-12-31"))
            return {"until": f"{day} {self.random.choice(('02:30', '09:00', '00:15'))}"}
        offset = {self.random.choice(("minus", "plus")): self.random.choice(("2d", "5d"))}
        return {"until": "answers.renewal", "at": self.random.choice(("09:00", "02:30")), **offset}

    def wait_for(self, track: Track, depth: int, others: Sequence[str]) -> Doc:
        step: Doc = {
            "id": self.fresh("listen"),
            "wait_for": self.condition(track),
            "up_to": self.random.choice(self.durations),
        }
        way = self.random.random()
        if way < 0.3 and depth:
            step["on_timeout"] = self.steps(track, depth - 1, others)
        elif way < 0.5:
            step["on_timeout"] = None
        return step

    def choose(self, track: Track, depth: int, others: Sequence[str]) -> Doc:
        step_id = self.fresh("choose")
        branches: list[Doc] = [
            {"when": self.condition(track), "do": self.branch(track, depth, others)}
            for _ in range(self.random.randint(1, 2))
        ]
        if self.random.random() < 0.5:
            branches.append({"else": self.branch(track, depth, others)})
        return {"id": step_id, "choose": branches}

    def branch(self, track: Track, depth: int, others: Sequence[str]) -> list[Doc]:
        way = self.random.random()
        if way < 0.12:
            return [{"id": self.fresh("leave"), "exit": "enough"}]
        steps = self.steps(track, depth - 1, others)
        if way < 0.3:
            steps.append({"id": self.fresh("jump"), "go_to": None})
        return steps

    def split(self, track: Track, depth: int, others: Sequence[str]) -> Doc:
        step_id = self.fresh("split")
        holdout = self.random.choice((0, 20, 50))
        weights = {"a": 30, "b": 70 - holdout} | ({"holdout": holdout} if holdout else {})
        do = {arm: self.steps(track, depth - 1, others) for arm in ("a", "b")}
        return {"id": step_id, "split": weights, "do": do}

    def deed(self, others: Sequence[str]) -> Doc:
        deeds: list[Doc] = [
            {"tag": "warm"},
            {"untag": "warm"},
            {"set_field": {"field": "answers.segment", "value": self.random.choice(("gold", "silver"))}},
            {"task": {"to": "sales-nl", "title": "Call {name}"}},
        ]
        if others:
            deeds += [{"add_to": self.random.choice(others)}, {"remove_from": self.random.choice(others)}]
        return self.random.choice(deeds)

    def condition(self, track: Track) -> str:
        asked = list(ASKED)
        for mail in track.mails[-3:]:
            asked += [f'clicked("{mail}")', f'opened("{mail}")', f'sent("{mail}") >= 2']
        one, other = self.random.choice(asked), self.random.choice(asked)
        way = self.random.random()
        if way < 0.7:
            return one
        return f"not ({one})" if way < 0.8 else f"{one} {self.random.choice(('and', 'or'))} {other}"

    # --- jumps ----------------------------------------------------------------------------------------

    def loop(self, steps: list[Doc], track: Track) -> None:
        """Makes the end of the list lead back to one of its steps: always, or while something holds."""
        target = self.random.randrange(len(steps))
        if not any("wait" in step for step in steps[target:]):
            every = self.random.choice(("20h", "2d", "1w"))
            wait: Doc | str = {"until": self.random.choice(UNTIL)} if self.random.random() < 0.3 else every
            steps.append({"id": self.fresh("wait"), "wait": wait})
        back = {"id": self.fresh("back"), "go_to": steps[target]["id"]}
        if self.random.random() < 0.3:
            steps.append(back)
        else:
            branch = {"when": self.condition(track), "do": [back]}
            steps.append({"id": self.fresh("choose"), "choose": [branch]})

    def resolve(self, steps: list[Doc]) -> None:
        """Jumps forward that were left open go to a step further down in the list; else they are left out."""
        for place, step in enumerate(steps):
            later = [each["id"] for each in steps[place + 1 :]]
            if "on_timeout" in step and step["on_timeout"] is None:
                del step["on_timeout"]
                if later:
                    step["on_timeout"] = self.random.choice(later)
            for branch in step.get("choose", ()):
                ways = branch.get("do") or branch.get("else")
                if ways[-1].get("go_to", "") is None:
                    ways.pop()
                    if later:
                        ways.append({"id": self.fresh("jump"), "go_to": self.random.choice(later)})


def yaml(doc: Doc) -> str:
    """The text of a document: each key on a line of its own, and each step of a track."""
    lines = []
    for key, value in doc.items():
        if key != "stages":
            lines.append(f"{key}: {json.dumps(value)}")
            continue
        lines.append("stages:")
        for stage, steps in value.items():
            lines.append(f"  {stage}:")
            lines += [f"    - {json.dumps(step)}" for step in steps]
    return "\n".join(lines) + "\n"
