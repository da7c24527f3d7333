"""A person who leaves leaves nothing behind, and stays gone when an old list comes in again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.clock import VirtualClock
from nurture.core.model import Result, SignalClass
from nurture.core.outcomes import ToldOutcome
from nurture.journey.privacy import Privacy
from nurture.plug.contracts import Payload
from nurture.store import personal, preferences, schema, signals
from nurture.store.engine import Store
from nurture.store.preferences import Preferred, Wishes
from nurture.tokens import UnsubscribeFacts
from nurture.web.hits import Unsubscribed, store_group
from tests.world import MONDAY, make_app, person, submit

WHO = {
    "name": "Zebedeus Quistorp",
    "email": "zebedeus@quistorp-ramen.example",
    "phone": "+31 6 12345678",
    "company": "Quistorp Ramen",
    "city": "Quadrath",
    "interests": "website",
    "consent": "marketing",
    "budget": "10k+",
    "role": "owner",
    "country": "NL",
}
TRACES = ("zebedeus", "quistorp", "quadrath", "12345678")
LIST = "name,email,interests,consent\nZebedeus Quistorp,zebedeus@quistorp-ramen.example,website,marketing\n"


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    app = make_app(tmp_path / "workspace", database_url, VirtualClock(MONDAY))
    yield app
    app.close()


def privacy(app: App) -> Privacy:
    return Privacy(app.store, app.clock, app.signer)


def lived(app: App) -> None:
    """Somebody has been through everything: forms, a file, mail, clicks, sales, preferences, a refusal."""
    submit(app, WHO)
    import_list(app, LIST.replace("website", "webshop"), "zebedeus@quistorp-ramen.example.csv")
    import_list(app, 'name,email\n"Zebedeus Quistorp <zebedeus@quistorp-ramen.example>\n', "broken.csv")
    app.tick()
    with app.store.write() as connection:
        data = {"campaign": "new-website", "step": "welcome", "message": 1, "url": "https://x/?q=quistorp"}
        new = signals.NewSignal(1, "clicked", MONDAY, data, SignalClass.HUMAN, "zebedeus did")
        signals.record_signals(connection, [new], MONDAY)
        preferences.prefer(connection, [Preferred(1, Wishes(timedelta(days=7)), MONDAY)])
    submit(app, WHO | {"message": "Zebedeus Quistorp wants a quote"}, form="quote")
    app.tick()
    with app.store.write() as connection:
        facts = UnsubscribeFacts(1, "marketing", 1, "new-website", "welcome")
        store_group(connection, [(b"k" * 16, Unsubscribed(facts, MONDAY, "one-click"))], MONDAY)
        domains = [{"name": "domain:quistorp-ramen.example", "day_used": 1}, {"name": "domain:x.example"}]
        connection.execute(sa.insert(schema.throttle), [{"day_used": 0, **row} for row in domains])
    about = ToldOutcome(
        Result.WON, MONDAY, (("email", "zebedeus@quistorp-ramen.example"),), reason="Quistorp"
    )
    # One that is kept as theirs, and one that cannot be so and is kept aside.
    app.outcomes.apply([about, replace(about, at=MONDAY + timedelta(days=9))], "zebedeus.csv")
    # One that is not sorted yet when the person is erased.
    app.intake().receive("csv", Payload(io.BytesIO(LIST.replace("website", "new").encode()), "new.csv"))


def import_list(app: App, text: str, name: str = "leads.csv") -> None:
    app.intake().receive("csv", Payload(io.BytesIO(text.encode()), name))
    while app.sort_batch():
        pass


def erase(app: App) -> dict[str, int]:
    return dict(privacy(app).erase(privacy(app).kept("zebedeus@quistorp-ramen.example")))


def texts_of(store: Store) -> Iterator[tuple[str, str, str]]:
    """Every value of every column of every table, as text."""
    with store.read() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                for column, value in row._mapping.items():
                    if value is not None:
                        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                        yield table.name, column, text.lower()


def found_in(app: App) -> set[tuple[str, str]]:
    return {(table, column) for table, column, text in texts_of(app.store) if any(t in text for t in TRACES)}


def rows(app: App, table: sa.Table) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def test_every_table_is_said_to_be_of_people_or_not() -> None:
    tables = {table.name for table in schema.metadata.sorted_tables}
    assert tables == personal.OF_PEOPLE.keys() | personal.NOT_OF_PEOPLE
    assert not personal.OF_PEOPLE.keys() & personal.NOT_OF_PEOPLE


def test_a_person_leaves_traces_in_many_tables(app: App) -> None:
    lived(app)
    tables = {table for table, _ in found_in(app)}
    assert tables >= {
        "inbox",
        "import",
        "contact",
        "account",
        "identity",
        "signal",
        "handover",
        "merge",
        "outcome",
    }
    assert "unmatched_outcome" in tables


def test_after_an_erasure_no_column_of_any_table_holds_a_trace(app: App) -> None:
    lived(app)
    erase(app)
    assert found_in(app) == set()


def test_a_dry_run_says_how_many_rows_and_removes_none(app: App) -> None:
    lived(app)
    before = list(texts_of(app.store))
    kept = privacy(app).kept("1")
    would_go = privacy(app).would_go(kept)
    assert list(texts_of(app.store)) == before
    assert privacy(app).erase(kept) == would_go


def test_what_is_known_of_a_domain_stays_while_others_are_there(app: App) -> None:
    lived(app)
    submit(app, person(2, email="an@quistorp-ramen.example"))
    erase(app)
    assert "domain:quistorp-ramen.example" in {row.name for row in rows(app, schema.throttle)}


def test_nobody_else_is_touched(app: App) -> None:
    submit(app, person(1), WHO, person(2, email="an2@quistorp-ramen.example", company="Quistorp Ramen"))
    erase(app)
    assert [row.name for row in rows(app, schema.contact)] == ["An Jansen-1", "An Jansen-2"]
    assert "Quistorp Ramen" in {row.name for row in rows(app, schema.account)}


def test_erasing_keeps_only_keyed_hashes_of_address_and_number(app: App) -> None:
    lived(app)
    erase(app)
    hashes = {app.signer.address_hash(known) for known in (WHO["email"], "+31612345678")}
    assert {row.address_hash for row in rows(app, schema.suppression)} == hashes
    assert {row.reason for row in rows(app, schema.suppression)} == {"erased on request"}


def test_the_same_record_is_known_when_it_comes_again(app: App) -> None:
    import_list(app, LIST)
    erase(app)
    import_list(app, LIST)
    assert rows(app, schema.contact) == []
    assert [(row.state, row.fields, row.raw) for row in rows(app, schema.inbox)] == [("erased", None, None)]


def test_whoever_comes_in_again_by_another_record_gets_no_mail(app: App) -> None:
    import_list(app, LIST)
    erase(app)
    import_list(app, LIST.replace("marketing", "marketing ").replace("Zebedeus Q", "Z. Q"))
    report = app.tick()
    assert (len(rows(app, schema.contact)), rows(app, schema.consent), report.sent) == (1, [], 0)
    assert "not_sent" in {row.what for row in rows(app, schema.ground)}


def test_an_old_list_brings_no_consent_back_after_an_unsubscribe_and_an_erasure(app: App) -> None:
    lived(app)
    erase(app)
    import_list(app, LIST)
    assert rows(app, schema.consent) == []


def test_a_click_on_a_mail_from_before_is_dropped(app: App) -> None:
    lived(app)
    erase(app)
    with app.store.write() as connection:
        facts = UnsubscribeFacts(1, "marketing", 1, "new-website", "welcome")
        assert store_group(connection, [(b"x" * 16, Unsubscribed(facts, MONDAY, "one-click"))], MONDAY) == ()
    assert found_in(app) == set()


def test_everything_that_is_kept_is_shown(app: App) -> None:
    lived(app)
    shown = privacy(app).kept("1").tables
    with app.store.read() as connection:
        there = {
            table.name
            for table in personal.OF_PEOPLE.values()
            if connection.scalar(sa.select(sa.func.count()).select_from(table))
        }
    assert shown.keys() == there
    assert shown["contact"][0]["email"] == WHO["email"]
    assert {row["what"] for row in shown["decision"]} >= {"enrolled", "sent", "promoted"}


def test_what_is_shown_is_of_nobody_else(app: App) -> None:
    submit(app, person(1), WHO)
    app.tick()
    assert "An Jansen-1" not in str(privacy(app).kept("zebedeus@quistorp-ramen.example").tables)
