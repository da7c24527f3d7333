from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.expression import Comparison, History, Literal, Name, Node
from nurture.errors import ConditionError
from nurture.language.conditions import MAX_LENGTH, parse
from nurture.language.names import SIGNAL_NAMES
from nurture.language.syntax import MAX_DEPTH
from tests.language.trees import TREES, written


@settings(max_examples=300)
@given(TREES)
def test_a_tree_written_out_parses_to_the_same_tree(tree: Node) -> None:
    assert parse(written(tree), rules=["rule"]).root == tree


@settings(max_examples=500)
@given(st.text(max_size=80))
def test_no_text_does_more_than_raise_a_condition_error(text: str) -> None:
    tolerant(text)


SIGNS = ("==", "<=", "<", "&&", '["a"', "'", "within=", "clicked(", "lower()", *"[](),.=")
WORDS = ("fit", "contact.email", "answers", "in", "not", "and", "or", "known", "é")
LITERALS = ("true", "None", "3", "3d", "-4", "1.5", '"x"')
PIECES = st.sampled_from([*SIGNS, *WORDS, *LITERALS])


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=14), st.sampled_from(["", " "]))
def test_no_heap_of_pieces_does_more_than_raise_a_condition_error(pieces: list[str], between: str) -> None:
    tolerant(between.join(pieces))


def tolerant(text: str) -> None:
    assert 1 <= column_of_error(text) <= max(len(text), 1) + 1


def column_of_error(text: str) -> int:
    try:
        parse(text)
    except ConditionError as error:
        return error.column
    return 1


@pytest.mark.parametrize(
    "text",
    ["(" * 600 + "fit" + ")" * 600, "not " * 400 + "fit", "contact.email" + ".lower()" * 200, "[" * 900],
)
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text)


def test_the_deepest_and_the_longest_condition_are_accepted() -> None:
    assert parse("(" * (MAX_DEPTH - 1) + "fit" + ")" * (MAX_DEPTH - 1)).root == Name(("fit",))
    assert parse("fit" + " " * (MAX_LENGTH - 3)).root == Name(("fit",))


def test_a_condition_that_is_too_long_is_refused() -> None:
    with pytest.raises(ConditionError, match="2,001 characters"):
        parse("fit" + " " * (MAX_LENGTH - 2))


@pytest.mark.parametrize(
    ("written_as", "duration"),
    [
        ("3d", timedelta(days=3)),
        ("4h", timedelta(hours=4)),
        ("30m", timedelta(minutes=30)),
        ("2w", timedelta(14)),
    ],
)
def test_durations_are_literals(written_as: str, duration: timedelta) -> None:
    assert parse(f"opened(within={written_as})").root == History("opened", None, duration)


@pytest.mark.parametrize("word", ["true", "True"])
def test_truths_are_written_as_in_yaml_or_as_in_python(word: str) -> None:
    assert parse(f"consent.marketing == {word}").root == Comparison(
        Name(("consent", "marketing")), (("==", Literal(True)),)
    )


@pytest.mark.parametrize("name", ["answers.in", "answers.and", "answers.true", 'answers["Lead Number"]'])
def test_an_answer_can_have_any_name(name: str) -> None:
    root = parse(f"known({name})").root
    assert root.name.path[0] == "answers"  # type: ignore[union-attr]  # known() makes an IsKnown


MISTAKES = [
    ("fit = 60", 5, "write =="),
    ("fit >= 60 && stage", 11, "write and"),
    ("fit >= 60 || stage", 11, "write or"),
    ("fit >= 60 AND engagement > 3", 11, "small letters"),
    ("!consent.marketing", 1, "write not"),
    ("fit => 60", 5, "write >="),
    ("fit <> 60", 6, "write !="),
    ("stage is 'x'", 7, "write =="),
    ("stage == “decision”", 10, "straight quotes"),
    ('stage == "decision', 10, "no closing quote"),
    ("stage == decision", 10, "a text in quotes: 'decision'"),
    ("(fit > 3", 8, "a closing ) is missing"),
    ("fit >", 5, "missing at the end"),
    ("fit > 3days", 8, "3d, 4h, 30m, 2w"),
    ("fit > 3d", 7, "within=3d"),
    ("fit + 3 > 4", 5, "no arithmetic"),
    ('contact.company contains "x"', 17, "NAME.contains"),
    ('clickd("welcome")', 1, "did you mean clicked?"),
    ('clicked("welcome", whitin=3d)', 27, 'clicked("welcome", within=3d)'),
    ("clicked(3)", 9, 'clicked("welcome", within=3d)'),
    ("contact.emial == 'x'", 1, "did you mean contact.email?"),
    ("acount.employees > 5", 1, "did you mean account.employees?"),
    ("company == 'x'", 1, "did you mean contact.company?"),
    ("budget > 5", 1, "answers.budget"),
    ("answers > 5", 1, "answers.NAME"),
    ("fit.points > 5", 1, "write fit"),
    ("contact.email.upper() == 'X'", 1, "lower"),
    ("contact.email.lower == 'x'", 1, "did you mean contact.email?"),
    ("account.name == None", 17, "known(NAME)"),
    ("known('x')", 1, "known(account.employees)"),
    ("(fit > 3) == true", 2, "and, or, not"),
    ("stage in [decision]", 11, '["NL", "BE"]'),
    ("busines_email(contact.email)", 1, "did you mean business_email?"),
    ("business_email(x=3)", 16, "leave out the name"),
]


@pytest.mark.parametrize(("text", "column", "hint"), MISTAKES)
def test_a_mistake_gets_its_column_and_a_hint_that_helps(text: str, column: int, hint: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text, rules=["business_email"])
    assert (caught.value.column, hint in caught.value.hint) == (column, True), caught.value.hint


def test_any_rule_may_be_called_where_rules_are_not_checked() -> None:
    assert parse("gone(contact.email)", rules=None).names().rules == ("gone",)


@pytest.mark.parametrize("text", ["clicked()", "fit > 3", "contact.email == 'x'", "url.port == 3"])
def test_a_signal_s_condition_looks_at_that_signal_alone(text: str) -> None:
    with pytest.raises(ConditionError):
        parse(text, names=SIGNAL_NAMES)


@pytest.mark.parametrize(
    "text",
    ['url.path.startswith("/a")', 'form == "quote"', "answers.a == 1", 'data.x == "y"', 'step == "welcome"'],
)
def test_a_signal_s_condition_knows_the_signal_s_parts(text: str) -> None:
    parse(text, names=SIGNAL_NAMES)
