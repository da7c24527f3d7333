"""Edits campaigns at random, as marketers would while people are under way in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random

from tests.properties.author import TEMPLATES, Author, Doc, Track
from tests.properties.people import every_step, lists_in

Moves = dict[str, str | None]


class Editor:
    """Every id is used for one thing only, but for what is taken back.

    `first` is id → the id that its step had at first: a step that was renamed is the same step.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.author = Author(random, busy=True)
        self.first: dict[str, str] = {}

    def name(self, step: str) -> str:
        """What a step was called at first."""
        return self.first.get(step, step)

    def edited(self, before: Doc, others: list[str]) -> Doc:
        """The next edition, with a `moved` line for each step that is gone."""
        doc = deepcopy({key: value for key, value in before.items() if key != "moved"})
        self.author.number = max(self.author.number, 1_000)
        moves: Moves = {}
        for _ in range(self.random.randint(1, 3)):
            act = self.random.choice(
                (
                    self._insert,
                    self._insert,
                    self._remove,
                    self._rename,
                    self._rename,
                    self._move,
                    self._move,
                    self._wrap,
                    self._unwrap,
                    self._loop,
                    self._change,
                )
            )
            act(doc, moves, others)
        for stage in [stage for stage, steps in doc["stages"].items() if not steps]:
            del doc["stages"][stage]
        there = {step["id"] for step in steps_of(doc)}
        gone = [step["id"] for step in steps_of(before) if step["id"] not in there]
        lines = {old: resolved(old, moves, there) or "end" for old in gone}
        if lines:
            doc["moved"] = lines
        return doc

    def learn(self, before: Doc, after: Doc) -> None:
        """What an edition that was published renames: a new id on the right of `moved`."""
        had = {step["id"] for step in steps_of(before)}
        for old, new in after.get("moved", {}).items():
            if new != "end" and new not in had:
                self.first.setdefault(new, self.name(old))

    # --- edits ----------------------------------------------------------------------------------------

    def _insert(self, doc: Doc, _moves: Moves, others: list[str]) -> None:
        steps = self.random.choice(list(all_lists(doc)))
        track = Track(mails=[step["id"] for step in steps if "send" in step], left=4)
        new = self.author.some(track, self.random.randint(0, 1), others)
        self.author.resolve(new)
        place = self.random.randint(0, len(steps))
        steps[place:place] = new

    def _remove(self, doc: Doc, moves: Moves, _others: list[str]) -> None:
        steps = self.random.choice(list(all_lists(doc)))
        if len(steps) > 1:
            place = self.random.randrange(len(steps))
            self._gone(steps.pop(place), steps, place, moves)

    def _gone(
        self, step: Doc, steps: list[Doc], place: int, moves: Moves, stay: list[Doc] | None = None
    ) -> None:
        """Whoever stood on the step, or on one in it, goes on with the one behind it."""
        staying = {each["id"] for each in every_step(stay or [])}
        for each in every_step([step]):
            if each["id"] not in staying:
                moves[each["id"]] = steps[place]["id"] if place < len(steps) else None

    def _rename(self, doc: Doc, moves: Moves, _others: list[str]) -> None:
        step = self.random.choice(steps_of(doc))
        old, new = step["id"], self.author.fresh(step["id"].partition("-")[0])
        text = (
            json.dumps(doc["stages"]).replace(f'"{old}"', f'"{new}"').replace(f'\\"{old}\\"', f'\\"{new}\\"')
        )
        doc["stages"] = json.loads(text)
        moves[old] = new

    def _move(self, doc: Doc, _moves: Moves, _others: list[str]) -> None:
        """To another place, another track, or into a branch."""
        steps = self.random.choice(list(all_lists(doc)))
        if len(steps) < 2:
            return
        step = steps.pop(self.random.randrange(len(steps)))
        there = self.random.choice(list(all_lists(doc)))
        there.insert(self.random.randint(0, len(there)), step)

    def _wrap(self, doc: Doc, _moves: Moves, _others: list[str]) -> None:
        """A step comes to stand in a branch of a new choose, or in an arm of a new split."""
        steps = self.random.choice(list(all_lists(doc)))
        place = self.random.randrange(len(steps))
        step, track = steps[place], Track()
        if self.random.random() < 0.5:
            branches = [{"when": self.author.condition(track), "do": [step]}]
            steps[place] = {"id": self.author.fresh("choose"), "choose": branches}
            return
        arms = {"a": [step], "b": [self.author.send(track)]}
        weights = {"a": 60, "b": 20, "holdout": 20}
        steps[place] = {"id": self.author.fresh("split"), "split": weights, "do": arms}

    def _unwrap(self, doc: Doc, moves: Moves, _others: list[str]) -> None:
        """One of the branches stays, without the choose or split around it."""
        for steps in all_lists(doc):
            for place, step in enumerate(steps):
                inner = list(lists_in(step).values())
                if inner and "wait_for" not in step:
                    stay = self.random.choice(inner)
                    steps[place : place + 1] = stay
                    self._gone(step, steps, place, moves, stay)
                    return

    def _loop(self, doc: Doc, _moves: Moves, _others: list[str]) -> None:
        steps = self.random.choice(list(all_lists(doc)))
        self.author.loop(steps, Track())

    def _change(self, doc: Doc, _moves: Moves, _others: list[str]) -> None:
        """Another text, or another wait."""
        for step in steps_of(doc):
            if "send" in step and self.random.random() < 0.3:
                step["send"] = self.random.choice(TEMPLATES)
            elif "wait" in step and self.random.random() < 0.3:
                step["wait"] = self.author.waiting()


def steps_of(doc: Doc) -> list[Doc]:
    return [step for track in doc["stages"].values() for step in every_step(track)]


def all_lists(doc: Doc) -> Iterator[list[Doc]]:
    """Every list of steps: the tracks, and those in branches, arms and time-outs."""
    for track in doc["stages"].values():
        yield track
        for step in every_step(track):
            yield from lists_in(step).values()


def resolved(old: str, moves: Moves, there: set[str]) -> str | None:
    """Several edits in one edition: who would go to a step that is gone as well goes where that one goes."""
    target, seen = moves.get(old), {old}
    while target is not None and target not in there and target not in seen:
        seen.add(target)
        target = moves.get(target)
    return target if target in there else None
