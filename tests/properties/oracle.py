"""What a ledger of mails must hold, by the meaning of the campaigns' texts.

Nothing here calls the engine: texts are read from the documents that they were written from, clocks by
zoneinfo, holidays by the library of that name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from tests.properties.author import Doc
from tests.properties.people import Person, every_step, lists_in

DAY = timedelta(days=1)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Mail:
    """One mail: when it was decided on, and when it went out (None: it did not)."""

    contact: int
    campaign: str
    step: str
    occurrence: int
    lap: int
    decided: datetime
    went: datetime | None


def seconds(text: str) -> int:
    """The seconds in `1d 12h`."""
    units = {"w": 7 * 86_400, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([wdhms])", text))


def lasting(text: str) -> timedelta:
    return timedelta(seconds=seconds(text))


def weekdays(text: str) -> set[int]:
    """The days in `mon-wed, sat`, 0 is Monday."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        day = NAMES.index(first)
        found.add(day)
        while last and NAMES[day] != last:
            day = (day + 1) % 7
            found.add(day)
    return found


def clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour) % 24, int(minute))


@cache
def is_holiday(place: str, day: date) -> bool:
    country, _, region = place.partition("-")
    return day in holidays.country_holidays(country, subdiv=region or None, years=day.year)


class Hours:
    """The send window of a campaign, on somebody's clock."""

    def __init__(self, doc: Doc, zone: str) -> None:
        window = doc["policy"].get("window", {})
        self.zone = ZoneInfo(zone)
        self.start, self.end = (clock(part) for part in window.get("hours", "00:00-24:00").split("-"))
        self.days = weekdays(window.get("days", "mon-sun"))
        self.holidays = window.get("holidays")
        self.quiet = [quiet.split("..") for quiet in window.get("quiet", [])]

    def open(self, moment: datetime) -> bool:
        wall = moment.astimezone(self.zone)
        today, reading = wall.date(), wall.time().replace(fold=0)
        if self.start < self.end:
            return self.start <= reading < self.end and self.works(today)
        # Over midnight: the small hours belong to the day before.
        return (reading >= self.start and self.works(today)) or (
            reading < self.end and self.works(today - DAY)
        )

    def works(self, day: date) -> bool:
        quiet = any(date.fromisoformat(each[0]) <= day <= date.fromisoformat(each[-1]) for each in self.quiet)
        holiday = self.holidays is not None and is_holiday(self.holidays, day)
        return day.weekday() in self.days and not quiet and not holiday


class Rules:
    """What one campaign's text says that a ledger can be held against."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.name: str = doc["name"]
        self.priority: int = doc["policy"].get("priority", 0)
        cap = doc["policy"].get("cap")
        self.cap = None if cap is None else (int(cap["messages"]), lasting(cap["per"]))
        reenter = doc["audience"].get("reenter")
        self.reenter = None if reenter is None else lasting(reenter)
        tracks = list(doc["stages"].values())
        self.steps = {step["id"]: step for track in tracks for step in every_step(track)}
        self.has_goals = any("goal" in step for step in self.steps.values())
        self.arms = {
            step["id"]: {arm: {each["id"] for each in every_step(inner)} for arm, inner in step["do"].items()}
            for step in self.steps.values()
            if "split" in step
        }
        self.laps: dict[str, timedelta] = {}
        self.chains: list[tuple[str, Doc | str, str]] = []
        for track in tracks:
            self._read(track)

    def hours(self, zone: str | None) -> Hours:
        """The window on the clock of somebody in `zone`, the campaign's own where that is none."""
        try:
            return _hours(self, str(ZoneInfo(zone or "").key))
        except (KeyError, ValueError):
            return _hours(self, self.doc["timezone"])

    def _read(self, track: list[Doc]) -> None:
        """Notes each loop with the shortest time that a lap takes, and each wait between two mails."""
        flat = every_step(track)
        at = {step["id"]: place for place, step in enumerate(flat)}
        for place, step in enumerate(flat):
            if at.get(step.get("go_to"), len(flat)) <= place:
                self._loop(flat[at[step["go_to"]] : place + 1], least_wait(track, step))
        for steps in [track, *(inner for step in flat for inner in lists_in(step).values())]:
            for before, wait, after in zip(steps, steps[1:], steps[2:], strict=False):
                if "send" in before and "wait" in wait and "send" in after:
                    self.chains.append((before["id"], wait["wait"], after["id"]))

    def _loop(self, body: list[Doc], least: timedelta) -> None:
        for each in body:
            self.laps[each["id"]] = min(least, self.laps.get(each["id"], least))


def least_wait(steps: list[Doc], back: Doc) -> timedelta:
    """The shortest of the waits that stand in one list with the target of a jump back, before the jump."""
    at = {step["id"]: place for place, step in enumerate(steps)}
    for place, step in enumerate(steps):
        if back in every_step([step]) and at.get(back["go_to"], len(steps)) <= place:
            waits = [each["wait"] for each in steps[at[back["go_to"]] : place + 1] if "wait" in each]
            spans = [lasting(wait) if isinstance(wait, str) else timedelta() for wait in waits]
            return min(spans, default=timedelta())
    inner = (each for step in steps for each in lists_in(step).values())
    return max((least_wait(each, back) for each in inner), default=timedelta())


@cache
def _hours(rules: Rules, zone: str) -> Hours:
    return Hours(rules.doc, zone)


