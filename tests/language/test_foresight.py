from __future__ import annotations

import dataclasses
from pathlib import Path

from pydantic import BaseModel

from nurture.language import foresight
from nurture.language.workspace import Known, load_documents
from tests.language.examples import KNOWN
from tests.language.kinds import CAMPAIGN, OTHER, PROFILE, put


class AddTo(BaseModel):
    campaign: str


WITH_ACTIONS = dataclasses.replace(KNOWN, actions={"add_to": AddTo})


def codes_in(folder: Path, *texts: str, known: Known = WITH_ACTIONS) -> list[str]:
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return [finding.code for finding in load_documents(folder, known=known).findings]


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
