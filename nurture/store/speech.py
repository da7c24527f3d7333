"""How SQLite and PostgreSQL say what conditions ask: JSON, texts by code point, numbers as Python has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import log
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from nurture.store import lowering
from nurture.store.shapes import Answer, Expression, Shape, compared
from nurture.store.types import Instant, encode_json

WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What Python strips from the ends of a text."""

_LARGEST = 2**63
_NOTHING_LEFT = 1000.0
"""So many halvings leave nothing that counts."""
_SECOND = sa.literal(timedelta(seconds=1), sa.Interval)


class Sqlite:
    """With the functions of `store.functions`; JSON is text."""

    def literal_number(self, value: float) -> Expression:
        if isinstance(value, int) and -_LARGEST <= value < _LARGEST:
            return sa.literal(value, sa.BigInteger)
        return sa.literal(float(value), sa.Float)

    def number_column(self, column: Expression) -> Expression:
        return column

    def member(self, document: Expression, name: str) -> Shape:
        if _plain(name):
            path = sa.literal(f'$."{name}"', sa.Text)
            return _json_shape(
                sa.func.json_type(document, path),
                sa.func.json_extract(document, path),
                document.op("->")(path),
            )
        value = sa.func.nurture_member(document, name)
        root = sa.literal("$", sa.Text)
        return _json_shape(sa.func.json_type(value), sa.func.json_extract(value, root), value)

    def member_text(self, document: Expression, name: str) -> Expression:
        path = f'$."{name}"'
        kind = sa.func.json_type(document, path)
        return sa.case((kind == "text", sa.func.json_extract(document, path, type_=sa.Text())))

    def share(self, at: Expression, now: datetime, half_life: timedelta) -> Expression:
        moment = sa.literal(now, Instant(timezone=True))
        return sa.func.nurture_share(at, moment, half_life.total_seconds(), type_=sa.Float())

    def faded_at(self, now: datetime, half_life: timedelta, times: Expression) -> Expression:
        moment = sa.literal(now, Instant(timezone=True))
        halved = sa.func.nurture_faded_at(moment, half_life.total_seconds(), times)
        return sa.type_coerce(halved, Instant(timezone=True))

    def later(self, at: Expression, by: timedelta) -> Expression:
        moved = sa.func.nurture_later(at, by.total_seconds())
        return sa.type_coerce(moved, Instant(timezone=True))

    def day(self, moment: Expression) -> Expression:
        return sa.func.substr(sa.type_coerce(moment, sa.Text()), 1, len("2026-03-02"), type_=sa.Text())

    def lower(self, text: Expression) -> Expression:
        return sa.func.nurture_lower(text, type_=sa.Text())

    def plain_number(self, text: Expression) -> Expression:
        return sa.func.nurture_number(text, type_=sa.Float())

    def compare_texts(self, left: Expression, op: str, right: Expression) -> Answer:
        return compared(left, op, right)

    def one_of(self, text: Expression, words: Sequence[str]) -> Answer:
        return text.in_(words)

    def part_of(self, part: Expression, text: Expression) -> Answer:
        return sa.func.instr(text, part) > 0

    def starts(self, text: Expression, part: Expression) -> Answer:
        return sa.func.substr(text, 1, sa.func.length(part), type_=sa.Text()) == part

    def ends(self, text: Expression, part: Expression) -> Answer:
        size = sa.func.length(part)
        # substr(x, 0) is the whole text, so the empty ending is a case of its own.
        end = sa.case((size == 0, ""), else_=sa.func.substr(text, -size))
        return sa.case((text.is_not(None), end == part))

    def bare(self, text: Expression) -> Expression:
        return sa.func.trim(text, WHITE_SPACE, type_=sa.Text())

    def same_items(self, left: Shape, right: Shape) -> Answer:
        return sa.func.nurture_same(_array(left), _array(right), type_=sa.Boolean())

    def has_word(self, items: Expression, word: str) -> Answer:
        rows = sa.func.json_each(items).table_valued("value")
        return sa.exists(sa.select(rows.c.value).where(rows.c.value == sa.literal(word, sa.Text)))

    def length(self, items: Expression) -> Expression:
        return sa.func.json_array_length(items)

    def elements(self, items: Expression) -> tuple[sa.FromClause, Shape]:
        rows = sa.func.json_each(items).table_valued("value", "type")
        kind, value = rows.c.type, rows.c.value
        return rows, Shape(
            text=sa.case((kind == "text", sa.type_coerce(value, sa.Text()))),
            number=sa.case((kind.in_(("integer", "real")), value)),
            truth=sa.case((kind == "true", sa.true()), (kind == "false", sa.false())),
            items=sa.case((kind == "array", value)),
            opaque=sa.case((kind == "object", sa.true())),
        )


