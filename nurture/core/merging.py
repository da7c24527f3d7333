"""How two contacts become one: whose values hold, what was said to both, and where they go on.

Rows are what the tables hold, as mappings. The rules: what is known newest holds, but what an enricher found
never against what was said, or against a surer find; nothing known is lost to nothing; of two words on a
consent the no holds; and nobody gets a step of a campaign twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein

from nurture.core.addresses import domain_of, is_business_domain
from nurture.core.alike_firms import are_written_alike
from nurture.core.model import EnrolmentState, Lifecycle
from nurture.core.provenance import ALL_ELSE, as_document, from_document, may_replace, origin_of

Row = Mapping[str, Any]

_AS_ONE = (("name", "first_name", "last_name"), ("company", "account_id"))
"""Columns that belong together: half of one name and half of another would be nobody's."""

_NO_VALUES = frozenset({"id", "created_at", "updated_at", "junk_reason", "source"})
_UNITED = ("interests", "tags")
_TYPING_ERRORS = 2
"""Two addresses that are so near to each other are one, mistyped once: the older one stays."""

FURTHEST = (
    Lifecycle.CUSTOMER,
    Lifecycle.ACCEPTED,
    Lifecycle.PROSPECT,
    Lifecycle.DISQUALIFIED,
    Lifecycle.LOST,
    Lifecycle.RECYCLED,
    Lifecycle.CONTACT,
    Lifecycle.LEAD,
    Lifecycle.JUNK,
)
"""Which lifecycle holds: sales before all, then whatever keeps mail back."""


def merged_contact(kept: Row, gone: Row) -> dict[str, Any]:
    """The values of `kept` when `gone` has joined it: of two that are as sure, those written last."""
    older, newer = sorted((kept, gone), key=lambda row: (row["updated_at"], row["id"] == gone["id"]))
    merged, sources = dict(kept), dict[str, Row]()
    together = {name for names in _AS_ONE for name in names}
    for name in kept.keys() - _NO_VALUES - together - {*_UNITED, "answers", "origins", "problems"}:
        sources[name] = _source(name, older[name], newer[name], older, newer)
    for names in _AS_ONE:
        first = names[0]
        keeps = _is_shorter(newer, older, first) if first == "name" else _is_surer_of_firm(older, newer)
        source = older if keeps else _source(first, older[first], newer[first], older, newer)
        sources |= dict.fromkeys(names, source)
    if _is_mistyped(older["email"], newer["email"]):
        sources["email"] = older
    merged |= {name: source[name] for name, source in sources.items()}
    if merged["account_id"] is None:
        merged["account_id"] = newer["account_id"] or older["account_id"]
    for name in _UNITED:
        merged[name] = list(dict.fromkeys([*(older[name] or ()), *(newer[name] or ())])) or None
    olds, news = older["answers"] or {}, newer["answers"] or {}
    keys = {key: f"answers.{key}" for key in (*olds, *news)}
    said = {key: _source(name, olds.get(key), news.get(key), older, newer) for key, name in keys.items()}
    merged["answers"] = {key: row["answers"][key] for key, row in said.items()} or None
    sources |= {keys[key]: row for key, row in said.items()}
    merged["origins"] = _merged_origins(kept, sources)
    problems = {**(older["problems"] or {}), **(newer["problems"] or {})}
    merged["problems"] = {name: code for name, code in problems.items() if merged.get(name) is None} or None
    merged["created_at"] = min(kept["created_at"], gone["created_at"])
    if kept["junk_reason"] is None or gone["junk_reason"] is None:
        merged["junk_reason"] = None
    return merged


def _source(name: str, old: object, new: object, older: Row, newer: Row) -> Row:
    """Whose value of a field holds."""
    if old is None or new is None:
        return older if new is None else newer
    was, found = (origin_of(name, from_document(row["origins"])) for row in (older, newer))
    return older if found.is_found and not may_replace(old, was, found) and old != new else newer


def _merged_origins(kept: Row, sources: Mapping[str, Row]) -> dict[str, Any] | None:
    """Of each field, where its value came from in the row that it is of."""
    origins = from_document(kept["origins"])
    everything = {ALL_ELSE: origins[ALL_ELSE]} if ALL_ELSE in origins else {}
    merged = dict(everything)
    for name, row in sorted(sources.items()):
        value = (row["answers"] or {}).get(name[8:]) if name.startswith("answers.") else row[name]
        origin = origin_of(name, from_document(row["origins"]))
        if value is not None and origin != origin_of(name, everything):
            merged[name] = origin
    return as_document(merged)


