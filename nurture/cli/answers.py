"""How the answers of `explain --why-not` and `--why-stage` are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from nurture.core.consent import why_not
from nurture.core.words import length, moment, number

if TYPE_CHECKING:
    from nurture.core.happened import Happened
    from nurture.core.model import Contact, Stage
    from nurture.core.obstacles import Obstacle
    from nurture.core.telling import Kept
    from nurture.core.whynot import Answer
    from nurture.core.whystage import WhyStage
    from nurture.journey.inquire import Inquiry
    from nurture.journey.seeing import AsOf


def as_json(inquiry: Inquiry) -> dict[str, Any]:
    """The shape that other programs rely on; see docs/reference/explain.md."""
    person = inquiry.contact
    return {
        "contact": {"id": person.id, "name": person.name, "email": person.email},
        "as_of": asdict(inquiry.as_of),
        "why_not": None if inquiry.why_not is None else _answer_json(inquiry.why_not),
        "why_stage": None if inquiry.why_stage is None else _stage_json(inquiry.why_stage),
    }


def lines(inquiry: Inquiry) -> Iterator[str]:
    """The answers for people."""
    person, zone = inquiry.contact, ZoneInfo(inquiry.as_of.zone)
    called = " · ".join(part for part in (person.name, person.email, person.phone) if part)
    yield called or inquiry.external_id or f"contact {person.id}"
    yield from as_of_lines(inquiry.as_of)
    yield f"times in {inquiry.as_of.zone}, {inquiry.as_of.whose}"
    if inquiry.why_not is not None:
        yield ""
        yield from _answer(inquiry.why_not, zone)
    if inquiry.why_stage is not None:
        yield ""
        yield from _stage(inquiry.why_stage, inquiry.contact, inquiry.as_of.at, zone)


def as_of_lines(as_of: AsOf) -> Iterator[str]:
    """Of which moment the answers are, where that is not now; and what is not kept of it."""
    when = f"{_clock(as_of.at, ZoneInfo(as_of.zone))} {as_of.zone}"
    if as_of.picture == "then":
        yield f"as they were known on {when}"
    elif as_of.picture == "to come":
        yield f"as it would be decided on {when}, on what is known now"
    yield from (f"  but {caveat}" for caveat in as_of.caveats)


def _answer(answer: Answer, zone: tzinfo) -> Iterator[str]:
    yield answer.question
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


def _stage(why: WhyStage, person: Contact, now: datetime, zone: tzinfo) -> Iterator[str]:
    yield f"Why {why.stage.value}?"
    yield f"  {why.summary}"
    for one in why.evidence:
        yield f"  evidence for {one.stage.value}: {number(one.points)} points, later stages included"
        yield from (f"    {signal.words}" for signal in one.signals)
    if why.uncounted:
        yield "  does not count"
        yield from (f"    {told}" for told in why.uncounted)
    yield f"  one goes forward at {number(why.forward_at)} points, and back below {number(why.back_below)}"
    if why.next is not None:
        yield f"  further: {why.next.words}"
    if why.falls_at is not None and why.falls_to is not None:
        moves, on = _moves(why.stage, why.falls_to), moment(why.falls_at, zone)
        yield f"  {moves} on {on}, if nothing happens before"
    yield from _fit(why)
    yield from _engagement(why, zone)
    yield "Why a prospect, or not?"
    if person.lifecycle != "contact":
        yield f"  not asked: the person {why_not(person, now)}"
        return
    yield from (f"  {one.words}" for one in why.lacks)
    if not why.lacks:
        yield f"  the next look makes one: {why.promote.reason}"


def _moves(present: Stage, then: Stage) -> str:
    """What the evidence makes of them; where they stay or go on, a stage told by hand has held till then."""
    if then is present:
        return f"still {then.value}, by the evidence, when what was told by hand ends"
    return f"{'back' if then.rank < present.rank else 'on'} to {then.value}"


def _fit(why: WhyStage) -> Iterator[str]:
    yield f"Why fit {why.fit} of {why.prospect_at}?"
    for hit in why.hits:
        yield f"  {hit.points:+g} {hit.rule}{_of_term(hit.about)}: {hit.finding.reason}"
    for one in why.misses:
        yield f"  0 of {one.points:+g} {one.rule}{_of_term(one.about)}: {one.reason}"
    for one in why.unknowns:
        ask = f"; the next form can ask for {one.ask.replace('_', ' ')}" if one.ask else ""
        yield f"  ? of {one.points:+g} {one.rule}{_of_term(one.about)}: {one.reason}{ask}"
    if why.disqualified is not None:
        yield f"  disqualified by {why.disqualified.rule}: {why.disqualified.finding.reason}"


def _of_term(about: str) -> str:
    return f" ({about.replace('_', ' ')})" if about else ""


def _engagement(why: WhyStage, zone: tzinfo) -> Iterator[str]:
    yield f"Why engagement {number(why.engagement)}?"
    yield f"  a signal's points are worth half after {length(why.half_life)}"
    yield from (f"  {signal.words}" for signal in why.signals)
    yield from (f"  {words}" for words in why.capped)
    for one in why.crossings:
        falls = f"falls below {number(one.below)} on {moment(one.at, zone)}, if nothing happens before"
        yield f"  {falls}: {one.asked_by} asks for that much"


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
    return moment(at, zone)


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "asked": answer.asked,
        "question": answer.question,
        "summary": answer.summary,
        "happened": [asdict(one) for one in answer.happened],
        "obstacles": [_obstacle_json(one) for one in answer.obstacles],
        "next_at": answer.next_at,
        "ahead": [_kept_json(one) for one in answer.ahead],
    }


def _stage_json(why: WhyStage) -> dict[str, Any]:
    plain = asdict(replace(why, because=(), lacks=(), next=None))
    return plain | {
        "because": [_kept_json(one) for one in why.because],
        "half_life": why.half_life.total_seconds(),
        "next": None if why.next is None else _obstacle_json(why.next),
        "lacks": [_obstacle_json(one) for one in why.lacks],
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
