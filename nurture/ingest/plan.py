"""Which column of a table says what: made once for each set of columns, then used for every record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from nurture.ingest import columns
from nurture.ingest.mapping import ALL_COLUMNS, ColumnMapping, Composed, ConsentFrom, SignalFrom, said_as
from nurture.ingest.text import fold, repaired, slug

_ACCOUNT = "account."


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each field of a lead comes from.

    `single` is (field, column); `several` (field, columns, of which the first that is filled counts);
    `composed` (field, text of columns); `account` the same for facts of the company. `answers` is (key,
    column) for what fits no field, and `keys` the keys of columns that are answers when another was taken.
    `told_answers` are those (key, text of columns) that the mapping names: it wins over the columns' names.
    """

    single: tuple[tuple[str, str], ...]
    several: tuple[tuple[str, tuple[str, ...]], ...]
    composed: tuple[tuple[str, Composed], ...]
    account: tuple[tuple[str, Composed], ...]
    answers: tuple[tuple[str, str], ...]
    told_answers: tuple[tuple[str, Composed], ...]
    keys: Mapping[str, str]
    external_system: str | None
    translated: Mapping[str, Mapping[str, str | None]]
    interests: tuple[str, ...]
    interest_columns: tuple[str, ...]
    consents: tuple[ConsentFrom, ...]
    signals: tuple[SignalFrom, ...]
    traps: tuple[str, ...]

    def cells(self, fields: Mapping[str, str]) -> dict[str, str]:
        """The cells that say something: trimmed, repaired, and translated as the mapping tells."""
        filled = {
            column: text if text.isascii() else repaired(text)
            for column, cell in fields.items()
            if (text := cell.strip())
        }
        if not self.translated:
            return filled
        everywhere = self.translated.get(ALL_COLUMNS, {})
        meant = {}
        for column, text in filled.items():
            said = said_as(text)
            here = self.translated.get(column, everywhere)
            if meaning := here.get(said, everywhere.get(said, text)):
                meant[column] = meaning
        return meant


def make_plan(names: Sequence[str], mapping: ColumnMapping) -> Plan:
    """The plan for records with these columns. A column that the records do not have is empty."""
    actual = {fold(name): name for name in reversed(names)}
    chosen = _told(mapping, actual)
    told_answers = tuple((key, _actually(one, actual)) for key, one in mapping.answers.items() if one)
    used = (*(one for one in chosen.values() if one), *(one for _, one in told_answers))
    taken = {column for one in used for column in one.columns}
    taken |= {actual.get(fold(column), column) for column in (*mapping.ignore, *mapping.interest_columns)}
    taken |= {name for name in names if name.startswith("_")}
    found = _recognised([name for name in names if name not in taken], chosen.keys())
    taken |= {name for some in found.values() for name in some}
    facts = {field: one for field, one in chosen.items() if one and field.startswith(_ACCOUNT)}
    for field in [field for field in found if field.startswith(_ACCOUNT)]:
        column = found.pop(field)[0]
        facts[field] = Composed(("", ""), (column,))
        taken.add(column)
    composed = [(field, one) for field, one in chosen.items() if one and field not in facts]
    keys = {name: key for name in names if (key := slug(name)) not in mapping.answers}
    return Plan(
        single=(
            *((field, one.columns[0]) for field, one in composed if _is_plain(one)),
            *((field, some[0]) for field, some in found.items() if len(some) == 1),
        ),
        several=tuple((field, some) for field, some in found.items() if len(some) > 1),
        composed=tuple((field, one) for field, one in composed if not _is_plain(one)),
        account=tuple((field.removeprefix(_ACCOUNT), one) for field, one in facts.items()),
        answers=tuple((key, name) for name, key in keys.items() if name not in taken),
        told_answers=told_answers,
        keys={name: keys[name] for some in found.values() for name in some if name in keys},
        external_system=mapping.external_system,
        translated={
            column if column == ALL_COLUMNS else actual.get(fold(column), column): meanings
            for column, meanings in mapping.values.items()
        },
        interests=mapping.interests,
        interest_columns=tuple(actual.get(fold(column), column) for column in mapping.interest_columns),
        consents=tuple(replace(one, column=_actual(one.column, actual)) for one in mapping.consents),
        signals=tuple(
            replace(one, column=_actual(one.column, actual), at=actual.get(fold(one.at), one.at))
            for one in mapping.signals
        ),
        traps=tuple(name for name in names if name in columns.ROBOT_TRAPS),
    )


def _told(mapping: ColumnMapping, actual: Mapping[str, str]) -> dict[str, Composed | None]:
    """What the mapping says, with the columns' names as they are in the file."""
    told: dict[str, Composed | None] = dict(mapping.fields)
    told |= {f"{_ACCOUNT}{key}": one for key, one in mapping.account.items()}
    if mapping.external_id:
        told[columns.EXTERNAL_ID] = mapping.external_id
    return {field: one and _actually(one, actual) for field, one in told.items()}


def _recognised(names: Sequence[str], told: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Field → the columns whose names fit it, the surest first; not for what the mapping has told."""
    ranked: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        field, rank = columns.FIELD_OF.get(fold(repaired(name)), (None, 0))
        if field is not None:
            ranked.setdefault(field, []).append((rank, name))
    if "name" in ranked and "first_name" in ranked and "last_name" not in ranked:
        # "Vorname; Name": beside a first name, the name alone is the last one.
        ranked["last_name"] = ranked.pop("name")
    return {
        field: tuple(name for _, name in sorted(some)) for field, some in ranked.items() if field not in told
    }


def _is_plain(one: Composed) -> bool:
    return len(one.columns) == 1 and not any(one.literals)


def _actually(one: Composed, actual: Mapping[str, str]) -> Composed:
    return Composed(one.literals, tuple(actual.get(fold(column), column) for column in one.columns))


def _actual(column: str | None, actual: Mapping[str, str]) -> str | None:
    return None if column is None else actual.get(fold(column), column)
