"""Several sort at once: each item is sorted once, in order, and nobody becomes two contacts."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.plug.contracts import Payload
from nurture.store import inbox, schema
from tests.world import make_app

PEOPLE = 40
TIMES = 50


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    """An inbox in which the same people come again and again, each time with a newer answer."""
    app = make_app(tmp_path / "workspace", database_url)
    lines = ["name,email,consent,round"]
    lines += [
        f"An Jansen,an{who}@firm{who}.example.com,marketing,{time}"
        for time in range(TIMES)
        for who in range(PEOPLE)
    ]
    content = "\n".join(lines).encode()
    app.intake().receive("csv", Payload(io.BytesIO(content), "people.csv"))
    yield app
    app.close()


def sort_by_threads(app: App, threads: int) -> None:
    def work() -> None:
        while app.intake().sort_batch(30):
            pass

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def test_nobody_becomes_two_contacts(app: App) -> None:
    sort_by_threads(app, 4)
    with app.store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.contact)).scalar() == PEOPLE


def test_the_newest_answer_wins(app: App) -> None:
    sort_by_threads(app, 4)
    with app.store.read() as connection:
        answers = connection.execute(sa.select(schema.contact.c.answers)).scalars().all()
    assert {answer["round"] for answer in answers} == {TIMES - 1}


def test_every_item_is_sorted(app: App) -> None:
    app.sort_all()
    with app.store.read() as connection:
        assert inbox.count_new(connection, 10_000) == 0


def test_a_reader_that_fails_leaves_the_way_free(app: App) -> None:
    with pytest.raises(RuntimeError):
        fail_while_reading(app)
    assert app.sort_all() == PEOPLE * TIMES


def fail_while_reading(app: App) -> None:
    with app.store.write() as connection, inbox.reading(connection):
        raise RuntimeError
