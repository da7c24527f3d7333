"""Nobody gets a step twice because of an edit, nobody is stranded: over random campaigns and edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.campaign import Campaign, SendStep, Step, WaitForStep, WaitStep
from nurture.core.decide import Plan, decide
from nurture.core.fold import apply
from nurture.core.model import Enrolment, EnrolmentState, Send, Snapshot, Stage
from nurture.core.moving import relocated, taken_back
from nurture.language.conditions import parse
from tests.core.make import DAY, MONDAY, PROFILE, campaign, snapshot, visited

KINDS = ("send", "send", "wait", "wait_for")


@dataclass
class Edition:
    """One version: its tracks as lists of (id, kind), and what it says of steps that are gone."""

    tracks: dict[Stage, list[tuple[str, str]]]
    moved: dict[str, str | None] = field(default_factory=dict)

    def campaign(self, version_id: int) -> Campaign:
        lists = [[_step(*each) for each in self.tracks[stage]] for stage in Stage]
        return replace(
            campaign(*lists, version=f"v{version_id}", version_id=version_id, handover=None),
            moved=self.moved,
        )


def _step(step_id: str, kind: str) -> SendStep | WaitStep | WaitForStep:
    if kind == "send":
        return SendStep(step_id, f"mails/{step_id}")
    if kind == "wait":
        return WaitStep(step_id, timedelta(days=1 + len(step_id) % 3))
    return WaitForStep(step_id, parse('visited("/prices")'), 2 * DAY)


class Author:
    """Makes random editions; every id is used for one thing only, but for what is taken back."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.number = 0

    def fresh(self) -> tuple[str, str]:
        self.number += 1
        return f"s{self.number}", self.random.choice(KINDS)

    def first(self) -> Edition:
        return Edition({stage: [self.fresh() for _ in range(self.random.randint(1, 4))] for stage in Stage})

    def edit(self, before: Edition) -> Edition:
        tracks = {stage: list(steps) for stage, steps in before.tracks.items()}
        moved: dict[str, str | None] = {}
        for _ in range(self.random.randint(1, 3)):
            stage = self.random.choice(list(Stage))
            track = tracks[stage]
            act = self.random.choice(("insert", "delete", "swap", "rename", "kind", "track"))
            place = self.random.randrange(len(track)) if track else 0
            if act == "insert" or not track:
                track.insert(place, self.fresh())
            elif act == "delete":
                gone, _kind = track.pop(place)
                moved[gone] = track[place][0] if place < len(track) else None
            elif act == "swap":
                other = self.random.randrange(len(track))
                track[place], track[other] = track[other], track[place]
            elif act == "rename":
                old, kind = track[place]
                track[place] = (self.fresh()[0], kind)
                moved[old] = track[place][0]
            elif act == "kind":
                track[place] = (track[place][0], self.random.choice(KINDS))
            else:
                tracks[self.random.choice(list(Stage))].append(track.pop(place))
        there = {step for steps in tracks.values() for step, _ in steps}
        return Edition(tracks, _resolved(moved, there))


def _resolved(moved: dict[str, str | None], there: set[str]) -> dict[str, str | None]:
    """Several edits in one version: a move to a step that is gone as well goes where that one goes."""
    found: dict[str, str | None] = {}
    for old in moved:
        target, seen = moved[old], {old}
        while target is not None and target not in there and target not in seen:
            seen.add(target)
            target = moved.get(target)
        if old not in there:
            found[old] = target if target in there else None
    return found


def _renames(editions: list[Edition]) -> dict[str, str]:
    """Every id that a step ever had → the first one: a renamed step is the same step."""
    first: dict[str, str] = {}
    for edition in editions:
        for old, new in edition.moved.items():
            if new is not None:
                first.setdefault(new, first.get(old, old))
    return first


def _swallowed(who: Snapshot, after: Sequence[Enrolment | None], old: Campaign) -> set[str]:
    """Steps that were there before the edit and not done, and are done by it."""
    pairs = zip(who.enrolments, after, strict=True)
    return {step for before, each in pairs if each for step in set(each.done) - set(before.done)} & {
        *old.steps
    }


Key = tuple[str, int, int]


def _live(who: Snapshot, plan: Plan, now: datetime, until: datetime) -> tuple[Snapshot, list[Key]]:
    """What the contact is sent from `now` until `until`."""
    sent: list[Key] = []
    while True:
        decision = decide(who, plan, now)
        sends = [effect for effect in decision.effects if isinstance(effect, Send)]
        sent += [(send.step, send.occurrence, send.lap) for send in sends]
        who = apply(who, decision, now)
        if decision.next_at is None or decision.next_at >= until:
            return who, sent
        now = decision.next_at


