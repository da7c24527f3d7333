"""What was learned as one HTML page: the card, what its points meant, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nurture.core.proportion import share
from nurture.learn.report import Report, quality_lines, summary_line
from nurture.reports import page, report
from nurture.reports.charts import Bar, bars_across
from nurture.reports.report import Cell, Chart, Column, Kind


def render_page(learned: Report, made_at: datetime) -> str:
    """The page; it needs nothing else."""
    return page.render_page(list(_parts(learned)), made_at, summary_line(learned).rstrip("."))


def _parts(learned: Report) -> Iterator[report.Report]:
    rule_columns = [
        Column("asks", "rule", Kind.TEXT),
        Column("points", "points"),
        Column("leads", "leads"),
        Column("won", "of these won", Kind.SHARE),
    ]
    rules: list[list[Cell]] = [
        [line.words, line.rule.points, line.rule.leads, share(line.rule.won, line.rule.leads)]
        for line in learned.lines
    ]
    promote = f"Proposed for promotion: {learned.thresholds.promote}"
    yield report.Report("card", "The points card", rule_columns, rules, [promote])
    band_columns = [Column("points", "points", Kind.TEXT), Column("won", "won", Kind.SHARE)]
    named = [(f"{band.low:.0f} to {band.high:.0f}", band.won) for band in learned.bands]
    bars = [
        Bar(f"{name} points", won.value or 0, f"{won.value or 0:.0%} of {won.of:,}", won.low, won.high)
        for name, won in named
    ]
    chart = Chart("Won, by points", bars_across("Won, by points", bars))
    notes = list(quality_lines(learned))
    yield report.Report("calibration", "What points meant", band_columns, named, notes, [chart])
    if learned.left_out or learned.doubtful:
        columns = [Column(name, name, Kind.TEXT) for name in ("field", "why", "and")]
        fields = [[one.subject, one.because, "left out"] for one in learned.left_out]
        fields += [[one.subject, one.because, "kept on request"] for one in learned.doubtful]
        yield report.Report("leaks", "Probably filled after the talk", columns, fields)
