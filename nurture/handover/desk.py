"""The desk where prospects are given to sales: opens hand-overs, tells of them, and takes the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.campaign import Campaign, HandoverPolicy
from nurture.core.model import DecisionRecord, Dossier, SalesPerson
from nurture.core.schedule import business_deadline
from nurture.errors import NurtureError
from nurture.handover import answers, dossier
from nurture.handover.answers import AnswerResult
from nurture.handover.dossier import TemplateNotes
from nurture.handover.notices import AT_MOST, Notifier
from nurture.handover.render import as_json
from nurture.handover.request import HandoverRequest, TemplateNote
from nurture.plug.contracts import HandoverChannel
from nurture.settings import Team
from nurture.store import handovers, journey, records
from nurture.store.engine import Store
from nurture.store.handovers import HandoverRow
from nurture.tokens import ANSWER, ANSWER_PATH, AnswerFacts, Signer

__all__ = ["HandoverDesk", "HandoverRequest", "TemplateNote", "TemplateNotes"]

ANSWER_VALID = timedelta(days=90)
"""How long after its opening a hand-over can be answered by its address."""

PolicyOf = Callable[[int], HandoverPolicy | None]
"""The id of a campaign's version → how that version wants rejections to be treated."""


def _tell_nobody(contact_ids: Sequence[int], records: Sequence[DecisionRecord]) -> None:
    pass


