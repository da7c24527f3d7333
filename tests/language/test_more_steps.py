"""Steps and keys beyond send, wait, wait_for, choose and split, as they are read and refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from nurture.core.campaign import (
    Campaign,
    DateEntry,
    DoStep,
    ExitStep,
    GoalStep,
    GoToStep,
    HandOverStep,
    OnDate,
    OnField,
    OnWeekday,
    SignalEntry,
    WaitForStep,
    WaitUntilStep,
)
from nurture.language.findings import CheckFinding
from nurture.language.workspace import compile_source, load_documents
from tests.language.examples import CAMPAIGN, KNOWN, PROFILE
from tests.language.test_steps import campaign

DAY = timedelta(days=1)


class Tag(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tag: str


KNOWN_ACTIONS = replace(KNOWN, actions={"tag": Tag})


def findings(text: str, tmp_path: Path) -> list[CheckFinding]:
    folder = tmp_path / "campaigns"
    folder.mkdir()
    (folder / "all.yaml").write_text(f"{PROFILE}---\n{text}", encoding="utf-8")
    return [one for one in load_documents(folder, known=KNOWN_ACTIONS).findings if one.severity == "error"]


def with_track(orientation: str) -> str:
    start, end = CAMPAIGN.index("  orientation:"), CAMPAIGN.index("  comparison:")
    welcome = "  orientation:\n    - {id: welcome, send: orientation/welcome}\n"
    return f"{CAMPAIGN[:start]}{welcome}{orientation}\n{CAMPAIGN[end:]}"


def with_key(old: str, new: str) -> Campaign:
    compiled = compile_source(CAMPAIGN.replace(old, new, 1), "x")
    assert isinstance(compiled, Campaign)
    return compiled


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01", OnDate(datetime(2026, 12, 1))),
        ("2026-12-01T09:30", OnDate(datetime(2026, 12, 1, 9, 30))),
        ("2026-12-01 09:30", OnDate(datetime(2026, 12, 1, 9, 30))),
        ("tue 09:00", OnWeekday(frozenset({2}), time(9))),
        ("mon-fri 14:00", OnWeekday(frozenset(range(1, 6)), time(14))),
        ("'tue, thu 08:15'", OnWeekday(frozenset({2, 4}), time(8, 15))),
        ("sat", OnWeekday(frozenset({6}), time(0))),
        ("12:30", OnWeekday(frozenset(range(1, 8)), time(12, 30))),
        ("answers.renewal", OnField(("answers", "renewal"))),
        ("answers.renewal, minus: 14d, at: 09:00", OnField(("answers", "renewal"), -14 * DAY, time(9))),
        ("account.since, plus: 1d", OnField(("account", "since"), DAY)),
    ],
)
def test_a_wait_until_is_read(text: str, moment: object) -> None:
    step = campaign(f"[{{id: a, wait: {{until: {text}}}}}]").steps["a"]
    assert isinstance(step, WaitUntilStep)
    assert step.until == moment


def test_an_action_is_read_with_its_short_form() -> None:
    assert campaign("[{id: a, do: {tag: hot}}]").steps["a"] == DoStep("a", "tag", {"": "hot"})


def test_an_action_is_read_with_its_parameters() -> None:
    step = campaign("[{id: a, do: {webhook: {url: x, data: {plan: gold}}}}]").steps["a"]
    assert step == DoStep("a", "webhook", {"url": "x", "data": {"plan": "gold"}})


def test_a_goal_skips_all_that_stands_before_it_in_its_track() -> None:
    fork = "{id: f, choose: [{when: fit > 1, do: [{id: b, wait: 1d}]}]}"
    track = f'[{{id: a, wait: 1d}}, {fork}, {{id: g, goal: visited("/q")}}, {{id: c, wait: 1d}}]'
    goal = campaign(track).steps["g"]
    assert isinstance(goal, GoalStep)
    assert (goal.skips, goal.next) == (frozenset({"a", "f", "b"}), "c")


def test_one_jumps_to_a_goal_in_an_arm_only_from_within_that_arm() -> None:
    arms = """{a: [{id: x, wait: 1d}], b: [{id: y, wait: 1d}, {id: g, goal: visited("/q")}]}"""
    split = f"{{id: s, split: {{a: 40, b: 40, holdout: 20}}, do: {arms}}}"
    goal = campaign(f"[{{id: w, wait: 1d}}, {split}]").steps["g"]
    assert isinstance(goal, GoalStep)
    assert goal.skips == {"y"}


def test_an_exit_is_read_with_its_reason() -> None:
    assert campaign("[{id: a, exit: has one already}]").steps["a"] == ExitStep("a", "has one already")


@pytest.mark.parametrize(
    ("text", "team", "because"),
    [
        ("sales-nl", "sales-nl", ""),
        ("true", None, ""),
        ("{team: sales-nl, because: asked}", "sales-nl", "asked"),
    ],
)
def test_a_hand_over_step_is_read(text: str, team: str | None, because: str) -> None:
    assert campaign(f"[{{id: a, hand_over: {text}}}]").steps["a"] == HandOverStep("a", team, because)


def test_a_jump_back_knows_what_it_repeats() -> None:
    fork = "{id: c, choose: [{when: fit > 1, do: [{id: d, wait: 1d}]}]}"
    track = f"[{{id: a, wait: 1d}}, {{id: b, wait: 7d}}, {fork}, {{id: e, go_to: b}}]"
    step = campaign(track).steps["e"]
    assert isinstance(step, GoToStep)
    assert step.repeats == {"b", "c", "d", "e"}


def test_a_loop_in_which_one_jumps_ahead_is_a_loop() -> None:
    """The only way from b to e leads through the jump j."""
    fork = "{id: b, choose: [{when: fit > 1, do: [{id: j, go_to: d}]}, {else: [{id: x, exit: no}]}]}"
    step = campaign(f"[{fork}, {{id: d, wait: 1d}}, {{id: e, go_to: b}}]").steps["e"]
    assert isinstance(step, GoToStep)
    assert {"b", "j", "d", "e"} <= step.repeats


def test_a_jump_ahead_repeats_nothing() -> None:
    track = (
        "[{id: f, choose: [{when: fit > 1, do: [{id: j, go_to: z}]}]}, {id: a, wait: 1d}, {id: z, wait: 1d}]"
    )
    step = campaign(track).steps["j"]
    assert isinstance(step, GoToStep)
    assert step.repeats == frozenset()


def test_what_to_do_on_a_time_out_can_be_steps_of_its_own() -> None:
    compiled = campaign(
        "[{id: a, wait_for: clicked(), up_to: 4d, on_timeout: [{id: t, wait: 1d}]}, {id: b, wait: 1d}]"
    )
    step = compiled.steps["a"]
    assert isinstance(step, WaitForStep)
    assert (step.next, step.on_timeout, compiled.steps["t"].next) == ("b", "t", "b")  # type: ignore[union-attr]


def test_quiet_days_are_read() -> None:
    window = with_key(
        "holidays: NL", "holidays: NL, quiet: [2026-12-24, 2026-12-27..2027-01-02]"
    ).policy.window
    assert window.quiet == (
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2026, 12, 27), date(2027, 1, 2)),
    )


AUDIENCE = "audience: {when: '\"website\" in contact.interests', reenter: after 180d}"


def test_a_signal_can_be_the_way_in() -> None:
    compiled = with_key(AUDIENCE, 'audience: {on: {signal: submitted, where: form == "x", within: 2d}}')
    (entry,) = compiled.entries
    assert isinstance(entry, SignalEntry)
    assert (entry.on, entry.within, compiled.audience.source) == ("submitted", 2 * DAY, "true")


def test_a_date_can_be_the_way_in() -> None:
    compiled = with_key(AUDIENCE, "audience: {date: {field: answers.renewal, minus: 30d}}")
    assert compiled.entries == (DateEntry(("answers", "renewal"), -30 * DAY, 7 * DAY),)


def test_moved_steps_are_read() -> None:
    compiled = with_key("stages:", "moved: {old: welcome, older: end}\nstages:")
    assert compiled.moved == {"old": "welcome", "older": None}


WRONG_TRACKS = [
    ("    - {id: a, wait: {until: someday}}", "N211"),
    ("    - {id: a, wait: {until: 2026-02-30}}", "N211"),
    ("    - {id: a, wait: {until: contact.renewal}}", "N211"),
    ("    - {id: a, wait: {until: tue 09:00, minus: 1d}}", "N101"),
    ("    - {id: a, do: {tag: hot, untag: cold}}", "N510"),
    ("    - {id: a, do: {tga: hot}}", "N515"),
    ("    - {id: a, do: {tag: {tags: hot}}}", "N516"),
    ("    - {id: a, do: tag}", "N103"),
    ("    - {id: a, go_to: welcme}", "N401"),
    ("    - {id: a, go_to: proof}", "N511"),
    ("    - {id: a, go_to: welcome}", "N512"),
    ('    - {id: f, wait_for: clicked("welcome"), up_to: 4d}\n    - {id: a, go_to: welcome}', "N512"),
    (
        "    - {id: b, choose: [{when: fit > 1, do: [{id: j, go_to: a}]}, {else: [{id: x, exit: no}]}]}\n"
        "    - {id: a, go_to: b}",
        "N512",
    ),
    ("    - {id: a, hand_over: sales-xx}", "N404"),
    ("    - {id: a, exit: }", "N103"),
]


@pytest.mark.parametrize(("track", "code"), WRONG_TRACKS)
def test_what_is_wrong_in_a_step_is_found_at_its_line(track: str, code: str, tmp_path: Path) -> None:
    text = with_track(track)
    line = PROFILE.count("\n") + 1 + text[: text.index(track.splitlines()[-1])].count("\n") + 1
    assert (code, line) in [(one.code, one.line) for one in findings(text, tmp_path)]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("holidays: NL", "quiet: [christmas]", "N212"),
        ("holidays: NL", "quiet: [2026-12-24..2026-12-01]", "N212"),
        (AUDIENCE, "audience: {reenter: after 180d}", "N514"),
        (AUDIENCE, "audience: {date: {field: renewal}}", "N211"),
        ("stages:", "moved: {old: welcme}\nstages:", "N401"),
        ("stages:", "moved: {welcome: cases}\nstages:", "N513"),
    ],
)
def test_what_is_wrong_in_a_key_is_found(old: str, new: str, code: str, tmp_path: Path) -> None:
    assert code in [one.code for one in findings(CAMPAIGN.replace(old, new, 1), tmp_path)]


def test_a_text_that_no_database_takes_is_found_at_its_line(tmp_path: Path) -> None:
    text = with_track('    - {id: a, do: {tag: "a\\0b"}}')
    (found,) = findings(text, tmp_path)
    assert (found.code, "U+0000" in found.message) == ("N516", True)


def test_a_loop_with_a_wait_in_it_is_legal(tmp_path: Path) -> None:
    track = "    - {id: w, wait: 7d}\n    - {id: a, go_to: welcome}"
    assert findings(with_track(track), tmp_path) == []
