"""Reads the tracks of a campaign: nested lists of steps become one flat graph with `next` pointers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nurture.core.campaign import (
    Arm,
    Branch,
    ChooseStep,
    DoStep,
    ExitStep,
    GoalStep,
    GoToStep,
    HandOverStep,
    SendStep,
    SplitStep,
    Step,
    WaitForStep,
)
from nurture.core.model import Stage
from nurture.language import codes
from nurture.language.findings import Spot
from nurture.language.jumps import Jump, Place, check_jumps, with_loops, with_skips
from nurture.language.moments import read_wait
from nurture.language.names import did_you_mean
from nurture.language.reading import Reader, Table
from nurture.language.yamlio import Mapping, Node, Scalar, Sequence, plain_data

HAND_OVER_KEYS = ("team", "because")
_NO_TEAM = frozenset({"yes", "no", "on", "off", "y", "n", "false"})
"""What people write for a truth; none of it is the name of a team."""

HOLDOUT = "holdout"
"""The one arm of a split that needs no steps."""

STEP_KINDS = {
    "send": (),
    "wait": (),
    "wait_for": ("up_to", "on_timeout"),
    "choose": (),
    "split": ("do",),
    "do": (),
    "goal": (),
    "exit": (),
    "go_to": (),
    "hand_over": (),
}
"""What a step can do, and which keys go with it. `do` alone is an action; with `split` it holds the arms."""

STEP_KEYS = ("id", *STEP_KINDS, "up_to", "on_timeout")


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that a step does, with the node of its parameters: for `lint`, which knows the actions."""

    name: Scalar
    parameters: Node


