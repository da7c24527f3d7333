"""How the answers of `explain --why-not` are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from nurture.core.happened import Happened
    from nurture.core.obstacles import Obstacle
    from nurture.core.telling import Kept
    from nurture.core.whynot import Answer
    from nurture.journey.inquire import Inquiry
    from nurture.journey.seeing import AsOf


def as_json(inquiry: Inquiry) -> dict[str, Any]:
    """The shape that other programs rely on; see docs/reference/explain.md."""
    person = inquiry.contact
    return {
        "contact": {"id": person.id, "name": person.name, "email": person.email},
        "as_of": asdict(inquiry.as_of),
        "why_not": None if inquiry.why_not is None else _answer_json(inquiry.why_not),
    }


def lines(inquiry: Inquiry) -> Iterator[str]:
    """The answers for people."""
    person, zone = inquiry.contact, ZoneInfo(inquiry.as_of.zone)
    yield " · ".join(part for part in (person.name, person.email, person.phone) if part) or f"#{person.id}"
    yield from as_of_lines(inquiry.as_of)
    yield f"times in {inquiry.as_of.zone}, {inquiry.as_of.whose}"
    if inquiry.why_not is not None:
        yield ""
        yield from _answer(inquiry.why_not, zone)


def as_of_lines(as_of: AsOf) -> Iterator[str]:
    """Of which moment the answers are, where that is not now; and what is not kept of it."""
    when = f"{_clock(as_of.at, ZoneInfo(as_of.zone))} {as_of.zone}"
    if as_of.picture == "then":
        yield f"as they were known on {when}"
    elif as_of.picture == "to come":
        yield f"as it would be decided on {when}, on what is known now"
    yield from (f"  but {caveat}" for caveat in as_of.caveats)


def _answer(answer: Answer, zone: tzinfo) -> Iterator[str]:
    yield f"Why not {answer.asked}?"
    yield f"  {answer.summary}"
    if answer.happened:
        yield "What happened"
        yield from (line for one in answer.happened for line in _happened(one))
    if answer.obstacles:
        yield "What stands before it, in this order"
        for number, obstacle in enumerate(answer.obstacles, 1):
            yield from _obstacle(number, obstacle, zone)
    if answer.ahead:
        yield "What comes, if nothing happens before"
        yield from (f"  {_kept(one, zone)}" for one in answer.ahead)


def _happened(one: Happened) -> Iterator[str]:
    version = f" ({one.campaign}@{one.version[:8]})" if one.campaign and one.version else ""
    yield f"  {one.words}{version}"


def _obstacle(number: int, one: Obstacle, zone: tzinfo) -> Iterator[str]:
    yield f"  {number}. {one.words}"
    source = _source(one.campaign, one.version, one.step, one.rule)
    if source:
        yield f"     {source}"
    yield from (f"     recorded: {_kept(kept, zone)}" for kept in one.evidence)


def _source(campaign: str | None, version: str | None, step: str | None, rule: str | None) -> str:
    where = "/".join(part for part in (campaign or "profile", step) if part)
    at = f"{where}@{version[:8]}" if version else where if campaign else ""
    told = f"rule: {rule}" if rule and rule != step else ""
    return ", ".join(part for part in (at, told) if part)


def _kept(kept: Kept, zone: tzinfo) -> str:
    from nurture.core.telling import record_words

    return f"{_clock(kept.at, zone)}  {record_words(kept.record)}"


def _clock(at: datetime, zone: tzinfo) -> str:
    from nurture.core.words import moment

    return moment(at, zone)


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "asked": answer.asked,
        "summary": answer.summary,
        "happened": [asdict(one) for one in answer.happened],
        "obstacles": [_obstacle_json(one) for one in answer.obstacles],
        "next_at": answer.next_at,
        "ahead": [_kept_json(one) for one in answer.ahead],
    }


def _obstacle_json(one: Obstacle) -> dict[str, Any]:
    names = ("code", "words", "lift", "lifts_at", "needs", "either", "campaign", "version", "step", "rule")
    plain = {name: getattr(one, name) for name in names}
    return plain | {"evidence": [_kept_json(kept) for kept in one.evidence]}


def _kept_json(kept: Kept) -> dict[str, Any]:
    from nurture.core.telling import record_words

    record = kept.record
    names = ("what", "reason", "campaign", "version", "step", "rule")
    return {"at": kept.at, "words": record_words(record)} | {name: getattr(record, name) for name in names}
