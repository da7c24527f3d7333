"""Judging stored hits anew: by better rules, and by what later hits say of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.model import SignalClass
from nurture.store import schema, signals
from nurture.store.engine import Store
from nurture.store.signals import NewSignal
from nurture.tokens import CLICK, OPEN, TRAP, UNSUBSCRIBE, LinkFacts, UnsubscribeFacts
from nurture.web.reclassify import reclassify
from tests.handover.world import SIGNER
from tests.store.people import NOW, StatementCounter, add_contacts, rows_of
from tests.web.test_tracking import add_sent_mail
from tests.web.world import BROWSER, LINK, PIXEL, Client, both_databases

OTHER = LinkFacts(5, 1, "new-website", "welcome", "https://firm.example/about")
FIRST, SECOND = (f"/c/{SIGNER.sign(CLICK, link)}" for link in (LINK, OTHER))
OPENED = f"/o/{SIGNER.sign(OPEN, PIXEL)}.gif"
TRAPPED = f"/t/{SIGNER.sign(TRAP, PIXEL)}"


def stored(store: Store, *clicks: tuple[datetime, str, str], contact_id: int = 1, mail: int = 5) -> None:
    """Clicks as (when, link, network), each taken for a person's so far."""
    new = [
        NewSignal(
            contact_id,
            "clicked",
            at,
            {"message": mail, "method": "GET", "agent": BROWSER, "url": link, "network": network},
            SignalClass.HUMAN,
            "nothing speaks against a person",
        )
        for at, link, network in clicks
    ]
    with store.write() as connection:
        signals.record_signals(connection, new, NOW)


def classes(store: Store) -> Sequence[str]:
    return [row.classed for row in rows_of(store, schema.signal)]


@both_databases
def test_a_burst_takes_back_what_its_first_clicks_were_taken_for(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    stored(store, (NOW, "1", "a"), (NOW + timedelta(seconds=0.5), "2", "a"), (NOW, "1", "b"))
    result = reclassify(store, clock)
    assert classes(store) == ["machine", "machine", "human"]
    assert (result.judged, sum(result.changed.values())) == (3, 2)


def test_a_dry_run_tells_the_same_and_changes_nothing(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    stored(store, (NOW, "1", "a"), (NOW, "2", "a"))
    told = reclassify(store, clock, dry_run=True)
    assert classes(store) == ["human", "human"]
    assert told == reclassify(store, clock)


def test_the_second_round_changes_nothing_more(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    stored(store, (NOW, "1", "a"), (NOW, "2", "a"))
    reclassify(store, clock)
    assert not reclassify(store, clock).changed


def test_those_of_whom_something_changed_are_looked_at_again(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 2)
    stored(store, (NOW, "1", "a"), (NOW, "2", "a"))
    stored(store, (NOW, "1", "a"), contact_id=2)
    with store.write() as connection:
        connection.execute(sa.update(schema.journey).values(due_at=None))
    reclassify(store, clock)
    assert [row.due_at for row in rows_of(store, schema.journey)] == [NOW, None]


def test_hits_on_two_mails_are_no_burst(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    stored(store, (NOW, "1", "a"))
    stored(store, (NOW, "2", "a"), mail=6)
    reclassify(store, clock)
    assert classes(store) == ["human", "human"]


def test_a_delivery_that_was_noted_later_counts(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    stored(store, (NOW, "1", "a"))
    add_sent_mail(store, seconds_ago=2)
    reclassify(store, clock)
    assert classes(store) == ["machine"]


def test_what_says_nothing_of_its_request_stays_as_it_was_told(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    with store.write() as connection:
        signals.record_signals(connection, [NewSignal(1, "clicked", NOW, {"message": 5})], NOW)
    assert not reclassify(store, clock).changed


@both_databases
def test_the_number_of_statements_does_not_grow_with_the_number_of_hits(
    store: Store, clock: VirtualClock
) -> None:
    add_contacts(store, 40)
    for contact_id in range(1, 41):
        stored(store, (NOW, "1", "a"), (NOW, "2", "a"), contact_id=contact_id)
    counter = StatementCounter(store)
    assert sum(reclassify(store, clock).changed.values()) == 80
    assert counter.n < 12


# --- as they come in --------------------------------------------------------------------------------


def judged(store: Store) -> set[tuple[str, str]]:
    return {(row.kind, row.classed) for row in rows_of(store, schema.signal)}


@both_databases
def test_two_links_at_once_are_found_out_by_the_second(client: Client, store: Store) -> None:
    add_contacts(store)
    client.get(FIRST)
    client.get(SECOND)
    _settled(client)
    assert judged(store) == {("clicked", "machine")}


def test_whoever_follows_the_invisible_link_has_opened_nothing(client: Client, store: Store) -> None:
    add_contacts(store)
    client.get(OPENED)
    client.get(FIRST)
    answer = client.get(TRAPPED)
    _settled(client)
    assert (answer.status, answer.body) == (204, b"")
    assert judged(store) == {("opened", "machine"), ("clicked", "machine"), ("trapped", "machine")}


def test_what_the_scanner_does_next_is_a_scanners_too(client: Client, store: Store) -> None:
    add_contacts(store)
    client.get(TRAPPED)
    client.get(FIRST)
    _settled(client)
    assert judged(store) == {("trapped", "machine"), ("clicked", "machine")}


def _settled(client: Client) -> None:
    """What is stored next is stored after everything before it was judged."""
    nobody = UnsubscribeFacts(999, "marketing", 999, "new-website", "welcome")
    client.post(f"/u/{SIGNER.sign(UNSUBSCRIBE, nobody)}", b"List-Unsubscribe=One-Click")
