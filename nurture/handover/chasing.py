"""Chases what sales does not answer: reminds, escalates, gives it to the next member; and brings back what
sales has asked more of once that is known.

What is due stands in the database. A batch is one transaction with its notices, so that a process that is
killed has either done all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.core.campaign import LEAD, NEXT, Campaign, HandoverPolicy
from nurture.core.chase import Deadline, Due, find_due, first_look, set_deadline
from nurture.core.model import DecisionRecord, NoticeKind, SalesPerson, Value, What
from nurture.handover.assigning import Assigner, ToAssign
from nurture.handover.dossier import from_json
from nurture.handover.questions import resume
from nurture.handover.render import when_words
from nurture.handover.roster import hours_of, lead_of, policy_of
from nurture.setting_sales import Team
from nurture.store import handovers, notices, records
from nurture.store.engine import Store
from nurture.store.handovers import HandoverRow
from nurture.store.notices import NewNotice

CampaignOf = Callable[[sa.Connection, int], Campaign]
"""The id of a campaign's version → the campaign, within a transaction."""

Told = tuple[NoticeKind, SalesPerson | None, str]
"""What is told to whom, and why."""


@dataclass(frozen=True, slots=True)
class Chased:
    """What has come of one hand-over: how it stands then, whom to tell what, and the decision."""

    row: HandoverRow
    told: tuple[Told, ...] = ()
    record: DecisionRecord | None = None


class Chaser:
    """Looks at hand-overs whose time has come."""

    def __init__(
        self, store: Store, teams: Mapping[str, Team], assigner: Assigner, campaign_of: CampaignOf
    ) -> None:
        self._store = store
        self._teams = teams
        self._assigner = assigner
        self._campaign_of = campaign_of

    def chase_batch(self, now: datetime, limit: int) -> tuple[int, list[tuple[int, DecisionRecord]]]:
        """Looks at up to `limit`; answers with how many, and with what was decided of which contact."""
        with self._store.write() as connection:
            rows = handovers.claim_looks(connection, now, limit)
            if not rows:
                return 0, []
            versions = {row.version_id for row in rows}
            campaigns = {id_: self._campaign_of(connection, id_) for id_ in versions}
            chase = _Chase(connection, self._teams, self._assigner, campaigns, now)
            chased = [*chase.resumed(rows), *chase.pressed(rows)]
            handovers.put_chased(connection, [one.row for one in chased])
            notices.add_notices(connection, [new for one in chased for new in chase.notices_of(one)], now)
            decided = [(one.row.contact_id, one.record) for one in chased if one.record]
            records.add_records(connection, decided, now)
        return len(rows), decided


