"""The dossier: who it is, why now, what they did and read, and what to say next.

Pure. What `render.as_json` makes of a dossier is how it is kept; `from_json` is the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from nurture.core.campaign import SendStep
from nurture.core.model import (
    Account,
    Contact,
    Dossier,
    Evidence,
    Lifecycle,
    RuleFinding,
    SalesPerson,
    Sent,
    Signal,
    SignalClass,
    SignalKind,
    Stage,
    Value,
)
from nurture.core.words import url_parts
from nurture.handover.request import HandoverRequest, TemplateNote

TemplateNotes: TypeAlias = Callable[[str, str], TemplateNote | None]
"""(template, locale) → what its front matter says for sales; None where there is no such template."""

SAY_NEXT = {
    Stage.ORIENTATION: "Ask what made them look around just now, and what a good result would be for them.",
    Stage.COMPARISON: "Ask what they are comparing, and what they still miss to make up their minds.",
    Stage.DECISION: "Ask when they want to start and who decides with them, and propose a date to talk.",
}
"""What to say to somebody who has read nothing of ours that says it."""

_DID_AT_MOST = 10
_READING = {SignalKind.OPENED, SignalKind.CLICKED}


def build_dossier(
    handover_id: int,
    request: HandoverRequest,
    assignee: SalesPerson | None,
    answer_by: datetime | None,
    template_note: TemplateNotes,
    now: datetime,
) -> Dossier:
    """The dossier of one request, without the addresses for the answer: those are signed when it is shown."""
    mails = _mails_read(request, template_note)
    facts: dict[str, Value] = {
        "timezone": request.campaign.timezone,
        "campaign": request.campaign.name,
        "fit_points": round(sum(found.points for found in request.fit)),
        "fit_needed": request.prospect_at,
        "did": tuple(_did(request)),
    }
    return Dossier(
        handover_id=handover_id,
        team=request.effect.team,
        assignee=assignee,
        contact=request.contact,
        account=request.account,
        because=request.effect.because,
        fit=request.fit,
        evidence=request.effect.evidence,
        read=tuple(mail.words for mail in mails),
        say_next=_say_next(mails, request.contact.stage),
        answer_by=answer_by,
        accept_url="",
        reject_url="",
        created_at=now,
        facts=facts,
    )


class _Mail(msgspec.Struct, frozen=True):
    words: str
    ask: str
    clicked: bool


def _mails_read(request: HandoverRequest, template_note: TemplateNotes) -> list[_Mail]:
    """The mails that were opened or clicked by a person, the first read first."""
    by_mail: dict[tuple[str, str], list[Signal]] = {}
    for signal in _by_people(request.signals):
        if signal.kind in _READING:
            place = (str(signal.data.get("campaign")), str(signal.data.get("step")))
            by_mail.setdefault(place, []).append(signal)
    zone = ZoneInfo(request.campaign.timezone)
    return [
        _mail(_note(request, place, template_note), _subject(request.sent, *place), signals, zone)
        for place, signals in by_mail.items()
    ]


def _mail(note: TemplateNote, subject: str, signals: list[Signal], zone: ZoneInfo) -> _Mail:
    clicks = sum(signal.kind == SignalKind.CLICKED for signal in signals)
    how = "opened" if not clicks else "clicked" if clicks == 1 else f"clicked {clicks} times"
    return _Mail(f"{note.about or subject} ({how}, {_day(signals[-1].at, zone)})", note.ask, clicks > 0)


def _note(request: HandoverRequest, place: tuple[str, str], template_note: TemplateNotes) -> TemplateNote:
    campaign, step_id = place
    step = request.campaign.steps.get(step_id) if campaign == request.campaign.name else None
    if isinstance(step, SendStep):
        locale = request.contact.locale or request.campaign.locale
        if note := template_note(step.template, locale):
            return note
    # A mail of another campaign, or of a template that is gone: only what stood on it is known.
    return TemplateNote()


def _subject(sent: Iterable[Sent], campaign: str, step: str) -> str:
    found = (one.subject for one in sent if (one.campaign, one.step) == (campaign, step))
    return next(found, "") or f"{campaign}, {step}"


def _say_next(mails: list[_Mail], stage: Stage) -> str:
    """Of the mail read last, a click before an open; else by stage."""
    clicked_last = sorted(mails, key=lambda mail: mail.clicked)
    return next((mail.ask for mail in reversed(clicked_last) if mail.ask), SAY_NEXT[stage])


def _did(request: HandoverRequest) -> list[str]:
    zone = ZoneInfo(request.campaign.timezone)
    deeds = [signal for signal in _by_people(request.signals) if signal.kind != SignalKind.OPENED]
    return [f"{_day(signal.at, zone)}: {_deed(signal)}" for signal in deeds[-_DID_AT_MOST:]]


def _deed(signal: Signal) -> str:
    url = signal.data.get("url")
    if isinstance(url, str):
        parts = url_parts(url)
        return f"{signal.kind} {parts.host}{parts.path}".rstrip("/")
    form = signal.data.get("form")
    return f"{signal.kind} the form {form}" if form else str(signal.kind)


def _by_people(signals: Iterable[Signal]) -> Iterable[Signal]:
    return (signal for signal in signals if signal.classed != SignalClass.MACHINE)


def _day(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


# --- kept as JSON -----------------------------------------------------------------------------------


def from_json(data: Mapping[str, Any], accept_url: str = "", reject_url: str = "") -> Dossier:
    """The dossier that `render.as_json` made, with the addresses for the answer."""
    account = data["account"]
    return Dossier(
        handover_id=data["handover_id"],
        team=data["team"],
        assignee=msgspec.convert(data["assignee"], SalesPerson | None),
        contact=_contact(data["contact"]),
        account=Account(**{**account, "facts": _values(account["facts"])}) if account else None,
        because=data["because"],
        fit=msgspec.convert(data["fit"], tuple[RuleFinding, ...]),
        evidence=msgspec.convert(data["evidence"], tuple[Evidence, ...]),
        read=tuple(data["read"]),
        say_next=data["say_next"],
        answer_by=_time(data["answer_by"]),
        accept_url=accept_url,
        reject_url=reject_url,
        created_at=msgspec.convert(data["created_at"], datetime),
        facts=_values(data["facts"]),
    )


def _contact(data: Mapping[str, Any]) -> Contact:
    return Contact(
        **{
            **data,
            "created_at": msgspec.convert(data["created_at"], datetime),
            "interests": tuple(data["interests"]),
            "tags": tuple(data.get("tags", ())),
            "answers": _values(data["answers"]),
            "lifecycle": Lifecycle(data["lifecycle"]),
            "stage": Stage(data["stage"]),
            "stage_since": _time(data["stage_since"]),
            "recycle_at": _time(data["recycle_at"]),
            "stage_told_at": _time(data.get("stage_told_at")),
            "stage_told_until": _time(data.get("stage_told_until")),
        }
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else msgspec.convert(text, datetime)


def _values(data: Mapping[str, Any]) -> dict[str, Value]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
