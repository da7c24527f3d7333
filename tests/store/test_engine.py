"""Opening a database: what a user can do wrong gets a sentence, and transactions are whole."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from nurture.errors import StoreError
from nurture.store import schema
from nurture.store.engine import Store
from nurture.store.leases import take_lease

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def put(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.insert(schema.team_turn).values(team=name, turns=0))


def fail_half_way(store: Store) -> None:
    with store.write() as connection:
        put(connection, "a")
        raise RuntimeError


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError):
        fail_half_way(store)
    with store.read() as connection:
        assert connection.execute(sa.select(schema.team_turn)).all() == []


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    with store.write() as writer:
        put(writer, "a")
        with store.read() as reader:
            assert reader.execute(sa.select(schema.team_turn)).all() == []


def test_two_threads_can_write_at_once(store: Store) -> None:
    def write(name: str) -> None:
        with store.write() as connection:
            put(connection, name)

    threads = [threading.Thread(target=write, args=(f"team {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert len(connection.execute(sa.select(schema.team_turn)).all()) == 8


def test_a_commit_on_sqlite_is_on_disk(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    with store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", ""])
def test_an_address_of_no_database_is_told_with_examples(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store(url)
    assert "postgresql+psycopg://" in caught.value.hint


def test_an_unreachable_server_is_told_without_its_password() -> None:
    store = Store("postgresql+psycopg://user:topsecret@127.0.0.1:1/nowhere")
    with pytest.raises(StoreError, match="cannot be reached") as caught, store.read():
        pass
    assert "topsecret" not in caught.value.message


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    with pytest.raises(StoreError, match="cannot be reached"), store.read():
        pass


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("this is a letter to my mother, not a database" * 50)
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(StoreError, match="cannot be used"), store.read() as connection:
        connection.execute(sa.select(schema.team_turn))


@pytest.mark.empty_database
def test_missing_tables_are_told_with_the_command(database_url: str) -> None:
    store = Store(database_url)
    with pytest.raises(StoreError, match="has no table") as caught, store.read() as connection:
        connection.execute(sa.select(schema.team_turn))
    store.close()
    assert caught.value.hint == "run: nurture migrate"


def test_sqlite_is_new_enough_for_our_statements() -> None:
    assert sqlite3.sqlite_version_info >= (3, 38)


def test_a_lease_is_held_by_one_at_a_time(store: Store) -> None:
    from datetime import timedelta

    length = timedelta(seconds=10)
    with store.write() as connection:
        taken = [
            take_lease(connection, "scheduler", holder, NOW + timedelta(seconds=at), length)
            for holder, at in [("a", 0), ("b", 5), ("a", 6), ("b", 17), ("a", 18)]
        ]
    assert taken == [True, False, True, True, False]
