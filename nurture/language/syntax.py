"""The syntax of conditions: lark's parser over `conditions.lark`, and the tree that is built as it goes.

LALR needs no recursion, and the tree is built bottom-up, each piece knowing how deep it is: so nothing that
is nested too deep is ever walked.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from typing import NamedTuple, TypeAlias

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from nurture.core.expression import (
    ACTIVITY_KINDS,
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
    Term,
    TextTest,
)
from nurture.errors import ConditionError
from nurture.language.confusions import syntax_error
from nurture.language.names import did_you_mean

MAX_DEPTH = 50
DURATION_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""Seconds in each unit that a duration may be written in."""


def parse_tree(text: str) -> Node:
    """The tree of a condition; its names are not looked up. Raised when it is none: ConditionError."""
    try:
        built = _parser().parse(text)
    except UnexpectedInput as error:
        raise syntax_error(error, text) from None
    assert isinstance(built, _Built)
    return _node(built)


@cache
def _parser() -> Lark:
    """_Built at first use: it takes some 30 ms, which `nurture --help` need not pay."""
    return Lark.open("conditions.lark", rel_to=__file__, parser="lalr", transformer=_Builder())


class _Method(NamedTuple):
    """`subject.name` where the subject is no name: something to call."""

    subject: Term
    name: str


_Piece: TypeAlias = Node | _Method | timedelta


class _Built(NamedTuple):
    """A piece of the tree on its way up, with where it stands and how deep it is."""

    piece: _Piece
    column: int
    depth: int = 1


class _Keyword(NamedTuple):
    """`name=value` among the arguments of a call."""

    name: str
    value: _Built
    column: int


_Argument: TypeAlias = _Built | _Keyword


@v_args(inline=True)
class _Builder(Transformer[Token, _Built]):
    """Makes the tree while lark parses; one method for each rule of the grammar."""

    def disjunction(self, *operands: _Built) -> _Built:
        return _above(Or(tuple(_node(each) for each in operands)), *operands)

    def conjunction(self, *operands: _Built) -> _Built:
        return _above(And(tuple(_node(each) for each in operands)), *operands)

    def negated(self, operand: _Built) -> _Built:
        return _above(Not(_node(operand)), operand)

    def comparison(self, first: _Built, *rest: _Built | str) -> _Built:
        operators = [each for each in rest if isinstance(each, str)]
        terms = [each for each in rest if isinstance(each, _Built)]
        pairs = tuple((op, _term(each)) for op, each in zip(operators, terms, strict=True))
        return _above(Comparison(_term(first), pairs), first, *terms)

    def operator(self, token: Token) -> str:
        return str(token)

    def is_in(self) -> str:
        return "in"

    def not_in(self) -> str:
        return "not in"

    def parenthesised(self, inner: _Built) -> _Built:
        return _above(_node(inner), inner)

    def name(self, token: Token) -> _Built:
        return _Built(Name((str(token),), _column(token)), _column(token))

    def attribute(self, subject: _Built, token: Token) -> _Built:
        if isinstance(subject.piece, Name):
            return _Built(_longer(subject.piece, str(token)), subject.column, subject.depth)
        return _above(_Method(_term(subject), str(token)), subject)

    def item(self, subject: _Built, token: Token) -> _Built:
        if not isinstance(subject.piece, Name):
            raise ConditionError(
                "only a name can have [ ] behind it",
                column=subject.column,
                hint='write answers["Name of the column"]',
            )
        return _Built(_longer(subject.piece, _text(token)), subject.column, subject.depth)

    def call(self, called: _Built, arguments: tuple[_Argument, ...] | None) -> _Built:
        given = arguments or ()
        children = [each if isinstance(each, _Built) else each.value for each in given]
        return _above(_called(called, given), called, *children)

    def list(self, *items: _Built) -> _Built:
        column = items[0].column - 1 if items else 1
        return _Built(Literal(tuple(_list_item(each) for each in items)), column)

    def arguments(self, *arguments: _Argument) -> tuple[_Argument, ...]:
        return arguments

    def keyword(self, token: Token, value: _Built) -> _Keyword:
        return _Keyword(str(token), value, _column(token))

    def string(self, token: Token) -> _Built:
        return _Built(Literal(_text(token)), _column(token))

    def number(self, token: Token) -> _Built:
        return _Built(Literal(_number(token)), _column(token))

    def negative(self, token: Token) -> _Built:
        return _Built(Literal(-_number(token)), _column(token) - 1)

    def duration(self, token: Token) -> _Built:
        return _Built(_duration(token), _column(token))

    def true(self, token: Token) -> _Built:
        return _Built(Literal(True), _column(token))

    def false(self, token: Token) -> _Built:
        return _Built(Literal(False), _column(token))

    def none(self, token: Token) -> _Built:
        raise ConditionError(
            f"nothing compares with {token}: what is missing is unknown",
            column=_column(token),
            hint="write known(NAME) or not known(NAME)",
        )


# --- pieces -----------------------------------------------------------------------------------------


def _above(piece: _Piece, *children: _Built) -> _Built:
    """`piece` over its children: as deep as the deepest of them and one more."""
    depth = 1 + max(child.depth for child in children)
    column = min(child.column for child in children)
    if depth > MAX_DEPTH:
        raise ConditionError(
            f"the condition is nested more than {MAX_DEPTH} deep",
            column=column,
            hint="split it into several rules",
        )
    return _Built(piece, column, depth)


