"""What was published when and by whom, each with what changed in the text."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime

from nurture.store import campaigns
from nurture.store.engine import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One publication. `version` is empty where the campaign was stopped; `diff` a unified diff."""

    at: datetime
    campaign: str
    version: str
    author: str
    note: str
    diff: str


def history(store: Store, name: str | None = None) -> list[Entry]:
    """Every publication, oldest first: of one campaign, or of all."""
    with store.read() as connection:
        rows = campaigns.history_of(connection, name)
        wanted = {each for row in rows for each in (row.version_id, row.before_id) if each is not None}
        loaded = campaigns.load_versions(connection, wanted)
    sources = {one.version_id: one.text.source for one in loaded}
    return [
        Entry(
            at=row.at,
            campaign=row.campaign,
            version=row.hash or "",
            author=row.author or "",
            note=row.note or ("" if row.version_id else "stopped"),
            diff=_diff(sources.get(row.before_id, ""), sources.get(row.version_id, "")),
        )
        for row in rows
    ]


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=1)
    return "\n".join(lines)