def _is_surer_of_firm(older: Row, newer: Row) -> bool:
    """Whether both name one firm, and only the older one has an address there: a name has many owners."""
    if not older["company"] or not newer["company"]:
        return False
    there, here = (is_business_domain(domain_of(row["email"] or "")) for row in (older, newer))
    return there and not here and are_written_alike(older["company"], newer["company"])


def _is_shorter(newer: Row, older: Row, column: str) -> bool:
    """Whether the newer name is but a part of the older one, or has initials for its words."""
    if older[column] is None or newer[column] is None:
        return False
    few, many = newer[column].lower().split(), older[column].lower().split()
    initials = any(len(word.strip(".")) == 1 for word in few)
    return (initials or set(few) < set(many)) and len(newer[column]) < len(older[column])


def _is_mistyped(older: str | None, newer: str | None) -> bool:
    return (
        older is not None
        and newer is not None
        and DamerauLevenshtein.distance(older, newer, score_cutoff=_TYPING_ERRORS) <= _TYPING_ERRORS
    )


def merged_journey(kept: Row, gone: Row, now: datetime) -> dict[str, Any]:
    """Where the merged contact stands: due now, so that it is judged by all that is known."""
    leading = min((kept, gone), key=lambda row: FURTHEST.index(Lifecycle(row["lifecycle"])))
    return {
        **leading,
        "contact_id": kept["contact_id"],
        "due_at": None if leading["lifecycle"] in (Lifecycle.LEAD, Lifecycle.JUNK) else now,
        "wakes": max(kept["wakes"], gone["wakes"]) + 1,
        "token": None,
        "lease_until": None,
        "attempts": 0,
        "stuck": None,
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What holds of each purpose, and the statements that gave way to another one."""

    holds: tuple[dict[str, Any], ...]
    former: tuple[dict[str, Any], ...]


def merged_consents(kept: Sequence[Row], gone: Sequence[Row], contact_id: int) -> Said:
    """A no holds, whoever said it and when; else a word of their own, and of two such the older one."""
    by_purpose: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in (*kept, *gone):
        by_purpose[row["purpose"]].append({**row, "contact_id": contact_id})
    holds, former = [], []
    for purpose in sorted(by_purpose):
        best, *others = sorted(by_purpose[purpose], key=_strictness)
        holds.append(best)
        former += others
    return Said(tuple(holds), tuple(former))


def _strictness(row: Row) -> tuple[bool, bool, datetime]:
    return bool(row["granted"]), row["basis"] != "consent", row["at"]


def merged_preference(kept: Row | None, gone: Row | None, contact_id: int) -> dict[str, Any] | None:
    """The rarest mails and the longest pause of the two."""
    rows = [row for row in (kept, gone) if row is not None]
    if not rows:
        return None
    merged = {**max(rows, key=lambda row: row["at"]), "contact_id": contact_id}
    for name in ("days_apart", "paused_until"):
        merged[name] = max((row[name] for row in rows if row[name] is not None), default=None)
    return merged


def merged_enrolments(kept: Sequence[Row], gone: Sequence[Row], now: datetime) -> list[dict[str, Any]]:
    """All enrolments of both as they stand then, with their new `occurrence`; ids and owners are as before.

    Of two that run in one campaign the one that has come further goes on, and the other ends. What goes on
    counts the other person's steps as done: they have had them.
    """
    by_campaign: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in (*kept, *gone):
        by_campaign[row["campaign"]].append(dict(row))
    for rows in by_campaign.values():
        if len({row["contact_id"] for row in rows}) == 1:
            continue
        running = [row for row in rows if row["state"] == EnrolmentState.ACTIVE]
        goes_on = max(running, key=lambda row: (len(row["done"]), -row["id"]), default=None)
        for row in running:
            if row is not goes_on:
                row.update(state=EnrolmentState.EXITED.value, ended_at=now)
        if goes_on is not None:
            theirs = [row for row in rows if row["contact_id"] != goes_on["contact_id"]]
            done = [*goes_on["done"], *(step for row in theirs for step in row["done"])]
            goes_on["done"] = list(dict.fromkeys(done))
        # What goes on comes last: the latest time in a campaign is the one that counts.
        rows.sort(key=lambda row: (row is goes_on, row["entered_at"], row["id"]))
        for number, row in enumerate(rows, start=1):
            row["occurrence"] = number
    return [row for rows in by_campaign.values() for row in rows]


def repeated(
    own: Iterable[Row], others: Iterable[Row], key: Sequence[str], ended: Sequence[str]
) -> list[int]:
    """The ids of those of `own` that wait although one like them is among `others` and is not `ended`."""
    there = {tuple(row[name] for name in key) for row in others if row["state"] not in ended}
    return [row["id"] for row in own if row["state"] == "ready" and tuple(row[n] for n in key) in there]
