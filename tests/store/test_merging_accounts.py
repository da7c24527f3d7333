"""Two accounts that become one: who comes along, what holds, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.errors import NurtureError
from nurture.store import firms, former_accounts, pairs, records, rosters, schema
from nurture.store.engine import Store
from nurture.store.merging import merge_one
from nurture.store.merging_accounts import Joined, merge_accounts, merge_one_account
from nurture.store.merging_rounds import Merging
from nurture.store.unmerging import unmerge
from nurture.store.unmerging_accounts import Parted, unmerge_account
from tests.store.people import NOW, StatementCounter, add_contacts, rows_of

LATER = NOW + timedelta(hours=1)
DAY = timedelta(days=1)
contact, account, picture = schema.contact, schema.account, schema.account_picture


@pytest.fixture
def two(store: Store) -> Store:
    """Jansen (1) with contacts 1 and 2, and Jansen B.V. (2) with contacts 3 and 4 and a domain."""
    add_contacts(store, 4)
    jansen = {"name_key": "jansen", "created_at": NOW, "updated_at": NOW, "domain": None, "facts": None}
    other = {"domain": "jansen.nl", "facts": {"owner": "daan@x.nl"}}
    with store.write() as connection:
        add = sa.insert(account)
        connection.execute(add, [{"id": 1, "name": "Jansen", **jansen}])
        connection.execute(add, [{"id": 2, "name": "Jansen B.V.", **jansen, **other}])
        connection.execute(sa.update(contact).values(account_id=1))
        connection.execute(sa.update(contact).where(contact.c.id > 2).values(account_id=2))
        signals = [{"account_id": 2, "rule": "together", "signal_id": 9, "seen_at": NOW}]
        connection.execute(sa.insert(picture), signals)
    return store


def merge(store: Store, gone: int = 2, kept: int = 1) -> Joined:
    with store.write() as connection:
        return merge_one_account(connection, Merging(gone, kept, "hand", ("said by an",)), LATER)


def part(store: Store, former_id: int = 2) -> Parted:
    with store.write() as connection:
        return unmerge_account(connection, former_id, LATER + DAY)


def known(store: Store, table: sa.Table) -> list[dict[str, Any]]:
    return [{**row._mapping, "updated_at": None} for row in rows_of(store, table)]


def works_for(store: Store) -> list[Any]:
    return [row.account_id for row in rows_of(store, contact)]


def test_everybody_of_the_one_works_for_the_other(two: Store) -> None:
    assert merge(two).contacts == (3, 4)
    assert works_for(two) == [1, 1, 1, 1]


def test_the_domain_and_the_owner_come_along(two: Store) -> None:
    merge(two)
    (left,) = rows_of(two, account)
    assert (left.domain, left.facts) == ("jansen.nl", {"owner": "daan@x.nl"})


def test_what_it_completed_is_not_news(two: Store) -> None:
    merge(two)
    assert [(row.account_id, row.rule, row.signal_id) for row in rows_of(two, picture)] == [
        (1, "together", 9)
    ]


def test_everybody_of_both_is_looked_at(two: Store) -> None:
    merge(two)
    assert {row.due_at for row in rows_of(two, schema.journey)} == {LATER}


def test_those_who_moved_are_told_why(two: Store) -> None:
    merge(two)
    with two.read() as connection:
        (told,) = records.told(connection, [3])
    assert told.record.reason == (
        "account 2 (Jansen B.V., jansen.nl) is the same company as account 1 (Jansen): said by an"
    )


def test_it_is_found_under_its_old_number_and_domain(two: Store) -> None:
    merge(two, gone=1, kept=2)
    with two.read() as connection:
        assert [row.id for row in firms.find_firms(connection, "1")] == [2]
        assert former_accounts.known_by(connection, [], ["jansen"]) == {2: [(None, "jansen")]}


def test_taken_back_both_are_as_they_were(two: Store) -> None:
    before = [known(two, table) for table in (account, picture)]
    merge(two)
    assert part(two) == Parted(2, 1, 2, 0, ())
    assert [known(two, table) for table in (account, picture)] == before
    assert works_for(two) == [1, 1, 2, 2]


def test_who_came_since_goes_where_their_address_says(two: Store) -> None:
    merge(two)
    with two.write() as connection:
        new = {"account_id": 1, "created_at": LATER + DAY, "updated_at": LATER + DAY}
        rows = [{"id": 5, "email": "bo@Jansen.nl"}, {"id": 6, "email": "bo@gmail.com"}]
        connection.execute(sa.insert(contact), [{**row, **new} for row in rows])
    parted = part(two)
    assert (works_for(two), parted.people, parted.stays) == ([1, 1, 2, 2, 2, 1], 3, 1)


def test_a_value_that_was_changed_since_stays(two: Store) -> None:
    merge(two)
    with two.write() as connection:
        rosters.set_fact(connection, 1, "owner", "fien@x.nl", LATER)
    assert part(two).newer == ("facts.owner",)
    assert rows_of(two, account)[0].facts == {"owner": "fien@x.nl"}


def test_the_two_are_never_asked_about_again(two: Store) -> None:
    merge(two)
    part(two)
    with two.read() as connection:
        assert pairs.ACCOUNTS.apart(connection, [1]) == {(1, 2)}


def test_a_contact_that_is_parted_later_works_for_what_its_account_is_now(two: Store) -> None:
    with two.write() as connection:
        merge_one(connection, Merging(3, 1, "hand"), lambda text: text.encode(), LATER)
    merge(two)
    with two.write() as connection:
        unmerge(connection, 3, LATER + DAY)
    assert works_for(two)[2] == 1


def test_a_later_merge_is_taken_back_first(two: Store) -> None:
    with two.write() as connection:
        values = {"id": 3, "name": "Bakkers", "created_at": NOW, "updated_at": NOW}
        connection.execute(sa.insert(account).values(values))
    merge(two)
    merge(two, gone=1, kept=3)
    with pytest.raises(NurtureError, match="merged into 1, which was merged into 3 since"):
        part(two)
    part(two, 1)
    part(two, 2)
    assert works_for(two) == [1, 1, 2, 2]


def test_what_is_one_already_cannot_be_merged(two: Store) -> None:
    merge(two)
    with pytest.raises(NurtureError, match="one and the same"):
        merge(two)


def test_the_statements_do_not_depend_on_how_many_are_merged(store: Store) -> None:
    with store.write() as connection:
        rows = [{"id": id_, "name": "F", "created_at": NOW, "updated_at": NOW} for id_ in range(1, 61)]
        connection.execute(sa.insert(account), rows)
    counter, counts = StatementCounter(store), []
    for ids in ([1], range(3, 59, 2)):
        before = counter.n
        with store.write() as connection:
            merge_accounts(connection, [Merging(id_ + 1, id_, "hand") for id_ in ids], LATER)
        counts.append(counter.n - before)
    assert counts[0] == counts[1]