class HandoverDesk:
    """Opens hand-overs in the caller's transaction; tells sales and takes answers in its own."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        teams: Mapping[str, Team],
        channels: Mapping[str, HandoverChannel],
        signer: Signer,
        base_url: str,
        template_note: TemplateNotes,
        policy_of: PolicyOf,
        observe: Callable[[Sequence[int], Sequence[DecisionRecord]], None] = _tell_nobody,
    ) -> None:
        self._store = store
        self._clock = clock
        self._teams = teams
        self._signer = signer
        self._base_url = base_url.rstrip("/")
        self._template_note = template_note
        self._policy_of = policy_of
        self._observe = observe
        self._notifier = Notifier(store, clock, teams, channels, self._dossier)

    def open(self, connection: sa.Connection, requests: Sequence[HandoverRequest], now: datetime) -> None:
        """Stores hand-overs, their dossiers and their notices: four statements, however many there are."""
        if not requests:
            return
        ids = handovers.new_ids(connection, len(requests))
        assigned = self._assign(connection, requests)
        rows = [
            self._opened(id_, request, assignee, now)
            for id_, request, assignee in zip(ids, requests, assigned, strict=True)
        ]
        notices = [
            (row.id, channel, {"team": row.team})
            for row, request in zip(rows, requests, strict=True)
            for channel in _policy(request.campaign).notify
        ]
        handovers.add_handovers(connection, rows)
        handovers.add_notices(connection, notices, now)

    def notify_batch(self, limit: int = AT_MOST) -> int:
        """Tells sales of up to `limit` hand-overs that are due; answers with how many notices were tried."""
        return self._notifier.notify_batch(limit)

    def answer(
        self,
        handover_id: int,
        answer: str,
        reason: str | None = None,
        by: str | None = None,
        note: str | None = None,
    ) -> AnswerResult:
        """Takes sales' answer, in one transaction with all that follows. The same answer twice is one.

        Raised when there is no such hand-over, when it was answered otherwise, or when a rejection has none
        of the reasons in `answers.REASONS`: NurtureError.
        """
        answers.check_answer(answer, reason)
        now = self._clock.now()
        row = self.row(handover_id)
        policy = self._policy_of(row.version_id)
        with self._store.write() as connection:
            if not handovers.set_answer(
                connection, handover_id, answer, reason=reason, note=note, by=by, now=now
            ):
                return _repeated(handovers.load(connection, [handover_id])[handover_id], answer, reason)
            lifecycle, recycle_at = answers.consequence(answer, reason, policy, now)
            moved = handovers.move_contact(connection, row.contact_id, lifecycle, recycle_at)
            record = answers.record_of(answer, reason, note, by, row.campaign, row.id, recycle_at)
            records.add_records(connection, [(row.contact_id, record)], now)
            journey.wake(connection, [row.contact_id], now)
        self._observe([row.contact_id], [record])
        return AnswerResult(
            handover_id,
            row.contact_id,
            answer,
            reason,
            repeated=False,
            lifecycle=lifecycle if moved else None,
            recycle_at=recycle_at if moved else None,
        )

    def list(self, *, open_only: bool = True, team: str | None = None) -> Sequence[HandoverRow]:
        """Hand-overs, the newest first."""
        with self._store.read() as connection:
            return handovers.listing(connection, open_only=open_only, team=team)

    def row(self, handover_id: int) -> HandoverRow:
        """One hand-over with its answer. Raised when there is none of that number: NurtureError."""
        with self._store.read() as connection:
            found = handovers.load(connection, [handover_id])
        if handover_id not in found:
            raise NurtureError(
                f"there is no hand-over {handover_id}", hint="list them with: nurture handover list"
            )
        return found[handover_id]

    def show(self, handover_id: int) -> Dossier:
        """The dossier. Raised when there is none of that number: NurtureError."""
        return self._dossier(self.row(handover_id))

    def _assign(
        self, connection: sa.Connection, requests: Sequence[HandoverRequest]
    ) -> Sequence[SalesPerson | None]:
        """Whose turn it is, for each request; None where a team has no members."""
        wanted = Counter(request.effect.team for request in requests)
        first = handovers.take_turns(connection, wanted)
        turns = {team: count(first[team]) for team in wanted}
        return [self._member(request.effect.team, next(turns[request.effect.team])) for request in requests]

    def _member(self, team: str, turn: int) -> SalesPerson | None:
        members = self._teams[team].members if team in self._teams else ()
        if not members:
            return None
        person = members[turn % len(members)]
        return SalesPerson(person.name, person.email)

    def _opened(
        self, id_: int, request: HandoverRequest, assignee: SalesPerson | None, now: datetime
    ) -> HandoverRow:
        answer_by = _answer_by(request.campaign, now)
        built = dossier.build_dossier(id_, request, assignee, answer_by, self._template_note, now)
        return HandoverRow(
            id=id_,
            contact_id=request.contact.id,
            campaign=request.effect.campaign,
            version_id=request.effect.version_id,
            team=request.effect.team,
            assignee_name=assignee.name if assignee else None,
            assignee_email=assignee.email if assignee else None,
            because=request.effect.because,
            dossier=as_json(built),
            created_at=now,
            answer_by=answer_by,
        )

    def _dossier(self, row: HandoverRow) -> Dossier:
        """With the addresses for the answer, signed anew: they are not stored, so a dump holds no keys."""
        expires = int((row.created_at + ANSWER_VALID).timestamp())
        token = self._signer.sign(ANSWER, AnswerFacts(row.id, expires))
        url = self._base_url + ANSWER_PATH.format(token=token)
        stored = dossier.from_json(row.dossier, accept_url=f"{url}#accept", reject_url=f"{url}#reject")
        if row.answer is None:
            return stored
        return replace(stored, facts={**stored.facts, "answered": _answered(row)})


def _answered(row: HandoverRow) -> str:
    """What sales said: `Rejected by Sanne: not_now (after the summer)`."""
    by = f" by {row.answered_by}" if row.answered_by else ""
    reason = f": {row.reason}" if row.reason else ""
    note = f" ({row.note})" if row.note else ""
    return f"{(row.answer or '').capitalize()}{by}{reason}{note}"


def _policy(campaign: Campaign) -> HandoverPolicy:
    assert campaign.handover is not None, f"{campaign.name} hands over without a handover policy"
    return campaign.handover


def _answer_by(campaign: Campaign, now: datetime) -> datetime | None:
    policy = _policy(campaign)
    if policy.answer_within is None:
        return None
    if not policy.business:
        return now + policy.answer_within
    return business_deadline(now, policy.answer_within, campaign.policy.window, ZoneInfo(campaign.timezone))


def _repeated(row: HandoverRow, answer: str, reason: str | None) -> AnswerResult:
    if (row.answer, row.reason) != (answer, reason):
        why = f" ({row.reason})" if row.reason else ""
        by = f" by {row.answered_by}" if row.answered_by else ""
        raise NurtureError(f"hand-over {row.id} was already {row.answer}{why}{by}")
    return AnswerResult(row.id, row.contact_id, answer, reason, repeated=True)
