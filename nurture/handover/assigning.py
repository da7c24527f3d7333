"""Gives prospects to members of their teams: gathers what the core asks, lets it decide, keeps the shares."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.core.assign import OWNER, Assigned, Roster, Wanted, assign
from nurture.core.campaign import Campaign, HandoverPolicy
from nurture.core.model import Account, Contact
from nurture.handover.roster import away_on, lead_of, members_of
from nurture.setting_sales import Team
from nurture.store import rosters

OWNER_FACT = "owner"
"""The account's fact that says whose it is: `account.owner`, a member's e-mail address or name."""


@dataclass(frozen=True, slots=True)
class ToAssign:
    """A prospect for a team. `but` are the addresses of members who cannot have it again; with `only_there`,
    nobody gets it who is away. `to_lead`: whoever leads the team can have it where nobody else can.
    """

    team: str
    campaign: Campaign
    policy: HandoverPolicy
    contact: Contact
    account: Account | None
    but: frozenset[str] = frozenset()
    only_there: bool = False
    to_lead: bool = True


class Assigner:
    """Says who gets what, in the caller's transaction: so many statements, however many there are."""

    def __init__(self, teams: Mapping[str, Team]) -> None:
        self._teams = teams

    def assign(self, connection: sa.Connection, wanted: Sequence[ToAssign], now: datetime) -> list[Assigned]:
        """Who gets each, in order. Holds the teams until the commit: no two workers give out at once."""
        rosters.hold_teams(connection, Counter(one.team for one in wanted))
        owners = _owners(connection, wanted)
        standing = self._rosters(connection, {one.team for one in wanted}, wanted, now)
        found: list[Assigned | None] = [None] * len(wanted)
        for places in _alike(wanted):
            first = wanted[places[0]]
            roster = _without(standing[first.team], first)
            asked = [_wanted(wanted[place], owners[place]) for place in places]
            given, passed = assign(asked, first.policy.assign, roster)
            standing[first.team] = _after(standing[first.team], given, passed)
            for place, one in zip(places, given, strict=True):
                found[place] = one
        rosters.put_passed(connection, {team: roster.passed or {} for team, roster in standing.items()})
        return [one for one in found if one is not None]

    def _rosters(
        self, connection: sa.Connection, names: Iterable[str], wanted: Sequence[ToAssign], now: datetime
    ) -> dict[str, Roster]:
        teams = {name: self._teams.get(name, Team()) for name in sorted(names)}
        emails = {person.email for team in teams.values() for person in team.members}
        passed = rosters.passed_in(connection, teams)
        waiting = rosters.waiting_for(connection, emails)
        # The day before, as somewhere in the world it still is.
        absences = rosters.absences(connection, now.date().fromordinal(now.toordinal() - 1), emails)
        zones = {one.team: one.campaign.timezone for one in wanted}
        return {
            name: Roster(
                members_of(team),
                lead_of(team),
                away_on(now.astimezone(ZoneInfo(team.timezone or zones[name])).date(), team, absences),
                waiting,
                passed.get(name, {}),
            )
            for name, team in teams.items()
        }


def _owners(connection: sa.Connection, wanted: Sequence[ToAssign]) -> list[tuple[str | None, str]]:
    """Whose each is, and why: what the account says, else who had them, or others of the account, before."""
    asking = [one for one in wanted if OWNER in one.policy.assign]
    contacts = sorted({one.contact.id for one in asking})
    accounts = sorted({one.account.id for one in asking if one.account})
    of_contacts = rosters.former_of_contacts(connection, contacts) if contacts else {}
    of_accounts = rosters.former_of_accounts(connection, accounts) if accounts else {}
    return [_owner(one, of_contacts, of_accounts) for one in wanted]


def _owner(
    one: ToAssign, of_contacts: Mapping[int, str], of_accounts: Mapping[int, str]
) -> tuple[str | None, str]:
    account = one.account
    said = account.facts.get(OWNER_FACT) if account else None
    if account is not None and isinstance(said, str):
        return said, f"owns {_called(account)}"
    if one.contact.id in of_contacts:
        return of_contacts[one.contact.id], "had them before"
    if account is not None and account.id in of_accounts:
        return of_accounts[account.id], f"had others of {_called(account)} before"
    return None, ""


def _called(account: Account) -> str:
    return account.name or account.domain or "the account"


def _wanted(one: ToAssign, owner: tuple[str | None, str]) -> Wanted:
    contact, account = one.contact, one.account
    locale = contact.locale or one.campaign.locale
    return Wanted(
        country=contact.country or (account.country if account else None),
        region=account.region if account else None,
        language=locale.partition("-")[0] or None,
        owner=owner[0],
        owned=owner[1],
    )


def _alike(wanted: Sequence[ToAssign]) -> Iterable[list[int]]:
    """The places of those who go by the same ways to the same members."""
    groups: dict[object, list[int]] = defaultdict(list)
    for place, one in enumerate(wanted):
        groups[one.team, one.policy.assign, one.but, one.only_there, one.to_lead].append(place)
    return groups.values()


def _without(roster: Roster, one: ToAssign) -> Roster:
    gone = one.but | (frozenset(roster.away or ()) if one.only_there else frozenset())
    members = tuple(each for each in roster.members if each.email not in gone)
    return replace(roster, members=members, lead=roster.lead if one.to_lead else None)


def _after(roster: Roster, given: Sequence[Assigned], passed: Mapping[str, int]) -> Roster:
    waiting = Counter(roster.waiting or {})
    waiting.update(one.to.email for one in given if one.to)
    return replace(roster, waiting=waiting, passed={**(roster.passed or {}), **passed})
