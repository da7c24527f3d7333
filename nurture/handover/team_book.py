"""Looks after the teams: who has how many open, who is away and when, and whose an account is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.errors import NurtureError, did_you_mean
from nurture.handover.assigning import OWNER_FACT
from nurture.handover.roster import away_on
from nurture.setting_sales import Person, Team
from nurture.store import firms, rosters
from nurture.store.engine import Store


@dataclass(frozen=True, slots=True)
class MemberStanding:
    """One member: how many hand-overs wait for their answer, how many they had, until when they are away."""

    team: str
    name: str
    email: str
    weight: int
    open: int
    had: int
    away_until: date | None


@dataclass(frozen=True, slots=True)
class Owned:
    """An account and whose it is; None: nobody's by name."""

    account_id: int
    account: str
    owner: str | None


class TeamBook:
    """The teams of the settings, with what the database knows of them."""

    def __init__(self, store: Store, clock: Clock, teams: Mapping[str, Team]) -> None:
        self._store = store
        self._clock = clock
        self._teams = teams

    def standings(self) -> list[MemberStanding]:
        """Every member of every team, in the order of the settings."""
        emails = {person.email for team in self._teams.values() for person in team.members}
        now = self._clock.now()
        with self._store.read() as connection:
            waiting = rosters.waiting_for(connection, emails)
            had = rosters.had_by_members(connection)
            absences = rosters.absences(connection, _day_before(now), emails)
        found = []
        for name, team in self._teams.items():
            away = away_on(_today(team, now), team, absences)
            for person in team.members:
                counts = waiting.get(person.email, 0), had.get((name, person.email), 0)
                until = away.get(person.email)
                found.append(MemberStanding(name, person.name, person.email, person.weight, *counts, until))
        return found

    def member(self, wanted: str) -> Person:
        """The member of that name or address. Raised when there is none, or are several: NurtureError."""
        people = {person.email: person for team in self._teams.values() for person in team.members}
        said = wanted.strip().casefold()
        found = [one for one in people.values() if said in (one.name.casefold(), one.email.casefold())]
        found = found or [one for one in people.values() if one.name.casefold().startswith(f"{said} ")]
        if not found:
            names = [one.name for one in people.values()]
            hint = did_you_mean(wanted, names) or "members stand under [teams.NAME] in nurture.toml"
            raise NurtureError(f"no team has a member {wanted!r}", hint=hint.lstrip("; "))
        if len(found) > 1:
            several = ", ".join(one.email for one in found)
            raise NurtureError(f"{wanted!r} may be any of {several}", hint="give the e-mail address")
        return found[0]

    def away(self, wanted: str, first: date | None, last: date) -> Person:
        """A member is away until `last`, that day too. Raised when that is before `first`: NurtureError."""
        person = self.member(wanted)
        begin = first or self._today_of(person)
        if last < begin:
            raise NurtureError(f"{last} is before {begin}", hint="give the last day of the absence")
        with self._store.write() as connection:
            rosters.add_absence(connection, person.email, begin, last)
        return person

    def back(self, wanted: str) -> bool:
        """A member is there again, from today on; or is not away later, where they are there.

        False where nothing said that they are away.
        """
        person = self.member(wanted)
        with self._store.write() as connection:
            return rosters.end_absence(connection, person.email, self._today_of(person)) > 0

    def absences(self) -> Sequence[rosters.Absence]:
        """Who is away by command, now or later."""
        with self._store.read() as connection:
            return rosters.absences(connection, _day_before(self._clock.now()))

    def _today_of(self, person: Person) -> date:
        """The day it is on the clock of their team, the first one that they are in."""
        teams = (team for team in self._teams.values() if person in team.members)
        return _today(next(teams, Team()), self._clock.now())

    def own(self, account: str, wanted: str | None) -> Owned:
        """Gives an account to a member by name, or to nobody: colleagues then go to whoever had them before.

        Raised when there is no such account, or are several: NurtureError.
        """
        person = self.member(wanted) if wanted else None
        now = self._clock.now()
        with self._store.write() as connection:
            row = _the_account(connection, account)
            rosters.set_fact(connection, row.id, OWNER_FACT, person.email if person else None, now)
        return Owned(row.id, row.name or row.domain or account, person.email if person else None)


def _the_account(connection: sa.Connection, wanted: str) -> Any:
    found = firms.find_firms(connection, wanted)
    if not found:
        raise NurtureError(f"there is no account {wanted!r}", hint="give its domain, its name, or its id")
    if len(found) > 1:
        several = ", ".join(str(row.id) for row in found)
        raise NurtureError(f"{wanted!r} may be any of the accounts {several}", hint="give the id")
    return found[0]


def _today(team: Team, now: datetime) -> date:
    return now.astimezone(ZoneInfo(team.timezone or "UTC")).date()


def _day_before(now: datetime) -> date:
    # Somewhere in the world it still is.
    return date.fromordinal(now.toordinal() - 1)
