"""Finds accounts that are one company: merges when it is sure, lists what is doubtful. Never while sorting.

A round over all accounts is made once a day, some at a time, by whichever process looks first; by hand it is
`nurture review search`. Each account keeps a few keys, so a round costs the same for each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from typing import Any

import sqlalchemy as sa

from nurture.core.addresses import organisation_of
from nurture.core.alike_accounts import compare_accounts
from nurture.core.alike_firms import Firm
from nurture.core.likeness import Likeness, Verdict
from nurture.core.spelling import respelt, sound
from nurture.ingest.companies import legal_form
from nurture.ingest.text import fold
from nurture.ingest.traits import hashed
from nurture.store import match_keys, retention, schema
from nurture.store.bulk import among
from nurture.store.engine import Store
from nurture.store.merging_accounts import BY_LIKENESS, hold, merge_accounts
from nurture.store.merging_rounds import Merging
from nurture.store.pairs import ACCOUNTS, Doubt, Pair

COMPARING = "compare accounts"
AT_ONCE = 1_000
_PART = 7
"""Letters at the beginning and at the end of a name: one wrong letter leaves one of the two as it is."""

account = schema.account


def compare_a_little(connection: sa.Connection, now: datetime) -> int:
    """Today's round goes on by some accounts; answers with how many, 0 when it is over."""
    last = retention.take_turn(connection, COMPARING, now)
    if last is None:
        return 0
    ids, _, _ = _compare(connection, last, now)
    retention.come_to(connection, COMPARING, ids[-1] if len(ids) == AT_ONCE else None)
    return len(ids)


def look_through_accounts(store: Store, now: datetime) -> tuple[int, int, int]:
    """A whole round; answers with how many accounts there are, and how many were merged and are doubtful."""
    looked = merged = doubtful = last = 0
    while True:
        with store.write() as connection:
            ids, joined, listed = _compare(connection, last, now)
        looked, merged, doubtful = looked + len(ids), merged + joined, doubtful + listed
        if len(ids) < AT_ONCE:
            return looked, merged, doubtful
        last = ids[-1]


def _compare(connection: sa.Connection, after: int, now: datetime) -> tuple[list[int], int, int]:
    """The next accounts behind an id: those of whom something new is known are compared with all others."""
    hold(connection)
    columns = [account.c[name] for name in ("id", "name", "name_key", "domain", "country")]
    query = sa.select(*columns).order_by(account.c.id)
    some = connection.execute(query.where(account.c.id > after).limit(AT_ONCE)).all()
    ids = [row.id for row in some]
    new = _new_keys(connection, some)
    holders = match_keys.ACCOUNTS.holders(connection, {key for keys in new.values() for key in keys})
    pairs = {
        (min(pair), max(pair))
        for owners in holders.values()
        for pair in combinations(owners, 2)
        if pair[0] in new or pair[1] in new
    }
    rows = {row.id: row for row in some}
    others = sorted({id_ for pair in pairs for id_ in pair} - rows.keys())
    rows |= {row.id: row for row in connection.execute(query.where(among(connection, account.c.id, others)))}
    firms = {id_: _firm(rows[id_]) for pair in pairs for id_ in pair if id_ in rows}
    found = {pair: compare_accounts(*(firms[id_] for id_ in pair)) for pair in sorted(pairs)}
    found |= _two_ways(found, firms)
    apart = ACCOUNTS.apart(connection, {id_ for pair in found for id_ in pair})
    return ids, *_write(connection, {pair: one for pair, one in found.items() if pair not in apart}, now)


def _two_ways(found: dict[Pair, Likeness], firms: dict[int, Firm]) -> dict[Pair, Likeness]:
    """What is no longer sure: an account without a domain that would be as surely either of two that are not
    one themselves."""
    partners: dict[int, set[int]] = defaultdict(set)
    for pair, one in found.items():
        if one.verdict is Verdict.SAME:
            partners[pair[0]].add(pair[1])
            partners[pair[1]].add(pair[0])
    torn = {
        id_
        for id_, some in partners.items()
        if firms[id_].domain is None and any(b not in partners[a] for a, b in combinations(some, 2))
    }
    return {
        pair: replace(one, verdict=Verdict.DOUBTFUL)
        for pair, one in found.items()
        if one.verdict is Verdict.SAME and not torn.isdisjoint(pair)
    }


def _new_keys(connection: sa.Connection, some: Sequence[Any]) -> dict[int, set[int]]:
    """Keeps by what these accounts are found; answers with the keys of those that have another one now."""
    keys = {row.id: {hashed(text) for text in _keys(row)} for row in some}
    before = match_keys.ACCOUNTS.of(connection, sorted(keys))
    match_keys.ACCOUNTS.add(
        connection, [(key, id_) for id_, own in keys.items() for key in own - before.get(id_, set())]
    )
    return {id_: own for id_, own in keys.items() if own - before.get(id_, set())}


def _write(connection: sa.Connection, found: dict[Pair, Likeness], now: datetime) -> tuple[int, int]:
    alike = {pair: one for pair, one in found.items() if one.verdict is Verdict.SAME}
    people = _people_of(connection, {id_ for pair in alike for id_ in pair})
    sure = []
    for pair, one in alike.items():
        # The one with more people stays, of equal ones the older: it is hardly the mistyped one.
        kept, gone = sorted(pair, key=lambda id_: (-people.get(id_, 0), id_))
        sure.append(Merging(gone, kept, BY_LIKENESS, one.reasons, one.score))
    doubts = [
        Doubt(*pair, one.score, one.reasons) for pair, one in found.items() if one.verdict is Verdict.DOUBTFUL
    ]
    # The list first: what is merged takes its doubts along.
    ACCOUNTS.add(connection, doubts, now)
    return len(merge_accounts(connection, sure, now)) if sure else 0, len(doubts)


def _people_of(connection: sa.Connection, ids: set[int]) -> dict[int, int]:
    of = schema.contact.c.account_id
    query = sa.select(of, sa.func.count()).where(among(connection, of, sorted(ids))).group_by(of)
    return {row[0]: row[1] for row in connection.execute(query)} if ids else {}


def _firm(row: Any) -> Firm:
    written = fold(row.name).replace(" ", "") if row.name and row.name_key else None
    legal = legal_form(row.name) if row.name else None
    return Firm(row.name_key, written, row.domain, None, row.country, legal)


def _keys(row: Any) -> Iterator[str]:
    texts = set()
    if row.name_key:
        words = respelt(row.name_key).split()
        texts |= {"".join(words), "".join(sorted(words))}
    if row.domain:
        yield f"o {organisation_of(row.domain)}"
        texts.add(respelt(row.domain.partition(".")[0].replace("-", "")))
    for text in texts:
        yield f"s {sound(text)}"
        if len(text) > _PART:
            yield f"b {text[:_PART]}"
            yield f"e {text[-_PART:]}"
