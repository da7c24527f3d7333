"""The desk where prospects are given to sales: opens hand-overs, tells of them, and takes the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.assign import Assigned
from nurture.core.campaign import HandoverPolicy
from nurture.core.chase import first_look, set_deadline
from nurture.core.model import DecisionRecord, Dossier, NoticeKind, SalesPerson
from nurture.errors import NurtureError
from nurture.handover import answers, dossier
from nurture.handover.answering import take_answer
from nurture.handover.answers import ASKED, HANDED_BACK, REJECTED, Answer, AnswerResult, check_answer
from nurture.handover.assigning import Assigner, ToAssign
from nurture.handover.chasing import CampaignOf, Chaser
from nurture.handover.dossier import TemplateNotes
from nurture.handover.notices import AT_MOST, Notifier
from nurture.handover.render import as_json
from nurture.handover.request import HandoverRequest, TemplateNote
from nurture.handover.roster import hours_of, lead_of, members_of, policy_of
from nurture.plug.contracts import HandoverChannel
from nurture.setting_sales import Team
from nurture.store import handovers, notices, records
from nurture.store.engine import Store
from nurture.store.handovers import HandoverRow
from nurture.store.notices import NewNotice
from nurture.tokens import ANSWER, ANSWER_PATH, AnswerFacts, Signer

__all__ = ["HandoverDesk", "HandoverRequest", "TemplateNote", "TemplateNotes"]

ANSWER_VALID = timedelta(days=90)
"""How long after its opening a hand-over can be answered by its address."""


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
        campaign_of: CampaignOf,
        observe: Callable[[Sequence[int], Sequence[DecisionRecord]], None] = _tell_nobody,
    ) -> None:
        self._store = store
        self._clock = clock
        self._teams = teams
        self._signer = signer
        self._base_url = base_url.rstrip("/")
        self._template_note = template_note
        self._campaign_of = campaign_of
        self._assigner = Assigner(teams)
        self._chaser = Chaser(store, teams, self._assigner, campaign_of)
        self._observe = observe
        self._notifier = Notifier(store, clock, teams, channels, self._dossier)

    def open(
        self, connection: sa.Connection, requests: Sequence[HandoverRequest], now: datetime
    ) -> Sequence[tuple[int, DecisionRecord]]:
        """Gives each to somebody, and stores them with their notices: so many statements, however many there
        are. Answers with who got whom and why, by contact, for those who are told after the commit."""
        if not requests:
            return ()
        ids = handovers.new_ids(connection, len(requests))
        assigned = self._assigner.assign(connection, [_to_assign(request) for request in requests], now)
        rows = [
            self._opened(id_, request, one, now)
            for id_, request, one in zip(ids, requests, assigned, strict=True)
        ]
        new = [
            NewNotice(row.id, NoticeKind.OPENED, channel, one.to)
            for row, one, request in zip(rows, assigned, requests, strict=True)
            for channel in _policy(request).notify
        ]
        handovers.add_handovers(connection, rows)
        notices.add_notices(connection, new, now)
        told = [(row.contact_id, answers.record_of_assignment(row)) for row in rows]
        records.add_records(connection, told, now)
        return told

    def chase_batch(self, limit: int = AT_MOST) -> int:
        """Reminds of, escalates, passes on and resumes what is due; answers with how many were looked at."""
        looked, decided = self._chaser.chase_batch(self._clock.now(), limit)
        if decided:
            self._observe([contact_id for contact_id, _ in decided], [record for _, record in decided])
        return looked

    def look_again(self, contact_ids: Sequence[int]) -> None:
        """Something happened to contacts whom sales has asked more of: perhaps it is known now."""
        with self._store.write() as connection:
            handovers.look_again(connection, contact_ids, self._clock.now())

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
        *,
        need: str | None = None,
        until: date | None = None,
        same_as: str | None = None,
    ) -> AnswerResult:
        """Takes sales' answer (see `answers.Answer`), in one transaction with all that follows from it.

        The same answer twice is one.

        Raised when there is no such hand-over, when it was answered otherwise, or when the answer lacks what
        it needs: NurtureError.
        """
        return self.give(handover_id, Answer(answer, reason, by, note, need, until, same_as))

    def give(self, handover_id: int, given: Answer) -> AnswerResult:
        """Takes an answer. Raised as by `answer`."""
        check_answer(given)
        now = self._clock.now()
        with self._store.write() as connection:
            # Held: what it is answered on (whose it is, what was asked) is so until the answer stands.
            row = _the_one(connection, handovers.load(connection, [handover_id], hold=True), handover_id)
            taken = take_answer(connection, row, given, self._campaign_of, self._signer.address_hash, now)
        if taken.decided:
            self._observe([taken.contact_id] * len(taken.decided), taken.decided)
        return taken.result

    def may_answer(self, row: HandoverRow, email: str) -> bool:
        """Whether whoever was told at this address may answer: the assignee, or whoever it was escalated to.

        A token from before, which names nobody, may.
        """
        lead = lead_of(self._teams.get(row.team, Team()))
        return email in {"", row.assignee_email, row.escalated_to, lead.email if lead else None}

    def name_of(self, row: HandoverRow, email: str) -> str:
        """What the salesperson of an address is called, as far as the settings know them."""
        team = self._teams.get(row.team, Team())
        known = {one.email: one.name for one in members_of(team)}
        if team.lead is not None:
            known[team.lead.email] = team.lead.name
        return known.get(email, email)

    def language_of(self, team: str) -> str:
        """The language of the team's pages; empty where that is the browser's."""
        return self._teams.get(team, Team()).language

    def list(self, *, open_only: bool = True, team: str | None = None) -> Sequence[HandoverRow]:
        """Hand-overs, the newest first."""
        with self._store.read() as connection:
            return handovers.listing(connection, open_only=open_only, team=team)

    def page(self, *, open_only: bool, teams: Sequence[str], after: int, limit: int) -> Sequence[HandoverRow]:
        """Hand-overs behind the number `after`, the oldest first; of all teams where none is named."""
        with self._store.read() as connection:
            return handovers.page(connection, open_only=open_only, teams=teams, after=after, limit=limit)

    def row(self, handover_id: int) -> HandoverRow:
        """One hand-over with its answer. Raised when there is none of that number, or when its person was
        erased: NurtureError.
        """
        with self._store.read() as connection:
            return _the_one(connection, handovers.load(connection, [handover_id]), handover_id)

    def show(self, handover_id: int) -> Dossier:
        """The dossier. Raised when there is none of that number: NurtureError."""
        return self._dossier(self.row(handover_id))

    def _opened(self, id_: int, request: HandoverRequest, assigned: Assigned, now: datetime) -> HandoverRow:
        policy, team = _policy(request), request.effect.team
        window, zone = hours_of(self._teams.get(team, Team()), request.campaign)
        deadline = set_deadline(policy, window, zone, now)
        built = dossier.build_dossier(id_, request, assigned.to, deadline.answer_by, self._template_note, now)
        return HandoverRow(
            id=id_,
            contact_id=request.contact.id,
            campaign=request.effect.campaign,
            version_id=request.effect.version_id,
            team=team,
            assignee_name=assigned.to.name if assigned.to else None,
            assignee_email=assigned.to.email if assigned.to else None,
            because=request.effect.because,
            dossier=as_json(built),
            created_at=now,
            answer_by=deadline.answer_by,
            assigned_because=assigned.because,
            assigned_at=now,
            next_look=first_look(policy, deadline),
        )

    def _dossier(self, row: HandoverRow, to: str = "") -> Dossier:
        """With the addresses for the answer of whoever is told, signed anew: they are not stored, so a dump
        holds no keys."""
        expires = int(((row.assigned_at or row.created_at) + ANSWER_VALID).timestamp())
        token = self._signer.sign(ANSWER, AnswerFacts(row.id, expires, to))
        url = self._base_url + ANSWER_PATH.format(token=token)
        stored = dossier.from_json(row.dossier)
        return replace(
            stored,
            assignee=SalesPerson(row.assignee, row.assignee_email) if row.assignee_email else None,
            assigned_because=row.assigned_because or "",
            answer_by=row.answer_by,
            facts={**stored.facts, "answered": answered} if (answered := _answered(row)) else stored.facts,
            accept_url="" if row.answer else f"{url}#accept",
            reject_url="" if row.answer else f"{url}#reject",
            ask_url="" if row.answer or row.paused else f"{url}#ask",
            hand_back_url="" if row.answer == REJECTED or row.returned_at else f"{url}#hand-back",
        )


def _the_one(connection: sa.Connection, found: Mapping[int, HandoverRow], handover_id: int) -> HandoverRow:
    if handover_id not in found:
        if erased := notices.withdrawn(connection, handover_id):
            raise _gone(handover_id, erased)
        raise NurtureError(
            f"there is no hand-over {handover_id}", hint="list them with: nurture handover list"
        )
    return found[handover_id]


def _answered(row: HandoverRow) -> str:
    """What sales said: `Rejected by Sanne: not_now (after the summer)`; empty where nothing."""
    if row.returned_at:
        return _said(HANDED_BACK, row.returned_by, row.returned_reason, row.returned_note)
    if row.answer:
        return _said(row.answer, row.answered_by, row.reason, row.note)
    return _said(ASKED, None, row.asked_for, None) if row.paused else ""


def _said(answer: str, by: str | None, reason: str | None, note: str | None) -> str:
    words = answer.replace("_", " ").capitalize() + (f" by {by}" if by else "")
    return words + (f": {reason}" if reason else "") + (f" ({note})" if note else "")


def _policy(request: HandoverRequest) -> HandoverPolicy:
    return policy_of(request.campaign, request.effect.team)


def _to_assign(request: HandoverRequest) -> ToAssign:
    return ToAssign(request.effect.team, request.campaign, _policy(request), request.contact, request.account)


def _gone(number: int, told: Sequence[Any]) -> NurtureError:
    """Nothing is left of the person but that sales was told, or is to be."""
    words = []
    for one in told:
        who = one.target.get("name") or one.target.get("email") or f"team {one.target.get('team')}"
        state = {"done": "told", "failed": f"could not be told ({one.reply})"}.get(one.state, "to be told")
        words.append(f"{who}, by {one.channel.replace('_', ' ')}: {state}")
    at = f" on {told[0].created_at:%Y-%m-%d}" if told[0].created_at else ""
    return NurtureError(
        f"the person of hand-over {number} was erased{at}, at their own request; {'; '.join(words)}",
        hint="erase what you hold of them, too",
    )
