"""What follows from what is known of people: which firm is theirs, and whether they are contacts or junk."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.core.profile import Requirement
from nurture.core.qualify import data_standard
from nurture.ingest.accounts import Accounts, wanted_accounts
from nurture.ingest.match import Merged, Person
from nurture.ingest.normalise import RECORD, ROBOT
from nurture.store import inbox, journey, people
from nurture.store.people import Company, PersonRow

ROBOT_REASON = "a robot filled in the form"

BY_ACCOUNT = "account"
"""In `matched_by`: a new person told something new of a company that was known."""


@dataclass(frozen=True, slots=True)
class Companies:
    """Whose company is which (by the person's identity in memory), and of which something new is known."""

    linked: Mapping[int, Company]
    changed: Collection[int]


def missing_of(person: Person, require: Sequence[Requirement]) -> str | None:
    """Why the person is junk; None for a contact. Who is one already stays one."""
    if not person.rests:
        return None
    if person.lead.problems.get(RECORD) == ROBOT:
        return ROBOT_REASON
    return ", ".join(data_standard(person.lead, require)) or None


def link_companies(connection: sa.Connection, everybody: Sequence[Person], now: datetime) -> Companies:
    """Finds or makes the companies of those of whom something new is known, and writes what is new."""
    touched = [person for person in everybody if person.changed and person.missing != ROBOT_REASON]
    domains, keys = wanted_accounts([(person.lead, person.said_company) for person in touched])
    ids = {person.account_id for person in touched if person.account_id is not None}
    accounts = Accounts(people.find_companies(connection, ids, domains, keys))
    linked = {}
    for person in touched:
        company, changes = accounts.link(person.lead, person.said_company, person.account_id, person.origin)
        if company is not None:
            linked[id(person)] = company
        if changes and person.merges:
            person.merges[-1].changes.update(changes)
        elif changes and person.items:
            person.merges.append(Merged(person.items[-1], BY_ACCOUNT, changes))
    new_ids = people.new_account_ids(connection, len(accounts.new))
    for company, account_id in zip(accounts.new, new_ids, strict=True):
        company.id = account_id
    people.insert_companies(connection, accounts.new, now)
    people.update_companies(connection, list(accounts.changed.values()), now)
    return Companies(linked, accounts.changed.keys())


def judge_anew(
    connection: sa.Connection, everybody: Sequence[Person], require: Sequence[Requirement], now: datetime
) -> Companies:
    """People of whom something was found, not said: their firms, and whether they are contacts now."""
    for person in everybody:
        person.missing = missing_of(person, require)
    companies = link_companies(connection, everybody, now)
    changed = [person for person in everybody if person.changed]
    people.update_people(connection, [person_row(person, companies.linked) for person in changed], now)
    good = redeemed(everybody)
    inbox.redeem(connection, good)
    inbox.reword_junk(connection, [(one.id, one.missing) for one in everybody if one.missing])
    people.promote_junk(connection, good, now)
    journey.wake(connection, [person.id for person in changed], now)
    journey.wake_accounts(connection, companies.changed, now)
    return companies


def person_row(person: Person, companies: Mapping[int, Company]) -> PersonRow:
    """How a person is to be written."""
    company = companies.get(id(person))
    account_id = company.id if company is not None else person.account_id
    return PersonRow(person.id, person.lead, account_id, person.source, person.missing, person.origins)


def redeemed(everybody: Sequence[Person]) -> Collection[int]:
    """Those who were junk and are contacts now."""
    return [
        person.id for person in everybody if person.before is not None and person.rests and not person.missing
    ]