@settings(max_examples=400)
@given(st.integers(0, 10**9))
def test_no_edit_repeats_a_step_and_nobody_is_stranded(seed: int) -> None:
    random = Random(seed)
    author = Author(random)
    edition = author.first()
    versions = [edition.campaign(1)]
    editions = [edition]
    now = MONDAY
    who = snapshot()
    sent: list[Key] = []
    for number in range(2, 7):
        current = versions[-1]
        until = now + timedelta(hours=random.randint(1, 120))
        plan = Plan(PROFILE, {current.version_id: current}, (current.version_id,))
        who, new = _live(who, plan, now, until)
        sent += new
        now = until
        if random.random() < 0.5:
            path = random.choice(("/prices", "/portfolio"))
            who = replace(who, signals=(*who.signals, visited(path, now)))
        undo = len(versions) > 1 and random.random() < 0.25
        if undo:
            before = replace(versions[-2], version_id=number)
            moves = [taken_back(each, before, current) for each in who.enrolments]
            versions.append(before)
            editions.append(editions[-2])
        else:
            edition = author.edit(editions[-1])
            editions.append(edition)
            after = edition.campaign(number)
            maybe = [relocated(each, current, after) for each in who.enrolments]
            assert None not in maybe, "an edit with its moved lines strands nobody"
            assert not _swallowed(who, maybe, current), "an edit counts a step as done that is still to come"
            moves = [each for each in maybe if each is not None]
            versions.append(after)
        who = replace(who, enrolments=tuple(moves))
        for each in who.enrolments:
            assert each.step is None or each.step in versions[-1].steps
    assert len(sent) == len(set(sent)), "a step was sent twice"
    assert len({(each.campaign, each.occurrence) for each in who.enrolments}) == len(who.enrolments)
    assert all(each.state is EnrolmentState.ACTIVE for each in who.enrolments)


@settings(max_examples=300)
@given(st.integers(0, 10**9))
def test_a_renamed_step_that_was_done_is_never_done_again(seed: int) -> None:
    random = Random(seed)
    author = Author(random)
    editions = [author.first()]
    now, who, sent = MONDAY, snapshot(), []
    for number in range(1, 6):
        current = editions[-1].campaign(number)
        if number > 1:
            before = editions[-2].campaign(number - 1)
            moved = [relocated(each, before, current) for each in who.enrolments]
            who = replace(who, enrolments=tuple(each for each in moved if each is not None))
        plan = Plan(PROFILE, {number: current}, (number,))
        who, new = _live(who, plan, now, now + 2 * DAY)
        sent += new
        now += 2 * DAY
        tracks = {stage: list(steps) for stage, steps in editions[-1].tracks.items()}
        stage = random.choice(list(Stage))
        place = random.randrange(len(tracks[stage]))
        old, kind = tracks[stage][place]
        tracks[stage][place] = (author.fresh()[0], kind)
        editions.append(Edition(tracks, {old: tracks[stage][place][0]}))
    first = _renames(editions)
    names = [(first.get(step, step), occurrence, lap) for step, occurrence, lap in sent]
    assert len(names) == len(set(names))


@settings(max_examples=300)
@given(st.integers(0, 10**9))
def test_no_mail_comes_twice_whatever_its_step_is_called_and_however_often_it_is_taken_back(
    seed: int,
) -> None:
    """Names change, versions are taken back and that again; people enter and change their stage."""
    random = Random(seed)
    author = Author(random)
    live, before = author.first().campaign(1), None
    texts: dict[str, str] = {}
    now, people = MONDAY, [snapshot()]
    sent: list[list[Key]] = [[]]
    for number in range(2, 9):
        plan = Plan(PROFILE, {live.version_id: live}, (live.version_id,))
        until = now + timedelta(hours=random.randint(1, 96))
        for index, who in enumerate(people):
            people[index], new = _live(who, plan, now, until)
            sent[index] += new
        now = until
        people.append(snapshot())
        sent.append([])
        if random.random() < 0.5:
            index = random.randrange(len(people))
            path = random.choice(("/prices", "/portfolio"))
            people[index] = replace(people[index], signals=(*people[index].signals, visited(path, now)))
        if before is not None and random.random() < 0.5:
            live, before, taken = before, live, live
            moved = [[taken_back(each, live, taken) for each in who.enrolments] for who in people]
        else:
            live, before = _some_renamed(live, number, author), live
            texts |= {new: texts.get(old, old) for old, new in live.moved.items() if new is not None}
            found = [[relocated(each, before, live) for each in who.enrolments] for who in people]
            assert all(each is not None for places in found for each in places)
            moved = [[each for each in places if each is not None] for places in found]
        people = [replace(who, enrolments=tuple(places)) for who, places in zip(people, moved, strict=True)]
    for keys in sent:
        names = [(texts.get(step, step), occurrence, lap) for step, occurrence, lap in keys]
        assert len(names) == len(set(names))


def _some_renamed(old: Campaign, number: int, author: Author) -> Campaign:
    """The same campaign, with other names for some of its steps."""
    chosen = author.random.sample(sorted(old.steps), author.random.randint(1, len(old.steps)))
    names = {step_id: author.fresh()[0] for step_id in chosen}

    def named(each: str | None) -> str | None:
        return None if each is None else names.get(each, each)

    steps: dict[str, Step] = {}
    for step in old.steps.values():
        renamed = replace(step, id=names.get(step.id, step.id), next=named(step.next))  # type: ignore[call-arg]
        if isinstance(renamed, WaitForStep):
            renamed = replace(renamed, on_timeout=named(renamed.on_timeout))
        steps[renamed.id] = renamed
    tracks = {stage: named(first) for stage, first in old.tracks.items()}
    return replace(old, steps=steps, tracks=tracks, moved={**names}, version=f"v{number}", version_id=number)
