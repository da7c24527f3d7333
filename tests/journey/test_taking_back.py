"""Taking publications back, one after the other; and what a start leaves to a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.errors import CampaignError
from nurture.journey.history import compare, history
from nurture.journey.preview import Preview, Previewer
from nurture.journey.publishing import Waiting
from tests.journey.desk import RENAME, Desk
from tests.world import person, submit


def publish_waits(desk: Desk, *waits: str) -> list[int | None]:
    """Publishes the campaign with one wait after the other; the versions that were live."""
    live = [desk.live()]
    for before, after in zip(("9d", *waits), waits, strict=False):
        desk.edit(f"wait: {before}", f"wait: {after}")
        desk.publish()
        live.append(desk.live())
    return live


def undone(desk: Desk) -> Preview:
    previewer = Previewer(desk.app.clock, desk.app.plans, desk.app.signer)
    with desk.app.store.read() as connection:
        return previewer.preview_undo(connection, "new-website")


def test_taking_back_once_more_goes_further_back(desk: Desk) -> None:
    first, second, _ = publish_waits(desk, "8d", "7d")
    desk.app.publisher.undo("new-website")
    assert desk.live() == second
    desk.app.publisher.undo("new-website")
    assert desk.live() == first


def test_when_all_is_taken_back_there_is_nothing_before(desk: Desk) -> None:
    publish_waits(desk, "8d")
    desk.app.publisher.undo("new-website")
    with pytest.raises(CampaignError, match="no version of new-website before"):
        desk.app.publisher.undo("new-website")


def test_what_is_published_after_taking_back_is_taken_back_to_where_it_began(desk: Desk) -> None:
    first, _ = publish_waits(desk, "8d")
    desk.app.publisher.undo("new-website")
    desk.edit("wait: 8d", "wait: 5d")
    desk.publish()
    desk.app.publisher.undo("new-website")
    assert desk.live() == first


def test_a_campaign_that_was_stopped_goes_on_where_that_is_taken_back(desk: Desk) -> None:
    live = desk.live()
    desk.file.unlink()
    desk.publish()
    assert desk.live() is None
    desk.app.publisher.undo("new-website")
    assert desk.live() == live


def test_the_list_of_versions_says_what_was_taken_back_and_what_is_live(desk: Desk) -> None:
    publish_waits(desk, "8d")
    desk.app.publisher.undo("new-website")
    first, second, back = history(desk.app.store, "new-website")
    assert [one.standing for one in (first, second, back)] == ["", "taken back", "live"]
    assert back.note == f"takes {second.version[:8]} back"


def test_what_taking_back_changes_is_shown_before(desk: Desk) -> None:
    publish_waits(desk, "8d")
    (change,) = undone(desk).campaigns
    assert [(step.step, step.words) for step in change.steps] == [
        ("think-it-over", "waits 8 days → waits 9 days")
    ]
    assert [(group.step, group.people) for group in change.groups] == [("settle", 3)]


def test_who_stands_on_a_step_that_is_taken_back_is_not_stranded(desk: Desk) -> None:
    desk.edit(RENAME[0], "{id: new-wait, wait: 9d}\n    - {id: settle, wait: 3d}")
    desk.publish()
    submit(desk.app, person(9))
    desk.advance()
    (change,) = undone(desk).campaigns
    assert ("new-wait", 1, "go on behind the last step they have done") in [
        (group.step, group.people, group.then) for group in change.groups
    ]
    assert change.stranded == ()


def test_taking_back_that_floods_is_refused(desk: Desk) -> None:
    desk.edit("{id: settle, wait: 3d}", "{id: pause, wait: 60d}\n    - {id: settle, wait: 30d}")
    desk.publish()
    submit(desk.app, *(person(number) for number in range(11, 14)))
    desk.advance()
    desk.advance(10)
    with pytest.raises(CampaignError, match="6 more mails in the first day"):
        undone(desk).refuse(limit=2, allowed=0)


def test_a_text_that_was_taken_back_is_not_published_at_a_start(tmp_path: Path, database_url: str) -> None:
    desk = Desk(tmp_path / "w", database_url, people=0)
    publish_waits(desk, "8d")
    desk.app.publisher.undo("new-website")
    assert desk.app.publish_at_start() == ([], Waiting(taken_back=("new-website",)))
    desk.app.close()


PROFILE = ("prospect_at: 60", "prospect_at: 50")


def edit_profile(desk: Desk) -> None:
    file = desk.file.parent / "profile.yaml"
    text = file.read_text(encoding="utf-8")
    assert PROFILE[0] in text
    file.write_text(text.replace(*PROFILE), encoding="utf-8")


def test_a_changed_profile_waits_at_the_start_where_people_were_judged(desk: Desk) -> None:
    edit_profile(desk)
    assert desk.app.publish_at_start() == ([], Waiting("web-agency", judged=3))
    assert desk.app.publish_at_start(only_profile=True)[0] == []
    assert desk.app.profile().prospect_at == 60


def test_a_changed_profile_is_published_at_the_start_where_nobody_was_judged(
    tmp_path: Path, database_url: str
) -> None:
    desk = Desk(tmp_path / "w", database_url, people=0)
    edit_profile(desk)
    assert desk.app.publish_at_start() == (["web-agency"], Waiting())
    desk.app.close()


def test_only_the_campaigns_that_are_named_are_published(desk: Desk) -> None:
    desk.edit("wait: 9d", "wait: 8d")
    edit_profile(desk)
    webshop, before = desk.file.with_name("webshop.yaml"), desk.live("webshop")
    webshop.write_text(webshop.read_text(encoding="utf-8").replace("wait: 3d", "wait: 4d"), encoding="utf-8")
    assert [change.name for change in desk.preview("new-website").campaigns] == ["new-website"]
    assert desk.publish("new-website").names == ["new-website"]
    assert desk.live("webshop") == before


def test_without_versions_named_the_last_two_are_compared(desk: Desk) -> None:
    publish_waits(desk, "8d", "7d")
    changed = compare(desk.app.store, "new-website").splitlines()
    assert "-    - {id: think-it-over, wait: 8d}" in changed
    assert "+    - {id: think-it-over, wait: 7d}" in changed


def test_two_versions_are_compared_by_the_beginnings_of_their_names(desk: Desk) -> None:
    publish_waits(desk, "8d", "7d")
    first, _, third = (one.version[:8] for one in history(desk.app.store, "new-website"))
    assert "+    - {id: think-it-over, wait: 7d}" in compare(desk.app.store, "new-website", first, third)


def test_a_version_that_is_not_there_is_told_with_those_that_are(desk: Desk) -> None:
    publish_waits(desk, "8d")
    with pytest.raises(CampaignError, match="no version of new-website begins with zzz"):
        compare(desk.app.store, "new-website", "zzz")
