"""Where somebody under way in a campaign stands when its text changes: by the ids of its steps.

Nobody gets a step twice because of an edit: what was done stays done, under its new id too where `moved`
renames it. A move to a step that was there before is no new name but a way on: that step is still to come.
Who stands on a step that is gone goes where `moved` says; without such a line there is no place for them,
and the version must not be published. Who rests at the end of a track stays there, also when steps are
added behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from nurture.core.campaign import Campaign, FormerNames
from nurture.core.model import Enrolment, Stage
from nurture.core.steps import reachable

Moves = Mapping[str, str | None]

Mover: TypeAlias = Callable[[Enrolment, Campaign, Campaign], Enrolment | None]
"""An enrolment of the first campaign's version, in the second one's; None where it has no place there."""


def moves_between(old: Campaign, new: Campaign) -> dict[str, str | None]:
    """Where steps that `new` lacks go on in it: id → id there, None for the end of the track.

    What `new` says itself comes first. Where it takes back what `old` renamed, the old names count again.
    """
    uses = Counter(target for target in old.moved.values() if target is not None)
    back: dict[str, str | None] = {
        target: source
        for source, target in old.moved.items()
        if target is not None
        and uses[target] == 1
        and target not in new.steps
        and source in new.steps
        and source not in old.steps
    }
    return back | {source: target for source, target in new.moved.items() if source not in new.steps}


def relocated(enrolment: Enrolment, old: Campaign, new: Campaign) -> Enrolment | None:
    """The enrolment, now in the version `old`, in the version `new`; None where it has no place there."""
    moves = moves_between(old, new)
    target = enrolment.step
    if target is not None and target not in new.steps:
        if target not in moves:
            return None
        target = moves[target]
    return replace(
        enrolment,
        version_id=new.version_id,
        step=_in_track(target, enrolment.track, new),
        done=_renamed(enrolment.done, moves, old),
    )


def former_names(known: FormerNames, old: Campaign, new: Campaign) -> dict[str, frozenset[str]]:
    """The names that the steps of `new` have had, where those of `old` had the names `known`."""
    names = dict(known)
    for source, target in moves_between(old, new).items():
        if target is not None and target not in old.steps:
            had = {source} | known.get(source, frozenset()) | names.get(target, frozenset())
            names[target] = frozenset(had - {target})
    return names


def keeps_ids(old: Campaign, new: Campaign) -> bool:
    """Whether no step of `old` has another name in `new`: then what was done is told by the same ids."""
    return all(target is None or target in old.steps for target in moves_between(old, new).values())


def taken_back(enrolment: Enrolment, before: Campaign, taken: Campaign) -> Enrolment:
    """The enrolment in the version `before`, when the version `taken` is taken back.

    Who stands on a step that only the one taken back has goes on behind the last step they have done that
    the other one has too; where there is none, at the beginning of their track.
    """
    found = relocated(enrolment, taken, before)
    if found is not None:
        return found
    done = _renamed(enrolment.done, moves_between(taken, before), taken)
    known = [step for step in done if step in before.steps]
    # A step that was done is passed over: standing on it means to stand behind it.
    step = known[-1] if known else before.tracks.get(enrolment.track)
    return replace(
        enrolment,
        version_id=before.version_id,
        step=_in_track(step, enrolment.track, before),
        done=done,
    )


def backwards(enrolment: Enrolment, old: Campaign, new: Campaign) -> Enrolment:
    """The enrolment in the version `new`, to which one goes back from `old`."""
    return taken_back(enrolment, before=new, taken=old)


def _in_track(step: str | None, track: Stage, campaign: Campaign) -> str | None:
    """The step, if it belongs to the track; else the track's first one: what was done is passed over."""
    first = campaign.tracks.get(track)
    if step is None or step in set(reachable(campaign.steps, first)):
        return step
    return first


def _renamed(done: tuple[str, ...], moves: Moves, old: Campaign) -> tuple[str, ...]:
    """What was done, old ids and new ones: an id is never forgotten, since it may come back."""
    names = list(done)
    for step in done:
        new = moves.get(step)
        if new is not None and new not in old.steps and new not in names:
            names.append(new)
    return tuple(names)
