"""A condition asked of the database answers what it answers in Python, for whatever people there are."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.core.expression import (
    HISTORY_KINDS,
    TEXT_TESTS,
    And,
    Comparison,
    History,
    IsKnown,
    Literal,
    Lower,
    Name,
    Node,
    Not,
    Or,
    RuleCall,
    TextTest,
)
from nurture.core.facts import SnapshotFacts
from nurture.core.model import Account, Contact, SignalKind, Snapshot
from nurture.core.predicate import Condition
from nurture.core.settling import settled
from nurture.core.words import visited_path
from nurture.language.names import CONTACT_NAMES
from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.conditions import NotCompiled, compile_condition, people, speech_of
from nurture.store.consents import consents_of
from nurture.store.engine import Store
from nurture.store.signals import signals_of
from nurture.store.snapshots import contacts_of, sent_of
from tests.language.trees import OPERATORS, written
from tests.store.people import NOW

CAMPAIGN = "new-website"
PEOPLE = 100
SETTLE = timedelta(hours=3)
DORMANT_AFTER = timedelta(hours=30)
WORDS = ("", "a", "ab", "A", "AB", "é", "É", "B%", "_", "\\", "ΑΣ", "ß", "İ", "true", " TRUE ", "false", "5")
WORDS += (" -3.5 ", "05", "5.0", "1e3", "+7", "\u00a012\u2003", "٣", "a\nb", 'q"t', "zz", "𝔄")
NUMBERS = (0, 1, 5, -3, 5.0, -3.5, 0.1, 12, 99.25, 10**15, 2**53 + 1, float(2**53))
SCALARS = (*WORDS, *NUMBERS, True, False)
OBJECTS: tuple[dict[str, Any], ...] = ({}, {"a": 5}, {"a": {"b": [True]}})
KEYS = ("size", "odd key", 'q"t', "back\\slash", "é", "a.b")
STEPS = ("welcome", "prices", "a")
FORMER = {"welcome": frozenset({"prices"})}
URLS = (
    "https://firm.example/prices",
    "https://firm.example/prices/table?x=1#top",
    "https://firm.example/pricesome",
    "https://firm.example",
    "/prices",
    "//firm.example/prices/a",
    "prices",
    " \thttps://firm.example/pri\nces",
    "https://firm.example?prices",
    "https://[::1]/prices",
    "https://[::1/prices",
    "https://[oops]/prices",
    "https://firm℀x.example/prices",
    "mailto:an@firm.example",
    "1http://firm.example/prices",
    "https:/prices#/a",
    "",
)


def pick(dice: random.Random, n: int) -> list[Any]:
    return [dice.choice(SCALARS) for _ in range(n)]


def any_value(dice: random.Random) -> Any:
    shape = dice.random()
    if shape < 0.1:
        return None
    if shape < 0.2:
        return dice.choice(OBJECTS)
    if shape < 0.4:
        deeper = dice.choice([[], [], [None], [["a", 5]], [[True]], OBJECTS])
        return [*pick(dice, dice.randrange(3)), *deeper]
    return dice.choice(SCALARS)


def texts(dice: random.Random, of: type) -> dict[str, Any]:
    """A word, or none, in every field that holds a text."""
    names = [each.name for each in fields(of) if each.type == "str | None"]
    return {name: dice.choice([None, *WORDS]) for name in names}


def person(dice: random.Random) -> dict[str, Any]:
    return {
        **texts(dice, Contact),
        "email": dice.choice([None, "an@firm.example", "A"]),
        "interests": dice.choice([None, [], ["a"], ["ab", "5"], ["website", "A"]]),
        "tags": dice.choice([None, ["hot"], ["a", "é"]]),
        "answers": dice.choice([None, *[{key: any_value(dice) for key in KEYS}] * 9]),
    }


def fill(store: Store, dice: random.Random) -> None:
    """Random people, with companies, consents, signals and mails."""
    ids = range(1, PEOPLE + 1)
    with store.write() as connection:
        _insert(
            connection,
            schema.account,
            [
                {
                    "id": id_,
                    **texts(dice, Account),
                    "domain": dice.choice([None, f"firm{id_}.example"]),
                    "employees": dice.choice([None, 0, 5, 99]),
                    "facts": {key: any_value(dice) for key in KEYS},
                    "created_at": NOW,
                    "updated_at": NOW,
                }
                for id_ in ids
            ],
        )
        _insert(
            connection,
            schema.contact,
            [
                {
                    "id": id_,
                    "account_id": dice.choice([None, id_]),
                    **person(dice),
                    "created_at": NOW - timedelta(hours=dice.randrange(72)),
                    "updated_at": NOW,
                }
                for id_ in ids
            ],
        )
        _insert(
            connection,
            schema.journey,
            [
                {
                    "contact_id": id_,
                    "lifecycle": dice.choice(["lead", "contact", "prospect"]),
                    "stage": dice.choice(["orientation", "comparison"]),
                    "fit": dice.choice([0, 5, 40]),
                    "engagement": dice.choice([0.0, 0.1, 5.0, 1 / 3]),
                }
                for id_ in ids
            ],
        )
        _insert(
            connection,
            schema.consent,
            [
                {
                    "contact_id": id_,
                    "purpose": purpose,
                    "granted": dice.random() < 0.5,
                    "basis": "consent",
                    "at": NOW,
                }
                for id_ in ids
                for purpose in ("marketing", "a")
                if dice.random() < 0.6
            ],
        )
        signals = [_signal(dice, id_) for id_ in ids for _ in range(dice.randrange(8))]
        _insert(connection, schema.signal, [{"id": n, **one} for n, one in enumerate(signals, start=1)])
        mails = [
            _mail(dice, id_, step, campaign)
            for id_ in ids
            for step in STEPS
            for campaign in (CAMPAIGN, "other")
            if dice.random() < 0.4
        ]
        _insert(connection, schema.outbox, [{"id": n, **one} for n, one in enumerate(mails, start=1)])


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    names = list(rows[0])
    insert_rows(connection, table, names, [tuple(row[name] for name in names) for row in rows])


def _signal(dice: random.Random, contact_id: int) -> dict[str, Any]:
    kind = dice.choice([*SignalKind])
    data = {
        "url": dice.choice([*URLS, None, 5]),
        "form": dice.choice([*STEPS, None, 5]),
        "step": dice.choice([*STEPS, True]),
        **dice.choice([{}, {"campaign": None}, {"campaign": CAMPAIGN}, {"campaign": "other"}]),
    }
    return {
        "contact_id": contact_id,
        "kind": kind,
        "at": NOW - timedelta(hours=dice.randrange(-2, 72), minutes=dice.choice([0, 0, 1])),
        "received_at": NOW,
        "classed": dice.choice(["human", "probable", "machine"]),
        "data": data,
        "path": visited_path(kind, data),
    }


def _mail(dice: random.Random, contact_id: int, step: str, campaign: str) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "campaign": campaign,
        "version_id": 1,
        "step": step,
        "occurrence": 1,
        "lap": 0,
        "template": "t",
        "purpose": "marketing",
        "locale": "nl",
        "message_id": f"{contact_id}-{step}-{campaign}",
        "state": dice.choice(["ready", "sent", "unknown", "failed", "withheld", "dropped"]),
        "created_at": NOW - timedelta(hours=dice.randrange(60)),
        "done_at": dice.choice([None, NOW - timedelta(hours=dice.randrange(48))]),
        "not_before": NOW,
    }


LITERALS = st.one_of(
    st.sampled_from(SCALARS).map(Literal),
    st.lists(st.sampled_from(SCALARS), max_size=3).map(lambda items: Literal(tuple(items))),
)
OPEN_NAMES = [(root, key) for root in ("answers", "account") for key in KEYS]
OPEN_NAMES += [("account", each.name) for each in fields(Account)]
OPEN_NAMES += [("consent", purpose) for purpose in ("marketing", "nothing")]
ALL_NAMES = [
    *((name,) for name in sorted(CONTACT_NAMES.leaves)),
    *(("contact", name) for name in sorted(CONTACT_NAMES.closed["contact"])),
    *OPEN_NAMES,
]
"""Everything that the language lets a condition ask by name."""

_LIKELY = [*ALL_NAMES, *OPEN_NAMES, ("nothing",)]
# By number: hypothesis would write all of them out, over and over.
NAMES = st.integers(0, len(_LIKELY) - 1).map(lambda number: Name(_LIKELY[number]))
HISTORIES = st.builds(
    History,
    st.sampled_from(HISTORY_KINDS),
    st.none() | st.sampled_from([*STEPS, "/prices", "/", "/prices/", ""]),
    st.none() | st.integers(1, 60).map(lambda n: timedelta(hours=n)),
)
TERMS = st.one_of(
    NAMES,
    LITERALS,
    HISTORIES,
    NAMES.map(IsKnown),
    NAMES.map(Lower),
    st.builds(TextTest, NAMES | NAMES.map(Lower), st.sampled_from(TEXT_TESTS), NAMES | LITERALS),
)
COMPARISONS = st.builds(
    Comparison,
    TERMS,
    st.lists(
        st.tuples(st.sampled_from(OPERATORS), TERMS),
        min_size=1,
        max_size=2,
    ).map(tuple),
)
TREES: st.SearchStrategy[Node] = st.recursive(
    TERMS | COMPARISONS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: And(tuple(operands))),
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: Or(tuple(operands))),
        inner.map(Not),
    ),
    max_leaves=5,
)


def everybody(store: Store) -> list[Snapshot]:
    ids = range(1, PEOPLE + 1)
    with store.read() as connection:
        signals, sent = signals_of(connection, ids), sent_of(connection, ids)
        granted = consents_of(connection, ids)
        return [
            Snapshot(
                contact,
                account,
                signals.get(contact.id, ()),
                sent.get(contact.id, ()),
                consents=granted.get(contact.id, frozenset()),
            )
            for contact, account in contacts_of(connection, ids)
        ]


def in_python(people: list[Snapshot], root: Node, campaign: str | None) -> dict[int, bool | None]:
    condition = Condition("", root)
    answers = {}
    for one in people:
        contact = one.contact
        measured = (contact.fit, contact.engagement, contact.stage)
        facts = SnapshotFacts(
            settled(one, SETTLE, NOW), *measured, NOW, campaign, former=FORMER, dormant_after=DORMANT_AFTER
        )
        answers[contact.id] = condition.test(facts)
    return answers


def in_sql(connection: sa.Connection, root: Node, campaign: str | None) -> dict[int, bool | None]:
    speech, condition = speech_of(connection), Condition("", root)
    asked = compile_condition(
        condition,
        now=NOW,
        speech=speech,
        campaign=campaign,
        former=FORMER,
        settle=SETTLE,
        dormant_after=DORMANT_AFTER,
    )
    query = sa.select(schema.contact.c.id, asked.label("answer")).select_from(people())
    return {id_: None if truth is None else bool(truth) for id_, truth in connection.execute(query)}


@dataclass(frozen=True)
class Filled:
    """Random people in the database, and what Python gathers of them."""

    store: Store
    people: list[Snapshot]

    def agree(self, root: Node, campaign: str | None) -> None:
        with self.store.read() as connection:
            found = in_sql(connection, root, campaign)
        assert found == in_python(self.people, root, campaign), written(root)


@pytest.fixture
def filled(store: Store) -> Filled:
    fill(store, random.Random(7))
    return Filled(store, everybody(store))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(root=TREES, campaign=st.sampled_from([CAMPAIGN, CAMPAIGN, None]))
def test_the_database_and_python_agree_on_any_condition(
    filled: Filled, root: Node, campaign: str | None
) -> None:
    filled.agree(root, campaign)


def test_every_name_that_a_condition_may_use_is_asked_of_the_database(filled: Filled) -> None:
    for path in ALL_NAMES:
        name = Name(path)
        for asked in (IsKnown(name), name, Comparison(name, (("in", Literal(SCALARS)),))):
            filled.agree(asked, CAMPAIGN)


def test_everything_that_may_have_happened_is_asked_of_the_database(filled: Filled) -> None:
    for kind in HISTORY_KINDS:
        for what in (None, "welcome", "/prices"):
            filled.agree(Comparison(History(kind, what), ((">=", Literal(2)),)), CAMPAIGN)
            filled.agree(History(kind, what, timedelta(hours=24)), CAMPAIGN)


def test_an_object_is_known_and_no_more_than_that(filled: Filled) -> None:
    size = Name(("answers", "size"))
    holders = {one.contact.id for one in filled.people if isinstance(one.contact.answers.get("size"), dict)}
    assert holders
    with filled.store.read() as connection:
        assert holders <= {id_ for id_, answer in in_sql(connection, IsKnown(size), None).items() if answer}
        for op in OPERATORS:
            for other in (5, "a", True, (5, "a")):
                answers = in_sql(connection, Comparison(size, ((op, Literal(other)),)), None)
                assert {answers[id_] for id_ in holders} == {None}


def test_a_plugins_rule_is_named_as_what_cannot_be_asked(store: Store) -> None:
    with store.read() as connection, pytest.raises(NotCompiled, match="rule bakes"):
        in_sql(connection, And((Literal(True), RuleCall("bakes"))), None)


def lowered(store: Store, texts: list[str]) -> list[str]:
    with store.write() as connection:
        named = [
            {"id": n, "name": text, "created_at": NOW, "updated_at": NOW} for n, text in enumerate(texts)
        ]
        _insert(connection, schema.contact, named)
        query = sa.select(speech_of(connection).lower(schema.contact.c.name)).order_by(schema.contact.c.id)
        return list(connection.scalars(query))


def test_lower_case_is_that_of_python_for_every_letter(store: Store) -> None:
    letters = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    texts = ["".join(letters[start : start + 500]) for start in range(0, len(letters), 500)]
    # Alone and beside others too: which table is taken depends on what else there is in a text.
    capitals = [letter for letter in letters if letter.lower() != letter]
    texts += [f"{letter}{beside}" for letter in capitals for beside in ("", "A", "É", "Ł", "Ω", "Ж", "Ⴀ")]
    assert lowered(store, texts) == [text.lower() for text in texts]


def test_lower_case_of_a_sigma_is_that_of_python_whatever_stands_around_it(store: Store) -> None:
    before = ("", "A", "1", "A.", "ʰ", "Aʰ", "İ", "İ.", "Π", "ΠΣ", "É", "Ж", "Ⴀ")
    after = ("", "a", " a", "'a", "ʰ", "1", "\u0345", "İ", "ΣΑ", "É", "Ж", "Ⴀ")
    texts = [f"{left}Σ{right}" for left in before for right in after]
    assert lowered(store, texts) == [text.lower() for text in texts]


def test_some_are_dormant_and_some_are_not(filled: Filled) -> None:
    with filled.store.read() as connection:
        answers = in_sql(connection, Name(("contact", "dormant")), None)
    assert set(answers.values()) == {True, False}
