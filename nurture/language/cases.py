"""Reads the tests of a campaign: given somebody, when this happens, expect that, and never that."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from nurture.core.model import Lifecycle, Stage, Value
from nurture.language import codes
from nurture.language.findings import Spot
from nurture.language.names import CONTACT_NAMES, did_you_mean
from nurture.language.reading import Reader, Table
from nurture.language.values import parse_duration
from nurture.language.yamlio import Mapping as MappingNode
from nurture.language.yamlio import Node, Scalar, plain_data

CASE_KEYS = ("name", "given", "when", "expect")
GIVEN_KEYS = (
    *("now", "contact", "account", "answers", "consent", "tags", "stage", "lifecycle", "suppressed"),
)
OF_A_STEP = ("opened", "clicked", "replied")
BARE = ("bounced", "unsubscribed", "complained")
HAPPENINGS = (*OF_A_STEP, "visited", "submitted", *BARE, "set", "signal")
HAPPENING_KEYS = ("at", "by", *HAPPENINGS)
FACTS = ("sent", "stage", "lifecycle", "handed_over", "exited", "enrolled", "tagged", "at_step")
EXPECT_KEYS = ("at", "by", "never", "after", "before", *FACTS)

_MOMENT_HINT = "write how long after `now`: 0d, 2h, 3d, 1d 12h"
_NOW_HINT = "write 2026-03-02T10:00"
_NOW = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """Who it is about, at what time: `now` is in UTC; everything else as a condition would ask for it."""

    now: datetime
    contact: Mapping[str, Value]
    account: Mapping[str, Value]
    answers: Mapping[str, Value]
    consent: tuple[str, ...]
    tags: tuple[str, ...]
    stage: Stage
    lifecycle: Lifecycle
    suppressed: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens `at` so long after now: a kind of signal, or `set` for new data.

    `by` is the colleague who did it; empty for the contact.
    """

    at: timedelta
    kind: str
    what: str
    data: Mapping[str, Value]
    place: Spot
    by: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is to be so: `at` a time, `by` a time, or `never`, then between `after` and `before`.

    `what` empty means any.
    """

    place: Spot
    fact: str
    what: str
    at: timedelta | None = None
    by: timedelta | None = None
    never: bool = False
    after: timedelta | None = None
    before: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One test."""

    name: str
    place: Spot
    given: Given
    when: tuple[Happening, ...]
    expect: tuple[Expectation, ...]


def read_cases(reader: Reader, node: Node | None, zone: str, steps: Collection[str]) -> tuple[Case, ...]:
    """The tests of a list; `steps` are those of the campaign. What is wrong is in the reader's report."""
    found = []
    for item in reader.items(node, "tests"):
        table = reader.table(item, "a test", CASE_KEYS)
        case = _Cases(reader, zone, steps).case(table) if table else None
        if case is not None:
            found.append(case)
    return tuple(found)


