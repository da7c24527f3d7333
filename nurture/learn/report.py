"""What was learned, for people and for programs: the card, how good cards like it were, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from nurture.learn.fitting import Learned
from nurture.learn.leaks import Suspicion
from nurture.learn.proposal import Line, told
from nurture.learn.quality import Band, Spread, auc, calibration, precision_top_fifth, spread
from nurture.learn.table import Table
from nurture.learn.thresholds import Thresholds


@dataclass(frozen=True)
class Report:
    """All that can be told of one card. `first` and `last` are when the leads were decided on, if known."""

    leads: int
    won: int
    first: datetime | None
    last: datetime | None
    lines: tuple[Line, ...]
    thresholds: Thresholds
    auc: Spread
    precision: Spread
    bands: tuple[Band, ...]
    left_out: tuple[Suspicion, ...] = ()
    doubtful: tuple[Suspicion, ...] = ()

    @property
    def in_time_order(self) -> bool:
        """Whether cards were tried on later leads than they were made of; else by lot."""
        return self.first is not None


def make_report(
    table: Table,
    learned: Learned,
    lines: Sequence[Line],
    thresholds: Thresholds,
    left_out: Sequence[Suspicion] = (),
    doubtful: Sequence[Suspicion] = (),
) -> Report:
    """The report of a card on the leads it was learned from; `doubtful` fields were kept on request."""
    trials = [(trial.points, trial.table.won) for trial in learned.trials]
    points, won = (np.concatenate(part) for part in zip(*trials, strict=True))
    return Report(
        leads=len(table),
        won=int(table.won.sum()),
        first=None if table.at is None else _moment(float(table.at.min())),
        last=None if table.at is None else _moment(float(table.at.max())),
        lines=tuple(lines),
        thresholds=thresholds,
        auc=spread([auc(*trial) for trial in trials]),
        precision=spread([precision_top_fifth(*trial) for trial in trials]),
        bands=calibration(points, won),
        left_out=tuple(left_out),
        doubtful=tuple(doubtful),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs."""
    return {
        "leads": report.leads,
        "won": report.won,
        "first": report.first,
        "last": report.last,
        "rules": [
            {
                "id": line.id,
                "asks": line.asks,
                "words": line.words,
                "points": line.rule.points,
                "leads": line.rule.leads,
                "won": line.rule.won,
                "learned": line.rule.learned,
            }
            for line in report.lines
        ],
        "prospect_at": report.thresholds.prospect_at,
        "promote": report.thresholds.promote,
        "in_time_order": report.in_time_order,
        "auc": asdict(report.auc),
        "precision_top_fifth": asdict(report.precision),
        "calibration": [asdict(band) for band in report.bands],
        "left_out": [asdict(one) for one in report.left_out],
        "doubtful": [asdict(one) for one in report.doubtful],
    }


def summary_line(report: Report) -> str:
    """From whom it was learned."""
    return f"Learned from {report.leads:,} leads, of whom {report.won:,} were won{_between(report)}."


def header_of(report: Report) -> Iterator[str]:
    """What the profile says above itself, for whoever is to publish it."""
    yield f"A proposal. {summary_line(report)}"
    yield "Nothing changes until a person publishes it; compare it first: nurture backtest --profile FILE"
    yield ""
    yield from quality_lines(report)
    yield ""
    yield from band_lines(report)
    yield from suspicion_lines(report)


def quality_lines(report: Report) -> Iterator[str]:
    """How good cards like this one were on leads that they had not seen."""
    how = "later leads than they were made of" if report.in_time_order else "leads they were not made of"
    yield f"Cards made in the same way, tried on {how}:"
    yield f"  who is won has more points than who is lost (AUC): {_figure(report.auc, '.3f')}"
    yield f"  won among the fifth with the most points: {_figure(report.precision, '.0%')}"


def band_lines(report: Report) -> Iterator[str]:
    """The share won by points, on leads unseen."""
    yield "What points meant, on leads unseen (in brackets: where the true share lies, 95 %):"
    for band in report.bands:
        won = band.won
        points = f"{band.low:4.0f} to {band.high:4.0f} points"
        yield f"  {points}: {won.of:6,} leads, {won.value:4.0%} won ({won.low:.0%} to {won.high:.0%})"


def suspicion_lines(report: Report) -> Iterator[str]:
    """Which fields were probably filled after the talk."""
    for one in report.left_out:
        yield f"Left out: {one.subject}: {one.because}"
    for one in report.doubtful:
        yield f"Kept though doubtful: {one.subject}: {one.because}"


def _figure(figures: Spread, form: str) -> str:
    between = f"{figures.worst:{form}} to {figures.best:{form}}"
    return f"{figures.mean:{form}} on average, {between}"


def _between(report: Report) -> str:
    if report.first is None or report.last is None:
        return ""
    return f", decided on from {report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}"


def rule_lines(report: Report) -> Iterator[str]:
    """The card as lines of text."""
    for line in report.lines:
        yield f"  {line.rule.points:+4d}  {line.words}"
        yield f"        {told(line.rule)}"
