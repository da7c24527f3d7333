"""Whether what somebody asks after did happen after all: when, which time, and of which version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nurture.core.campaign import Campaign, SendStep, Step
from nurture.core.model import EnrolmentState, Lifecycle
from nurture.core.obstacles import Case, Mail
from nurture.core.question import Question, Wanted
from nurture.core.telling import Kept, record_words

_TAKEN = {
    *("chosen", "split", "done", "not_done", "went_on", "timed_out", "not_waited"),
    *("goal_reached", "exited", "not_handed_over"),
}
_WITH_SALES = {Lifecycle.PROSPECT, Lifecycle.ACCEPTED, Lifecycle.CUSTOMER}
_FATES = {
    "sent": "was sent",
    "withheld": "was decided on, but never left",
    "failed": "was decided on, but could not be delivered",
    "unknown": "was decided on, and nobody knows whether it arrived",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One time that it happened; `at` is None where the moment is not kept.

    `counts`: it is of the present time in the campaign, so that there is nothing to wait for.
    """

    at: datetime | None
    words: str
    counts: bool
    campaign: str | None = None
    version: str | None = None
    step: str | None = None
    occurrence: int | None = None


def what_happened(case: Case, question: Question) -> list[Happened]:
    """Every time that it happened, the oldest first."""
    campaign, step = question.campaign, question.step
    match question.wanted:
        case Wanted.STEP if campaign is not None and step is not None:
            return _step(case, campaign, step)
        case Wanted.ENROL if campaign is not None:
            return list(_enrolments(case, campaign))
        case Wanted.PROMOTE:
            return list(_standing(case, "promoted"))
        case Wanted.HAND_OVER:
            return list(_standing(case, "handed_over"))
        case _:
            return list(_stages(case, question))


def _step(case: Case, campaign: Campaign, step: Step) -> list[Happened]:
    latest = case.latest(campaign.name)
    last = 1 if latest is None else latest.occurrence
    if isinstance(step, SendStep):
        ids = {step.id} | campaign.former.get(step.id, frozenset())
        mails = [one for one in case.mails if one.campaign == campaign.name and one.step in ids]
        found = [_mail(case, one, last) for one in mails]
    else:
        records = [*case.records(_TAKEN, campaign=campaign.name, step=step.id)]
        records += [one for one in case.records({"promoted"}) if one.record.rule == step.id]
        found = [_taken(case, one, campaign, step, last) for one in sorted(records, key=lambda one: one.at)]
    if latest is not None and step.id in latest.done and not any(one.counts for one in found):
        time = f" (time {last})" if last > 1 else ""
        words = f"{step.id} is done with{time}; when, is not kept"
        found.append(Happened(None, words, True, campaign.name, None, step.id, last))
    return found


def _mail(case: Case, mail: Mail, last: int) -> Happened:
    fate = _FATES.get(mail.state, "was decided on, and is on its way")
    at = mail.done_at if mail.state == "sent" and mail.done_at else mail.at
    why = f": {mail.reply}" if mail.reply and mail.state != "sent" else ""
    time = f" (time {mail.occurrence})" if max(mail.occurrence, last) > 1 else ""
    words = f"{mail.step} {fate} on {case.told(at)}{time}{why}"
    counts = mail.occurrence == last
    return Happened(at, words, counts, mail.campaign, mail.version or None, mail.step, mail.occurrence)


def _taken(case: Case, kept: Kept, campaign: Campaign, step: Step, last: int) -> Happened:
    occurrence = case.occurrence_at(campaign.name, kept.at)
    time = f" (time {occurrence})" if max(occurrence, last) > 1 else ""
    words = f"on {case.told(kept.at)}{time} the person {record_words(kept.record)}"
    version = kept.record.version if kept.record.campaign else None
    return Happened(kept.at, words, occurrence == last, campaign.name, version, step.id, occurrence)


def _enrolments(case: Case, campaign: Campaign) -> Iterator[Happened]:
    for place in sorted(case.snapshot.enrolments, key=lambda one: one.occurrence):
        if place.campaign != campaign.name:
            continue
        entered = [
            one for one in case.records({"enrolled"}, campaign=campaign.name) if one.at == place.entered_at
        ]
        why = f": {entered[0].record.reason}" if entered else ""
        active = place.state is EnrolmentState.ACTIVE
        ended = f", and is through since {case.told(place.ended_at)}" if place.ended_at and not active else ""
        words = (
            f"entered {place.campaign} on {case.told(place.entered_at)} (time {place.occurrence}){why}{ended}"
        )
        version = entered[0].record.version if entered else None
        yield Happened(place.entered_at, words, active, place.campaign, version, None, place.occurrence)


def _standing(case: Case, what: str) -> Iterator[Happened]:
    """Promotions and hand-overs; the last one counts as long as sales has not given the person back."""
    times = sorted(case.records({what}), key=lambda one: one.at)
    with_sales = case.snapshot.contact.lifecycle in _WITH_SALES
    for kept in times:
        words = f"on {case.told(kept.at)} the person {record_words(kept.record)}"
        counts = with_sales and kept is times[-1]
        yield Happened(kept.at, words, counts, kept.record.campaign, kept.record.version)


def _stages(case: Case, question: Question) -> Iterator[Happened]:
    contact = case.snapshot.contact
    records = sorted(case.records({"stage_changed"}), key=lambda one: one.at)
    came = [one for one in records if one.record.evidence.get("to") == question.stage]
    present = contact.stage is question.stage
    for kept in came:
        words = f"on {case.told(kept.at)} the person {record_words(kept.record)}"
        yield Happened(kept.at, words, present and kept is came[-1], version=kept.record.version)
    if present and not came:
        since = f" since {case.told(contact.stage_since)}" if contact.stage_since else ""
        yield Happened(contact.stage_since, f"is in {contact.stage.value}{since}", True)
