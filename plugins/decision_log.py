"""Appends every signal, decision and outcome to a file, one JSON object a line: for other programs to follow.

    [plugin.decision_log]
    file = "decisions.jsonl"        # taken from the workspace's folder

What stands here is a copy: the database stays the truth, and a line that could not be written is not made up.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from nurture import DecisionRecord, Outcome, PluginConfig, Signal, hookimpl

API_VERSION = 1


class Options(BaseModel):
    """`[plugin.decision_log]`"""

    model_config = ConfigDict(extra="forbid")

    file: str = "decisions.jsonl"


class JsonLines:
    """A file that only grows; several threads may append."""

    def __init__(self) -> None:
        self.path = Path(Options().file)
        self._lock = threading.Lock()

    def append(self, entries: Iterable[dict[str, object]]) -> None:
        lines = "".join(json.dumps(entry, default=str, ensure_ascii=False) + "\n" for entry in entries)
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(lines)


_log = JsonLines()


@hookimpl
def configure(config: PluginConfig) -> None:
    _log.path = config.workspace / config.options("decision_log", Options).file


@hookimpl
def observe_signals(signals: Sequence[Signal]) -> None:
    _log.append(
        {
            "signal": signal.id,
            "contact": signal.contact_id,
            "kind": signal.kind,
            "at": signal.at.isoformat(),
            "classed": signal.classed,
            "data": dict(signal.data),
        }
        for signal in signals
    )


@hookimpl
def observe_decisions(contact_ids: Sequence[int], records: Sequence[DecisionRecord]) -> None:
    _log.append(
        {
            "decision": record.what,
            "contact": contact_id,
            "reason": record.reason,
            "campaign": record.campaign,
            "version": record.version,
            "step": record.step,
            "rule": record.rule,
            "evidence": dict(record.evidence),
            "next_at": record.next_at and record.next_at.isoformat(),
        }
        for contact_id, record in zip(contact_ids, records, strict=True)
    )


@hookimpl
def observe_outcomes(outcomes: Sequence[Outcome]) -> None:
    _log.append(
        {
            "outcome": outcome.id,
            "contact": outcome.contact_id,
            "result": outcome.result,
            "at": outcome.at.isoformat(),
            "value": None if outcome.value is None else str(outcome.value),
            "currency": outcome.currency,
            "reason": outcome.reason,
            "handover": outcome.handover_id,
            "source": outcome.source,
        }
        for outcome in outcomes
    )
