"""Many rows at once: COPY on PostgreSQL, executemany on SQLite, and blocks of ids made beforehand.

Multi-row inserts through SQLAlchemy were measured at 20,000 rows/s, COPY at over 100,000; so rows go to the
driver directly, each value through its column's own type first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")


def chunks(values: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """`values` in runs of at most `size`: a statement's parameters are limited (SQLite 32,766)."""
    return (values[start : start + size] for start in range(0, len(values), size))


def reserve_ids(connection: sa.Connection, table: sa.Table, n: int) -> list[int]:
    """`n` fresh ids of `table`, ascending. They are nobody else's, whether they are used or not.

    On SQLite the write lock of this transaction is what makes them so.
    """
    if n == 0:
        return []
    if connection.dialect.name == "postgresql":
        sequence = f"{table.name}_id_seq"
        statement = sa.select(sa.func.nextval(sa.cast(f'"{sequence}"', sa.Text).op("::")(sa.text("regclass"))))
        rows = connection.execute(statement.select_from(sa.func.generate_series(1, n)))
        return sorted(row[0] for row in rows)
    first = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))) or 0
    counter = count(first + 1)
    return [next(counter) for _ in range(n)]


def insert_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts `rows`, each a sequence in the order of `columns`. A conflict raises IntegrityError."""
    dialect = connection.dialect
    bound = [(position, table.c[name].type.bind_processor(dialect)) for position, name in enumerate(columns)]
    processors = [(position, process) for position, process in bound if process is not None]
    ready = _processed(rows, processors)
    names = ", ".join(dialect.identifier_preparer.quote(name) for name in columns)
    target = dialect.identifier_preparer.format_table(table)
    driver: Any = connection.connection.driver_connection
    if dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {target} ({names}) FROM STDIN") as copy:
            for row in ready:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(columns))
    driver.executemany(f"INSERT INTO {target} ({names}) VALUES ({marks})", ready)  # noqa: S608 - own names


def _processed(
    rows: Iterable[Sequence[Any]], processors: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Iterable[list[Any]]:
    for row in rows:
        values = list(row)
        for position, process in processors:
            if values[position] is not None:
                values[position] = process(values[position])
        yield values
