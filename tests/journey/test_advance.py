"""Advancing a batch of contacts: what the decisions say is applied once, whole, and in few statements."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from nurture.app import ADVANCE_BATCH, App, build_app
from nurture.clock import VirtualClock
from nurture.core.model import DecisionRecord, SignalClass
from nurture.settings import Purpose
from nurture.store import consents, journey, records, schema, signals
from nurture.store.migrate import upgrade
from tests.world import MONDAY, make_app, make_settings, person, submit


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    app = make_app(tmp_path / "workspace", database_url, VirtualClock(MONDAY))
    yield app
    app.close()


def rows(app: App, table: sa.Table) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def decisions(app: App) -> list[DecisionRecord]:
    with app.store.read() as connection:
        return [told.record for told in records.told(connection, [1])]


def happen(app: App, contact_id: int, kind: str, **data: Any) -> None:
    with app.store.write() as connection:
        now = app.clock.now()
        new = signals.NewSignal(contact_id, kind, now, data, SignalClass.HUMAN, "a test says so")
        signals.record_signals(connection, [new], now)


@contextmanager
def counted(app: App) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile, COPY and executemany of our bulk module aside."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(app.store.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(app.store.engine, "before_cursor_execute", note)


def test_a_new_contact_is_enrolled_and_gets_the_first_mail(app: App) -> None:
    submit(app, person(1))
    app.advance_batch()
    (mail,) = rows(app, schema.outbox)
    assert (mail.campaign, mail.step, mail.state) == ("new-website", "welcome", "ready")


def test_nothing_is_due_twice(app: App) -> None:
    submit(app, person(1))
    assert (app.advance_batch(), app.advance_batch()) == (1, 0)


def test_the_reasons_are_kept_with_rule_and_version(app: App) -> None:
    submit(app, person(1))
    app.advance_batch()
    kept = {record.what: record for record in decisions(app)}
    assert kept["enrolled"].version == rows(app, schema.campaign_version)[0].hash
    assert kept["enrolled"].rule is not None


def test_somebody_without_consent_gets_no_mail_and_the_reason_is_kept(app: App) -> None:
    submit(app, person(1, consent=""))
    app.advance_batch()
    assert rows(app, schema.outbox) == []
    assert "not_sent" in {record.what for record in decisions(app)}


def test_a_mail_on_a_declared_basis_needs_no_consent_and_notes_the_basis(
    database_url: str, tmp_path: Path
) -> None:
    app = on_declared_basis(tmp_path, database_url)
    submit(app, person(1, consent=""))
    app.advance_batch()
    (said,) = rows(app, schema.consent)
    assert [mail.step for mail in rows(app, schema.outbox)] == ["welcome"]
    assert (said.purpose, said.granted, said.basis) == ("marketing", True, "legitimate_interest")
    assert app.send().sent == 1
    app.close()


def test_who_refuses_a_declared_basis_gets_no_mail(database_url: str, tmp_path: Path) -> None:
    app = on_declared_basis(tmp_path, database_url)
    submit(app, person(1, consent=""))
    with app.store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "preferences", MONDAY)
    app.advance_batch()
    assert rows(app, schema.outbox) == []
    app.close()


def test_a_declared_basis_is_no_word_of_the_persons_own(database_url: str, tmp_path: Path) -> None:
    app = on_declared_basis(tmp_path, database_url)
    submit(app, person(1, consent=""))
    app.advance_batch()
    with app.store.read() as connection:
        assert consents.consents_of(connection, [1]) == {}
    app.close()


def on_declared_basis(folder: Path, url: str) -> App:
    purposes = {"marketing": Purpose(basis="legitimate_interest")}
    return make_app(folder / "workspace", url, VirtualClock(MONDAY), consent={"purposes": purposes})


def test_a_buying_signal_hands_over_at_once(app: App) -> None:
    submit(app, person(1))
    app.advance_batch()
    happen(app, 1, "submitted", form="quote")
    app.advance_batch()
    (handover,) = rows(app, schema.handover)
    assert (handover.team, handover.answer) == ("sales-nl", None)
    assert rows(app, schema.journey)[0].lifecycle == "prospect"


def test_hand_overs_go_round_the_team(app: App) -> None:
    submit(app, *(person(number) for number in range(4)))
    app.advance_batch()
    for contact_id in range(1, 5):
        happen(app, contact_id, "submitted", form="quote")
    app.advance_batch()
    assignees = [handover.assignee_email for handover in rows(app, schema.handover)]
    assert sorted(assignees) == ["joris@example.com"] * 2 + ["sanne@example.com"] * 2


FRAGILE = """
from nurture import hookimpl
API_VERSION = 1
class Fragile:
    name = "fragile"
    words = "is not fragile"
    def answer(self, *arguments):
        if "boom" in str(arguments):
            raise RuntimeError("this rule cannot bear that name")
        return True
