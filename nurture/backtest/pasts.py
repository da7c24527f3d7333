"""The pasts of a batch of people, put together from what is kept: as they stood, and what came since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.backtest.result import Became, End
from nurture.core.model import Account, Contact, Lifecycle, Outcome, Result, Signal, Stage
from nurture.core.obstacles import Mail
from nurture.core.past import MOVES, Merge, Standing, handovers_then, person_then, standing_then
from nurture.core.replay import Known, Past, Promoted, Said, Told
from nurture.core.stage import TOLD
from nurture.core.telling import Kept
from nurture.store import outcomes, pasts, records, snapshots
from nurture.store.pasts import HandedOver

ENDED_BEFORE = "won or lost before"
WITH_SALES = "with sales before"
DISQUALIFIED = "disqualified before"
LATER = "came in later"

_SMALLEST = timedelta.resolution
_TO_BE_JUDGED = (Lifecycle.LEAD, Lifecycle.JUNK, Lifecycle.CONTACT, Lifecycle.RECYCLED)


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody to be replayed. `otherwise` is how they went to sales without the rules, if they did."""

    contact_id: int
    who: str
    past: Past
    became: Became
    otherwise: Promoted | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom no rules can do anything for in the time that is looked at, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the pasts are cut to; `rules_of` are the rules that promote, by the version of the profile."""

    since: datetime
    until: datetime
    with_mails: bool
    with_consents: bool
    firm_kinds: frozenset[str]
    rules_of: Mapping[str, frozenset[str]]

    def is_by_rules(self, kept: Kept) -> bool:
        """Whether a promotion was one of the profile's, and not a campaign's step or somebody's hand."""
        known = self.rules_of.get(kept.record.version or "")
        return known is None or kept.record.rule in known


@dataclass(frozen=True, slots=True)
class _Kept:
    """All that is kept of one contact."""

    contact: Contact
    account: Account | None
    account_since: datetime | None
    external_id: str | None
    signals: tuple[Signal, ...]
    merges: Sequence[Merge]
    decided: Sequence[Kept]
    handovers: Sequence[HandedOver]
    outcomes: Sequence[Outcome]
    mails: Sequence[Mail]
    said: Sequence[Said]
    firm: tuple[Signal, ...]


def leads_of(connection: sa.Connection, contact_ids: Sequence[int], frame: Frame) -> Iterator[Lead | LeftOut]:
    """These contacts, in the order of their ids: a fixed number of queries, one a subject."""
    people = snapshots.contacts_of(connection, contact_ids)
    merges = pasts.merges_of(connection, contact_ids)
    accounts_since = pasts.accounts_since(connection, contact_ids)
    decided: dict[int, list[Kept]] = {}
    for told in records.told(connection, contact_ids, MOVES):
        decided.setdefault(told.contact_id, []).append(Kept(told.at, told.record))
    handovers = pasts.handovers_of(connection, contact_ids)
    ended = outcomes.outcomes_of(connection, contact_ids)
    mails = pasts.mails_of(connection, contact_ids) if frame.with_mails else {}
    said = pasts.said_of(connection, contact_ids) if frame.with_consents else {}
    ids = pasts.external_ids(connection, contact_ids)
    accounts = {account.id for _, account in people if account is not None}
    firms = pasts.signals_of_firms(connection, accounts, frame.firm_kinds, frame.until)
    signals = _in_step(pasts.signals_by_contact(connection, contact_ids, frame.until), people)
    for (contact, account), happened in zip(people, signals, strict=True):
        one = contact.id
        yield _lead(
            _Kept(
                contact,
                account,
                accounts_since.get(one),
                ids.get(one),
                happened,
                merges.get(one, ()),
                decided.get(one, ()),
                handovers.get(one, ()),
                ended.get(one, ()),
                mails.get(one, ()),
                said.get(one, ()),
                () if account is None else firms.get(account.id, ()),
            ),
            frame,
        )


def _in_step(
    signals: Iterator[tuple[int, tuple[Signal, ...]]], people: Iterable[tuple[Contact, Account | None]]
) -> Iterator[tuple[Signal, ...]]:
    """Each contact's signals, none for those who have none; both are in the order of the contacts' ids."""
    ahead = next(signals, None)
    for contact, _ in people:
        if ahead is not None and ahead[0] == contact.id:
            yield ahead[1]
            ahead = next(signals, None)
        else:
            yield ()


