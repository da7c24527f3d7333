"""The legal changes of a contact's lifecycle, as one table.

The main way is lead → contact → prospect → accepted → customer. The side exits keep a way back where life has
one: junk can be completed, a recycled contact returns at its date, a lost one can be recycled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from nurture.core.model import Lifecycle
from nurture.errors import TransitionError

LEGAL: Mapping[Lifecycle, frozenset[Lifecycle]] = {
    Lifecycle.LEAD: frozenset({Lifecycle.CONTACT, Lifecycle.JUNK}),
    Lifecycle.JUNK: frozenset({Lifecycle.LEAD, Lifecycle.CONTACT}),
    Lifecycle.CONTACT: frozenset(
        {Lifecycle.PROSPECT, Lifecycle.JUNK, Lifecycle.DISQUALIFIED, Lifecycle.RECYCLED, Lifecycle.LOST}
    ),
    # Sales can also hand a prospect back at once: it is a contact again.
    Lifecycle.PROSPECT: frozenset(
        {
            Lifecycle.ACCEPTED,
            Lifecycle.CONTACT,
            Lifecycle.RECYCLED,
            Lifecycle.DISQUALIFIED,
            Lifecycle.LOST,
        }
    ),
    Lifecycle.ACCEPTED: frozenset(
        {Lifecycle.CUSTOMER, Lifecycle.RECYCLED, Lifecycle.DISQUALIFIED, Lifecycle.LOST}
    ),
    Lifecycle.CUSTOMER: frozenset({Lifecycle.LOST, Lifecycle.RECYCLED}),
    # By hand only: what disqualified them was wrong, or is so no more.
    Lifecycle.DISQUALIFIED: frozenset({Lifecycle.CONTACT}),
    Lifecycle.RECYCLED: frozenset({Lifecycle.CONTACT, Lifecycle.DISQUALIFIED, Lifecycle.LOST}),
    Lifecycle.LOST: frozenset({Lifecycle.RECYCLED}),
}
"""From where to where a contact may go. Staying is always legal."""


def transition(before: Lifecycle, after: Lifecycle) -> Lifecycle:
    """`after`, if a contact may go there from `before` (or is there already).

    Raised when it may not, with what is legal: TransitionError.
    """
    if after is before or after in LEGAL[before]:
        return after
    legal = ", ".join(choice.value for choice in Lifecycle if choice in LEGAL[before])
    raise TransitionError(
        f"a contact cannot go from {before.value} to {after.value}",
        hint=f"from {before.value} it can go to: {legal}",
    )


def way(before: Lifecycle, after: Lifecycle) -> tuple[Lifecycle, ...]:
    """The shortest legal way from `before` to `after`, that one last; empty where a contact is there already.

    Raised when no way leads there: TransitionError.
    """
    ways: dict[Lifecycle, tuple[Lifecycle, ...]] = {before: ()}
    open_ends = deque([before])
    while open_ends:
        here = open_ends.popleft()
        for next_one in (choice for choice in Lifecycle if choice in LEGAL[here] and choice not in ways):
            ways[next_one] = (*ways[here], next_one)
            open_ends.append(next_one)
    return ways[after] if after in ways else (transition(before, after),)
