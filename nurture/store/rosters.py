"""Members of sales' teams as the database knows them: shares, absences, what waits for them, whom they had.

A team's row in `team_turn` is the lock: who gives out hand-overs of a team takes it first, and so sees what
others have given out before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.store import schema
from nurture.store.bulk import among

absence, share, handover = schema.absence, schema.team_share, schema.handover


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody's days off; `last` is one of them."""

    id: int
    email: str
    first: date
    last: date


# --- giving out -------------------------------------------------------------------------------------


def hold_teams(connection: sa.Connection, wanted: Mapping[str, int]) -> None:
    """Counts so many hand-overs of each team, and holds the teams until the commit."""
    if not wanted:
        return
    table = schema.team_turn
    # In the order of their names, so that two workers take the teams' locks in the same order.
    statement = _insert(connection, table).values(
        [{"team": team, "turns": wanted[team]} for team in sorted(wanted)]
    )
    counted = {"turns": table.c.turns + statement.excluded.turns}
    connection.execute(statement.on_conflict_do_update(index_elements=["team"], set_=counted))


def passed_in(connection: sa.Connection, teams: Collection[str]) -> dict[str, dict[str, int]]:
    """How far on each member is, by team and e-mail address."""
    rows = connection.execute(
        sa.select(share.c.team, share.c.email, share.c.passed).where(share.c.team.in_(sorted(teams)))
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for team, email, passed in rows:
        found[team][email] = passed
    return found


def put_passed(connection: sa.Connection, passed: Mapping[str, Mapping[str, int]]) -> None:
    """Stores how far on each member is."""
    rows = [
        {"team": team, "email": email, "passed": far}
        for team, members in passed.items()
        for email, far in members.items()
    ]
    if rows:
        statement = _insert(connection, share).values(rows)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["team", "email"], set_={"passed": statement.excluded.passed}
            )
        )


def waiting_for(connection: sa.Connection, emails: Collection[str]) -> dict[str, int]:
    """How many hand-overs wait for the answer of each of these members; along the index of the open ones."""
    rows = connection.execute(
        sa.select(handover.c.assignee_email, sa.func.count())
        .where(handover.c.answer.is_(None), handover.c.assignee_email.in_(sorted(emails)))
        .group_by(handover.c.assignee_email)
    )
    return {str(email): n for email, n in rows}


def had_by_members(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """How many hand-overs each member of each team has had, by team and e-mail address."""
    rows = connection.execute(
        sa.select(handover.c.team, handover.c.assignee_email, sa.func.count())
        .where(handover.c.assignee_email.is_not(None))
        .group_by(handover.c.team, handover.c.assignee_email)
    )
    return {(team, str(email)): n for team, email, n in rows}


def set_fact(connection: sa.Connection, account_id: int, name: str, value: str | None, now: datetime) -> None:
    """Puts one fact of an account, or takes it away. Held until the commit, so that no other fact is lost."""
    account = schema.account
    mine = account.c.id == account_id
    facts = dict(connection.scalar(sa.select(account.c.facts).where(mine).with_for_update()) or {})
    facts.pop(name, None)
    if value is not None:
        facts[name] = value
    connection.execute(sa.update(account).where(mine).values(facts=facts, updated_at=now))


def former_of_contacts(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, str]:
    """Who had the newest hand-over of each of these contacts, by e-mail address."""
    newest = (
        sa.select(sa.func.max(handover.c.id))
        .where(among(connection, handover.c.contact_id, contact_ids), handover.c.assignee_email.is_not(None))
        .group_by(handover.c.contact_id)
    )
    rows = connection.execute(
        sa.select(handover.c.contact_id, handover.c.assignee_email).where(handover.c.id.in_(newest))
    )
    return {contact_id: str(email) for contact_id, email in rows}


def former_of_accounts(connection: sa.Connection, account_ids: Sequence[int]) -> dict[int, str]:
    """Who had the newest hand-over of anybody who works at each of these companies, by e-mail address."""
    contact = schema.contact
    newest = (
        sa.select(contact.c.account_id, sa.func.max(handover.c.id).label("id"))
        .join(handover, handover.c.contact_id == contact.c.id)
        .where(among(connection, contact.c.account_id, account_ids), handover.c.assignee_email.is_not(None))
        .group_by(contact.c.account_id)
        .subquery()
    )
    rows = connection.execute(
        sa.select(newest.c.account_id, handover.c.assignee_email).join(handover, handover.c.id == newest.c.id)
    )
    return {account_id: str(email) for account_id, email in rows}


# --- absences ---------------------------------------------------------------------------------------


def absences(connection: sa.Connection, since: date, emails: Collection[str] | None = None) -> list[Absence]:
    """Who is away on that day or later, the soonest first; of these people only, if any are given."""
    columns = (absence.c.id, absence.c.email, absence.c.first, absence.c.last)
    query = sa.select(*columns).where(absence.c.last >= since).order_by(absence.c.first, absence.c.id)
    if emails is not None:
        query = query.where(absence.c.email.in_(sorted(emails)))
    return [Absence(*row) for row in connection.execute(query)]


def add_absence(connection: sa.Connection, email: str, first: date, last: date) -> None:
    """Somebody is away, in place of absences that share a day with this one; later ones stay."""
    mine = sa.and_(absence.c.email == email, absence.c.last >= first)
    connection.execute(sa.delete(absence).where(mine, absence.c.first.between(first, last)))
    _cut(connection, mine, first)
    connection.execute(sa.insert(absence).values(email=email, first=first, last=last))


def end_absence(connection: sa.Connection, email: str, day: date) -> int:
    """Somebody is there from that day on; answers with how many absences that changes.

    Who is there already takes back what is to come.
    """
    mine = sa.and_(absence.c.email == email, absence.c.last >= day)
    gone = connection.execute(sa.delete(absence).where(mine, absence.c.first == day)).rowcount
    ended = gone + _cut(connection, mine, day)
    return ended or connection.execute(sa.delete(absence).where(mine)).rowcount


def _cut(connection: sa.Connection, which: sa.ColumnElement[bool], day: date) -> int:
    """Ends those of them that have begun before a day, on the day before it."""
    begun = sa.update(absence).where(which, absence.c.first < day)
    return connection.execute(begun.values(last=date.fromordinal(max(1, day.toordinal() - 1)))).rowcount


def _insert(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(table)
