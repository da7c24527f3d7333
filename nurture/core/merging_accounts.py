"""How two accounts become one, and what is left of that when it is taken back. Rows are the table's.

The account that stays has its way: of two values that are as sure, its own holds. What was said holds against
what an enricher found, of two finds the surer one, and nothing known is lost to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nurture.core.provenance import Origin, Origins, as_document, from_document, may_replace, origin_of

Row = Mapping[str, Any]

FIELDS = ("name", "domain", "country", "region", "sector", "employees")
_WITH_NAME = "name_key"
"""Under which the name is found: it goes where the name goes."""


def merged_account(kept: Row, gone: Row, now: datetime) -> dict[str, Any]:
    """The row of `kept` when `gone` has become part of it."""
    origins, others = from_document(kept["origins"]), from_document(gone["origins"])
    values, theirs = values_of(kept), values_of(gone)
    taken = [name for name in theirs if _gives_way(name, values.get(name), theirs[name], origins, others)]
    for name in taken:
        values[name] = theirs[name]
        _note(origins, _field(name), origin_of(_field(name), others))
    merged = row_of(kept, values)
    merged["origins"] = as_document(origins)
    merged["created_at"] = min(kept["created_at"], gone["created_at"])
    merged["updated_at"] = now
    if "name" in taken or kept[_WITH_NAME] is None:
        merged[_WITH_NAME] = gone[_WITH_NAME] or kept[_WITH_NAME]
    return merged


def _gives_way(
    name: str, own: object, other: object, origins: Mapping[str, Origin], others: Mapping[str, Origin]
) -> bool:
    """Whether the other account's value is the better one."""
    if own is None or own == other or name == "domain":
        return own is None
    was, found = (origin_of(_field(name), each) for each in (origins, others))
    return was.is_found and (not found.is_found or may_replace(own, was, found))


def _note(origins: Origins, field: str, origin: Origin) -> None:
    origins.pop(field, None)
    if origin_of(field, origins) != origin:
        origins[field] = origin


def _field(name: str) -> str:
    """As origins call it: a fact by its own name."""
    return name.removeprefix("facts.")


def values_of(row: Row) -> dict[str, Any]:
    """All that is known of an account, fields and facts alike."""
    facts = {f"facts.{key}": value for key, value in (row["facts"] or {}).items()}
    return {name: row[name] for name in FIELDS if row[name] is not None} | facts


def row_of(row: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """The row with these values and no others."""
    facts = {name[6:]: value for name, value in values.items() if name.startswith("facts.")}
    return {**row, **{name: values.get(name) for name in FIELDS}, "facts": facts or None}


def parted_account(now_is: Row, before: Row, merged: Row, now: datetime) -> tuple[dict[str, Any], list[str]]:
    """The account that stayed without what the merge gave it, and the names of what was changed since.

    `before` is what it was, `merged` what the merge made of it.
    """
    values, was, became = values_of(now_is), values_of(before), values_of(merged)
    given = {name for name in {*was, *became} if was.get(name) != became.get(name)}
    newer = {name for name in given if values.get(name) != became.get(name)}
    origins, old = dict(now_is["origins"] or {}), dict(before["origins"] or {})
    for name in given - newer:
        _put(values, name, was.get(name))
        _put(origins, _field(name), old.get(_field(name)))
    parted = row_of(now_is, values)
    if "name" not in newer and now_is[_WITH_NAME] == merged[_WITH_NAME]:
        parted[_WITH_NAME] = before[_WITH_NAME]
    return {**parted, "origins": origins or None, "updated_at": now}, sorted(newer)


def _put(into: dict[str, Any], name: str, value: object) -> None:
    if value is None:
        into.pop(name, None)
    else:
        into[name] = value
