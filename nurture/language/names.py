"""Which names a condition may use, and what a misspelt one probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from nurture.core.facts import DORMANT
from nurture.core.model import Contact

_NOT_ASKED = {"id", "created_at", "stage_since", "recycle_at", "stage_told_at", "stage_told_until", "answers"}
"""Fields of a contact that hold no value a condition can compare; answers have a root of their own."""


@dataclass(frozen=True, slots=True)
class NameTable:
    """`leaves` stand alone (`fit`); `closed` roots have the fields given; `open` roots take any name.

    `history` says whether `clicked(…)` and its like make sense here.
    """

    leaves: frozenset[str]
    closed: Mapping[str, frozenset[str]]
    open: frozenset[str]
    history: bool = True

    def problem(self, path: tuple[str, ...]) -> tuple[str, str] | None:
        """What is wrong with a name, and what to write instead; None when it is one of these."""
        root, written = path[0], ".".join(path)
        if root in self.open:
            if len(path) == 2:
                return None
            return f"{written}: {root} takes one name behind it", f'write {root}.NAME, or {root}["A NAME"]'
        if root in self.closed:
            if len(path) == 2 and path[1] in self.closed[root]:
                return None
            known = [f"{root}.{name}" for name in self.closed[root]]
            return f"there is no name {written}", did_you_mean(written, known)
        if root in self.leaves:
            return None if len(path) == 1 else (f"{root} has no parts", f"write {root}")
        return f"there is no name {written}", self._instead(path)

    def _instead(self, path: tuple[str, ...]) -> str:
        if len(path) > 1:
            roots = {*self.closed, *self.open}
            close = close_to(path[0], roots)
            return f"did you mean {'.'.join((close, *path[1:]))}?" if close else _one_of(roots)
        whole = {*self.leaves, *(f"{root}.{name}" for root in self.closed for name in self.closed[root])}
        same = sorted(name for name in whole if name.endswith(f".{path[0]}"))
        if close := same[0] if same else close_to(path[0], whole):
            return f"did you mean {close}?"
        return f"an answer is written answers.{path[0]}, a text in quotes: {path[0]!r}"


CONTACT_NAMES = NameTable(
    leaves=frozenset({"fit", "engagement", "stage", "lifecycle", "source"}),
    closed={"contact": (frozenset(each.name for each in fields(Contact)) - _NOT_ASKED) | {DORMANT}},
    open=frozenset({"account", "answers", "consent"}),
)
"""What can be asked of a contact: everywhere but in a signal's `where`."""

SIGNAL_NAMES = NameTable(
    leaves=frozenset({"url", "form", "step", "campaign"}),
    closed={"url": frozenset({"path", "host", "query"})},
    open=frozenset({"answers", "data"}),
    history=False,
)
"""What can be asked of one signal, under `where`."""


def close_to(written: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, if one is close."""
    names = sorted({str(name) for name in known})
    same = [name for name in names if name.lower() == written.lower()]
    close = same or difflib.get_close_matches(written, names, n=1, cutoff=0.7)
    return close[0] if close else None


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """`did you mean x?` where one is close, else what there is to choose from."""
    names = list(known)
    close = close_to(written, names)
    return f"did you mean {close}?" if close else _one_of(names)


def _one_of(names: Iterable[str]) -> str:
    listed = sorted({str(name) for name in names})
    shown = ", ".join(listed[:12]) + (", …" if len(listed) > 12 else "")
    return f"expected one of: {shown}" if shown else "there are none"