class Postgresql:
    """With jsonb, numeric, and the collation "C"."""

    def literal_number(self, value: float) -> Expression:
        return sa.literal(Decimal(repr(value)), sa.Numeric)

    def number_column(self, column: Expression) -> Expression:
        # By way of text: the direct cast of a float keeps 15 digits of its 17.
        exact = sa.cast(column, sa.Text) if isinstance(column.type, sa.Float) else column
        return sa.cast(exact, sa.Numeric)

    def member(self, document: Expression, name: str) -> Shape:
        value = _get(document, name)
        return replace(
            _jsonb_shape(value),
            text=self.member_text(document, name),
            present=sa.func.coalesce(sa.func.jsonb_typeof(value) != "null", sa.false()),
        )

    def member_text(self, document: Expression, name: str) -> Expression:
        text = document.op("->>", return_type=sa.Text())(sa.literal(name, sa.Text))
        return sa.case((sa.func.jsonb_typeof(_get(document, name)) == "string", text))

    def share(self, at: Expression, now: datetime, half_life: timedelta) -> Expression:
        # A float from the start; EXTRACT would be an exact numeric, and takes three times as long.
        elapsed = sa.literal(now, sa.DateTime(timezone=True)) - at
        age: Expression = sa.func.date_part("epoch", elapsed, type_=sa.Double())
        halvings = age / half_life.total_seconds()
        # PostgreSQL raises an error where a power comes out smaller than any float.
        return sa.func.power(
            sa.literal(0.5, sa.Double),
            sa.func.least(sa.func.greatest(halvings, 0.0), _NOTHING_LEFT),
            type_=sa.Float(),
        )

    def faded_at(self, now: datetime, half_life: timedelta, times: Expression) -> Expression:
        seconds = sa.func.ceil(half_life.total_seconds() / log(2) * sa.func.ln(times)) + 1
        return sa.literal(now, sa.DateTime(timezone=True)) + seconds * _SECOND

    def later(self, at: Expression, by: timedelta) -> Expression:
        return at + sa.literal(by, sa.Interval)

    def day(self, moment: Expression) -> Expression:
        return sa.cast(sa.func.timezone("UTC", moment), sa.Date)

    def lower(self, text: Expression) -> Expression:
        return lowering.lower(text)

    def plain_number(self, text: Expression) -> Expression:
        plain = sa.collate(self.bare(text), "C").regexp_match(r"^[-+]?[0-9]{1,15}(\.[0-9]{1,15})?$")
        return sa.case((plain, self.number_column(sa.cast(self.bare(text), sa.Double))))

    def compare_texts(self, left: Expression, op: str, right: Expression) -> Answer:
        return compared(sa.collate(left, "C"), op, sa.collate(right, "C"))

    def one_of(self, text: Expression, words: Sequence[str]) -> Answer:
        return sa.collate(text, "C").in_(words)

    def part_of(self, part: Expression, text: Expression) -> Answer:
        return sa.func.strpos(sa.collate(text, "C"), sa.collate(part, "C")) > 0

    def starts(self, text: Expression, part: Expression) -> Answer:
        return sa.func.starts_with(sa.collate(text, "C"), part, type_=sa.Boolean())

    def ends(self, text: Expression, part: Expression) -> Answer:
        return self.compare_texts(sa.func.right(text, sa.func.length(part)), "==", part)

    def bare(self, text: Expression) -> Expression:
        return sa.func.btrim(text, sa.literal(WHITE_SPACE, sa.Text), type_=sa.Text())

    def same_items(self, left: Shape, right: Shape) -> Answer:
        return compared(_numbered(left), "==", _numbered(right))

    def has_word(self, items: Expression, word: str) -> Answer:
        return items.op("?", return_type=sa.Boolean())(sa.literal(word, sa.Text))

    def length(self, items: Expression) -> Expression:
        return sa.func.jsonb_array_length(items)

    def elements(self, items: Expression) -> tuple[sa.FromClause, Shape]:
        rows = sa.func.jsonb_array_elements(items).table_valued(sa.column("value", JSONB))
        return rows, _jsonb_shape(rows.c.value)


