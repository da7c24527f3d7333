"""How outcomes are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nurture.cli.common import print_json, say, table

if TYPE_CHECKING:
    from nurture.core.model import Outcome
    from nurture.ingest.outcomes.reading import Imported
    from nurture.store.unmatched import Unmatched

SHOWN = 20


def tell_imported(found: Imported) -> None:
    """What an import came to, and the first lines that were no use."""
    rows: list[tuple[str, object]] = [
        ("received", found.received),
        *((f"new: {result}", found.new[result]) for result in ("won", "lost")),
        ("known already", found.known),
        *((f"contacts that are {where} now", count) for where, count in sorted(found.moved.items())),
        ("neither won nor lost", found.passed_over),
        ("nobody's: kept aside", found.unmatched_count),
        ("unreadable", found.unreadable_count),
    ]
    table(["rows", "number"], rows)
    for what, listed in (("", found.unreadable), ("kept aside: ", found.unmatched)):
        for line, reason in listed[:SHOWN]:
            say(f"  line {line}: {what}{reason}")
    if found.unmatched_count:
        say("  to see them: nurture outcome list --unmatched; to try again: nurture outcome retry")


def tell_outcomes(found: list[Outcome], *, json: bool) -> None:
    """Outcomes as a table or as JSON."""
    names = ("id", "contact_id", "result", "at", "value", "currency", "reason", "handover_id", "source")
    rows = [[getattr(one, name) for name in names] for one in found]
    if json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif not rows:
        say("no outcomes yet")
    else:
        shown = ["id", "contact", "result", "at", "value", "currency", "reason", "hand-over", "told by"]
        table(shown, rows)


def tell_unmatched(found: list[Unmatched], *, json: bool) -> None:
    """Outcomes that are nobody's, as a table or as JSON."""
    if json:
        print_json([_unmatched_json(one) for one in found])
    elif not found:
        say("every outcome has found its contact")
    else:
        rows = [[one.id, one.told.result, one.told.at, one.reason, one.source] for one in found]
        table(["id", "result", "at", "why", "told by"], rows)


def _unmatched_json(one: Unmatched) -> dict[str, Any]:
    told = one.told
    named = ("result", "at", "key", "value", "currency", "reason", "line")
    who = [{"kind": kind, "value": value} for kind, value in told.who]
    return {
        "id": one.id,
        **{name: getattr(told, name) for name in named},
        "who": who,
        "why": one.reason,
        "source": one.source,
        "received_at": one.received_at,
    }
