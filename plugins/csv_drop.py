"""The hand-over channel `csv`: a file with one row for each notice, in a folder that another program empties.

    [plugin.csv_drop]
    folder = "handovers"        # taken from the workspace's folder

Each notice is a file of its own, `handover-12_KEY.csv`, that is there whole or not at all: take the files
that end in `.csv`, and move or delete them. A notice is written once: which ones were stands in `.told/`, so
that one that is tried again does not come back after it was taken. (Should the process die in the very moment
between the two, it does.) No cell begins as a formula does.

A withdrawal takes away what still lies there of the hand-over, and leaves a row that says to erase the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from nurture import (
    Dossier,
    HandoverChannel,
    Notice,
    NoticeKind,
    NoticeOutcome,
    PluginConfig,
    as_csv,
    drop_file,
    hookimpl,
    notice_subject,
    safe_name,
)

API_VERSION = 1

COLUMNS = (
    *("key", "event", "handover", "team", "for", "for_email", "at", "answer_by", "why", "subject"),
    *("contact", "name", "email", "phone", "job_title", "company", "city", "country", "stage", "fit"),
    *("because", "say_next", "accept_url", "reject_url"),
)
"""The columns, in this order; more may come behind them."""


class Options(BaseModel):
    """[plugin.csv_drop]"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str = Field(default="handovers", min_length=1)


class CsvDrop:
    """A file a notice."""

    name = "csv"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def notify(self, notice: Notice) -> NoticeOutcome:
        name = safe_name(notice.key)
        told = self._folder / ".told" / name
        try:
            if told.exists():
                return NoticeOutcome(True, reply="written before")
            if notice.kind is NoticeKind.WITHDRAWN:
                for left in self._folder.glob(f"handover-{notice.handover_id}_*.csv"):
                    left.unlink(missing_ok=True)
        except OSError as error:
            return NoticeOutcome(False, True, f"{self._folder} cannot be used: {error.strerror}")
        path = self._folder / f"handover-{notice.handover_id}_{name}.csv"
        row = _row(notice)
        text = as_csv(COLUMNS, [[row.get(column) for column in COLUMNS]])
        outcome = drop_file(path, text.encode("utf-8-sig"))
        return drop_file(told, b"") if outcome.done else outcome


def _row(notice: Notice) -> Mapping[str, object]:
    row: dict[str, object] = {
        "key": notice.key,
        "event": notice.kind.value,
        "handover": notice.handover_id,
        "team": notice.team,
        "for": notice.to.name if notice.to else None,
        "for_email": notice.to.email if notice.to else None,
        "at": notice.at,
        "why": notice.why,
        "subject": notice_subject(notice),
    }
    return row if notice.dossier is None else row | _known(notice.dossier)


def _known(dossier: Dossier) -> dict[str, object]:
    contact = dossier.contact
    names = ("name", "email", "phone", "job_title", "company", "city", "country", "stage")
    return {
        "contact": contact.id,
        **{name: getattr(contact, name) for name in names},
        "fit": dossier.facts.get("fit_points", contact.fit),
        "because": dossier.because,
        "say_next": dossier.say_next,
        "answer_by": dossier.answer_by,
        "accept_url": dossier.accept_url,
        "reject_url": dossier.reject_url,
    }


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    return [CsvDrop(config.workspace / config.options("csv_drop", Options).folder)]
