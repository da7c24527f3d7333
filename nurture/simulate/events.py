"""A script for a simulation: what certain people do, and when, instead of chance.

As CSV, with a line of names: `at,contact,kind` and, as far as they are needed, `campaign`, `step`, `url`,
`form` and `purpose`; other columns become data of the signal under their own names. Or as JSON Lines, an
object a line with the same keys. `at` is a time with a zone, or one in the campaign's; `contact` an e-mail
address of the list.
"""

from __future__ import annotations

import csv
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.core.model import Value
from nurture.errors import Position, SourceError, did_you_mean
from nurture.simulate.acts import Act
from nurture.simulate.master import TAKING_PART, Master
from nurture.store import schema
from nurture.store.engine import Store

REQUIRED = ("at", "contact", "kind")


@dataclass(frozen=True, slots=True)
class Scripted:
    """One line: `at` as written, without a zone where none was given."""

    line: int
    at: datetime
    contact: str
    kind: str
    data: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Script:
    """The events of one file, in the order of its lines."""

    file: Path
    events: tuple[Scripted, ...]


def read_script(file: Path) -> Script:
    """Reads a script. Raised when it is not there, or a line is wrong: SourceError, with file and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{file} cannot be read: {error}", hint="write it in UTF-8") from error
    rows = _objects(file, text) if text.lstrip().startswith("{") else _rows(file, text)
    return Script(file, tuple(_event(file, line, row) for line, row in rows))


def acts_of(script: Script, master: Master) -> dict[int, Sequence[Act]]:
    """Shard number → its people's acts, in the order of time.

    Raised when an event is about nobody in the list, about somebody who is junk, or of a kind that neither
    Nurture nor the profile knows: SourceError.
    """
    zone = ZoneInfo(master.campaign.timezone)
    people = _people(master, {event.contact for event in script.events})
    lasts = [shard.last for shard in master.shards]
    found: dict[int, list[Act]] = {}
    for event in script.events:
        person = people.get(event.contact)
        if person is None:
            raise SourceError(
                f"{Position(str(script.file), event.line)}: the list has no contact {event.contact!r}",
                hint="give the e-mail address of somebody whom the import makes a contact",
            )
        if event.kind not in master.kinds:
            raise SourceError(
                f"{Position(str(script.file), event.line)}: nobody knows signals of the kind {event.kind!r}"
                f"{did_you_mean(event.kind, master.kinds)}"
            )
        at = event.at if event.at.tzinfo else event.at.replace(tzinfo=zone)
        act = Act(at.astimezone(UTC), person, event.kind, event.data)
        found.setdefault(bisect_left(lasts, person), []).append(act)
    return {number: sorted(acts, key=lambda act: act.at) for number, acts in found.items()}


def _people(master: Master, wanted: set[str]) -> dict[str, int]:
    contact, journey = schema.contact, schema.journey
    store = Store(f"sqlite:///{master.database}")
    try:
        with store.read() as connection:
            # One pass over the list: a script may name a few people or all of them.
            rows = connection.execute(
                sa.select(contact.c.email, contact.c.id)
                .join(journey, journey.c.contact_id == contact.c.id)
                .where(journey.c.lifecycle.in_(TAKING_PART), contact.c.email.is_not(None))
            )
            return {email: id_ for email, id_ in rows if email in wanted}
    finally:
        store.close()


def _rows(file: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(text.splitlines())
    names = reader.fieldnames or []
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise SourceError(
            f"{Position(str(file), 1)}: there is no column {missing[0]!r}",
            hint="the first line names the columns: at,contact,kind,campaign,step,url,form",
        )
    for row in reader:
        yield reader.line_num, {name: value for name, value in row.items() if name and value}


def _objects(file: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            raise SourceError(f"{Position(str(file), number)}: not JSON: {error}") from error
        if not isinstance(found, dict):
            raise SourceError(f"{Position(str(file), number)}: expected an object, not {line.strip()[:40]}")
        data = found.pop("data", {})
        yield number, {**(data if isinstance(data, dict) else {}), **found}


def _event(file: Path, line: int, row: Mapping[str, Any]) -> Scripted:
    where = Position(str(file), line)
    for name in REQUIRED:
        if not isinstance(row.get(name), str):
            raise SourceError(f"{where}: {name} is missing")
    try:
        at = datetime.fromisoformat(row["at"])
    except ValueError:
        raise SourceError(
            f"{where}: at: {row['at']!r} is no time", hint="write it as 2026-03-02T09:30"
        ) from None
    data = {name: value for name, value in row.items() if name not in REQUIRED}
    return Scripted(line, at, row["contact"].strip().lower(), row["kind"].strip(), data)