class Oracle:
    """Judges the mails of people in campaigns."""

    def __init__(self, docs: Sequence[Doc], people: Sequence[Person]) -> None:
        self.rules = {doc["name"]: Rules(doc) for doc in docs}
        self.people = {person.id: person for person in people}
        self.one_cap = len({rules.cap for rules in self.rules.values()}) == 1

    def wrongs(self, mails: Sequence[Mail]) -> list[str]:
        """Every way in which a ledger, in the order in which it was written, is not as it must be."""
        by_contact: dict[int, list[Mail]] = defaultdict(list)
        for mail in mails:
            by_contact[mail.contact].append(mail)
        found: list[str] = []
        for contact, theirs in by_contact.items():
            person = self.people[contact]
            for judge in self.laws():
                found += [f"{judge.__name__}: contact {contact}: {wrong}" for wrong in judge(person, theirs)]
        return found

    def laws(self) -> Sequence[Callable[[Person, Sequence[Mail]], Iterator[str]]]:
        """Each finds what breaks it among the mails of one person."""
        return (
            self.consents,
            self.windows,
            self.caps,
            self.twice,
            self.arms,
            self.laps,
            self.waits,
            self.reentry,
        )

    def consents(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        for mail in mails:
            for moment in (mail.decided, mail.went):
                if moment is not None and not agrees(person, moment):
                    yield f"{mail} without consent"

    def windows(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        for mail in mails:
            hours = self.rules[mail.campaign].hours(person.zone)
            for moment in (mail.decided, mail.went):
                if moment is not None and not hours.open(moment):
                    yield f"{mail} at {moment.astimezone(hours.zone):%a %Y-%m-%d %H:%M} ({hours.zone})"

    def caps(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        """Of those that went, by when they were decided on; with one cap for all, by when they went."""
        went = [(mail.went, mail) for mail in mails if mail.went is not None]
        yield from self._full([(mail.decided, mail) for _, mail in went])
        if self.one_cap:
            yield from self._full(sorted(went, key=lambda pair: pair[0]))

    def _full(self, mails: Sequence[tuple[datetime, Mail]]) -> Iterator[str]:
        for number, (at, mail) in enumerate(mails):
            cap = self.rules[mail.campaign].cap
            if cap is not None:
                recent = sum(at - cap[1] < before <= at for before, _ in mails[:number])
                if recent >= cap[0]:
                    yield f"{mail} is number {recent + 1} in {cap[1]}"

    def twice(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        seen = set()
        for mail in mails:
            loops = mail.step in self.rules[mail.campaign].laps
            key = (mail.campaign, mail.step, mail.occurrence, mail.lap if loops else 0)
            if key in seen:
                yield f"{mail} again"
            seen.add(key)

    def arms(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        for rules in self.rules.values():
            got = {mail.step for mail in mails if mail.campaign == rules.name}
            for split, arms in rules.arms.items():
                had = [arm for arm, steps in arms.items() if steps & got]
                if len(had) > 1:
                    yield f"mails of two arms of {split} in {rules.name}: {sorted(got)}"

    def laps(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        last: dict[tuple[str, str, int], Mail] = {}
        for mail in mails:
            rules = self.rules[mail.campaign]
            before = last.get((mail.campaign, mail.step, mail.occurrence))
            last[mail.campaign, mail.step, mail.occurrence] = mail
            if before is None:
                continue
            # A goal takes people out of a wait.
            least = timedelta() if rules.has_goals else rules.laps.get(mail.step, timedelta())
            if mail.decided <= before.decided or mail.decided - before.decided < least:
                yield f"{mail} only {mail.decided - before.decided} after {before}"

    def waits(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        """A mail behind a wait comes when that is over, seen from the mail before it in the same lap."""
        for rules in self.rules.values():
            if rules.has_goals:
                continue
            zone = rules.hours(person.zone).zone
            when = {
                (mail.step, mail.occurrence, mail.lap): mail for mail in mails if mail.campaign == rules.name
            }
            for first, wait, second in rules.chains:
                for (step, *rest), mail in when.items():
                    after = when.get((second, *rest))
                    if step == first and after is not None and after.decided < over(wait, mail.decided, zone):
                        yield f"{after} does not wait {wait} after {mail}"

    def reentry(self, person: Person, mails: Sequence[Mail]) -> Iterator[str]:
        for rules in self.rules.values():
            theirs = [mail for mail in mails if mail.campaign == rules.name]
            for before, after in pairwise(theirs):
                if after.occurrence == before.occurrence:
                    continue
                if rules.reenter is None or after.occurrence < before.occurrence:
                    yield f"{after} after {before}, and nobody may come again"
                elif after.decided - before.decided < rules.reenter:
                    yield f"{after} so soon after {before}"


def agrees(person: Person, at: datetime) -> bool:
    """Whether somebody may be mailed, after all that they have said until `at`."""
    said = [event.what for event in person.events if event.at <= at]
    granted = [what == "agreed" for what in said if what in {"agreed", "unsubscribed"}]
    return "suppressed" not in said and (granted[-1] if granted else person.consent)


def over(wait: Doc | str, since: datetime, zone: ZoneInfo) -> datetime:
    """The earliest moment at which a wait that began at `since` can be over."""
    if isinstance(wait, str):
        return since + lasting(wait)
    until = wait["until"]
    if "." in until:
        return since
    if until[0].isdigit() and "-" in until:
        day, _, at = until.partition(" ")
        return _shown(date.fromisoformat(day), clock(at or "00:00"), zone)[0]
    days, _, at = until.rpartition(" ")
    today = since.astimezone(zone).date()
    moments = [
        _shown(day, clock(at), zone)
        for day in (today + ahead * DAY for ahead in range(9))
        if day.weekday() in weekdays(days or "mon-sun")
    ]
    return min(max(first, since) for first, last in moments if last >= since)


def _shown(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when a clock in `zone` can be said to show `at` on `day`: one moment on most days."""
    readings = [datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)]
    return min(readings), max(readings)
