"""Many rows at once: COPY on PostgreSQL, executemany on SQLite, and blocks of ids made beforehand.

Multi-row inserts through SQLAlchemy were measured at 20,000 rows/s, COPY at over 100,000; so rows go to the
driver directly, each value through its column's own type first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from nurture.store.types import Instant, encode_json

_MOST_PARAMETERS = 500

T = TypeVar("T")
Process = Callable[[Any], Any]


def chunks(values: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """`values` in runs of at most `size`: a statement's parameters are limited (SQLite 32,766)."""
    return (values[start : start + size] for start in range(0, len(values), size))


def reserve_ids(connection: sa.Connection, table: sa.Table, n: int) -> list[int]:
    """`n` fresh ids of `table`, ascending, that are nobody else's. Insert them before you reserve more.

    On SQLite the write lock of this transaction is what keeps others off them.
    """
    if n == 0:
        return []
    if connection.dialect.name == "postgresql":
        # As text, since the framework would take longer to make it than the database to answer.
        drawn = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
        return sorted(connection.exec_driver_sql(drawn, (f'"{table.name}_id_seq"', n)).scalars())
    newest = f"SELECT coalesce(max(id), 0) FROM {table.name}"  # noqa: S608 - own names
    first: int = connection.exec_driver_sql(newest).scalar_one() + 1
    return list(range(first, first + n))


def insert_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts `rows`, each a sequence in the order of `columns`. A conflict raises IntegrityError."""
    dialect = connection.dialect
    bound = [(position, bind_processor(table.c[name], dialect)) for position, name in enumerate(columns)]
    processors = [(position, process) for position, process in bound if process is not None]
    ready = _processed(rows, processors)
    names = ", ".join(dialect.identifier_preparer.quote(name) for name in columns)
    target = dialect.identifier_preparer.format_table(table)
    driver: Any = connection.connection.driver_connection
    if dialect.name == "postgresql":
        with (
            _told_alike(dialect),
            driver.cursor() as cursor,
            cursor.copy(f"COPY {target} ({names}) FROM STDIN") as copy,
        ):
            for row in ready:
                copy.write_row(row)
        return
    marks = f"({', '.join('?' * len(columns))})"
    insert = f"INSERT INTO {target} ({names}) VALUES "  # noqa: S608 - own names
    in_one = max(1, _MOST_PARAMETERS // len(columns))
    with _told_alike(dialect):
        # The driver lets go of Python's lock for each statement, and waits for it again while other threads
        # run; so a statement takes many rows.
        while block := list(islice(ready, in_one)):
            if len(block) < in_one:
                driver.executemany(insert + marks, block)
                return
            driver.execute(insert + ", ".join([marks] * in_one), list(chain.from_iterable(block)))


@contextmanager
def _told_alike(dialect: sa.Dialect) -> Iterator[None]:
    """Errors of the driver become SQLAlchemy's, as they would had it made the statement."""
    driver: Any = dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance(
            "bulk insert", None, error, driver.Error, hide_parameters=True, dialect=dialect
        ) from error


def among(
    connection: sa.Connection, column: sa.ColumnElement[int], ids: Sequence[int]
) -> sa.ColumnElement[bool]:
    """`column IN ids` as one parameter: the statement's text, and so its plan, is the same for any number."""
    return _among(connection.dialect.name, column, sa.bindparam(None, given(connection, ids)))


def among_given(dialect: str, column: sa.ColumnElement[int], parameter: str) -> sa.ColumnElement[bool]:
    """The same for a statement that is made once: `parameter` is to be what `given` makes of the ids."""
    return _among(dialect, column, sa.bindparam(parameter))


def among_texts(
    connection: sa.Connection, column: sa.ColumnElement[Any], texts: Sequence[str]
) -> sa.ColumnElement[bool]:
    """The same for texts."""
    if connection.dialect.name == "postgresql":
        return column == sa.any_(sa.bindparam(None, list(texts), type_=sa.ARRAY(sa.Text)))
    listed = sa.func.json_each(encode_json(list(texts))).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def given(connection: sa.Connection, ids: Sequence[int]) -> Any:
    """Ids as the parameter of `among_given`."""
    return list(ids) if connection.dialect.name == "postgresql" else encode_json(list(ids))


