"""Publishing a changed campaign: who goes where, what is refused, and taking it back; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from nurture.core.decide import decide
from nurture.errors import CampaignError
from nurture.journey.advance import gather
from nurture.journey.history import history
from nurture.journey.publishing import Waiting
from nurture.store import journey, schema, turns
from nurture.store.campaigns import Byline
from tests.journey.desk import RENAME, WELCOME, Desk, renamed_welcome
from tests.world import person, submit


def test_those_under_way_run_the_new_version(desk: Desk) -> None:
    desk.edit("wait: 9d", "wait: 8d")
    desk.app.publish()
    (version,) = {row.version_id for row in desk.rows(schema.enrolment)}
    with desk.app.store.read() as connection:
        assert version == desk.app.plans.current(connection).live[0] or version in {
            one.version_id for one in desk.app.plans.current(connection).live_campaigns
        }


def test_a_step_that_is_gone_under_somebodys_feet_is_refused(desk: Desk) -> None:
    desk.edit(*RENAME)
    with pytest.raises(CampaignError) as refused:
        desk.app.publish()
    assert "3 people stand on the step settle, which is gone" in refused.value.message
    assert "moved: {settle: end}" in refused.value.hint


def test_a_refused_publication_changes_nothing(desk: Desk) -> None:
    before = desk.rows(schema.campaign_version)
    desk.edit(*RENAME)
    with pytest.raises(CampaignError):
        desk.app.publish()
    assert desk.rows(schema.campaign_version) == before


def test_who_stands_on_a_step_that_moved_goes_where_it_says(desk: Desk) -> None:
    desk.edit(*RENAME)
    desk.file.write_text(desk.file.read_text().replace("stages:", "moved: {settle: calm}\nstages:", 1))
    desk.app.publish()
    assert desk.steps() == {"calm"}


def test_a_mail_that_was_renamed_is_not_sent_again(desk: Desk) -> None:
    renamed_welcome(desk)
    desk.app.publish()
    desk.advance(1)
    desk.advance(30)
    assert [step for step in desk.sent() if step in ("welcome", "hello")] == ["welcome"] * 3


def test_a_step_put_before_where_somebody_stands_is_not_done(desk: Desk) -> None:
    desk.edit(RENAME[0], "{id: extra, send: orientation/cases}\n    - {id: settle, wait: 3d}")
    desk.app.publish()
    desk.advance(2)
    assert "extra" not in desk.sent()


def test_taking_back_makes_the_version_before_live_again(desk: Desk) -> None:
    (before,) = {row.version_id for row in desk.rows(schema.enrolment)}
    desk.edit("wait: 9d", "wait: 8d")
    desk.app.publish()
    desk.app.publisher.undo("new-website")
    assert {row.version_id for row in desk.rows(schema.enrolment)} == {before}


def test_taking_back_repeats_no_step(desk: Desk) -> None:
    renamed_welcome(desk)
    desk.app.publish()
    desk.app.publisher.undo("new-website")
    desk.advance(1)
    assert desk.sent() == ["welcome"] * 3


def test_who_stands_on_a_step_that_is_taken_back_goes_on_behind_the_last_one_they_did(desk: Desk) -> None:
    desk.edit(RENAME[0], "{id: new-wait, wait: 9d}\n    - {id: settle, wait: 3d}")
    desk.app.publish()
    submit(desk.app, person(9))
    desk.advance()
    assert "new-wait" in desk.steps()
    desk.app.publisher.undo("new-website")
    desk.advance()
    assert desk.steps() == {"settle"}


def test_the_first_version_cannot_be_taken_back(desk: Desk) -> None:
    with pytest.raises(CampaignError, match="no version of new-website before"):
        desk.app.publisher.undo("new-website")


def test_a_publication_is_kept_with_who_made_it_and_what_changed(desk: Desk) -> None:
    desk.edit("wait: 9d", "wait: 8d")
    desk.app.publish(byline=Byline("Sanne", "shorter"))
    last = history(desk.app.store, "new-website")[-1]
    assert (last.author, last.note) == ("Sanne", "shorter")
    assert "+    - {id: think-it-over, wait: 8d}" in last.diff.splitlines()


def test_a_change_with_people_under_way_waits_at_the_start(desk: Desk) -> None:
    desk.edit("wait: 9d", "wait: 8d")
    assert desk.app.publish_at_start() == ([], Waiting(campaigns={"new-website": 3}))


def test_a_change_with_nobody_under_way_is_published_at_the_start(tmp_path: Path, database_url: str) -> None:
    desk = Desk(tmp_path / "w", database_url, people=0)
    desk.edit("wait: 9d", "wait: 8d")
    assert desk.app.publish_at_start() == (["new-website"], Waiting())
    desk.app.close()


def test_a_decision_taken_on_the_version_before_is_void(desk: Desk) -> None:
    """The race: a worker has decided, and publishing comes before it writes."""
    app = desk.app
    now = app.clock.now()
    app.clock.sleep(4 * 86_400)
    with app.store.write() as connection:
        claim = journey.claim(connection, app.clock.now(), limit=10, lease=timedelta(seconds=20))
    ids = [held.contact_id for held in claim.held]
    with app.store.read() as connection:
        found, plan = gather(connection, ids, app.plans, app.signer)
    assert any(decide(snapshot, plan, app.clock.now()).effects for snapshot in found)
    desk.edit("wait: 9d", "wait: 8d")
    app.publish()
    with app.store.write() as connection:
        assert journey.still_held(connection, claim.token, ids) == frozenset()
    assert now < app.clock.now()


def test_nobody_is_claimed_while_a_publication_is_being_written(desk: Desk) -> None:
    """Else they would be decided on by the plan of before, and put back into the version of before."""
    app = desk.app
    app.clock.sleep(4 * 86_400)
    old = {row.version_id for row in desk.rows(schema.enrolment)}
    worker = Thread(target=app.advance_batch)
    with app.store.write() as connection:
        turns.publishing(connection)
        worker.start()
        worker.join(timeout=0.5)  # so long it would need at most, if it did not wait
        waited = worker.is_alive()
    worker.join()
    assert waited
    desk.edit("wait: 9d", "wait: 8d")
    app.publish()
    assert old.isdisjoint(row.version_id for row in desk.rows(schema.enrolment))


def test_a_move_to_a_mail_that_was_there_before_does_not_swallow_it(desk: Desk) -> None:
    desk.edit("    - {id: think-it-over, wait: 9d}\n", "    - {id: think-it-over, wait: 1d}\n")
    desk.edit(f"    - {WELCOME[0]}\n", "")
    text = desk.file.read_text().replace('clicked("welcome")', 'visited("/prices")')
    desk.file.write_text(text.replace("stages:", "moved: {welcome: first-price}\nstages:", 1))
    desk.app.publish()
    assert {tuple(row.done) for row in desk.rows(schema.enrolment)} == {("welcome",)}


def test_the_plan_says_what_changes_and_who_stands_where(desk: Desk) -> None:
    desk.edit("{id: settle, wait: 3d}", "{id: settle, wait: 5d}\n    - {id: extra, wait: 1d}")
    (campaign,) = desk.preview().campaigns
    assert {(one.step, one.change) for one in campaign.steps} == {("settle", "changed"), ("extra", "new")}
    assert [(group.step, group.people, group.then) for group in campaign.groups] == [
        ("settle", 3, "waits 5 days")
    ]


def test_the_plan_says_who_would_be_stranded(desk: Desk) -> None:
    desk.edit(*RENAME)
    (stranded,) = desk.preview().stranded
    assert (stranded.step, stranded.people) == ("settle", 3)


def test_the_plan_counts_the_mails_of_the_first_day(desk: Desk) -> None:
    desk.edit("{id: settle, wait: 3d}", "{id: settle, send: orientation/cases}")
    forecast = desk.preview().forecast
    assert forecast is not None
    assert (forecast.first_day, forecast.first_day_now, forecast.more_in_a_day) == (3, 0, 3)


def test_the_plan_changes_nothing(desk: Desk) -> None:
    desk.edit("wait: 9d", "wait: 8d")
    before = desk.rows(schema.enrolment), desk.rows(schema.campaign_version)
    desk.preview()
    assert (desk.rows(schema.enrolment), desk.rows(schema.campaign_version)) == before


def test_without_a_change_the_plan_is_empty(desk: Desk) -> None:
    assert (desk.preview().campaigns, desk.preview().profile) == ((), None)


AGAIN = """
    - id: once-more
      choose: [{when: not sent("hello"), do: [{id: repeated, send: orientation/cases}]}]"""


def asks_for_the_new_name(desk: Desk) -> None:
    """A renamed mail, and behind where everybody stands a mail for those who have not had it."""
    renamed_welcome(desk)
    desk.edit(RENAME[0], RENAME[0] + AGAIN)


def test_a_condition_on_the_new_name_knows_who_had_the_mail_under_the_old_one(desk: Desk) -> None:
    asks_for_the_new_name(desk)
    desk.app.publish()
    desk.advance(4)
    assert "repeated" not in desk.sent()


def test_the_plan_knows_who_had_a_mail_under_its_old_name(desk: Desk) -> None:
    asks_for_the_new_name(desk)
    forecast = desk.preview().forecast
    assert forecast is not None
    assert forecast.first_week == forecast.first_week_now


def test_a_name_is_remembered_when_it_is_gone_from_the_text(desk: Desk) -> None:
    asks_for_the_new_name(desk)
    desk.app.publish()
    desk.edit("moved: {welcome: hello}\n", "")
    desk.app.publish()
    desk.advance(4)
    assert "repeated" not in desk.sent()


def test_a_name_is_remembered_while_the_campaign_rests(desk: Desk) -> None:
    asks_for_the_new_name(desk)
    desk.app.publish()
    text = desk.file.read_text()
    desk.file.unlink()
    desk.app.publish()
    desk.file.write_text(text.replace("moved: {welcome: hello}\n", ""))
    desk.app.publish()
    desk.advance(4)
    assert "repeated" not in desk.sent()


def test_what_was_sent_between_counts_when_the_name_is_taken_back(desk: Desk) -> None:
    desk.edit(RENAME[0], RENAME[0] + AGAIN.replace("hello", "welcome"))
    desk.publish()
    text = desk.file.read_text().replace(*WELCOME).replace('("welcome")', '("hello")')
    desk.file.write_text(text.replace("stages:", "moved: {welcome: hello}\nstages:", 1))
    desk.publish()
    submit(desk.app, person(9))
    desk.advance()
    desk.app.publisher.undo("new-website")
    desk.advance(4)
    assert (desk.sent().count("hello"), desk.sent().count("repeated")) == (1, 0)
