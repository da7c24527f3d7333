"""Lists of leads: read and sorted by the same intake as in production."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nurture.errors import NurtureError, SourceError
from nurture.ingest.intake import Intake
from nurture.ingest.mapping_file import load_mapping
from nurture.plug.contracts import Payload
from nurture.simulate.wiring import SimulatedApp

SORT_BATCH = 1_000
"""Smaller than in production, where memory is not counted in the hundreds of megabytes."""

_SOURCES = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".vcf": "vcard", ".vcard": "vcard"}


@dataclass(frozen=True, slots=True)
class Leads:
    """A file of leads, and the mapping to understand it with (None: as `nurture import` guesses).

    `source` is the plugin that reads it; without one, the file's name tells.
    """

    file: Path
    mapping: Path | None = None
    source: str = ""


@dataclass(slots=True)
class Taken:
    """What came in: how many records, and why which of them are junk."""

    received: int
    junk: Counter[str]


def take_in(app: SimulatedApp, lists: Sequence[Leads], progress: Callable[[str], None]) -> Taken:
    """Reads the lists and sorts all that is in them. Raised when one cannot be read: NurtureError."""
    taken, intake = Taken(0, Counter()), app.intake()
    receipts = [_read(intake, one, progress) for one in lists]
    while intake.sort_batch(SORT_BATCH):
        pass
    for receipt in receipts:
        outcome = intake.outcome(receipt)
        taken.received += outcome.received
        taken.junk.update(outcome.junk)
    return taken


def _read(intake: Intake, leads: Leads, progress: Callable[[str], None]) -> int:
    source = leads.source or _source(leads.file)
    mapping = load_mapping(leads.mapping) if leads.mapping else None

    def told(received: int) -> None:
        progress(f"reading {leads.file.name}: {received:,} records")

    try:
        with leads.file.open("rb") as stream:
            payload = Payload(stream, leads.file.name)
            return intake.receive(source, payload, mapping, progress=told).import_id
    except OSError as error:
        raise SourceError(f"{leads.file} cannot be read: {error.strerror}") from error


def _source(file: Path) -> str:
    source = _SOURCES.get(file.suffix.lower())
    if source is None:
        known = ", ".join(sorted(_SOURCES))
        raise NurtureError(f"{file}: leads are read from files that end in {known}")
    return source
