from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.expression import And, Node, Not, Or
from nurture.core.predicate import UNKNOWN, Condition, Known
from nurture.language.conditions import parse
from tests.language.trees import TREES


class Given:
    """Facts from dicts: values by dotted name, counts by kind and what, rules by name."""

    def __init__(
        self,
        values: Mapping[str, Known] | None = None,
        happened: Mapping[tuple[str, str | None], int] | None = None,
        rules: Mapping[str, Known] | None = None,
    ) -> None:
        self._values = values or {}
        self._happened = happened or {}
        self._rules = rules or {}
        self.asked: list[timedelta | None] = []

    def lookup(self, path: tuple[str, ...]) -> Known:
        return self._values.get(".".join(path), UNKNOWN)

    def history(self, kind: str, what: str | None, within: timedelta | None) -> int:
        self.asked.append(within)
        return self._happened.get((kind, what), 0)

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        return UNKNOWN if UNKNOWN in arguments else self._rules.get(name, UNKNOWN)


PERSON = Given(
    {
        "account.employees": 40,
        "account.country": "DE",
        "contact.interests": ("website", "shop"),
        "contact.email": "An@Example.com",
        "consent.marketing": True,
        "answers.budget": "10k+",
        "answers.size": "40",
        "answers.newsletter": "true",
        "answers.mood": "fine",
        "fit": 62,
        "engagement": 24.999,
        "stage": "comparison",
    },
    {("clicked", "welcome"): 2, ("visited", "/prices"): 1},
    {"business_email": True, "role_address": False},
)


def holds(text: str) -> bool | None:
    return parse(text, rules=None).test(PERSON)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account.employees == 40", True),
        ("5 <= account.employees <= 250", True),
        ("5 <= account.employees < 40", False),
        ('account.country in ["NL", "BE"]', False),
        ('account.country not in ["NL", "BE"]', True),
        ("account.employees in [30, 40]", True),
        ('"shop" in contact.interests', True),
        ('"seo" not in contact.interests', True),
        ('"Example" in contact.email', True),
        ('contact.interests.contains("shop")', True),
        ('contact.email.lower() == "an@example.com"', True),
        ('contact.email.startswith("An@")', True),
        ('contact.email.lower().endswith("example.org")', False),
        ("consent.marketing", True),
        ("consent.marketing == false", False),
        ("contact.interests", True),
        ('clicked("welcome")', True),
        ("opened()", False),
        ('visited("/prices") >= 2', False),
        ("business_email(contact.email)", True),
        ("role_address(contact.email)", False),
        ('stage == "Comparison"', False),
        ("true", True),
        ("0", False),
    ],
)
def test_a_condition_over_known_facts_is_true_or_false(text: str, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("answers.size >= 40", True), ("answers.size in [39, 40]", True), ("39.5 < answers.size", True)],
)
def test_a_text_that_is_a_number_compares_with_numbers(text: str, expected: bool) -> None:
    assert holds(text) is expected


def test_a_text_that_is_a_number_is_still_a_text_among_texts() -> None:
    assert holds('answers.size == "40.0"') is False


