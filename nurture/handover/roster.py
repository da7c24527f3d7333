"""A team of the settings as the core knows it: its members, its hours, who is away today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from nurture.core.assign import LANGUAGE, TERRITORY, Member
from nurture.core.campaign import LEAD, Campaign, HandoverPolicy, Window
from nurture.core.model import SalesPerson
from nurture.core.schedule import OFFICE_HOURS
from nurture.setting_sales import Person, Team
from nurture.store.rosters import Absence


def members_of(team: Team) -> tuple[Member, ...]:
    """The members, each with what the team says of all of them where they say nothing themselves."""
    return tuple(_member(person, team) for person in team.members)


def lead_of(team: Team) -> SalesPerson | None:
    """Who leads the team."""
    return SalesPerson(team.lead.name, team.lead.email) if team.lead else None


def away_on(day: date, team: Team, absences: Iterable[Absence]) -> dict[str, date]:
    """Who is away on that day, and until when: by e-mail address, by the settings and by command."""
    spans = [(person.email, *dates) for person in team.members for dates in person.away]
    spans += [(one.email, one.first, one.last) for one in absences]
    away: dict[str, date] = {}
    for email, first, last in spans:
        if first <= day <= last:
            away[email] = max(last, away.get(email, last))
    return away


def hours_of(team: Team, campaign: Campaign) -> tuple[Window, ZoneInfo]:
    """The team's business hours and its clock: its own, else those of the campaign's window."""
    window = campaign.policy.window
    own: dict[str, Any] = {
        "days": team.days,
        "start": team.hours[0] if team.hours else None,
        "end": team.hours[1] if team.hours else None,
        "holidays": team.holidays or None,
    }
    said = {name: value for name, value in own.items() if value is not None}
    if said and window == Window():
        window = OFFICE_HOURS
    return replace(window, **said), ZoneInfo(team.timezone or campaign.timezone)


def policy_of(campaign: Campaign | None, team: str) -> HandoverPolicy:
    """How the campaign hands over; where it says nothing of it, a step of it named the team."""
    policy = campaign.handover if campaign else None
    return policy or HandoverPolicy(team)


def traits_of(team: Team) -> frozenset[str]:
    """What hand-overs of the team can be assigned by, and `lead` where somebody leads it."""
    served = any(person.countries or person.regions for person in team.members)
    spoken = any(person.languages for person in team.members)
    said = {TERRITORY: served, LANGUAGE: spoken, LEAD: team.lead is not None}
    return frozenset(name for name, there in said.items() if there)


def _member(person: Person, team: Team) -> Member:
    return Member(
        person.name,
        person.email,
        person.weight,
        frozenset(person.countries),
        frozenset(region.casefold() for region in person.regions),
        frozenset(person.languages),
        person.open_at_most or team.open_at_most,
    )
