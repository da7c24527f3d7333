"""Consents: what holds now, by the newest word; and the addresses that never get mail again."""

from __future__ import annotations

from datetime import timedelta

from nurture.store import consents, schema
from nurture.store.consents import ConsentChange, Standing
from nurture.store.engine import Store
from tests.store.people import NOW, add_contacts, erase_contact, rows_of

LATER = NOW + timedelta(days=1)


def granted(store: Store, contact_id: int = 1) -> frozenset[str]:
    with store.read() as connection:
        return consents.consents_of(connection, [contact_id]).get(contact_id, frozenset())


def test_a_withdrawal_takes_one_purpose_and_leaves_the_other(store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form brochure", NOW)
        consents.grant(connection, 1, "events", "form brochure", NOW)
        consents.withdraw(connection, 1, "marketing", "one-click", LATER)
    assert granted(store) == {"events"}


def test_an_old_grant_does_not_undo_a_newer_withdrawal(store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "one-click", LATER)
        consents.grant(connection, 1, "marketing", "import of an old list", NOW)
    assert granted(store) == frozenset()
    (row,) = rows_of(store, schema.consent)
    assert (row.evidence, row.at) == ("one-click", LATER)


def test_of_two_changes_in_one_call_the_newer_wins(store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.change(
            connection,
            [
                ConsentChange(1, "marketing", False, "one-click", LATER),
                ConsentChange(1, "marketing", True, "form", NOW),
            ],
        )
    assert granted(store) == frozenset()


def test_what_held_at_a_moment_is_still_known_when_it_has_changed(store: Store) -> None:
    add_contacts(store)
    hour = timedelta(hours=1)
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form", NOW)
        consents.withdraw(connection, 1, "marketing", "one-click", NOW + hour)
        consents.withdraw(connection, 1, "marketing", "one-click again", NOW + 2 * hour)
        consents.grant(connection, 1, "marketing", "form", NOW + 3 * hour)
    with store.read() as connection:
        held = [
            consents.said_then(connection, 1, NOW + half * hour / 2).get("marketing", False)
            for half in range(-1, 8)
        ]
    assert held == [False, True, True, False, False, False, False, True, True]


def test_what_changes_nothing_is_not_kept_as_a_change(store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "one-click", LATER)
        consents.grant(connection, 1, "marketing", "import of an old list", NOW)
        consents.withdraw(connection, 1, "marketing", "one-click", LATER)
    assert rows_of(store, schema.former_consent) == []


def test_a_change_for_somebody_who_is_gone_is_dropped(store: Store) -> None:
    add_contacts(store, 2)
    erase_contact(store, 1)
    with store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "one-click", NOW)
    assert not rows_of(store, schema.consent)


def test_who_granted_nothing_is_left_out(store: Store) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        consents.grant(connection, 2, "marketing", "form", NOW)
    with store.read() as connection:
        assert consents.consents_of(connection, [1, 2]) == {2: frozenset({"marketing"})}


def test_the_standing_tells_never_asked_from_withdrawn(store: Store) -> None:
    add_contacts(store, 2, locale="nl")
    with store.write() as connection:
        consents.withdraw(connection, 2, "marketing", "one-click", NOW)
    with store.read() as connection:
        standings = [consents.standing(connection, id_, "marketing") for id_ in (1, 2, 3)]
    assert standings == [Standing("nl", None), Standing("nl", False), None]


def test_a_suppressed_address_stays_so_for_its_first_reason(store: Store) -> None:
    with store.write() as connection:
        consents.suppress(connection, b"a" * 32, "hard bounce", NOW)
        consents.suppress(connection, b"a" * 32, "complaint", LATER)
        assert consents.suppressed(connection, [b"a" * 32, b"b" * 32]) == {b"a" * 32}
    assert [row.reason for row in rows_of(store, schema.suppression)] == ["hard bounce"]


def test_a_withdrawal_holds_though_the_clock_that_took_the_consent_was_ahead(store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form", NOW + timedelta(seconds=3))
        consents.withdraw(connection, 1, "marketing", "one-click", NOW)
        assert consents.consents_of(connection, [1]) == {}
