"""Random conditions as trees, and the text that each of them must parse from."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

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

OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")
TEXTS = st.text(alphabet=st.sampled_from("ab \"'\\\n{}é,(/"), max_size=6)
NAMES = st.one_of(
    st.sampled_from([("fit",), ("stage",), ("contact", "email"), ("account", "employees")]).map(Name),
    TEXTS.filter(bool).map(lambda text: Name(("answers", text))),
)
SCALARS = st.one_of(
    TEXTS, st.integers(-(10**6), 10**6), st.booleans(), st.decimals(-99, 99, places=2).map(float)
)
LITERALS = st.one_of(SCALARS, st.lists(SCALARS, max_size=3).map(tuple)).map(Literal)
WITHIN = st.none() | st.integers(1, 99).map(lambda n: timedelta(hours=n))
ABOUT = tuple(kind for kind in HISTORY_KINDS if kind not in ACTIVITY_KINDS)
HISTORIES = st.builds(History, st.sampled_from(ABOUT), st.none() | TEXTS, WITHIN) | st.builds(
    History, st.sampled_from(ACTIVITY_KINDS), st.none(), WITHIN
)
TERMS = st.recursive(
    NAMES | LITERALS | HISTORIES | NAMES.map(IsKnown),
    lambda inner: st.one_of(
        NAMES.map(Lower),
        st.builds(TextTest, NAMES | NAMES.map(Lower), st.sampled_from(TEXT_TESTS), inner),
        st.builds(RuleCall, st.just("rule"), st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=3,
)
COMPARISONS = st.builds(
    Comparison,
    TERMS,
    st.lists(st.tuples(st.sampled_from(OPERATORS), TERMS), min_size=1, max_size=2).map(tuple),
)
TREES = st.recursive(
    TERMS | COMPARISONS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: And(tuple(operands))),
        st.lists(inner, min_size=2, max_size=3).map(lambda operands: Or(tuple(operands))),
        inner.map(Not),
    ),
    max_leaves=8,
)


def written(node: Node) -> str:
    """The text of a tree, with parentheses wherever they could matter."""
    match node:
        case And(operands):
            return " and ".join(f"({written(each)})" for each in operands)
        case Or(operands):
            return " or ".join(f"({written(each)})" for each in operands)
        case Not(operand):
            return f"not ({written(operand)})"
        case Comparison(first, rest):
            return written(first) + "".join(f" {operator} {written(term)}" for operator, term in rest)
        case _:
            return written_term(node)


def written_term(term: Term) -> str:
    match term:
        case Name(("answers", name)):
            return f"answers[{quoted(name)}]"
        case Name(path):
            return ".".join(path)
        case History(kind, what, within):
            arguments = [] if what is None else [quoted(what)]
            if within is not None:
                arguments.append(f"within={round(within.total_seconds()) // 3600}h")
            return f"{kind}({', '.join(arguments)})"
        case Lower(subject):
            return f"{written(subject)}.lower()"
        case TextTest(subject, test, argument):
            return f"{written(subject)}.{test}({written(argument)})"
        case RuleCall(rule, arguments):
            return f"{rule}({', '.join(written(each) for each in arguments)})"
        case IsKnown(name):
            return f"known({written(name)})"
        case Literal(value):
            return literal(value)


def literal(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(literal(each) for each in value)}]"
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