@dataclass(slots=True)
class StepGraph:
    """The steps of one campaign as they are read."""

    reader: Reader
    steps: dict[str, Step] = field(default_factory=dict)
    places: dict[str, Spot] = field(default_factory=dict)
    tracks: dict[Stage, str | None] = field(default_factory=dict)
    order: dict[str, Place] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    _jumps: list[Jump] = field(default_factory=list)
    _stage: Stage = Stage.ORIENTATION
    _arms: tuple[str, ...] = ()

    def read_tracks(self, table: Table) -> None:
        """Every stage of the table; the stages it does not have get an empty track."""
        for key, node in table:
            if key.text not in set(Stage):
                continue
            self._stage = Stage(key.text)
            items = self.reader.items(node, key.text)
            if not items and isinstance(node, Sequence):
                self.reader.report.add(
                    codes.EMPTY_TRACK, key, f"the track {key.text} has no steps", "add steps, or leave it out"
                )
            self.tracks[self._stage] = self._read_list(items, then=None)
        for stage in Stage:
            self.tracks.setdefault(stage, None)
        check_jumps(self._jumps, self.order, self.reader.report)
        looped = with_loops(self.steps, self._jumps, self.order, self.reader.report)
        self.steps = with_skips(looped, self.order)

    def _read_list(self, items: list[Node], then: str | None) -> str | None:
        """Reads steps that follow each other; the last goes on to `then`. The id of the first."""
        ids = [_id_of(item) for item in items]
        for item, following in zip(items, [*ids[1:], then], strict=True) if items else ():
            self._read_step(item, following)
        return ids[0] if ids else None

    def _read_step(self, node: Node, following: str | None) -> None:
        table = self.reader.table(node, "a step", STEP_KEYS)
        if table is None:
            return
        step_id = self._read_id(table)
        action = self._action(table)
        step = self._make(action, step_id or "", table, following) if action else None
        if step is not None and step_id is not None:
            self.steps[step_id] = step

    def _read_id(self, table: Table) -> str | None:
        node = table.need("id", "every step has an id; it is its identity when the campaign changes")
        step_id = self.reader.name(node, "id")
        if step_id is None or node is None:
            return None
        if step_id in self.places:
            self.reader.report.add(
                codes.DUPLICATE_ID,
                node,
                f"the step id {step_id} is used twice; first in line {self.places[step_id].line}",
                "give each step of the campaign an id of its own",
            )
            return None
        self.places[step_id] = Spot(node.line, node.column)
        self.order[step_id] = Place(self._stage, len(self.order), self._arms)
        return step_id

    def _action(self, table: Table) -> str | None:
        found = [key.text for key, _ in table if key.text in STEP_KINDS]
        if "split" in found and "do" in found:
            found.remove("do")
        if not found and not table.meant.isdisjoint(STEP_KINDS):
            return None
        if not found:
            self.reader.report.add(
                codes.NO_ACTION,
                table.node,
                "this step does nothing",
                f"give it one of: {', '.join(STEP_KINDS)}",
            )
            return None
        if len(found) > 1:
            self.reader.report.add(
                codes.TWO_ACTIONS,
                table.at(found[1]),
                f"this step does two things: {found[0]} and {found[1]}",
                "make two steps of it, each with its own id",
            )
            return None
        for action, keys in STEP_KINDS.items():
            for key in keys:
                if key in table and found[0] not in (action, key):
                    self.reader.report.add(
                        codes.UNKNOWN_KEY,
                        table.at(key),
                        f"{key} belongs to {action}",
                        f"{found[0]} has no {key}",
                    )
        return found[0]

    def _make(self, action: str, step_id: str, table: Table, following: str | None) -> Step | None:
        if action == "wait":
            return read_wait(self.reader, step_id, table.get("wait"), following)
        return _MAKERS[action](self, step_id, table, following)

    def _send(self, step_id: str, table: Table, following: str | None) -> SendStep | None:
        node = table.get("send")
        template = self.reader.text(node, "send")
        self.reader.mention("template", template, node)
        return SendStep(step_id, template, following) if template else None

    def _wait_for(self, step_id: str, table: Table, following: str | None) -> WaitForStep | None:
        condition = self.reader.condition(table.get("wait_for"), "wait_for")
        node = table.need("up_to", "say how long to wait at most: up_to: 4d")
        up_to = self.reader.duration(node, "up_to")
        on_timeout = self._on_timeout(step_id, table.get("on_timeout"), following)
        if condition is None or up_to is None:
            return None
        return WaitForStep(step_id, condition, up_to, following, on_timeout or following)

    def _on_timeout(self, step_id: str, node: Node | None, following: str | None) -> str | None:
        """The step to go on at, or steps of its own that go on to the following one."""
        if isinstance(node, Sequence):
            return self._read_list(node.items, following)
        target = self.reader.name(node, "on_timeout")
        if node is not None and target is not None:
            self._jumps.append(Jump(step_id, target, node, forward=True))
        return target

    def _do(self, step_id: str, table: Table, following: str | None) -> DoStep | None:
        deed = self.reader.open_table(table.get("do"), "do")
        if deed is None:
            return None
        entries = list(deed)
        if len(entries) != 1:
            self.reader.report.add(
                codes.ONE_ACTION,
                deed.node,
                f"do names {len(entries)} actions",
                "name one: do: {tag: hot}; a second action is a step of its own",
            )
            return None
        name, node = entries[0]
        self.deeds.append(Deed(name, node))
        value = plain_data(node)
        parameters = value if isinstance(node, Mapping) else {} if value is None else {"": value}
        return DoStep(step_id, name.text, parameters, following)

    def _goal(self, step_id: str, table: Table, following: str | None) -> GoalStep | None:
        condition = self.reader.condition(table.get("goal"), "goal")
        return GoalStep(step_id, condition, next=following) if condition else None

    def _exit(self, step_id: str, table: Table, following: str | None) -> ExitStep | None:
        reason = self.reader.text(table.get("exit"), "exit", "say why in a few words: exit: bought already")
        return ExitStep(step_id, reason) if reason else None

    def _go_to(self, step_id: str, table: Table, following: str | None) -> GoToStep | None:
        node = table.get("go_to")
        target = self.reader.name(node, "go_to")
        if target is None or node is None:
            return None
        self._jumps.append(Jump(step_id, target, node, forward=False))
        return GoToStep(step_id, target)

    def _hand_over(self, step_id: str, table: Table, following: str | None) -> HandOverStep | None:
        node = table.get("hand_over")
        if isinstance(node, Scalar) and node.value is True:
            return HandOverStep(step_id, None, "", following)
        if isinstance(node, Scalar) and node.plain and node.text.lower() in _NO_TEAM:
            self.reader.report.add(
                codes.WRONG_TYPE,
                node,
                f"hand_over must be true, or a team, not {node.text}",
                "write hand_over: true for the campaign's team, or the name of another",
            )
            return None
        because = None
        if isinstance(node, Mapping):
            inner = self.reader.table(node, "hand_over", HAND_OVER_KEYS)
            because = self.reader.text(inner.get("because"), "because") if inner else None
            node = inner.get("team") if inner else None
        team = self.reader.text(node, "hand_over")
        self.reader.mention("team", team, node)
        return HandOverStep(step_id, team, because or "", following)

    def _choose(self, step_id: str, table: Table, following: str | None) -> ChooseStep:
        node = table.get("choose")
        items = self.reader.items(node, "choose")
        branches = []
        for number, item in enumerate(items):
            branch = self.reader.table(item, "a branch", ("when", "do", "else"))
            if branch is not None:
                branches.append(self._branch(branch, following, is_last=number == len(items) - 1))
        if isinstance(node, Sequence) and not any(_has_key(item, "when") for item in items):
            self.reader.report.add(
                codes.NO_BRANCHES, node, "this choose has no branch with a condition", "{when: …, do: […]}"
            )
        return ChooseStep(step_id, tuple(branches), following)

    def _branch(self, branch: Table, following: str | None, *, is_last: bool) -> Branch:
        if "else" not in branch:
            when = self.reader.condition(branch.need("when"), "when")
            return Branch(when, self._read_list(self.reader.items(branch.need("do"), "do"), following))
        for key in ("when", "do"):
            if key in branch:
                self.reader.report.add(
                    codes.UNKNOWN_KEY, branch.at(key), f"else stands alone, without {key}", "{else: […]}"
                )
        if not is_last:
            self.reader.report.add(
                codes.ELSE_NOT_LAST,
                branch.at("else"),
                "nothing behind this else is reached",
                "move it to the end",
            )
        return Branch(None, self._read_list(self.reader.items(branch.get("else"), "else"), following))

    def _split(self, step_id: str, table: Table, following: str | None) -> SplitStep | None:
        arms = self.reader.open_table(table.get("split"), "split")
        tracks = self.reader.open_table(table.need("do"), "do")
        if arms is None or tracks is None:
            return None
        found = [self._arm(step_id, name, node, tracks, following) for name, node in arms]
        total = sum(arm.weight for arm in found)
        if total != 100:
            self.reader.report.add(
                codes.BAD_WEIGHTS,
                arms.node,
                f"the weights add to {total}, not to 100",
                "they are percentages",
            )
        for name, _ in tracks:
            if name.text not in arms:
                self.reader.report.add(
                    codes.UNKNOWN_ARM,
                    name,
                    f"the split has no arm {name.text}",
                    did_you_mean(name.text, [arm.name for arm in found]),
                )
        return SplitStep(step_id, tuple(found), following)

    def _arm(self, split: str, name: Scalar, node: Node, tracks: Table, following: str | None) -> Arm:
        self.reader.name(name, "the name of an arm")
        weight = self.reader.whole(node, f"the weight of {name.text}", 0, 100)
        if name.text not in tracks and name.text != HOLDOUT:
            self.reader.report.add(
                codes.ARM_WITHOUT_STEPS,
                name,
                f"the arm {name.text} has no steps under do",
                f"add them, or call it {HOLDOUT} if nothing is to happen",
            )
        outside = self._arms
        self._arms = (*outside, f"{split}: {name.text}")
        first = self._read_list(self.reader.items(tracks.get(name.text), name.text), following)
        self._arms = outside
        return Arm(name.text, weight or 0, first)


def _id_of(node: Node) -> str | None:
    found = node.entries.get("id") if isinstance(node, Mapping) else None
    return found[1].text if found and isinstance(found[1], Scalar) else None


def _has_key(node: Node, key: str) -> bool:
    return isinstance(node, Mapping) and key in node.entries


_MAKERS: dict[str, Callable[[StepGraph, str, Table, str | None], Step | None]] = {
    "send": StepGraph._send,
    "wait_for": StepGraph._wait_for,
    "choose": StepGraph._choose,
    "split": StepGraph._split,
    "do": StepGraph._do,
    "goal": StepGraph._goal,
    "exit": StepGraph._exit,
    "go_to": StepGraph._go_to,
    "hand_over": StepGraph._hand_over,
}
