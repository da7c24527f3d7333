"""The `where` of a signal rule as SQL, asked of rows of `signal`: what `core.facts.SignalFacts` answers.

Databases cannot take addresses apart as Python does. The path of a visit has its own column; for other
signals the addresses that there are (the links of the mails) are asked in Python, and the answer is a list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from nurture.core.expression import And, History, Node
from nurture.core.facts import SignalFacts
from nurture.core.model import Signal, SignalKind
from nurture.core.predicate import Condition
from nurture.core.profile import SignalRule
from nurture.store import schema
from nurture.store.compiler import Compiler, NotCompiled
from nurture.store.shapes import Answer, Shape, Speech

signal = schema.signal

MOST_ADDRESSES = 10_000
"""With more of them, a statement that names them all is worse than asking in Python."""

Addresses = Mapping[str, Collection[str]]
"""Kind of signal → every address that signals of this kind have."""

_URL = "url"
_VISITED_PATH = ("url", "path")


def addresses_asked(connection: sa.Connection, rules: Sequence[SignalRule], speech: Speech) -> Addresses:
    """The addresses of those kinds of signals whose rules ask for parts of them.

    Raised when there are more than `MOST_ADDRESSES` of a kind: NotCompiled.
    """
    found = {}
    for kind in sorted({rule.on for rule in rules if _asks_addresses(rule)}):
        address = speech.member_text(signal.c.data, _URL)
        query = sa.select(address).where(signal.c.kind == kind, address.is_not(None)).distinct()
        found[kind] = connection.scalars(query.limit(MOST_ADDRESSES + 1)).all()
        if len(found[kind]) > MOST_ADDRESSES:
            raise NotCompiled(f"the address of {kind}")
    return found


def compile_rule(rule: SignalRule, speech: Speech, addresses: Addresses) -> Answer:
    """Whether the rule counts a row of `signal`; true or false, never NULL.

    Raised when its condition cannot be asked of the database: NotCompiled.
    """
    of_kind = signal.c.kind == rule.on
    if rule.where is None:
        return of_kind
    parts = [_part(node, rule.on, speech, addresses) for node in _parts(rule.where)]
    return sa.and_(of_kind, *(sa.func.coalesce(part, sa.false()) for part in parts))


def _asks_addresses(rule: SignalRule) -> bool:
    return any(_in_python(node, rule.on) for node in _parts(rule.where))


def _parts(condition: Condition | None) -> Sequence[Node]:
    """What must all hold."""
    if condition is None:
        return ()
    return condition.root.operands if isinstance(condition.root, And) else (condition.root,)


def _in_python(node: Node, kind: str) -> bool:
    """Whether it asks for parts of addresses, of which the database knows nothing."""
    paths = [path for path in Condition("", node).names().paths if len(path) > 1 and path[0] == _URL]
    return any(kind != SignalKind.VISITED or path != _VISITED_PATH for path in paths)


def _part(node: Node, kind: str, speech: Speech, addresses: Addresses) -> Answer:
    if not _in_python(node, kind):
        return _SignalCompiler(speech, kind).truth(node)
    used = Condition("", node).names()
    if used.rules or any(path[0] != _URL for path in used.paths):
        raise NotCompiled("url, together with other names")
    address = speech.member_text(signal.c.data, _URL)
    known = sorted(one for one in addresses[kind] if _holds(node, kind, one))
    among = address.in_(known)
    return sa.or_(address.is_(None), among) if _holds(node, kind, None) else among


def _holds(node: Node, kind: str, address: str | None) -> bool:
    data = {} if address is None else {_URL: address}
    return Condition("", node).test(SignalFacts(Signal(0, 0, kind, _ANY_TIME, data))) is True


_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class _SignalCompiler(Compiler):
    """Names are those of a signal of one kind."""

    def __init__(self, speech: Speech, kind: str) -> None:
        super().__init__(speech)
        self._kind = kind

    def lookup(self, path: tuple[str, ...]) -> Shape:
        data = signal.c.data
        if path == _VISITED_PATH:
            # The path is "" of an address that cannot be read, which is known, and of none, which is not.
            read = sa.or_(signal.c.path != "", self.speech.member_text(data, _URL) != "")
            return Shape(text=sa.case((read, signal.c.path)))
        if len(path) == 1:
            return self.speech.member(data, path[0])
        if path[0] == "data":
            return self.speech.member(data, ".".join(path[1:]))
        raise NotCompiled(".".join(path))

    def happened(self, asked: History) -> sa.Select[tuple[int]]:
        raise NotCompiled(asked.kind)
