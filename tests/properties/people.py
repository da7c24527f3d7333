"""Random people for random campaigns, what they do, and the weeks in which clocks and holidays matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.properties.author import ZONES, Doc

DAY = timedelta(days=1)

SPRING = (datetime(2026, 3, 6, 6, tzinfo=UTC), 32 * DAY)
"""Clocks change on 8 March (New York), 29 March (Amsterdam), 5 April (Lord Howe); Easter is 5 April."""
AUTUMN = (datetime(2026, 10, 2, 6, tzinfo=UTC), 32 * DAY)
"""4 October (Lord Howe), 25 October (Amsterdam), 1 November (New York)."""
WINTER = (datetime(2026, 12, 21, 6, tzinfo=UTC), 16 * DAY)
"""Christmas and New Year."""
PERIODS = {"spring": SPRING, "autumn": AUTUMN, "winter": WINTER}


@dataclass(frozen=True)
class Event:
    """Something that happens to a person: a signal, or `unsubscribed`, `agreed`, `suppressed`, `answered`."""

    at: datetime
    what: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """A contact as they are at first. `zone` may be none, or one that there is not."""

    id: int
    zone: str | None
    country: str
    answers: Mapping[str, Any]
    interests: tuple[str, ...]
    consent: bool
    events: tuple[Event, ...]

    @property
    def email(self) -> str:
        return f"an{self.id}@bakkerij{self.id}.example.com"


def person(
    random: Random, number: int, docs: list[Doc], start: datetime, length: timedelta, world: str = ""
) -> Person:
    """Somebody. Everybody in a `world` acts at the same hours, and most are of two zones."""
    zones = Random(world).sample(ZONES, 2) if world else ZONES
    zone = random.choice((*zones, *zones, *zones, None, "Mars/Olympus"))
    renewal = start + random.randint(-5, 30) * DAY
    answers = {
        "size": random.choice(("small", "small", "large")),
        "role": random.choice(("owner", "owner", "owner", "owner", "owner", "owner", "student")),
        "seats": random.choice((5, 20)),
        "renewal": random.choice((f"{renewal:%Y-%m-%d}", f"{renewal:%d-%m-%Y}", "soon")),
    }
    return Person(
        id=number,
        zone=zone,
        country=random.choice(("NL", "US", "BR")),
        answers=answers,
        interests=(*random.choice((("website",), ("shop",), ())), *([world] if world else ())),
        consent=random.random() < 0.9,
        events=events(random, docs, start, length, timedelta(hours=12) if world else timedelta(minutes=15)),
    )


def events(
    random: Random, docs: list[Doc], start: datetime, length: timedelta, grid: timedelta
) -> tuple[Event, ...]:
    """What somebody does, at moments that lie on a `grid`."""
    mails = [(doc["name"], mail) for doc in docs for mail in mails_of(doc)]
    found = []
    for _ in range(random.randint(0, 14)):
        at = start + random.randrange(length // grid) * grid
        what = random.choices(
            ("visited", "clicked", "opened", "submitted", "replied", "unsubscribed", "agreed", "suppressed"),
            (12, 8, 4, 5, 1, 1, 2, 0.3),
        )[0]
        campaign, mail = random.choice(mails)
        data: dict[str, str] = {}
        if what == "visited":
            path = random.choice(("/prices", "/prices", "/portfolio", "/planning"))
            data = {"url": f"https://www.example.com{path}"}
        elif what == "submitted":
            data = {"form": random.choice(("brochure", "brochure", "quote"))}
        elif what in {"clicked", "opened", "replied"}:
            data = {"campaign": campaign, "step": mail}
        found.append(Event(at, what, data))
    if random.random() < 0.5:
        found.append(Event(start + random.randint(3, 20) * DAY, "answered"))
    return tuple(sorted(found, key=lambda event: event.at))


def mails_of(doc: Doc) -> list[str]:
    """The ids of all mails of a campaign."""
    return [step["id"] for track in doc["stages"].values() for step in every_step(track) if "send" in step]


def every_step(steps: list[Doc]) -> list[Doc]:
    """The steps of a list and of all lists in it, in the order of the text."""
    found = []
    for step in steps:
        found.append(step)
        for inner in lists_in(step).values():
            found += every_step(inner)
    return found


def lists_in(step: Doc) -> dict[str, list[Doc]]:
    """The lists of steps that a step holds, by the name of the arm or the number of the branch."""
    if "split" in step:
        return dict(step["do"])
    if "choose" in step:
        return {str(at): branch.get("do") or branch["else"] for at, branch in enumerate(step["choose"])}
    if isinstance(step.get("on_timeout"), list):
        return {"on_timeout": step["on_timeout"]}
    return {}
