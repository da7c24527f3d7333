"""How well people are recognised who come in twice: of pairs that were merged, how many are one person
(precision); of pairs that are, how many were merged (recall); and how many of the rest are in doubt, listed.
The same of pairs of records that speak of one firm, and the accounts in which they are.

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
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bench.common import Result, database, parser, peak_rss_mb, report
from bench.matching_records import Record, labelled, linked
from nurture.ingest.same_accounts import look_through_accounts
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
    """`pairs` are pairs of records that belong together; `listed` are those among the missed that are in the
    list of doubts, which has `doubts` entries, of which `apt` are indeed one. Of `real` people (or firms)
    `found` contacts (or accounts) were made.
    """

    precision: float
    recall: float
    pairs: int
    merged: int
    wrong: int
    missed: int
    listed: int
    doubts: int
    apt: int
    found: int
    real: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the records: which contact and which account each is of, and which are in doubt."""

    contact_of: Mapping[int, int]
    account_of: Mapping[int, int]
    doubts: Sequence[tuple[int, int]]
    doubtful_accounts: Sequence[tuple[int, int]]
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
        look_through_accounts(store, datetime.now(UTC))
        return _outcome(store, place, seconds)


def _write(path: Path, header: Sequence[str], records: Iterable[Record]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        for one in records:
            names = [one.name] if one.name else [one.first, one.last]
            writer.writerow([*names, one.email, one.phone, one.company, one.town, one.country])


def _outcome(store: Store, place: Mapping[tuple[str, int], int], seconds: float) -> Outcome:
    inbox, imports, contact = schema.inbox, schema.imports, schema.contact
    with store.read() as connection:
        query = sa.select(imports.c.name, inbox.c.line, inbox.c.contact_id, contact.c.account_id)
        query = query.join(imports, imports.c.id == inbox.c.import_id)
        rows = connection.execute(query.join(contact, contact.c.id == inbox.c.contact_id)).all()
        return Outcome(
            {place[row.name, row.line]: row.contact_id for row in rows},
            {place[row.name, row.line]: row.account_id for row in rows if row.account_id is not None},
            _open(connection, schema.review, "contact_id", "other_id"),
            _open(connection, schema.account_review, "account_id", "other_id"),
            seconds,
        )


def _open(connection: sa.Connection, review: sa.Table, one: str, other: str) -> list[tuple[int, int]]:
    query = sa.select(review.c[one], review.c[other]).where(review.c.state == "open")
    return [(row[0], row[1]) for row in connection.execute(query)]


def judge(records: Sequence[Record], outcome: Outcome) -> Quality:
    """Compares what became of people with the truth, pair of records by pair."""
    truth = {i: str(records[i].person) for i in outcome.contact_of}
    return _judge(truth, outcome.contact_of, outcome.doubts)


def judge_accounts(records: Sequence[Record], outcome: Outcome) -> Quality:
    """The same of firms. A record that is in no account stands alone."""
    truth = {i: records[i].firm for i in outcome.contact_of if records[i].firm}
    # Ids of records that have none, apart from those of accounts.
    found = {i: outcome.account_of.get(i, -i - 1) for i in truth}
    return _judge(truth, found, outcome.doubtful_accounts)


def _judge(truth: Mapping[int, str], found: Mapping[int, int], doubts: Sequence[tuple[int, int]]) -> Quality:
    cells = Counter((truth[i], found[i]) for i in truth)
    wanted, groups = Counter(truth.values()), Counter(found.values())
    pairs, merged, right = _pairs(wanted.values()), _pairs(groups.values()), _pairs(cells.values())
    within: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for (name, group), n in cells.items():
        within[group].append((name, n))
    common = [
        sum(n * m for name, n in within[one] for another, m in within[other] if name == another)
        for one, other in doubts
    ]
    return Quality(
        precision=right / merged if merged else 1.0,
        recall=right / pairs if pairs else 1.0,
        pairs=pairs,
        merged=merged,
        wrong=merged - right,
        missed=pairs - right,
        listed=sum(common),
        doubts=len(doubts),
        apt=sum(1 for pairs_in_common in common if pairs_in_common),
        found=len(groups),
        real=len(wanted),
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
    people, firms = judge(records, outcome), judge_accounts(records, outcome)
    share = linked(records)
    notes = [
        *_words(people, "contacts", "people"),
        f"of all pairs {share:.2%} share more than a name",
        *_words(firms, "accounts", "firms"),
    ]
    rate = args.n / outcome.seconds
    figures = asdict(people) | {"linked": share, "accounts": asdict(firms)}
    result = Result("matching", rate, "records/s", ASKED, people.precision / ASKED, peak_rss_mb(), args.n)
    report(result, args.json, notes, figures)


def _words(quality: Quality, found: str, real: str) -> list[str]:
    wrong, missed = f"{quality.wrong:,} of {quality.merged:,}", f"{quality.missed:,} of {quality.pairs:,}"
    return [
        f"{found}: precision {quality.precision:.3%} ({wrong} merged pairs are wrong), "
        f"recall {quality.recall:.2%} ({missed} pairs are missed, {quality.listed:,} of these are listed)",
        f"{found}: {quality.found:,} of {quality.real:,} {real}; {quality.doubts:,} pairs to review, "
        f"{quality.apt:,} of these are one",
    ]


if __name__ == "__main__":
    main()