@pytest.mark.parametrize("text", ["answers.newsletter", "answers.newsletter == true"])
def test_the_text_true_is_a_truth(text: str) -> None:
    assert holds(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "account.sector == 'retail'",
        "account.sector != 'retail'",
        "account.sector in ['retail']",
        "account.sector not in ['retail']",
        "'x' in account.sector",
        "account.sector.startswith('r')",
        "account.sector.lower() == 'retail'",
        "account.sector",
        "5 < account.turnover < 9",
        "business_email(account.sector)",
        "no_such_rule(contact.email)",
    ],
)
def test_what_is_not_known_makes_a_comparison_unknown(text: str) -> None:
    assert holds(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "answers.mood >= 5",
        "answers.mood == 5",
        "answers.mood != 5",
        "5 in answers.mood",
        "answers.mood",
        "consent.marketing == 1",
        "consent.marketing < true",
        "contact.interests > 3",
        "contact.interests < ['x']",
        "account.employees.contains('4')",
        "account.employees.lower() == '40'",
        "'x' in account.employees",
        "contact.email.startswith(5)",
    ],
)
def test_what_cannot_be_compared_is_unknown_and_no_error(text: str) -> None:
    assert holds(text) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("known(account.employees)", True), ("known(account.sector)", False)]
)
def test_known_is_never_unknown(text: str, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize("value", [{}, {"street": "Kade 1"}])
@pytest.mark.parametrize(
    "text",
    [
        "answers.address",
        "answers.address == 5",
        "answers.address < 5",
        "5 >= answers.address",
        'answers.address == "Kade 1"',
        "answers.address == true",
        "answers.address != answers.address",
        'answers.address in ["Kade 1", 5]',
        '"Kade 1" in answers.address',
        'answers.address.startswith("Kade")',
        '"kade" in answers.address.lower()',
    ],
)
def test_an_object_of_json_compares_with_nothing(text: str, value: Any) -> None:
    assert parse(text).test(Given({"answers.address": value})) is None


def test_an_object_of_json_is_known() -> None:
    assert parse("known(answers.address)").test(Given({"answers.address": {}})) is True  # type: ignore[dict-item]


def test_lists_with_lists_in_them_do_not_compare() -> None:
    facts = Given({"answers.a": (1, (True,)), "answers.b": (1, (1,)), "answers.c": (1, 2)})
    assert parse("answers.a == answers.b").test(facts) is None
    assert parse("answers.a != answers.c").test(facts) is None


def test_a_period_reaches_the_facts() -> None:
    facts = Given()
    parse('clicked("welcome", within=3d)').test(facts)
    assert facts.asked == [timedelta(days=3)]


# --- Kleene's three values --------------------------------------------------------------------------

TRUTHS = {True: "consent.marketing", False: "not consent.marketing", None: "account.sector"}
truth = st.sampled_from([True, False, None])


def said(value: bool | None) -> Node:
    return parse(TRUTHS[value]).root


def value_of(node: Node) -> bool | None:
    return Condition("", node).test(PERSON)


@given(truth, truth)
def test_and_is_the_least_of_its_operands_and_or_the_greatest(a: bool | None, b: bool | None) -> None:
    order = [False, None, True]
    assert value_of(And((said(a), said(b)))) is order[min(order.index(a), order.index(b))]
    assert value_of(Or((said(a), said(b)))) is order[max(order.index(a), order.index(b))]


@given(TREES, TREES)
def test_de_morgan_s_laws_hold(a: Node, b: Node) -> None:
    assert value_of(Not(And((a, b)))) is value_of(Or((Not(a), Not(b))))
    assert value_of(Not(Or((a, b)))) is value_of(And((Not(a), Not(b))))


@given(TREES)
def test_not_not_changes_nothing(tree: Node) -> None:
    assert value_of(Not(Not(tree))) is value_of(tree)


# --- words ------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(TREES)
def test_the_way_with_words_and_the_fast_way_agree(tree: Node) -> None:
    condition = Condition("", tree)
    finding = condition.evaluate(PERSON)
    assert finding.matched is condition.test(PERSON)
    assert finding.reason


@given(TREES)
def test_every_condition_can_be_said_in_words(tree: Node) -> None:
    assert Condition("", tree).words()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5 <= account.employees <= 250", "number of employees is 40, between 5 and 250"),
        ("50 <= account.employees <= 250", "number of employees is 40, not between 50 and 250"),
        ("fit >= 60", "fit is 62, at least 60"),
        ("60 <= fit", "fit is 62, at least 60"),
        ("fit > 70", "fit is 62, at most 70"),
        ('answers.budget == "10k+"', 'budget is "10k+"'),
        ('answers.budget == "5k"', 'budget is "10k+", not "5k"'),
        ('answers.budget != "10k+"', 'budget is "10k+"'),
        ('account.country in ["NL", "BE"]', 'company country is "DE", none of "NL", "BE"'),
        ('"shop" in contact.interests', 'interests include "shop"'),
        ('"seo" in contact.interests', 'interests are "website", "shop", without "seo"'),
        ('contact.email.startswith("An")', 'email is "An@Example.com", starting with "An"'),
        ("answers.role == 'owner'", "role is unknown"),
        ("fit > account.turnover", "company turnover is unknown"),
        ("fit > account.employees", "fit is 62, more than number of employees (40)"),
        ("answers.mood > 5", 'mood is "fine", which does not compare with 5'),
        ("answers.mood", 'mood is "fine", which is neither yes nor no'),
        ("not consent.marketing", "consent.marketing is yes"),
        ("known(answers.role)", "role is unknown"),
        ("known(answers.role) or known(answers.goal)", "neither role nor goal is known"),
        ("known(answers.role) or known(answers.mood)", 'mood is "fine"'),
        ("known(answers.a) or known(answers.b) or known(answers.c)", "neither a, b nor c is known"),
        ('clicked("welcome", within=3d)', 'clicked "welcome" 2 times in the last 3 days'),
        ("not sent()", "never sent a message"),
        ('visited("/prices") >= 2', 'visited "/prices" once, below 2'),
        ("fit >= 60 and stage == 'decision' and fit > 3", 'stage is "comparison", not "decision"'),
        ("fit >= 60 and account.sector == 'x'", "company sector is unknown"),
        ("fit >= 60 and fit < 90", "fit is 62, at least 60; fit is 62, below 90"),
        ("account.sector == 'x' or fit >= 60", "fit is 62, at least 60"),
        ("fit < 60 or stage == 'x'", 'fit is 62, at least 60; stage is "comparison", not "x"'),
    ],
)
def test_the_reason_says_what_was_seen(text: str, reason: str) -> None:
    assert parse(text).evaluate(PERSON).reason == reason


def test_a_long_value_is_cut_in_the_reason() -> None:
    facts = Given({"answers.message": "x" * 5_000})
    assert len(parse('answers.message == "a"').evaluate(facts).reason) < 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5 <= account.employees <= 250", "number of employees is between 5 and 250"),
        ('not clicked("welcome")', 'never clicked "welcome"'),
        ('visited("/prices", within=7d) >= 3', 'visited "/prices" at least 3 times in the last 7 days'),
        ("not (fit < 60 or stage == 'x')", 'fit is at least 60 and stage is not "x"'),
        ("fit > 1 and (fit < 9 or opened())", "fit is more than 1 and (fit is below 9 or opened)"),
        ('"seo" in contact.interests', 'interests include "seo"'),
        ('contact.email.endswith(".nl")', 'email ends with ".nl"'),
        ("known(answers.role) and consent.marketing", "role is known and consent.marketing is yes"),
    ],
)
def test_a_condition_reads_as_plain_words(text: str, words: str) -> None:
    assert parse(text).words() == words


def test_a_condition_tells_what_it_asks_for() -> None:
    used = parse('fit > 3 and clicked("a") and good(contact.email)', rules=["good"]).names()
    assert (used.paths, [history.what for history in used.histories], used.rules) == (
        (("fit",), ("contact", "email")),
        ["a"],
        ("good",),
    )
