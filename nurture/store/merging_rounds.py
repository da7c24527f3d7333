"""What is to be merged, people or accounts, and which of it can be done at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Merging:
    """`gone` becomes part of `kept`; `reasons` are words, and `score` is from 0 to 1 where it was counted."""

    gone: int
    kept: int
    matched_by: str
    reasons: tuple[str, ...] = ()
    score: float | None = None


def take_round(
    waiting: Sequence[Merging], known: Mapping[int, int], there: Collection[int]
) -> tuple[list[Merging], list[Merging]]:
    """What can be done at once, and what waits for the next round: each takes part in one merge only.

    `known` are those that were merged before, with what they are now. Two that are one already, and those
    that are not `there`, are in neither.
    """
    taking, left = [], []
    busy: set[int] = set()
    for one in waiting:
        gone, kept = known.get(one.gone, one.gone), known.get(one.kept, one.kept)
        if gone == kept or gone not in there or kept not in there:
            continue
        if {gone, kept} & busy:
            left.append(one)
            continue
        busy |= {gone, kept}
        taking.append(replace(one, gone=gone, kept=kept))
    return taking, left