class _Cases:
    """Reads one test."""

    def __init__(self, reader: Reader, zone: str, steps: Collection[str]) -> None:
        self._reader = reader
        self._zone = zone
        self._steps = steps

    def case(self, table: Table) -> Case | None:
        reader = self._reader
        name = reader.text(table.need("name", "say what the test shows"), "name")
        given = self._given(reader.table(table.need("given"), "given", GIVEN_KEYS))
        when = [self._happening(item) for item in reader.items(table.get("when"), "when")]
        expect = [self._expectation(item) for item in reader.items(table.need("expect"), "expect")]
        if name is None or given is None or None in when or None in expect:
            return None
        return Case(
            name,
            Spot(table.node.line, table.node.column),
            given,
            tuple(each for each in when if each),
            tuple(each for each in expect if each),
        )

    # --- given ------------------------------------------------------------------------------------------

    def _given(self, table: Table | None) -> Given | None:
        if table is None:
            return None
        reader = self._reader
        now = self._now(table.need("now", _NOW_HINT))
        contact = self._facts(table, "contact")
        for key in contact:
            if problem := CONTACT_NAMES.problem(("contact", key)):
                node = table.get("contact")
                reader.report.add(codes.UNKNOWN_KEY, node or table.node, *problem)
        stage = reader.choice(table.get("stage"), "stage", tuple(Stage), codes.UNKNOWN_VALUE)
        lifecycle = reader.choice(table.get("lifecycle"), "lifecycle", tuple(Lifecycle), codes.UNKNOWN_VALUE)
        if now is None:
            return None
        return Given(
            now=now,
            contact=contact,
            account=self._facts(table, "account"),
            answers=self._facts(table, "answers"),
            consent=self._texts(table, "consent"),
            tags=self._texts(table, "tags"),
            stage=Stage(stage) if stage in set(Stage) else Stage.ORIENTATION,
            lifecycle=Lifecycle(lifecycle) if lifecycle in set(Lifecycle) else Lifecycle.CONTACT,
            suppressed=bool(reader.flag(table.get("suppressed"), "suppressed")),
        )

    def _now(self, node: Node | None) -> datetime | None:
        reader = self._reader
        text = reader.text(node, "now")
        if text is None or node is None:
            return None
        try:
            if not _NOW.fullmatch(text):
                raise ValueError(text)
            moment = datetime.fromisoformat(text.replace(" ", "T"))
            return moment.replace(tzinfo=ZoneInfo(self._zone)).astimezone(UTC)
        except (ValueError, KeyError, OSError):
            reader.report.add(codes.BAD_MOMENT, node, f"now is {text!r}", _NOW_HINT)
            return None

    def _facts(self, table: Table, key: str) -> dict[str, Value]:
        inner = self._reader.open_table(table.get(key), key)
        return {name.text: _value(plain_data(node)) for name, node in inner} if inner else {}

    def _texts(self, table: Table, key: str) -> tuple[str, ...]:
        texts = [self._reader.text(item, key) for item in self._reader.items(table.get(key), key)]
        return tuple(text for text in texts if text)

    # --- when -------------------------------------------------------------------------------------------

    def _happening(self, node: Node) -> Happening | None:
        reader = self._reader
        table = reader.table(node, "what happens", HAPPENING_KEYS)
        if table is None:
            return None
        at = self._moment(table, "at")
        kinds = [key for key, _ in table if key.text in HAPPENINGS]
        if "at" not in table:
            table.need("at", _MOMENT_HINT)
        if len(kinds) != 1:
            reader.report.add(
                codes.NO_ACTION if not kinds else codes.TWO_ACTIONS,
                table.node,
                f"{len(kinds)} things happen here",
                f"name one of: {', '.join(HAPPENINGS)}",
            )
            return None
        kind = kinds[0].text
        what, data = self._about(kind, table)
        if kind == "signal":
            inner = data.get("data")
            kind, what, data = what, "", dict(inner) if isinstance(inner, Mapping) else {}
        place = Spot(table.node.line, table.node.column)
        by = reader.text(table.get("by"), "by") or ""
        if by and kind == "set":
            hint = "leave out by: new data is about the contact alone"
            reader.report.add(codes.UNKNOWN_KEY, table.get("by") or table.node, "set knows no by", hint)
        return None if at is None else Happening(at, kind, what, data, place, by)

    def _about(self, kind: str, table: Table) -> tuple[str, dict[str, Value]]:
        """What a happening is about, and its data."""
        reader, node = self._reader, table.get(kind)
        if kind in BARE:
            reader.flag(node, kind)
            return "", {}
        if kind == "set":
            inner = reader.open_table(node, kind)
            return "", {name.text: _value(plain_data(each)) for name, each in inner} if inner else {}
        if not isinstance(node, MappingNode):
            what = reader.text(node, kind) or ""
            self._check_step(kind, what, node)
            return what, {}
        main = {"visited": "path", "submitted": "form", "signal": "kind"}.get(kind, "step")
        inner = reader.table(node, kind, (main, *_MORE.get(kind, ())))
        if inner is None:
            return "", {}
        what = reader.text(inner.need(main), main) or ""
        self._check_step(kind, what, inner.get(main))
        return what, {name.text: _value(plain_data(each)) for name, each in inner if name.text != main}

    def _check_step(self, kind: str, step: str, node: Node | None) -> None:
        if kind in (*OF_A_STEP, "sent", "at_step") and step and step not in self._steps and node is not None:
            hint = did_you_mean(step, self._steps)
            self._reader.report.add(codes.UNKNOWN_STEP, node, f"{kind}: there is no step {step}", hint)

    # --- expect -----------------------------------------------------------------------------------------

    def _expectation(self, node: Node) -> Expectation | None:
        reader = self._reader
        table = reader.table(node, "an expectation", EXPECT_KEYS)
        if table is None:
            return None
        place = Spot(table.node.line, table.node.column)
        times = {key: self._moment(table, key) for key in ("at", "by", "after", "before")}
        facts = [key.text for key, _ in table if key.text in FACTS]
        if "never" in table:
            fact, what = self._never(table.get("never"))
            return Expectation(place, fact, what, never=True, after=times["after"], before=times["before"])
        if len(facts) != 1 or (("at" in table) == ("by" in table)):
            reader.report.add(
                codes.NO_ACTION,
                table.node,
                "an expectation says one thing, and when",
                "write {at: 2h, sent: STEP}, {by: 3d, stage: comparison}, or {never: sent, after: 2h}",
            )
            return None
        what = self._fact(facts[0], table.get(facts[0]))
        return Expectation(place, facts[0], what, at=times["at"], by=times["by"])

    def _never(self, node: Node | None) -> tuple[str, str]:
        if isinstance(node, MappingNode):
            inner = self._reader.table(node, "never", FACTS)
            for key, each in inner or ():
                return key.text, self._fact(key.text, each)
            return "", ""
        fact = self._reader.choice(node, "never", FACTS, codes.UNKNOWN_VALUE)
        return fact or "", ""

    def _fact(self, fact: str, node: Node | None) -> str:
        reader = self._reader
        if fact == "exited":
            reader.flag(node, fact)
            return ""
        if isinstance(node, Scalar) and node.value is True:
            return ""
        values = {"stage": tuple(Stage), "lifecycle": tuple(Lifecycle)}.get(fact)
        if values is not None:
            return reader.choice(node, fact, values, codes.UNKNOWN_VALUE) or ""
        what = reader.text(node, fact) or ""
        self._check_step(fact, what, node)
        if fact == "handed_over":
            reader.mention("team", what, node)
        return what

    def _moment(self, table: Table, key: str) -> timedelta | None:
        node = table.get(key)
        return self._reader.parsed(node, key, _parse_moment, codes.BAD_DURATION, _MOMENT_HINT)


_MORE = {"clicked": ("url",), "submitted": ("answers",), "signal": ("data",)}
"""What else can be said of something that happens."""


def _parse_moment(text: str) -> timedelta | None:
    return timedelta() if re.fullmatch(r"0\s*[wdhms]", text.strip()) else parse_duration(text)


def _value(plain: object) -> Value:
    return tuple(plain) if isinstance(plain, list) else plain  # type: ignore[return-value]  # YAML's own values
