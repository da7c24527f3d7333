"""The settings `[teams.NAME]`: who sells, whom and what they serve, when they work, who is away."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from nurture.core.assign import WEIGHT_AT_MOST
from nurture.core.schedule import has_holidays
from nurture.core.written import parse_dates, parse_days, parse_hours
from nurture.setting_kinds import Section


def _in_days_of_the_week(value: Any) -> Any:
    days = parse_days(value) if isinstance(value, str) else None
    if days is None:
        raise PydanticCustomError("days", 'write "mon-fri", or "mon, wed, fri"')
    return days


def _in_hours(value: Any) -> Any:
    hours = parse_hours(value) if isinstance(value, str) else None
    if hours is None:
        raise PydanticCustomError("hours", 'write "09:00-17:30"')
    return hours


def _in_dates(value: Any) -> Any:
    if isinstance(value, date):
        return value, value
    dates = parse_dates(value) if isinstance(value, str) else None
    if dates is None:
        raise PydanticCustomError("dates", 'write "2026-12-24", or "2026-12-24..2027-01-02"')
    return dates


def _zone(name: str) -> str:
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("zone", 'write a time zone of IANA: "Europe/Amsterdam"') from None
    return name


def _place(name: str) -> str:
    # Looked up at the start: else the first hand-over would find out.
    if name and not has_holidays(name):
        raise PydanticCustomError("holidays", 'write a country ("NL") or its region ("DE-BY")')
    return name


DaysOfTheWeek = Annotated[frozenset[int], BeforeValidator(_in_days_of_the_week)]
Hours = Annotated[tuple[time, time], BeforeValidator(_in_hours)]
Dates = Annotated[tuple[date, date], BeforeValidator(_in_dates)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}$")]


class Lead(Section):
    name: str
    email: str


class Person(Section):
    """A member of a team. `weight` is their share of the hand-overs beside that of others.

    `countries` (`["NL", "BE"]`), `regions` (of the account) and `languages` (`["nl"]`): what they serve and
    speak; left out: any, after those who name it. `open_at_most`: how many hand-overs may wait for their
    answer. `away`: days on which they get none, `["2026-12-24..2027-01-02"]`; or `nurture sales away`.
    """

    name: str
    email: str
    weight: int = Field(default=1, ge=1, le=WEIGHT_AT_MOST)
    countries: tuple[Country, ...] = ()
    regions: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    open_at_most: int | None = Field(default=None, ge=1)
    away: tuple[Dates, ...] = ()


class Team(Section):
    """A team of sales. `webhook` is where its notices are posted, signed with `webhook_secret`.

    `lead` hears of hand-overs that nobody answered in time, where a campaign says `escalate: lead`, and gets
    them while all members are away. `days`, `hours`, `holidays` and `timezone` are the team's own business
    hours; left out, those of the campaign's window. `language` is that of its pages; left out, the browser's.
    """

    members: tuple[Person, ...] = ()
    lead: Lead | None = None
    open_at_most: int | None = Field(default=None, ge=1)
    timezone: Annotated[str, AfterValidator(_zone)] = ""
    days: DaysOfTheWeek | None = None
    hours: Hours | None = None
    holidays: Annotated[str, AfterValidator(_place)] = ""
    language: Literal["", "en", "nl"] = ""
    webhook: str = ""
    webhook_secret: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _is_each_of_them_there_once(self) -> Team:
        counted = Counter(member.email.casefold() for member in self.members)
        if twice := [email for email, n in counted.items() if n > 1]:
            raise PydanticCustomError("twice", "{who} is there twice", {"who": twice[0]})
        return self
