"""People with an end, in a database: who has the larger budget, and looks at prices, is won more often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import sqlalchemy as sa

from nurture.core.model import Result, SignalClass
from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.outcomes import NewOutcome, record_outcomes
from nurture.store.signals import NewSignal, record_signals

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PRICES = {"url": "https://example.com/prices"}

PROFILE = """\
kind: profile
name: firm
lead: {require: [name, {any_of: [email, phone]}]}
fit:
  prospect_at: 60
  rules: [{id: old, when: 'answers.budget == "10k+"', points: 60}]
  disqualify: [{id: student, when: 'answers.role == "student"', reason: "a student's project"}]
engagement: {half_life: 14d}
signals:
  - {id: looks-at-prices, on: visited, where: url.path == "/prices", stage: comparison, points: 6}
  - {id: asks, on: submitted, where: form == "quote", stage: decision, points: 40, buying: true}
promote: fit >= 60 and engagement >= 10
"""


def decided_at(number: int) -> datetime:
    """When sales got the contact of this number: some hours after the one before."""
    return BEGIN + timedelta(hours=3 * number, days=10)


def add_ended(store: Store, count: int, *, seed: int = 1, outcomes: bool = True) -> None:
    """Contacts 1 to `count`; each looked at prices before, if at all, and again after the outcome."""
    lots = np.random.default_rng(seed)
    people, journeys, signals, ends = [], [], [], []
    for number in range(1, count + 1):
        budget, looks = int(lots.integers(0, 3)), int(lots.poisson(0.8))
        odds = 1.5 * (budget - 1) + 1.2 * (looks - 0.8)
        won = lots.random() < 1 / (1 + np.exp(-odds))
        answers = {"budget": ("<2k", "2-5k", "10k+")[budget], "verdict": "signed" if won else "no"}
        interests = ["website"] if number % 2 else ["webshop"]
        email = f"an{number}@example.com"
        people.append((number, "An", email, "NL", interests, answers, BEGIN, BEGIN))
        journeys.append((number, "contact", "orientation"))
        at = decided_at(number)
        looked = [at - timedelta(days=1 + n) for n in range(looks)] + [at + timedelta(days=1)] * (
            3 if won else 0
        )
        signals += [NewSignal(number, "visited", when, PRICES, SignalClass.HUMAN) for when in looked]
        result = Result.WON if won else Result.LOST
        ends.append(NewOutcome(number, result, at, "test"))
    with store.write() as connection:
        columns = ("id", "name", "email", "country", "interests", "answers", "created_at", "updated_at")
        insert_rows(connection, schema.contact, columns, people)
        insert_rows(connection, schema.journey, ("contact_id", "lifecycle", "stage"), journeys)
        record_signals(connection, signals, BEGIN)
        if outcomes:
            record_outcomes(connection, ends, BEGIN + timedelta(days=400))


def add_merges(store: Store, count: int, field: str, value: object) -> None:
    """A day after the outcome, a record told `field` of each of them; before, it was not known."""
    with store.write() as connection:
        rows = [
            (number, number, "email", {field: [None, value]}, decided_at(number) + timedelta(days=1))
            for number in range(1, count + 1)
        ]
        insert_rows(connection, schema.merge, ("contact_id", "inbox_id", "matched_by", "changes", "at"), rows)


def hand_over(store: Store, contact_id: int, at: datetime, answer: str | None = None) -> None:
    with store.write() as connection:
        connection.execute(
            sa.insert(schema.handover).values(
                contact_id=contact_id,
                campaign="c",
                version_id=1,
                team="sales",
                because="a test",
                dossier={},
                created_at=at,
                answer=answer,
                answered_at=None if answer is None else at,
            )
        )