class _Chase:
    """One batch being looked at."""

    def __init__(
        self,
        connection: sa.Connection,
        teams: Mapping[str, Team],
        assigner: Assigner,
        campaigns: Mapping[int, Campaign],
        now: datetime,
    ) -> None:
        self.connection = connection
        self.teams = teams
        self.assigner = assigner
        self.campaigns = campaigns
        self.now = now

    def notices_of(self, one: Chased) -> Iterator[NewNotice]:
        for kind, to, why in one.told:
            for channel in self._policy(one.row).notify:
                yield NewNotice(one.row.id, kind, channel, to, why, one.row.turn)

    # --- paused -----------------------------------------------------------------------------------------

    def resumed(self, rows: Sequence[HandoverRow]) -> Iterator[Chased]:
        """Those that sales has asked more of: what is known now waits for an answer again."""
        for row, why in resume(self.connection, [row for row in rows if row.paused], self.now):
            if why is None:
                yield Chased(row)
                continue
            fresh = self._anew(row)
            reason = f"hand-over {row.id} waits for an answer of {_who(row)} again: {why}"
            record = _record(fresh, "handover_resumed", reason, next_at=fresh.answer_by)
            yield Chased(fresh, ((NoticeKind.RESUMED, _assignee(row), why),), record)

    # --- pressed ----------------------------------------------------------------------------------------

    def pressed(self, rows: Sequence[HandoverRow]) -> Iterator[Chased]:
        """Those that wait for an answer: reminded of, escalated, or given to somebody else."""
        to_pass_on = []
        for row in rows:
            if row.paused:
                continue
            due = self._due(row)
            if due is None:
                yield Chased(replace(row, next_look=self._later(row)))
            elif due is Due.REMINDER:
                yield self._reminded(row)
            elif self._policy(row).escalate == NEXT:
                to_pass_on.append(row)
            else:
                yield self._escalated(row, self._policy(row).escalate)
        if to_pass_on:
            yield from self._passed_on(to_pass_on)

    def _later(self, row: HandoverRow) -> datetime | None:
        """When nothing is due of it yet: at its deadline, where something follows from that."""
        waits = row.answer is None and row.answer_by is not None and row.answer_by > self.now
        return row.answer_by if waits and self._policy(row).escalate else None

    def _due(self, row: HandoverRow) -> Due | None:
        if row.answer is not None:
            return None
        reminded, escalated = row.reminded_at is not None, row.escalated_at is not None
        return find_due(
            self._policy(row), row.answer_by, reminded=reminded, escalated=escalated, now=self.now
        )

    def _reminded(self, row: HandoverRow) -> Chased:
        next_look = row.answer_by if self._policy(row).escalate else None
        after = replace(row, reminded_at=self.now, next_look=next_look)
        reason = f"{_who(row)} was reminded of hand-over {row.id}, {_before(row)}"
        record = _record(row, "handover_reminded", reason, next_at=row.answer_by)
        return Chased(after, ((NoticeKind.REMINDER, _assignee(row), "No answer yet."),), record)

    def _escalated(self, row: HandoverRow, whom: str, but: str = "") -> Chased:
        """Somebody hears of it; the assignee keeps it."""
        to = _named(whom, self._team(row))
        why = f"{_who(row)} has not answered in time, {_before(row)}{but}"
        after = replace(row, escalated_at=self.now, escalated_to=to.email if to else None, next_look=None)
        if to is None:
            reason = f"{why}; there is nobody to tell of it"
            return Chased(after, record=_record(row, "handover_escalated", reason))
        record = _record(row, "handover_escalated", f"{why}; {to.name} was told", to=to.email)
        return Chased(after, ((NoticeKind.ESCALATED, to, f"{why}."),), record)

    def _passed_on(self, rows: Sequence[HandoverRow]) -> Iterator[Chased]:
        """Each to the next member who has not had it; where there is none, to whoever leads the team."""
        wanted = [self._to_assign(row) for row in rows]
        for row, assigned in zip(rows, self.assigner.assign(self.connection, wanted, self.now), strict=True):
            if assigned.to is None:
                yield self._escalated(row, LEAD, "; there is nobody else to give it to")
                continue
            late = f"{_who(row)} has not answered in time, {_before(row)}"
            given = replace(
                row,
                assignee_name=assigned.to.name,
                assignee_email=assigned.to.email,
                assigned_because=assigned.because,
                assigned_at=self.now,
                had=_had(row),
            )
            fresh = self._anew(given)
            told: list[Told] = [(NoticeKind.REASSIGNED, assigned.to, f"{late}.")]
            if row.assignee_email:
                why = f"{assigned.to.name} has it now: {late}."
                told.append((NoticeKind.PASSED_ON, _assignee(row), why))
            reason = f"{late}; {assigned.because}"
            record = _record(
                fresh, "handover_reassigned", reason, next_at=fresh.answer_by, to=assigned.to.email
            )
            yield Chased(fresh, tuple(told), record)

    def _to_assign(self, row: HandoverRow) -> ToAssign:
        dossier, had, lead = from_json(row.dossier), frozenset(_had(row)), lead_of(self._team(row))
        return ToAssign(
            row.team,
            self.campaigns[row.version_id],
            self._policy(row),
            dossier.contact,
            dossier.account,
            had,
            only_there=True,
            to_lead=lead is not None and lead.email not in had,
        )

    # --- what holds of it -------------------------------------------------------------------------------

    def _anew(self, row: HandoverRow) -> HandoverRow:
        """It begins once more for its assignee: its own deadline, its own notices."""
        window, zone = hours_of(self._team(row), self.campaigns[row.version_id])
        policy = self._policy(row)
        deadline: Deadline = set_deadline(policy, window, zone, self.now)
        return replace(
            row,
            turn=row.turn + 1,
            answer_by=deadline.answer_by,
            next_look=first_look(policy, deadline),
            reminded_at=None,
            escalated_at=None,
            escalated_to=None,
            asked_at=None,
            asked_for=None,
        )

    def _policy(self, row: HandoverRow) -> HandoverPolicy:
        return policy_of(self.campaigns[row.version_id], row.team)

    def _team(self, row: HandoverRow) -> Team:
        return self.teams.get(row.team, Team())


def _who(row: HandoverRow) -> str:
    return row.assignee or f"team {row.team}"


def _had(row: HandoverRow) -> list[str]:
    return [*(row.had or ()), *([row.assignee_email] if row.assignee_email else ())]


def _before(row: HandoverRow) -> str:
    zone = ZoneInfo(str(row.dossier["facts"].get("timezone") or "UTC"))
    return f"due {when_words(row.answer_by, zone)} ({zone.key})" if row.answer_by else "with no deadline"


def _assignee(row: HandoverRow) -> SalesPerson | None:
    return SalesPerson(row.assignee, row.assignee_email) if row.assignee_email else None


def _named(whom: str, team: Team) -> SalesPerson | None:
    """Whoever leads the team, or the person of an address: by name where we know it."""
    lead = lead_of(team)
    if whom == LEAD:
        return lead
    known = [*(SalesPerson(one.name, one.email) for one in team.members), *([lead] if lead else ())]
    return next((one for one in known if one.email == whom), SalesPerson(whom, whom))


def _record(
    row: HandoverRow, what: What, reason: str, *, next_at: datetime | None = None, to: str | None = None
) -> DecisionRecord:
    evidence: dict[str, Value] = {"handover": row.id, "team": row.team, "to": to}
    return DecisionRecord(
        what,
        reason,
        campaign=row.campaign,
        rule="handover",
        evidence={key: value for key, value in evidence.items() if value is not None},
        next_at=next_at,
    )