def _lead(kept: _Kept, frame: Frame) -> Lead | LeftOut:
    created_at = kept.contact.created_at
    # What was imported with its time happened then: the person was known by it, wherever that was kept.
    known_at = min([created_at, *(signal.at for signal in kept.signals[:1])])
    if known_at > frame.until:
        return LeftOut(LATER)
    begins, standing = _beginning(kept, known_at, frame.since)
    if any(one.at <= begins for one in kept.outcomes):
        return LeftOut(ENDED_BEFORE)
    answered = [one.answered for one in kept.handovers]
    waiting, rejected_at = handovers_then(answered, begins - _SMALLEST)
    if standing.lifecycle is Lifecycle.DISQUALIFIED:
        return LeftOut(DISQUALIFIED)
    if waiting or standing.lifecycle not in _TO_BE_JUDGED:
        return LeftOut(WITH_SALES)
    over = min((one.at for one in kept.outcomes), default=None)
    otherwise = _otherwise(kept, begins, frame)
    if otherwise is not None and over is not None and over <= otherwise.at:
        otherwise = None
    past = Past(
        begins=begins,
        standing=standing,
        known=tuple(_known(kept, known_at, frame.until)),
        signals=kept.signals,
        mails=tuple(kept.mails),
        said=tuple(kept.said),
        rejected_at=rejected_at,
        ends=over if otherwise is None else otherwise.at,
        firm=kept.firm,
        told=tuple(_told(kept.decided, begins)),
    )
    return Lead(kept.contact.id, _called(kept), past, _became(kept, begins), otherwise)


def _beginning(kept: _Kept, known_at: datetime, since: datetime) -> tuple[datetime, Standing]:
    """From when on they are looked at, and how they stood then."""
    created_at = kept.contact.created_at
    if created_at >= since:
        return known_at, Standing(Lifecycle.JUNK, None, Stage.ORIENTATION, known_at)
    by_then = [one for one in kept.decided if one.at < since]
    # Who was decided on was a contact; of others each profile's own data standard says whether they are.
    began = Lifecycle.CONTACT if by_then else Lifecycle.JUNK
    return since, standing_then(began, created_at, by_then)


def _known(kept: _Kept, known_at: datetime, until: datetime) -> Iterator[Known]:
    """Their data from the beginning on, and as it was after each change."""
    created_at, account_since = kept.contact.created_at, kept.account_since
    # A company that came with them is known as long as they are.
    later = account_since if account_since is not None and account_since > created_at else None
    changed = {merge.at for merge in kept.merges} | ({later} if later else set())
    for at in sorted({known_at, *(moment for moment in changed if known_at < moment <= until)}):
        contact, account = person_then(kept.contact, kept.account, kept.merges, at)
        if later is not None and later > at:
            account = None
        yield Known(at, replace(contact, created_at=known_at), account)


def _told(decided: Sequence[Kept], begins: datetime) -> Iterator[Told]:
    """The stages that were set by hand since."""
    for at, record in decided:
        if record.what == "stage_changed" and record.rule == TOLD and at >= begins:
            until = record.evidence.get("until")
            stage = Stage(str(record.evidence["to"]))
            yield Told(at, stage, datetime.fromisoformat(until) if isinstance(until, str) else None)


def _otherwise(kept: _Kept, begins: datetime, frame: Frame) -> Promoted | None:
    """The first time that they went to sales without the rules."""
    for one in kept.decided:
        if one.record.what == "promoted" and begins <= one.at <= frame.until and not frame.is_by_rules(one):
            evidence = one.record.evidence
            fit, engagement = evidence.get("fit"), evidence.get("engagement")
            return Promoted(
                at=one.at,
                rule=one.record.rule or "",
                because=one.record.reason,
                fit=fit if isinstance(fit, int) else 0,
                engagement=float(engagement) if isinstance(engagement, int | float) else 0.0,
                stage=str(evidence.get("stage", "")),
            )
    return None


def _became(kept: _Kept, begins: datetime) -> Became:
    answer, answered_at, why = None, None, None
    for one in kept.handovers:
        said = one.answered
        if said.answered_at is not None and said.answered_at >= begins:
            taken = said.answer == End.ACCEPTED and said.returned_at is None
            answer, why = End.ACCEPTED if taken else End.REJECTED, one.reason
            answered_at = said.returned_at or said.answered_at
    if kept.outcomes:
        last = kept.outcomes[-1]
        end = End.WON if last.result is Result.WON else End.LOST
        return Became(end, last.at, last.value, last.currency, last.reason, answer)
    return Became(answer or End.OPEN, answered_at, reason=why, answer=answer)


def _called(kept: _Kept) -> str:
    contact = kept.contact
    return contact.name or contact.email or contact.phone or kept.external_id or f"contact {contact.id}"