def _node(built: _Built) -> Node:
    piece = built.piece
    if isinstance(piece, timedelta):
        raise ConditionError(
            "a duration has no meaning here",
            column=built.column,
            hint='durations say how far to look back: clicked("welcome", within=3d)',
        )
    if isinstance(piece, _Method):
        raise ConditionError(
            f"{piece.name} must be called", column=built.column, hint=f"write .{piece.name}(…)"
        )
    return piece


def _term(built: _Built) -> Term:
    node = _node(built)
    if isinstance(node, Comparison | And | Or | Not):
        raise ConditionError(
            "a comparison cannot be compared itself",
            column=built.column,
            hint="combine comparisons with and, or, not",
        )
    return node


def _list_item(built: _Built) -> str | int | float | bool:
    piece = built.piece
    if isinstance(piece, Literal) and isinstance(piece.value, str | int | float):
        return piece.value
    raise ConditionError(
        "a list can hold only texts, numbers, true and false",
        column=built.column,
        hint='texts stand in quotes: ["NL", "BE"]',
    )


def _longer(name: Name, part: str) -> Name:
    return Name((*name.path, part), name.column)


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _text(token: Token) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), token[1:-1], flags=re.DOTALL)


_ESCAPES = {"n": "\n", "t": "\t"}


def _number(token: Token) -> int | float:
    if len(token) > 15:
        raise ConditionError("this number is too long", column=_column(token), hint="use at most 15 digits")
    return float(token) if "." in token else int(token)


def _duration(token: Token) -> timedelta:
    if len(token) > 6:
        raise ConditionError("this duration is too long", column=_column(token), hint="durations: 3d, 4h, 2w")
    return timedelta(seconds=int(token[:-1]) * DURATION_UNITS[token[-1]])


# --- calls ------------------------------------------------------------------------------------------


def _called(called: _Built, arguments: tuple[_Argument, ...]) -> Node:
    """What `called(arguments)` means: a history, known(), a method, or a plugin's rule."""
    piece = called.piece
    if isinstance(piece, _Method):
        return _method(piece.subject, piece.name, called.column, arguments)
    if not isinstance(piece, Name):
        raise ConditionError("only a name can be called", column=called.column, hint='clicked("welcome")')
    *subject, function = piece.path
    if subject:
        return _method(Name(tuple(subject), piece.column), function, called.column, arguments)
    if function in HISTORY_KINDS:
        return _history(function, called.column, arguments)
    values = _positional(function, arguments)
    if function == "known":
        if len(values) != 1 or not isinstance(values[0].piece, Name):
            raise ConditionError(
                "known() takes one name", column=called.column, hint="write known(account.employees)"
            )
        return IsKnown(values[0].piece)
    return RuleCall(function, tuple(_term(each) for each in values), called.column)


def _method(subject: Term, method: str, column: int, arguments: tuple[_Argument, ...]) -> Node:
    values = _positional(method, arguments)
    if method == "lower":
        if values:
            raise ConditionError("lower() takes nothing", column=values[0].column, hint="write .lower()")
        return Lower(subject)
    if method not in TEXT_TESTS:
        raise ConditionError(
            f"there is no method {method}", column=column, hint=did_you_mean(method, (*TEXT_TESTS, "lower"))
        )
    if len(values) != 1:
        raise ConditionError(f"{method}() takes one text", column=column, hint=f'write .{method}("text")')
    return TextTest(subject, method, _term(values[0]))


def _positional(function: str, arguments: tuple[_Argument, ...]) -> list[_Built]:
    for each in arguments:
        if isinstance(each, _Keyword):
            raise ConditionError(
                f"{function}() takes no {each.name}=", column=each.column, hint="leave out the name and the ="
            )
    return [each for each in arguments if isinstance(each, _Built)]


def _history(kind: str, column: int, arguments: tuple[_Argument, ...]) -> History:
    what: str | None = None
    within: timedelta | None = None
    for each in arguments:
        name, value = (each.name, each.value) if isinstance(each, _Keyword) else ("what", each)
        if name == "within" and within is None and isinstance(value.piece, timedelta):
            within = value.piece
        elif (
            name == "what"
            and what is None
            and kind not in ACTIVITY_KINDS
            and isinstance(value.piece, Literal)
            and isinstance(value.piece.value, str)
        ):
            what = value.piece.value
        else:
            raise _wrong_argument(kind, value.column)
    return History(kind, what, within, column)


def _wrong_argument(kind: str, column: int) -> ConditionError:
    if kind in ACTIVITY_KINDS:
        message, hint = f"{kind}() takes nothing but within=DURATION", f"write {kind}(within=30d)"
    else:
        message = f"{kind}() takes one text and within=DURATION"
        hint = f'write {kind}("{_EXAMPLES[kind]}", within=3d)'
    return ConditionError(message, column=column, hint=hint)


_EXAMPLES = {
    "sent": "welcome",
    "opened": "welcome",
    "clicked": "welcome",
    "visited": "/prices",
    "submitted": "quote",
    "replied": "welcome",
}
"""What each kind's text is: a step of a campaign, a page, a form."""