def _plain(name: str) -> bool:
    return json.dumps(name, ensure_ascii=False) == f'"{name}"'


def _json_shape(kind: Expression, value: Expression, text: Expression) -> Shape:
    return Shape(
        text=sa.case((kind == "text", sa.type_coerce(value, sa.Text()))),
        number=sa.case((kind == "integer", value), (kind == "real", sa.func.nurture_real(text))),
        truth=sa.case((kind == "true", sa.true()), (kind == "false", sa.false())),
        items=sa.case((kind == "array", value)),
        opaque=sa.case((kind == "object", sa.true())),
    )


def _get(document: Expression, name: str) -> Expression:
    return document.op("->", return_type=JSONB())(sa.literal(name, sa.Text))


def _as_text(value: Expression) -> Expression:
    return value.op("#>>", return_type=sa.Text())(sa.text("'{}'"))


def _jsonb_shape(value: Expression) -> Shape:
    kind = sa.func.jsonb_typeof(value)
    return Shape(
        text=sa.case((kind == "string", _as_text(value))),
        number=sa.case((kind == "number", sa.cast(_as_text(value), sa.Numeric))),
        truth=sa.case((kind == "boolean", sa.cast(_as_text(value), sa.Boolean))),
        items=sa.case((kind == "array", value)),
        opaque=sa.case((kind == "object", sa.true())),
    )


def _array(shape: Shape) -> Any:
    return shape.items if shape.constant is None else sa.literal(encode_json(shape.constant), sa.Text)


def _numbered(shape: Shape) -> Expression:
    """A list with its truths as 0 and 1: to Python they are equal, to jsonb they are not."""
    if isinstance(shape.constant, tuple):
        items = [int(one) if isinstance(one, bool) else one for one in shape.constant]
        return sa.cast(sa.literal(encode_json(items), sa.Text), JSONB)
    assert shape.items is not None
    table = sa.func.jsonb_array_elements(shape.items)
    rows = table.table_valued(sa.column("value", JSONB), with_ordinality="place").render_derived()
    value, kind = rows.c.value, sa.func.jsonb_typeof(rows.c.value)
    as_number = sa.func.to_jsonb(sa.cast(sa.cast(_as_text(value), sa.Boolean), sa.Integer))
    one = sa.case((kind == "boolean", as_number), else_=value)
    deeper = sa.func.bool_or(kind.in_(("array", "object")))
    listed = sa.func.coalesce(
        sa.func.jsonb_agg(aggregate_order_by(one, rows.c.place)), sa.cast(sa.literal("[]", sa.Text), JSONB)
    )
    numbered = sa.select(sa.case((deeper, sa.null()), else_=listed)).select_from(rows).scalar_subquery()
    return sa.case((shape.items.is_not(None), numbered))
