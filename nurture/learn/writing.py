"""A rule's condition in the condition language, and a short id for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nurture.core.model import Value
from nurture.learn.atoms import Atom
from nurture.learn.search import Condition

_PLAIN = re.compile(r"[A-Za-z_]\w*")
_RESERVED = frozenset({"and", "or", "not", "in", "true", "True", "false", "False", "none", "None", "null"})
_LONGEST_NAME, _LONGEST_CHOICE, _LONGEST_ID = 24, 20, 58


def subject_of(root: str, name: str) -> str:
    """How a condition writes a field: `answers.budget`, `answers["Lead Origin"]`."""
    plain = _PLAIN.fullmatch(name) and name not in _RESERVED
    return f"{root}.{name}" if plain else f"{root}[{literal(name)}]"


def membership_of(item: str, subject: str) -> str:
    """How a condition asks whether a list has `item`: a subject of its own, true or false."""
    return f"{literal(item)} in {subject}"


def condition_text(condition: Condition) -> str:
    """The condition of a rule, as a marketer would write it."""
    return " and ".join(map(_atom_text, condition.atoms))


def _atom_text(atom: Atom) -> str:
    subject = atom.subject
    if atom.is_range:
        return _range_text(subject, atom.low, atom.high)
    if not atom.choices:
        return f"not known({subject})" if atom.negated else f"known({subject})"
    if subject.startswith('"'):
        return subject if atom.choices == (True,) else f"not {subject}"
    if len(atom.choices) == 1:
        return f"{subject} {'!=' if atom.negated else '=='} {literal(atom.choices[0])}"
    listed = ", ".join(map(literal, atom.choices))
    return f"{subject} {'not in' if atom.negated else 'in'} [{listed}]"


def _range_text(subject: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"{subject} < {literal(high)}" if low is None else f"{subject} >= {literal(low)}"
    return f"{literal(low)} <= {subject} < {literal(high)}"


def literal(value: Value) -> str:
    """A value as conditions write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def ids_for(conditions: Iterable[Condition]) -> list[str]:
    """An id for each rule, made of what it asks; no two are the same."""
    found: list[str] = []
    for condition in conditions:
        short = _slug(" ".join(map(_atom_words, condition.atoms)), _LONGEST_ID) or "rule"
        number, unique = 1, short
        while unique in found:
            number += 1
            unique = f"{short}-{number}"
        found.append(unique)
    return found


def _atom_words(atom: Atom) -> str:
    name = _slug(_name_of(atom.subject), _LONGEST_NAME)
    if atom.low is not None and atom.high is not None:
        return f"{name} {literal(atom.low)} to {literal(atom.high)}"
    if atom.is_range:
        return (
            f"{name} from {literal(atom.low)}" if atom.high is None else f"{name} below {literal(atom.high)}"
        )
    if not atom.choices:
        return f"{name} {'unknown' if atom.negated else 'known'}"
    choice = _slug(str(atom.choices[0]), _LONGEST_CHOICE)
    more = "-or-other" if len(atom.choices) > 1 else ""
    return f"{name} {'not ' if atom.negated else ''}{choice}{more}"


def _name_of(subject: str) -> str:
    """`answers["Lead Origin"]` is Lead Origin, `"website" in contact.interests` is website."""
    if subject.startswith('"'):
        return subject.rpartition(" in ")[0]
    root, bracket, rest = subject.partition("[")
    return rest if bracket else root.partition(".")[2]


def _slug(words: str, longest: int) -> str:
    """Letters and digits with hyphens between them, cut at the end of a word where there is one."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    if len(plain) <= longest:
        return plain
    return plain[: longest + 1].rpartition("-")[0] or plain[:longest]
