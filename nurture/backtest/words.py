"""The figures in words and as rows, made once for the terminal, the page and the file, so that they agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from nurture.backtest.result import Backtest, Change, Days, End, Line, Side
from nurture.core.proportion import Share
from nurture.core.replay import Promoted

MEANINGS = {
    Change.GAINED: "only the new rules promote",
    Change.LOST: "only the old rules promote",
    Change.EARLIER: "the new rules promote earlier",
    Change.LATER: "the new rules promote later",
    Change.SAME: "both at the same moment",
    Change.NEITHER: "won, and promoted by neither",
}
"""What each change means."""

DIFFERENT = (Change.GAINED, Change.LOST, Change.EARLIER, Change.LATER)

COLUMNS = (
    *("contact", "who", "change", "days_earlier"),
    *("old_at", "old_rule", "old_because", "old_fit", "old_engagement", "old_stage"),
    *("new_at", "new_rule", "new_because", "new_fit", "new_engagement", "new_stage"),
    *("became", "became_at", "value", "currency", "reason", "sales_answered", "why_not"),
)
"""Of the CSV file: one line a lead whom either rules promote, or who was won."""


class Figure(NamedTuple):
    """One question with the answers of the old rules and the new ones."""

    words: str
    old: str
    new: str


def figures(result: Backtest) -> Iterator[Figure]:
    """The answers side by side."""
    sides = (result.old, result.new)

    def row(words: str, *answers: str) -> Figure:
        return Figure(words, answers[0], answers[1])

    yield row("profile", *(profile_words(side) for side in sides))
    yield row("go to sales", *(f"{side.promoted:,}" for side in sides))
    if any(side.at_once for side in sides):
        yield row("  of them on the first day, at once", *(f"{side.at_once:,}" for side in sides))
    if any(side.otherwise for side in sides):
        yield row("  by hand or by a campaign's step", *(f"{side.otherwise:,}" for side in sides))
    for end in End:
        if any(side.ends[end] for side in sides):
            yield row(f"  {_END_WORDS[end]}", *(f"{side.ends[end]:,}" for side in sides))
    yield row("precision: won, of those who go to sales", *(share_words(s.found.precision) for s in sides))
    yield row("recall: go to sales, of those who were won", *(share_words(s.found.recall) for s in sides))
    yield row("F1: both in one", *(share_words(side.found.f1, counts=False) for side in sides))
    if any(side.accepted.of for side in sides):
        yield row("accepted, of those answered on", *(share_words(side.accepted) for side in sides))
    if any(side.worth for side in sides):
        yield row("worth of those won", *(worth_words(side.worth) for side in sides))
    yield row("to sales in a week, on average", *(f"{side.a_week:,.1f}" for side in sides))
    yield row("to sales in the busiest week", *(f"{side.peak:,}" for side in sides))
    yield row("days from sales to the win, median", *(days_words(side.to_win) for side in sides))
    if any(side.disqualified for side in sides):
        yield row("disqualified", *(f"{side.disqualified:,}" for side in sides))


_END_WORDS = {
    End.WON: "were won",
    End.LOST: "were lost",
    End.ACCEPTED: "accepted by sales, open",
    End.REJECTED: "rejected by sales",
    End.OPEN: "nothing known yet",
}


def profile_words(side: Side) -> str:
    """Which profile it is: `web-agency@1a2b3c4d (in force)`."""
    return f"{side.profile}@{side.version} ({side.origin})"


def share_words(share: Share, *, counts: bool = True) -> str:
    """`12.3% (10.1% to 14.9%), 84 of 683`; a dash of nothing."""
    if share.value is None or share.low is None or share.high is None:
        return "–"
    told = f"{share.value:.1%} ({share.low:.1%} to {share.high:.1%})"
    return f"{told}, {share.hits:,} of {share.of:,}" if counts else told


def worth_words(worth: Mapping[str, Decimal]) -> str:
    """`1,200.00 EUR, 300.00 USD`; a dash of nothing."""
    return ", ".join(f"{value:,.2f} {currency}".rstrip() for currency, value in worth.items()) or "–"


def days_words(days: Days) -> str:
    """`3.5 (over 12)`; a dash of none."""
    return "–" if days.median is None else f"{days.median:,.1f} (over {days.of:,})"


def gained_words(result: Backtest) -> Iterator[str]:
    """How much earlier the new rules come, in a sentence or two."""
    for days, who in ((result.gained, "whom both promote"), (result.gained_won, "of these who were won")):
        if days.median is not None:
            how = "at the same time" if days.median == 0 else _sooner(days.median)
            yield f"the new rules come {how} (median over the {days.of:,} {who})"


def _sooner(days: float) -> str:
    return f"{abs(days):,.1f} days {'earlier' if days > 0 else 'later'}"


def summary(result: Backtest) -> str:
    """Over whom and what it went: `7,988 leads, 8,000 signals, 842 won`."""
    counted = ((result.leads, "lead"), (result.signals, "signal"))
    told = ", ".join(f"{number:,} {what}{'' if number == 1 else 's'}" for number, what in counted)
    return f"{told}, {result.won:,} won"


def left_out_words(result: Backtest) -> str:
    """Who was left out: `12 won or lost before, 3 came in later`; empty where nobody was."""
    return ", ".join(f"{number:,} {why}" for why, number in result.left_out.items())


def promoted_words(promoted: Promoted | None) -> str:
    """`2026-03-02 10:00, promote: fit is 60 …`; `not` where they were not promoted."""
    if promoted is None:
        return "not"
    return f"{promoted.at:%Y-%m-%d %H:%M}, {promoted.rule}: {promoted.because}"


def different_row(line: Line) -> tuple[Any, ...]:
    """A line for a terminal: whom, when by which rules, what became of them, and what made the difference."""
    why = line.why_not
    if line.new is not None and line.change in (Change.GAINED, Change.EARLIER):
        why = line.new.because
    days = (f"{one.at:%Y-%m-%d}" if one else "not" for one in (line.old, line.new))
    return line.contact_id, line.who, line.change.value, *days, line.became.words(), why


def csv_row(line: Line) -> tuple[Any, ...]:
    """A line of the CSV file."""
    became = line.became
    return (
        *(line.contact_id, line.who, line.change.value, line.days),
        *_promoted_cells(line.old),
        *_promoted_cells(line.new),
        *(became.end.value, became.at, _plain(became.value), became.currency),
        *(became.reason, became.answer and became.answer.value, line.why_not or None),
    )


def _promoted_cells(one: Promoted | None) -> tuple[Any, ...]:
    if one is None:
        return (None,) * 6
    return one.at, one.rule, one.because, one.fit, one.engagement, one.stage


def as_json(result: Backtest) -> dict[str, Any]:
    """The whole answer as what JSON knows; money as text, since it is exact."""
    plain: dict[str, Any] = _plain(asdict(result))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value
