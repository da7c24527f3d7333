"""Where somebody under way in a campaign stands when its text changes: by the ids of its steps.

Nobody gets a step twice because of an edit: what was done stays done, under its new id too where `moved`
gives it one. Who stands on a step that is gone goes where `moved` says; without such a line there is no place
for them, and the version must not be published. Who rests at the end of a track stays there, also when steps
are added behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from nurture.core.campaign import Campaign
from nurture.core.model import Enrolment, Stage
from nurture.core.steps import reachable

Moved = Mapping[str, str | None]


def relocated(enrolment: Enrolment, new: Campaign, moved: Moved | None = None) -> Enrolment | None:
    """The enrolment in the version `new`; None where it has no place for it.

    `moved` is old id → new id, None for the end of the track; where not given it is the version's own.
    """
    moves = new.moved if moved is None else moved
    target = enrolment.step
    if target is not None and target not in new.steps:
        if target not in moves:
            return None
        target = moves[target]
    return replace(
        enrolment,
        version_id=new.version_id,
        step=_in_track(target, enrolment.track, new),
        done=_renamed(enrolment.done, moves),
    )


def taken_back(enrolment: Enrolment, before: Campaign, taken: Campaign) -> Enrolment:
    """The enrolment in the version `before`, when the version `taken` is taken back.

    Who stands on a step that only the one taken back has goes on behind the last step they have done that
    the other one has too; where there is none, at the beginning of their track.
    """
    back = _inverse(taken.moved)
    found = relocated(enrolment, before, back)
    if found is not None:
        return found
    done = _renamed(enrolment.done, back)
    known = [step for step in done if step in before.steps]
    # A step that was done is passed over: standing on it means to stand behind it.
    step = known[-1] if known else before.tracks.get(enrolment.track)
    return replace(
        enrolment,
        version_id=before.version_id,
        step=_in_track(step, enrolment.track, before),
        done=done,
    )


def _in_track(step: str | None, track: Stage, campaign: Campaign) -> str | None:
    """The step, if it belongs to the track; else the track's first one: what was done is passed over."""
    first = campaign.tracks.get(track)
    if step is None or step in set(reachable(campaign.steps, first)):
        return step
    return first


def _renamed(done: tuple[str, ...], moved: Moved) -> tuple[str, ...]:
    """What was done, old ids and new ones: an id is never forgotten, since it may come back."""
    names = list(done)
    for step in done:
        new = moved.get(step)
        if new is not None and new not in names:
            names.append(new)
    return tuple(names)


def _inverse(moved: Moved) -> dict[str, str | None]:
    """New id → old id, where only one step was given that new id."""
    uses = Counter(new for new in moved.values() if new is not None)
    return {new: old for old, new in moved.items() if new is not None and uses[new] == 1}
