"""A simulation of the people who are in the workspace's database: as they stand, and only read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.clock import VirtualClock
from nurture.errors import NurtureError, StoreError
from nurture.simulate.master import starts_at
from nurture.simulate.present import TABLES, people_there
from nurture.simulate.result import PeopleFrom, SimulationResult
from nurture.simulate.run import Order, simulate
from nurture.store import consents, schema, signals
from nurture.store.signals import NewSignal
from tests.cli.conftest import Cli
from tests.world import MONDAY, make_app, person, submit

START = datetime(2026, 3, 12, tzinfo=UTC)
DAYS = 40
NOBODY_ACTS = Order("new-website", [], START, DAYS, 1, people=PeopleFrom.DATABASE)
SUPPRESSED, UNSUBSCRIBED = "an7@bakkerij7.example.com", "an6@bakkerij6.example.com"


def live(app: App, until: datetime) -> None:
    """Production, from one moment at which anything is due to the next."""
    clock = cast(VirtualClock, app.clock)
    app.tick()
    while (due := app.next_due()) is not None and due < until:
        clock.set(max(due, clock.now()))
        app.tick()
    clock.set(until)


def ten_days_on(folder: Path, url: str) -> App:
    """One asked for a quote, one unsubscribed, one is suppressed, two clicked."""
    app = make_app(folder, url)
    submit(
        app,
        *(person(number) for number in range(8)),
        person(8, interests="webshop"),
        {"email": "a@b.example"},
    )
    live(app, datetime(2026, 3, 4, 9, tzinfo=UTC))
    now = app.clock.now()
    with app.store.write() as connection:
        ids = dict(connection.execute(sa.select(schema.contact.c.email, schema.contact.c.id)).all())
        people = [ids[f"an{number}@bakkerij{number}.example.com"] for number in range(8)]
        step = {"campaign": "new-website", "step": "welcome"}
        clicks = [NewSignal(people[number], "clicked", now, step) for number in (0, 1)]
        asked = NewSignal(people[2], "submitted", now, {"form": "quote"})
        signals.record_signals(connection, [*clicks, asked], now)
        consents.change(
            connection, [consents.ConsentChange(ids[UNSUBSCRIBED], "marketing", False, "one-click", now)]
        )
        consents.suppress(connection, app.signer.address_hash(SUPPRESSED), "complained", now)
    live(app, START)
    return app


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    """Ten days on, for one test alone."""
    with closing(ten_days_on(tmp_path / "workspace", database_url)) as app:
        yield app


@pytest.fixture(scope="module")
def read_only(lasting_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Ten days on, for all tests that change nothing."""
    folder = tmp_path_factory.mktemp("present")
    with closing(ten_days_on(folder / "workspace", lasting_database)) as app:
        yield app


@pytest.fixture(scope="module")
def foreseen(read_only: App) -> SimulationResult:
    """What a simulation says in which nobody acts."""
    return run(read_only)


def run(app: App, order: Order = NOBODY_ACTS, processes: int = 1) -> SimulationResult:
    return simulate(app.settings, order, processes=processes)


def sent_since(app: App, start: datetime) -> dict[str, int]:
    outbox = schema.outbox
    with app.store.read() as connection:
        rows = connection.execute(
            sa.select(outbox.c.campaign, outbox.c.step).where(
                outbox.c.state == "sent", outbox.c.done_at >= start
            )
        )
        return dict(Counter(f"{campaign}/{step}" for campaign, step in rows))


def test_what_is_simulated_is_what_then_happens(app: App) -> None:
    foreseen = run(app)
    live(app, START + timedelta(days=DAYS))
    assert foreseen.mails_by_step
    assert sent_since(app, START) == foreseen.mails_by_step


def test_what_happened_under_a_steps_former_name_counts(app: App) -> None:
    file = app.settings.folder / "campaigns" / "new-website.yaml"
    text = file.read_text(encoding="utf-8").partition("\ntests:")[0]
    text = text.replace("{id: cases,", "{id: stories,").replace('sent("cases")', 'sent("stories")')
    file.write_text(f"{text}\nmoved: {{cases: stories}}\n", encoding="utf-8")
    foreseen = run(app)
    # Who had the cases under their old name is not sent them once more.
    assert foreseen.flows["new-website"]["other-half"].left["five-weeks"] == 2
    app.publish()
    assert run(app).mails_by_step == foreseen.mails_by_step


def test_nobody_gets_again_what_they_had(read_only: App, foreseen: SimulationResult) -> None:
    assert "new-website/welcome" in sent_since(read_only, MONDAY)
    assert "new-website/welcome" not in foreseen.mails_by_step


def test_the_database_stays_as_it_is(read_only: App) -> None:
    def rows() -> dict[str, list[object]]:
        with read_only.store.read() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(sa.select(table))]
                for table in schema.metadata.sorted_tables
            }

    before = rows()
    run(read_only)
    assert rows() == before


def test_who_is_with_sales_is_left_in_peace(foreseen: SimulationResult) -> None:
    assert ("with sales already", 1) in [(one.reason, one.people) for one in foreseen.nothing]


def test_who_is_suppressed_stays_so(foreseen: SimulationResult) -> None:
    told = {one.example: one.reason for one in foreseen.nothing}
    assert told[SUPPRESSED] == "no mail may go out: the address is on the suppression list"


def test_who_took_the_consent_back_gets_nothing(foreseen: SimulationResult) -> None:
    assert any(one.example == UNSUBSCRIBED and "consent" in one.reason for one in foreseen.nothing)