def _among(dialect: str, column: sa.ColumnElement[int], ids: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    if dialect == "postgresql":
        return column == sa.any_(sa.type_coerce(ids, sa.ARRAY(sa.BigInteger)))
    listed = sa.func.json_each(sa.type_coerce(ids, sa.Text)).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def update_rows(
    connection: sa.Connection,
    table: sa.Table,
    key: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    only_if: str = "",
    overrides: Mapping[str, str] | None = None,
) -> None:
    """Updates many rows, each to its own values, in one statement.

    A row holds the key's value, then the values of `columns`. `only_if` is a condition in SQL over `t` (the
    table) and `v` (the row) that must hold too; `overrides` gives a column an expression over both instead.
    All three are our own text, never data.
    """
    if not rows:
        return
    dialect = connection.dialect
    names = [key, *columns]
    processors = [(i, p) for i, n in enumerate(names) if (p := bind_processor(table.c[n], dialect))]
    ready = list(_processed(rows, processors))
    expressions = {name: f"v.{name}" for name in columns} | dict(overrides or {})
    assignments = ", ".join(f"{name} = {text}" for name, text in expressions.items() if name in table.c)
    where = f"t.{key} = v.{key}" + (f" AND {only_if}" if only_if else "")
    if dialect.name == "postgresql":
        types = [table.c[name].type.compile(dialect) for name in names]
        cells = ", ".join(
            f"(value ->> {i})::{kind} AS {name}"
            for i, (name, kind) in enumerate(zip(names, types, strict=True))
        )
        given = "jsonb_array_elements(%s::jsonb)"
    else:
        cells = ", ".join(f"value ->> {i} AS {name}" for i, name in enumerate(names))
        given = "json_each(?)"
    # All rows as one JSON text: the statement is the same for any number of them, so the plan is made once;
    # and it is made ten times as fast as the driver writes arrays.
    connection.exec_driver_sql(
        f"UPDATE {table.name} AS t SET {assignments} "  # noqa: S608 - own names
        f"FROM (SELECT {cells} FROM {given}) AS v WHERE {where}",
        (encode_json(ready),),
    )


def repoint_rows(
    connection: sa.Connection,
    table: sa.Table,
    column: str,
    moves: Sequence[tuple[int, int]],
    *,
    only_if: str = "",
) -> None:
    """Lets the rows whose `column` is the first of a pair point to the second, in one statement, along the
    index by `column`. `only_if` is as for `update_rows`; `{to}` in it is what a row would point to.
    """
    kind = type(table.c[column].type)
    # The new value travels under the name of another column of this type, which keeps its own.
    carrier = next(one.name for one in table.c if one.name != column and isinstance(one.type, kind))
    overrides = {carrier: f"t.{carrier}", column: f"v.{carrier}"}
    condition = only_if.replace("{to}", f"v.{carrier}")
    update_rows(connection, table, column, (carrier,), moves, only_if=condition, overrides=overrides)


def bind_processor(column: sa.Column[Any], dialect: sa.Dialect) -> Process | None:
    """What makes a Python value what the driver stores in `column`.

    On SQLite a time must be spelt as SQLAlchemy spells it, or times do not compare: they are texts there.
    """
    kind = column.type.dialect_impl(dialect) if dialect.name == "sqlite" else column.type
    process = kind.bind_processor(dialect)
    return _remembering(process) if process and isinstance(column.type, Instant) else process


def _remembering(process: Process) -> Process:
    """The same for the same object, once: the rows of a batch mostly carry one and the same moment."""
    last: Any = None
    made: Any = None

    def remembered(value: Any) -> Any:
        nonlocal last, made
        if value is not last:
            last, made = value, process(value)
        return made

    return remembered


def _processed(
    rows: Iterable[Sequence[Any]], processors: Sequence[tuple[int, Process]]
) -> Iterator[list[Any]]:
    for row in rows:
        values = list(row)
        for position, process in processors:
            if values[position] is not None:
                values[position] = process(values[position])
        yield values
