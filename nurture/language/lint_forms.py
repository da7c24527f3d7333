"""Forms that conditions ask for, beside those that the workspace speaks of elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nurture.core.expression import Comparison, History, Literal, Name, Node, walk
from nurture.core.model import SignalKind
from nurture.language import foresight
from nurture.language.documents import Draft
from nurture.language.names import close_to
from nurture.language.reading import inside

_FORM = ("form",)


def check_forms(drafts: Iterable[Draft]) -> None:
    """A form that no signal of a profile and no audience names, though they name one much like it."""
    drafts = list(drafts)
    parts = [
        (draft, node, part)
        for draft in drafts
        for condition, node in draft.reader.conditions
        for part in walk(condition.root)
    ]
    named = {form for _, _, part in parts for form in _named(part)}
    for draft, node, part in parts:
        if not isinstance(part, History) or part.kind != SignalKind.SUBMITTED or part.what is None:
            continue
        if part.what not in named and (close := close_to(part.what, named)):
            draft.reader.report.add(
                foresight.UNKNOWN_FORM,
                inside(node, part.column),
                f"no signal and no audience names the form {part.what}",
                f"did you mean {close}? If there is such a form, give it a signal in the profile",
            )


def _named(part: Node) -> Iterator[str]:
    """The forms that the `where` of a signal names: only there `form` is a name."""
    if isinstance(part, Comparison):
        for left, _, right in part.pairs():
            for name, other in ((left, right), (right, left)):
                if isinstance(name, Name) and name.path == _FORM and isinstance(other, Literal):
                    values = other.value if isinstance(other.value, tuple) else (other.value,)
                    yield from (value for value in values if isinstance(value, str))