def test_everybody_is_counted(foreseen: SimulationResult) -> None:
    assert (foreseen.people, foreseen.received, foreseen.contacts, foreseen.junk) == (
        PeopleFrom.DATABASE,
        10,
        8,
        {"no name": 1},
    )


def test_who_began_at_a_step_stands_there_or_went_on(foreseen: SimulationResult) -> None:
    flows = foreseen.flows["new-website"]
    assert sum(flow.began for flow in flows.values()) == 7
    for flow in flows.values():
        assert flow.began + flow.entered == flow.standing + sum(flow.left.values()) + flow.gone


def test_the_same_people_twice_give_the_same_result(read_only: App, foreseen: SimulationResult) -> None:
    assert foreseen == run(read_only, processes=2)


def test_people_cannot_be_simulated_back_into_the_past(read_only: App) -> None:
    with pytest.raises(NurtureError, match="cannot begin before that"):
        run(read_only, replace(NOBODY_ACTS, start=datetime(2026, 3, 1, tzinfo=UTC)))


def test_a_database_of_another_version_is_not_read(app: App) -> None:
    with app.store.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(StoreError, match="cannot be simulated"):
        people_there(app.settings)


def test_no_table_that_decides_anything_is_forgotten() -> None:
    """Whoever adds a table says here why a simulation can do without it, or copies it."""
    not_needed = {
        # Not asked of anybody in a simulation: what is to be confirmed, and the pace of real mail servers.
        *("opt_in", "relay_hour", "throttle"),
        *("import", "inbox", "merge"),  # how people came in: they are there
        *("decision", "ground", "former_consent"),  # records of what was, which nothing is decided by
        *("errand", "notice", "team_turn"),  # what goes outside, which a simulation does not do
        *("absence", "team_share"),  # whose turn it is begins anew, with everybody there
        *("outcome", "outcome_source", "unmatched_outcome"),  # what became of them stands in the journey
        *("lookup", "lookup_answer"),  # nobody outside is asked
        *("former_contact", "match_key", "review"),  # who is who is settled
        *("former_account", "account_key", "account_review"),
        "account_picture",  # who was woken for it; what counts is reckoned anew
        "suppression",  # by another hash
        *("lease", "chore"),  # who does what at the moment
    }
    assert {table.name for table in TABLES} | not_needed == set(schema.metadata.tables)


# --- the command ------------------------------------------------------------------------------------

FROM = ("--from", "2027-03-01", "--days", 5)


def test_without_a_list_the_people_in_the_database_are_taken(cli: Cli) -> None:
    cli.import_people("An;an@a.example", "Bo;bo@b.example", "Cy;cy@c.example")
    shown = cli("simulate", "greeting", *FROM)
    assert (shown.code, shown.err) == (0, "")
    assert "3 in the workspace's database, as they stand, 3 contacts" in shown.out


def test_without_a_list_and_without_people_made_up_ones_are_taken(cli: Cli) -> None:
    answer = cli("simulate", "greeting", *FROM, "--json").json
    assert answer["people"] == "made up"
    assert answer["mails"] > 100


def test_made_up_people_leave_no_trace(cli: Cli) -> None:
    before = {path: path.stat().st_mtime_ns for path in cli.folder.rglob("*")}
    assert cli("simulate", "greeting", *FROM).code == 0
    assert {path: path.stat().st_mtime_ns for path in cli.folder.rglob("*")} == before


def test_the_people_in_the_database_are_only_read(cli: Cli) -> None:
    cli.import_people("An;an@a.example")
    database = cli.folder / "nurture.db"
    before = database.read_bytes()
    assert cli("simulate", "greeting", *FROM).code == 0
    assert database.read_bytes() == before


def test_without_a_date_it_begins_tomorrow(cli: Cli) -> None:
    cli.import_people("An;an@a.example")
    answer = cli("simulate", "greeting", "--days", 2, "--json").json
    start = datetime.fromisoformat(answer["start"])
    assert timedelta(0) < start - datetime.now(UTC) < timedelta(hours=48)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_tomorrow_is_the_next_midnight_where_the_campaign_runs(hour: int) -> None:
    now = datetime(2026, 3, 2, hour, 30, tzinfo=UTC)
    start = starts_at(None, ZoneInfo("Europe/Amsterdam"), now)
    assert timedelta(0) < start - now <= timedelta(days=1)
    assert (start.hour, start.minute) == (0, 0)


def test_a_misspelt_campaign_is_told_without_a_list_too(cli: Cli) -> None:
    refused = cli("simulate", "greting", *FROM, "--json")
    assert (refused.code, refused.out) == (1, "")
    assert "there is no campaign 'greting'; did you mean greeting?" in refused.err


def test_a_campaign_with_an_error_is_told_with_its_place(cli: Cli) -> None:
    cli.replace("campaigns/greeting.yaml", "send: orientation/welcome", "send: orientation/welcom")
    refused = cli("simulate", "greeting", *FROM)
    assert (refused.code, "campaigns/greeting.yaml:" in refused.err) == (1, True)


def test_a_mapping_without_a_list_is_refused(cli: Cli) -> None:
    refused = cli("simulate", "greeting", "--map", "some.yaml", *FROM)
    assert (refused.code, "there is none" in refused.err) == (1, True)


def test_a_database_that_does_not_answer_is_told(cli: Cli) -> None:
    cli.replace("nurture.toml", "sqlite:///nurture.db", "postgresql+psycopg://x@127.0.0.1:1/nurture")
    refused = cli("simulate", "greeting", *FROM)
    assert (refused.code, "cannot be reached" in refused.err) == (1, True)
