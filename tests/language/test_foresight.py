from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from pydantic import BaseModel

from nurture.language import foresight
from nurture.language.catalogue import CATALOGUE, Code
from nurture.language.workspace import Known, load_documents
from tests.language.examples import KNOWN

PROFILE = """\
kind: profile
name: firm
fit:
  prospect_at: 60
  rules:
    - {id: sme, when: 5 <= account.employees <= 250, points: 60}
    - {id: near, when: 'account.country in ["NL", "BE"]', points: 40}
signals:
  - {on: visited, where: url.path == "/prices", stage: comparison, points: 6}
  - {on: submitted, stage: decision, points: 40}
"""

CAMPAIGN = """\
kind: campaign
name: small
profile: firm
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
stages:
  orientation:
    - {id: first, send: orientation/welcome}
handover: {team: sales-nl}
"""

OTHER = CAMPAIGN.replace("name: small", "name: other").replace('"website"', '"webshop"')


class AddTo(BaseModel):
    campaign: str


WITH_ACTIONS = dataclasses.replace(KNOWN, actions={"add_to": AddTo})


def put(base: str, text: str) -> str:
    """`base` with its top-level keys replaced by those of `text`, or its steps by the steps of `text`."""
    if text.startswith("- "):
        text = "stages:\n  orientation:\n" + "\n".join(f"    {line}" for line in text.split("\n"))
    for block in _blocks(text):
        key = block[: block.index(":")]
        rest = [each for each in _blocks(base) if not each.startswith(f"{key}:")]
        base = "\n".join([*rest, block]) + "\n"
    return base


def _blocks(text: str) -> list[str]:
    found: list[str] = []
    for line in text.strip().split("\n"):
        if line.startswith(" "):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


def codes_in(folder: Path, *texts: str, known: Known = WITH_ACTIONS) -> list[str]:
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return [finding.code for finding in load_documents(folder, known=known).findings]


def with_example(text: str) -> tuple[str, str, str]:
    of_profile = text.startswith(("fit:", "signals:", "promote:", "lead:"))
    return (
        put(PROFILE, text) if of_profile else PROFILE,
        CAMPAIGN if of_profile else put(CAMPAIGN, text),
        OTHER,
    )


EXAMPLES = [code for code in CATALOGUE.values() if code.wrong]


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.code)
def test_the_example_of_a_finding_gives_that_finding_alone(tmp_path: Path, code: Code) -> None:
    assert codes_in(tmp_path, *with_example(code.wrong)) == [code.code]


@pytest.mark.parametrize("code", EXAMPLES, ids=lambda code: code.code)
def test_what_to_write_instead_has_no_finding(tmp_path: Path, code: Code) -> None:
    assert codes_in(tmp_path, *with_example(code.right)) == []


def test_two_campaigns_for_the_same_people_are_told(tmp_path: Path) -> None:
    other = CAMPAIGN.replace("name: small", "name: other")
    assert codes_in(tmp_path, PROFILE, CAMPAIGN, other) == [foresight.SAME_PEOPLE.code]


def test_another_priority_tells_them_apart(tmp_path: Path) -> None:
    other = CAMPAIGN.replace("name: small", "name: other") + "policy: {priority: 5}\n"
    assert codes_in(tmp_path, PROFILE, CAMPAIGN, other) == []


def test_a_purpose_close_to_that_of_the_others_is_told(tmp_path: Path) -> None:
    other = OTHER.replace("purpose: marketing", "purpose: marketting")
    assert foresight.ODD_PURPOSE.code in codes_in(tmp_path, PROFILE, CAMPAIGN, other)


def test_a_hand_over_step_without_any_team_is_an_error(tmp_path: Path) -> None:
    text = put(CAMPAIGN, "- {id: a, hand_over: true}").replace("handover: {team: sales-nl}\n", "")
    assert foresight.NO_TEAM.code in codes_in(tmp_path, PROFILE, text, OTHER)


def test_a_promotion_to_which_no_signal_leads_is_told(tmp_path: Path) -> None:
    profile = put(PROFILE, "signals:\n  - {on: visited, stage: comparison, points: 6}\n").replace(
        "fit:", 'promote: stage == "decision"\nfit:', 1
    )
    assert "N602" in codes_in(tmp_path, profile, CAMPAIGN, OTHER)


def test_a_mail_of_another_branch_is_not_asked_too_early(tmp_path: Path) -> None:
    text = (
        "- {id: c, choose: [{when: fit > 20, do: [{id: b, send: orientation/welcome}]}]}\n"
        '- {id: a, wait_for: clicked("b"), up_to: 3d}'
    )
    assert codes_in(tmp_path, PROFILE, put(CAMPAIGN, text), OTHER) == []


def test_a_mail_of_the_last_lap_is_not_asked_too_early(tmp_path: Path) -> None:
    text = (
        '- {id: a, wait_for: clicked("b"), up_to: 3d}\n- {id: w, wait: 3d}\n'
        "- {id: b, send: orientation/welcome}\n"
        "- {id: c, choose: [{when: fit > 20, do: [{id: d, go_to: a}]}]}"
    )
    assert codes_in(tmp_path, PROFILE, put(CAMPAIGN, text), OTHER) == []


def test_a_visit_to_a_page_without_a_slash_is_told(tmp_path: Path) -> None:
    text = put(
        CAMPAIGN, '- {id: a, wait_for: visited("prices"), up_to: 3d}\n- {id: b, send: orientation/cases}'
    )
    assert codes_in(tmp_path, PROFILE, text, OTHER) == ["N308"]


def test_a_window_in_the_hour_that_a_night_lacks_is_told(tmp_path: Path) -> None:
    text = CAMPAIGN + "policy: {window: {hours: 02:00-03:00}}\n"
    assert codes_in(tmp_path, PROFILE, text, OTHER) == ["N610"]


def test_a_window_around_that_hour_is_let_be(tmp_path: Path) -> None:
    text = CAMPAIGN + "policy: {window: {hours: 01:00-05:00}}\n"
    assert codes_in(tmp_path, PROFILE, text, OTHER) == []
