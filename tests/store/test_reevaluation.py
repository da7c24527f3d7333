"""Everybody judged anew by one statement: whoever is left where they are is where the core leaves them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.core.decide import Plan, decide
from nurture.core.model import Decision, Snapshot, Stage
from nurture.core.profile import Disqualifier, PointRule, Profile, SignalRule
from nurture.core.words import visited_path
from nurture.language.conditions import parse
from nurture.language.names import SIGNAL_NAMES
from nurture.store import schema, signals, snapshots
from nurture.store.bulk import insert_rows
from nurture.store.compiler import NotCompiled
from nurture.store.engine import Store
from nurture.store.reevaluation import reevaluate
from tests.store.people import NOW

DAY = timedelta(days=1)
PEOPLE = 400
URL = "https://firm.example"
PAGES = ("/", "/prices", "/prices/table", "/portfolio/3", "/jobs", "")
FIT = (
    ("budget", 'answers.budget in ["5-10k", "10k+"]', 40),
    ("size", "5 <= account.employees <= 250", 30),
    ("near", 'account.country in ["NL", "BE"]', 20),
    ("cheap", 'answers.budget == "<2k"', -20),
    ("owner", 'contact.job_title.lower() == "owner"', 15),
    ("engaged", "engagement > 12", 10),
)
SIGNALS = (
    ("visited", 'url.path.startswith("/prices")', Stage.COMPARISON, 6, False),
    ("visited", 'url.path == "/"', Stage.ORIENTATION, 2, False),
    ("visited", 'url.path == "/jobs"', None, -8, False),
    ("visited", 'not url.path.startswith("/p")', Stage.ORIENTATION, 1, False),
    ("clicked", 'url.path.startswith("/prices")', Stage.COMPARISON, 7, False),
    ("clicked", 'step == "welcome"', Stage.ORIENTATION, 3, False),
    ("opened", None, Stage.ORIENTATION, 1, False),
    ("bounced", None, None, -5, False),
    ("replied", None, Stage.DECISION, 12, False),
    ("submitted", 'form == "quote"', Stage.DECISION, 40, True),
    ("submitted", 'form == "brochure"', Stage.COMPARISON, 4, False),
)
PROMOTE = (
    "fit >= 60 and engagement >= 10",
    'fit >= 40 and stage in ["comparison", "decision"] and engagement >= 6',
    'visited("/prices") and account.employees > 10',
    'fit >= 30 and not submitted("brochure") and opened()',
    None,
)


def random_profile(dice: random.Random) -> Profile:
    rules = dice.sample(SIGNALS, dice.randrange(3, len(SIGNALS)))
    promote = dice.choice(PROMOTE)
    return Profile(
        name="p",
        require=(),
        enrich=(),
        prospect_at=dice.choice([30, 50, 70]),
        fit_rules=tuple(PointRule(id_, parse(when), points) for id_, when, points in dice.sample(FIT, 4)),
        disqualifiers=(Disqualifier("student", parse('answers.role == "student"'), "no budget"),),
        half_life=dice.choice([7, 21, 60]) * DAY,
        signals=tuple(
            SignalRule(str(n), on, parse(where, names=SIGNAL_NAMES) if where else None, stage, points, buying)
            for n, (on, where, stage, points, buying) in enumerate(rules)
        ),
        promote=parse(promote) if promote else None,
        forward_at=dice.choice([5.0, 10.0, 20.0]),
        back_below=dice.choice([0.0, 1.0, 2.5]),
        stage_rest=dice.choice([0, 7]) * DAY,
        caps=dice.choice([{}, {"visited": 5, "opened": 2}, {"submitted": 20}]),
        settle=dice.choice([timedelta(0), timedelta(minutes=2)]),
    )


def fill(store: Store, dice: random.Random) -> None:
    ids = range(1, PEOPLE + 1)
    with store.write() as connection:
        account = ("id", "name", "country", "employees", "created_at", "updated_at")
        firms = [
            (n, f"F{n}", dice.choice(["NL", "FR", None]), dice.choice([None, 3, 40, 900]), NOW, NOW)
            for n in (1, 2, 3, 4)
        ]
        insert_rows(connection, schema.account, account, firms)
        contact = ("id", "account_id", "job_title", "answers", "created_at", "updated_at")
        insert_rows(
            connection, schema.contact, contact, [(id_, *person(dice), NOW - 200 * DAY, NOW) for id_ in ids]
        )
        journey = (
            "contact_id",
            "lifecycle",
            "stage",
            "stage_since",
            "recycle_at",
            "due_at",
            "fit",
            "engagement",
        )
        insert_rows(connection, schema.journey, journey, [(id_, *standing(dice)) for id_ in ids])
        signal = ("contact_id", "kind", "at", "received_at", "data", "classed", "path")
        insert_rows(connection, schema.signal, signal, [row for id_ in ids for row in deeds(id_, dice)])
        handover = (
            "contact_id",
            "campaign",
            "version_id",
            "team",
            "because",
            "dossier",
            "created_at",
            "answer",
            "answered_at",
            "returned_at",
        )
        answers = [
            *(("rejected", NOW - 30 * DAY, None), ("rejected", NOW - 2 * DAY, None), (None, None, None)),
            *(("accepted", NOW - 40 * DAY, None), ("accepted", NOW - 40 * DAY, NOW - 20 * DAY)),
        ]
        given = [
            (id_, "c", 1, "t", "b", {}, NOW - 90 * DAY, *dice.choice(answers))
            for id_ in ids
            if dice.random() < 0.4
        ]
        insert_rows(connection, schema.handover, handover, given)


def person(dice: random.Random) -> tuple[Any, ...]:
    answers: dict[str, Any] = {"budget": dice.choice(["<2k", "5-10k", "10k+"])} if dice.random() < 0.7 else {}
    if dice.random() < 0.05:
        answers["role"] = "student"
    return dice.choice([None, 1, 2, 3, 4]), dice.choice([None, "Owner", "clerk"]), answers


def standing(dice: random.Random) -> tuple[Any, ...]:
    since = NOW - dice.choice([1, 5, 30]) * DAY
    stage = dice.choice(["orientation", "orientation", "comparison", "decision"])
    fit, engagement = dice.choice([0, 60]), dice.choice([0.0, 7.5])
    if dice.random() < 0.15:
        date = NOW + dice.choice([-1, 20]) * DAY
        return "recycled", stage, since, date, date, fit, engagement
    due_at = dice.choice([None, NOW + 3 * DAY, NOW + 300 * DAY])
    return "contact", stage, since, None, due_at, fit, engagement


def deeds(id_: int, dice: random.Random) -> list[tuple[Any, ...]]:
    found = []
    for _ in range(dice.choice([0, 0, 1, 2, 4, 8])):
        kind = dice.choice([rule[0] for rule in SIGNALS])
        data: dict[str, Any] = {}
        if kind in ("visited", "clicked"):
            data["url"] = URL + dice.choice(PAGES)
        if kind == "clicked":
            data |= {"campaign": "c", "step": dice.choice(["welcome", "prices"])}
        if kind == "submitted":
            data["form"] = dice.choice(["quote", "brochure", "other"])
        age = dice.choice([timedelta(seconds=30), 1 * DAY, dice.random() * 90 * DAY])
        classed = dice.choice(["human", "human", "human", "probable", "machine"])
        found.append((id_, kind, NOW - age, NOW - age, data, classed, visited_path(kind, data)))
    return found


def pictures(connection: sa.Connection) -> list[Snapshot]:
    ids = list(range(1, PEOPLE + 1))
    happened = signals.signals_of(connection, ids)
    sales = snapshots.sales_of(connection, ids)
    nothing = snapshots.WithSales()
    return [
        Snapshot(
            contact=contact,
            account=account,
            signals=happened.get(contact.id, ()),
            open_handover=sales.get(contact.id, nothing).open,
            rejected_at=sales.get(contact.id, nothing).rejected_at,
        )
        for contact, account in snapshots.contacts_of(connection, ids)
    ]


def standings(connection: sa.Connection) -> dict[int, sa.Row[Any]]:
    return {row.contact_id: row for row in connection.execute(sa.select(schema.journey))}


def is_left(row: sa.Row[Any], now: datetime = NOW) -> bool:
    """Whether nobody will look at somebody now."""
    return row.due_at is None or row.due_at > now


@pytest.mark.parametrize("seed", range(8))
def test_who_is_left_is_left_as_the_core_leaves_them(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    fill(store, dice)
    profile = random_profile(dice)
    with store.write() as connection:
        before = pictures(connection)
        reevaluate(connection, profile, NOW)
        after = standings(connection)
    left = [one for one in before if is_left(after[one.contact.id])]
    plan = Plan(profile, {})
    wrong = [
        (one.contact, told)
        for one in left
        if (told := _difference(one, decide(one, plan, NOW), after[one.contact.id]))
    ]
    assert wrong == []


@pytest.mark.parametrize("seed", range(8))
def test_where_no_float_is_on_the_edge_nobody_is_decided_on_in_vain(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    fill(store, dice)
    profile = replace(random_profile(dice), back_below=0.0, settle=timedelta(0))
    with store.write() as connection:
        changing = {
            one.contact.id
            for one in pictures(connection)
            if _changes(decide(one, Plan(profile, {}), NOW), one)
        }
        reevaluate(connection, profile, NOW)
        woken = {id_ for id_, row in standings(connection).items() if not is_left(row)}
    assert woken == changing


def _changes(decision: Decision, before: Snapshot) -> bool:
    contact = before.contact
    return bool(decision.records) or (decision.lifecycle, decision.stage) != (
        contact.lifecycle,
        contact.stage,
    )


def _difference(before: Snapshot, decision: Decision, row: sa.Row[Any]) -> str:
    if _changes(decision, before):
        return f"is to be decided on: {decision.records}"
    if row.fit != decision.fit:
        return f"fit {row.fit}, not {decision.fit}"
    if abs(row.engagement - decision.engagement) > 1e-6:
        return f"engagement {row.engagement}, not {decision.engagement}"
    if decision.next_at is not None and (row.due_at is None or row.due_at > decision.next_at):
        return f"looked at again at {row.due_at}, not {decision.next_at}"
    return ""


def one_contact(store: Store, n_signals: int) -> None:
    with store.write() as connection:
        insert_rows(connection, schema.contact, ("id", "created_at", "updated_at"), [(1, NOW, NOW)])
        columns = ("contact_id", "lifecycle", "stage", "stage_since")
        insert_rows(connection, schema.journey, columns, [(1, "contact", "orientation", NOW - DAY)])
        columns = ("contact_id", "kind", "at", "received_at", "data", "classed")
        insert_rows(
            connection, schema.signal, columns, [(1, "opened", NOW - DAY, NOW, {}, "human")] * n_signals
        )


def test_who_did_more_than_the_core_sees_is_decided_on(store: Store) -> None:
    one_contact(store, signals.NEWEST + 1)
    with store.write() as connection:
        reevaluate(connection, replace(random_profile(random.Random(1)), signals=()), NOW)
        assert not is_left(standings(connection)[1])


def test_a_number_that_campaigns_ask_for_wakes_whom_it_changes(store: Store) -> None:
    one_contact(store, 1)
    profile = replace(
        random_profile(random.Random(1)), signals=(SignalRule("o", "opened", None, None, 3),), promote=None
    )
    with store.write() as connection:
        reevaluate(connection, profile, NOW, numbers_asked=True)
        assert not is_left(standings(connection)[1])


def test_what_a_database_cannot_be_asked_changes_nothing(store: Store) -> None:
    one_contact(store, 1)
    profile = random_profile(random.Random(1))
    rule = PointRule("x", parse("business_email(contact.email)", rules={"business_email": None}), 5)
    with store.write() as connection:
        before = standings(connection)
        with pytest.raises(NotCompiled):
            reevaluate(connection, replace(profile, fit_rules=(rule,)), NOW)
        assert standings(connection) == before
