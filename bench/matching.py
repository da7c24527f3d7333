"""How well people are recognised who come in twice: of pairs that were merged, how many are one person
(precision); of pairs that are, how many were merged (recall); and how many of the rest are in doubt, listed.

20,000 labelled records go through the real import and sorting, in two files. `rate` is records a second;
`limit` is the precision that is asked for, and `ratio` the one that was reached.
"""

from __future__ import annotations

import csv
import importlib
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.common import Result, database, parser, peak_rss_mb, report
from bench.matching_records import Record, labelled, linked
from nurture.plug.contracts import Payload
from nurture.store import schema
from nurture.store.engine import Store

ASKED = 0.995
HEADERS = {
    "one": ("Naam", "E-mailadres", "Telefoon", "Bedrijf", "Plaats", "Land"),
    "two": ("Voornaam", "Achternaam", "E-mailadres", "Telefoon", "Bedrijf", "Plaats", "Land"),
}


@dataclass(frozen=True, slots=True)
class Quality:
    """`pairs` are pairs of records that are one person; `listed` are those among the missed that are in the
    list of doubts, which has `doubts` entries, of which `apt` are indeed one person."""

    precision: float
    recall: float
    pairs: int
    merged: int
    wrong: int
    missed: int
    listed: int
    doubts: int
    apt: int
    contacts: int
    people: int
    linked: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the records: which contact each is of, and which contacts are in doubt."""

    contact_of: Mapping[int, int]
    doubts: Sequence[tuple[int, int]]
    seconds: float


def run(url: str, records: Sequence[Record]) -> Outcome:
    """Imports the records into an empty database."""
    place: dict[tuple[str, int], int] = {}
    with closing(Store(url)) as store, tempfile.TemporaryDirectory(prefix="nurture-bench-") as folder:
        with store.write() as connection:
            schema.metadata.create_all(connection)
        # The name of that module is a word of the language.
        intake = importlib.import_module("bench.import")._intake(store)
        start = time.perf_counter()
        for columns, header in HEADERS.items():
            path = Path(folder) / f"{columns}.csv"
            chosen = [i for i, one in enumerate(records) if bool(one.name) is (columns == "one")]
            _write(path, header, (records[i] for i in chosen))
            place |= {(path.name, line): i for line, i in enumerate(chosen, start=2)}
            with path.open("rb") as file:
                intake.receive("csv", Payload(file, path.name))
            while intake.sort_batch():
                pass
        seconds = time.perf_counter() - start
        return _outcome(store, place, seconds)


def _write(path: Path, header: Sequence[str], records: Iterable[Record]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        for one in records:
            names = [one.name] if one.name else [one.first, one.last]
            writer.writerow([*names, one.email, one.phone, one.company, one.town, one.country])


def _outcome(store: Store, place: Mapping[tuple[str, int], int], seconds: float) -> Outcome:
    inbox, imports, review = schema.inbox, schema.imports, schema.review
    with store.read() as connection:
        query = sa.select(imports.c.name, inbox.c.line, inbox.c.contact_id)
        rows = connection.execute(query.join(imports, imports.c.id == inbox.c.import_id))
        contact_of = {
            place[name, line]: contact_id for name, line, contact_id in rows if contact_id is not None
        }
        pairs = sa.select(review.c.contact_id, review.c.other_id).where(review.c.state == "open")
        doubts = [(row.contact_id, row.other_id) for row in connection.execute(pairs)]
    return Outcome(contact_of, doubts, seconds)


def judge(records: Sequence[Record], outcome: Outcome) -> Quality:
    """Compares what was done with the truth, pair of records by pair."""
    person_of = {i: records[i].person for i in outcome.contact_of}
    cells = Counter((person_of[i], contact) for i, contact in outcome.contact_of.items())
    people, contacts = Counter(person_of.values()), Counter(outcome.contact_of.values())
    pairs, merged, right = _pairs(people.values()), _pairs(contacts.values()), _pairs(cells.values())
    by_contact: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (person, contact), n in cells.items():
        by_contact[contact].append((person, n))
    found = [
        sum(n * m for person, n in by_contact[one] for another, m in by_contact[other] if person == another)
        for one, other in outcome.doubts
    ]
    return Quality(
        precision=right / merged if merged else 1.0,
        recall=right / pairs if pairs else 1.0,
        pairs=pairs,
        merged=merged,
        wrong=merged - right,
        missed=pairs - right,
        listed=sum(found),
        doubts=len(outcome.doubts),
        apt=sum(1 for pairs_in_common in found if pairs_in_common),
        contacts=len(contacts),
        people=len(people),
        linked=linked(records),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes)


def main() -> None:
    arguments = parser("matching", n=20_000, about=__doc__)
    arguments.add_argument("--seed", type=int, default=1, help="which people and records (default 1)")
    arguments.set_defaults(database="sqlite")
    args = arguments.parse_args()
    records = labelled(args.n, args.seed)
    with database(args) as url:
        outcome = run(url, records)
    found = judge(records, outcome)
    notes = [
        f"precision {found.precision:.3%}: {found.wrong:,} of {found.merged:,} merged pairs are wrong",
        f"recall {found.recall:.2%}: of {found.pairs:,} pairs {found.missed:,} are missed, and of these "
        f"{found.listed:,} are listed; of all pairs {found.linked:.2%} share more than a name",
        f"{found.doubts:,} pairs to review, of which {found.apt:,} are one person; {found.contacts:,} "
        f"contacts of {found.people:,} people",
    ]
    rate = args.n / outcome.seconds
    figures = asdict(found)
    result = Result("matching", rate, "records/s", ASKED, found.precision / ASKED, peak_rss_mb(), args.n)
    report(result, args.json, notes, figures)


if __name__ == "__main__":
    main()
