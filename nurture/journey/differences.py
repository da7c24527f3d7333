"""How a campaign's new version differs from the live one: its steps, and where those under way go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from nurture.core.campaign import Campaign, Step
from nurture.core.moving import moves_between
from nurture.core.steps import step_words
from nurture.errors import CampaignError
from nurture.store.places import Standing

_KEYS = ("purpose", "locale", "timezone", "audience", "reenter", "policy", "handover", "exit_when", "entries")


@dataclass(frozen=True, slots=True)
class Stranded:
    """People on a step that the new text lacks, without a `moved` line for it."""

    campaign: str
    step: str
    people: int

    def sentence(self) -> str:
        who = "1 person stands" if self.people == 1 else f"{self.people} people stand"
        return f"{self.campaign}: {who} on the step {self.step}, which is gone"


@dataclass(frozen=True, slots=True)
class StepChange:
    """`change` is new, gone, moved or changed; `words` say what the step does, or where it moved to."""

    step: str
    change: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """People who stand on one step (empty: at the end of a track), and where they go on."""

    step: str
    people: int
    goes_to: str
    then: str


@dataclass(frozen=True, slots=True)
class CampaignChange:
    """One campaign: `kind` is new, changed or stopped."""

    name: str
    kind: str
    steps: tuple[StepChange, ...]
    keys: tuple[str, ...]
    groups: tuple[Group, ...]
    stranded: tuple[Stranded, ...]


def refuse_stranded(stranded: Sequence[Stranded]) -> None:
    """Raised when there is anybody, with a sentence for each step and what to write: CampaignError."""
    if not stranded:
        return
    lines = dict.fromkeys(f"{one.step}: end" for one in stranded)
    raise CampaignError(
        "\n".join(one.sentence() for one in stranded),
        hint=f"say in the campaign where they go on: moved: {{{', '.join(lines)}}}, with the id of a step in "
        "place of `end` where they should go on",
    )


def campaign_change(
    name: str,
    old: Campaign | None,
    new: Campaign | None,
    standing: Sequence[Standing],
    *,
    back: bool = False,
) -> CampaignChange:
    """What becomes of one campaign (None: it is not live); `back` when a publication is taken back."""
    people = [each for each in standing if each.people]
    if new is None:
        groups = [Group(each.step or "", each.people, each.step or "", "rests") for each in people]
        return CampaignChange(name, "stopped", (), (), tuple(groups), ())
    known: Mapping[str, Step] = old.steps if old else {}
    moves = new.moved if old is None else moves_between(old, new)
    steps = tuple(_step_changes(known, new, moves))
    keys = () if old is None else tuple(key for key in _KEYS if getattr(old, key) != getattr(new, key))
    groups, stranded = [], []
    for each in people:
        target = each.step
        if target is not None and target not in new.steps:
            if target not in moves and back:
                groups.append(Group(target, each.people, "", "go on behind the last step they have done"))
                continue
            if target not in moves:
                stranded.append(Stranded(name, target, each.people))
                continue
            target = moves[target]
        then = "rests until the stage changes" if target is None else step_words(new.steps[target])
        groups.append(Group(each.step or "", each.people, target or "", then))
    kind = "new" if old is None else "changed"
    return CampaignChange(name, kind, steps, keys, tuple(groups), tuple(stranded))


def _step_changes(
    old: Mapping[str, Step], new: Campaign, moves: Mapping[str, str | None]
) -> Iterator[StepChange]:
    for step_id, step in new.steps.items():
        if step_id not in old:
            yield StepChange(step_id, "new", step_words(step))
        elif step != old[step_id]:
            yield StepChange(step_id, "changed", _difference(old[step_id], step))
    for step_id in old:
        if step_id not in new.steps:
            target = moves.get(step_id)
            moved = step_id in moves
            words = f"to {target or 'the end of the track'}" if moved else step_words(old[step_id])
            yield StepChange(step_id, "moved" if moved else "gone", words)


def _difference(old: Step, new: Step) -> str:
    if step_words(old) != step_words(new):
        return f"{step_words(old)} → {step_words(new)}"
    if type(old) is type(new):
        names = [each.name for each in fields(new) if getattr(old, each.name) != getattr(new, each.name)]
        if names == ["next"]:
            after, before = (getattr(each, "next", None) or "the end" for each in (new, old))
            return f"is followed by {after} instead of {before}"
    return f"{step_words(new)}, in another way"