@hookimpl
def register_rules(config):
    return [Fragile()]
"""


def test_a_contact_whose_deciding_fails_holds_up_nobody(database_url: str, tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "workspace", database_url)
    (settings.folder / "plugins" / "fragile.py").write_text(FRAGILE)
    profile = settings.folder / "campaigns" / "profile.yaml"
    rule = "  rules:\n    - {id: fragile, when: fragile(contact.name), points: 1}\n"
    profile.write_text(profile.read_text().replace("  rules:\n", rule, 1))
    plugins = settings.plugins.model_copy(update={"load": (*settings.plugins.load, "fragile")})
    app = build_app(settings.model_copy(update={"plugins": plugins}), VirtualClock(MONDAY))
    upgrade(app.store)
    app.publish()
    submit(app, person(1, name="Jan boom"), person(2))
    report = app.advance()
    stands = {row.contact_id: row for row in rows(app, schema.journey)}
    mails = [mail.contact_id for mail in rows(app, schema.outbox)]
    app.close()
    assert (report.failed, mails) == (1, [2])
    assert stands[1].due_at > MONDAY
    assert stands[1].token is None


def test_a_campaign_that_is_gone_rests_and_loses_nobody(app: App, tmp_path: Path) -> None:
    submit(app, person(1))
    app.advance_batch()
    (tmp_path / "workspace" / "campaigns" / "new-website.yaml").unlink()
    assert app.publish() == ["new-website"]
    app.clock.advance(timedelta(days=30))  # type: ignore[attr-defined]  # the fixture's clock is virtual
    app.advance_batch()
    assert len(rows(app, schema.outbox)) == 1
    assert rows(app, schema.enrolment)[0].state == "active"


def test_a_published_change_moves_those_under_way_to_the_new_version(app: App, tmp_path: Path) -> None:
    submit(app, person(1))
    app.advance_batch()
    file = tmp_path / "workspace" / "campaigns" / "new-website.yaml"
    file.write_text(file.read_text().replace("wait: 3d", "wait: 5d"))
    app.publish()
    submit(app, person(2))
    app.advance_batch()
    first, second = rows(app, schema.enrolment)
    assert first.version_id == second.version_id


def test_publishing_the_same_files_again_changes_nothing(app: App) -> None:
    assert app.publish() == []


def test_the_number_of_statements_is_the_same_for_any_number_of_contacts(app: App) -> None:
    submit(app, *(person(number) for number in range(1, 662)))
    used = []
    for size in (25, 25, 1, 10, 100, ADVANCE_BATCH):
        with counted(app) as statements:
            app.advancer.advance_batch(size)
        used.append(len(statements))
    # The first batch also compiles the plan, which is read once; the second meets the reasons that it shares.
    assert used[2] == used[3] == used[4] == used[5]


def test_two_workers_at_once_send_nothing_twice(app: App) -> None:
    submit(app, *(person(number) for number in range(1, 201)))

    def work() -> None:
        while app.advancer.advance_batch(20).contacts:
            pass

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(mail.contact_id for mail in rows(app, schema.outbox)) == list(range(1, 201))


def test_a_decision_on_an_older_picture_does_not_put_off_the_alarm(app: App) -> None:
    submit(app, person(1))
    with app.store.write() as connection:
        claim = journey.claim(connection, app.clock.now(), limit=10, lease=timedelta(seconds=20))
    happen(app, 1, "visited", url="https://www.example.com/prices")
    assert rows(app, schema.journey)[0].wakes > claim.held[0].wakes


def test_an_address_that_is_none_does_not_stop_a_hand_over(app: App) -> None:
    submit(app, person(1), person(2))
    happen(app, 1, "visited", url="http://[oops")
    happen(app, 1, "submitted", form="quote")
    app.advance_batch()
    assert [handover.contact_id for handover in rows(app, schema.handover)] == [1]
    assert [mail.contact_id for mail in rows(app, schema.outbox)] == [2]


def test_one_contact_that_cannot_be_applied_is_found_and_set_aside(app: App) -> None:
    submit(app, *(person(number) for number in range(1, 31)))
    with app.store.write() as connection:
        refused = "SELECT RAISE(ABORT, 'refused');"
        if app.store.is_postgresql:
            connection.exec_driver_sql("ALTER TABLE enrolment ADD CONSTRAINT refused CHECK (contact_id <> 7)")
        else:
            connection.exec_driver_sql(
                "CREATE TRIGGER refused BEFORE INSERT ON enrolment WHEN NEW.contact_id = 7 "
                f"BEGIN {refused} END"
            )
    for _ in range(60):
        try:
            if not app.advance_batch():
                break
        except sa.exc.IntegrityError:
            continue
    stuck = [row.contact_id for row in rows(app, schema.journey) if row.stuck]
    assert stuck == [7]
    assert len(rows(app, schema.outbox)) == 29
