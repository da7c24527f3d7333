"""Recognises people who came in under another spelling: merges when it is sure, asks when it is in doubt.

What has no identity in common is found by keys, a few for each person, for the whole batch at once; then
`core.likeness` compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import sqlalchemy as sa

from nurture.core.alike_names import called
from nurture.core.likeness import Likeness, Traits, Verdict, compare, contradict, may_be_one
from nurture.core.model import Lead
from nurture.ingest.normalise import RECORD
from nurture.ingest.traits import is_of_name, is_of_reach, keys_of, traits_of
from nurture.store import match_keys, people, turns
from nurture.store.engine import Store
from nurture.store.merging import BY_LIKENESS, merge_contacts
from nurture.store.merging_rounds import Merging
from nurture.store.merging_rows import Hash
from nurture.store.pairs import PEOPLE, Doubt, Pair
from nurture.store.people import Identity

AT_ONCE = 5_000
RARE = 3
"""A name that more people have is no reason to think of the same person."""


@dataclass(frozen=True, slots=True)
class Written:
    """A person of the batch as written; `is_new` for those by whom nobody can be found yet. `identities` are
    those that their lead does not tell."""

    id: int
    lead: Lead
    account_id: int | None
    is_new: bool
    identities: Sequence[Identity] = ()


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who is to be merged, and who may be the same."""

    sure: tuple[Merging, ...] = ()
    doubtful: tuple[Doubt, ...] = ()


def recognise(connection: sa.Connection, written: Sequence[Written]) -> Recognised:
    """Keeps by what these people are found, and compares them with whoever shares a key with them."""
    keys = _keep(connection, written)
    wanted = {key for some in keys.values() for key in some}
    holders = match_keys.PEOPLE.holders(connection, wanted)
    pairs = _pairs(holders, keys.keys())
    reached = _pairs({key: ids for key, ids in holders.items() if is_of_reach(key)}, keys.keys())
    if not pairs:
        return Recognised()
    ids = {id_ for pair in pairs for id_ in pair}
    leads = {one.id: (one.lead, one.account_id) for one in written if one.id in ids}
    known = people.load_people(connection, ids - leads.keys())
    leads |= {one.id: (one.lead, one.account_id) for one in known}
    near = [pair for pair in sorted(pairs) if _may_be_one(pair, leads, reached)]
    ids = {id_ for pair in near for id_ in pair}
    own = people.identities_of(connection, ids)
    traits = {id_: traits_of(*leads[id_], own.get(id_, ())) for id_ in ids}
    found = {
        pair: likeness
        for pair in near
        if (likeness := compare(traits[pair[0]], traits[pair[1]])).verdict is not Verdict.DIFFERENT
    }
    apart = PEOPLE.apart(connection, {id_ for pair in found for id_ in pair})
    return _decided({pair: one for pair, one in found.items() if pair not in apart}, traits, apart)


def _keep(connection: sa.Connection, written: Sequence[Written]) -> dict[int, set[int]]:
    """Stores the keys of those who are new or have others now; answers with them."""
    keys = {one.id: keys_of(one.lead, one.identities) for one in written}
    before = match_keys.PEOPLE.of(connection, [one.id for one in written if not one.is_new])
    # What somebody was found by stays: an address of before is theirs too.
    new = [(key, id_) for id_, some in keys.items() for key in some - before.get(id_, set())]
    match_keys.PEOPLE.add(connection, new)
    return {id_: some for id_, some in keys.items() if some - before.get(id_, set())}


def _pairs(holders: Mapping[int, Sequence[int]], news: Collection[int]) -> set[Pair]:
    """The older one first; only pairs in which somebody is new or has changed."""
    return {
        (min(pair), max(pair))
        for key, contact_ids in holders.items()
        if not is_of_name(key) or len(contact_ids) <= RARE
        for pair in combinations(contact_ids, 2)
        if pair[0] in news or pair[1] in news
    }


def _may_be_one(pair: Pair, leads: Mapping[int, tuple[Lead, int | None]], reached: Collection[Pair]) -> bool:
    if pair[0] not in leads or pair[1] not in leads:
        return False
    one, other = (called(leads[id_][0].name or "") for id_ in pair)
    return may_be_one(one, other, reached_alike=pair in reached)


def _decided(
    found: Mapping[Pair, Likeness], traits: Mapping[int, Traits], apart: Collection[Pair]
) -> Recognised:
    groups = _Groups(traits, apart)
    sure, doubtful = [], []
    for pair, likeness in sorted(found.items(), key=lambda item: (-item[1].score, item[0])):
        called = groups.pair_of(*pair)
        if likeness.verdict is Verdict.SAME and called is not None and groups.join(pair):
            kept, gone = called
            sure.append(Merging(gone, kept, BY_LIKENESS, likeness.reasons, likeness.score))
        else:
            doubtful.append((pair, likeness))
    doubts: dict[Pair, Doubt] = {}
    for (one, other), likeness in doubtful:
        called = groups.pair_of(one, other)
        if called is not None and called not in apart:
            doubts.setdefault(called, Doubt(*called, likeness.score, likeness.reasons))
    return Recognised(tuple(sure), tuple(doubts.values()))


class _Groups:
    """Who is one with whom so far. Two groups become one only if nobody in them contradicts anybody."""

    def __init__(self, traits: Mapping[int, Traits], apart: Collection[Pair]) -> None:
        self._traits = traits
        self._apart = apart
        self._members: dict[int, list[int]] = {}

    def join(self, pair: Pair) -> bool:
        one, other = (self._group(id_) for id_ in pair)
        if any(self._contradict(a, b) for a in one for b in other):
            return False
        one += other
        self._members |= dict.fromkeys(other, one)
        return True

    def pair_of(self, one: int, other: int) -> Pair | None:
        """The two as they will be called when all is merged; None when they will be one."""
        first, second = min(self._group(one)), min(self._group(other))
        return None if first == second else (min(first, second), max(first, second))

    def _group(self, id_: int) -> list[int]:
        return self._members.setdefault(id_, [id_])

    def _contradict(self, one: int, other: int) -> bool:
        pair = (min(one, other), max(one, other))
        if pair in self._apart:
            return True
        return contradict(self._traits[one], self._traits[other])


def look_through(store: Store, address_hash: Hash, now: datetime) -> tuple[int, int, int]:
    """Compares all contacts by which nobody could be found yet: those from before this was looked at.

    Answers with how many it looked at, how many it merged, and how many pairs are in doubt now.
    """
    looked = merged = doubtful = last = 0
    while True:
        with store.write() as connection:
            ids = match_keys.without(connection, last, AT_ONCE)
            if not ids:
                return looked, merged, doubtful
            turns.publishing(connection)
            known = [one for one in people.load_people(connection, ids) if RECORD not in one.lead.problems]
            own = people.identities_of(connection, ids)
            everybody = [
                Written(one.id, one.lead, one.account_id, True, own.get(one.id, ())) for one in known
            ]
            found = recognise(connection, everybody)
            merged += len(merge_contacts(connection, found.sure, address_hash, now))
            PEOPLE.add(connection, found.doubtful, now)
        looked, doubtful, last = looked + len(ids), doubtful + len(found.doubtful), ids[-1]
