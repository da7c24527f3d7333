"""Moves a batch of due contacts: claim, gather, decide, apply.

Claiming is a transaction of its own, so that a contact whose deciding kills the process is counted and set
aside in the end; what the decisions say is applied in one more. In between nothing is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.assess import assess
from nurture.core.colleagues import find_pictures
from nurture.core.decide import Plan, decide
from nurture.core.model import (
    Decision,
    DecisionRecord,
    Enrol,
    HandOver,
    Lifecycle,
    Move,
    Order,
    Revise,
    Send,
    Signal,
    Snapshot,
)
from nurture.core.schedule import retry_delay
from nurture.core.settling import settled_of
from nurture.errors import NurtureError
from nurture.handover.desk import HandoverDesk, HandoverRequest
from nurture.journey.plans import PlanBook
from nurture.logs import Log
from nurture.plug.manager import Registry
from nurture.store import (
    consents,
    enrolments,
    errands,
    firms,
    journey,
    outbox,
    preferences,
    records,
    revisions,
    signals,
    snapshots,
)
from nurture.store.engine import Store
from nurture.store.preferences import EVERYTHING
from nurture.tokens import Signer

LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 5

Assigned: TypeAlias = Sequence[tuple[int, DecisionRecord]]
"""Who in sales got whom, by contact."""

_NOBODYS_FAULT = (NurtureError, sa.exc.OperationalError, sa.exc.InterfaceError)
"""No plan, the database away, a deadlock: must not count against the contacts that were in hand."""

Watch = Callable[[Sequence[tuple[Snapshot, Decision]]], None]

log = Log(__name__)


def _watch_nothing(decided: Sequence[tuple[Snapshot, Decision]]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class AdvanceReport:
    """What one batch came to. `contacts` 0 means that nothing was due."""

    contacts: int = 0
    sends: int = 0
    handovers: int = 0
    failed: int = 0


class Advancer:
    """Lets the core decide on due contacts and writes what follows."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        plans: PlanBook,
        desk: HandoverDesk,
        signer: Signer,
        registry: Registry,
        *,
        message_domain: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._desk = desk
        self._signer = signer
        self._registry = registry
        self._message_domain = message_domain
        self.watch: Watch = _watch_nothing
        """Told of each batch once it is stored: for a simulation, which counts who goes where."""

    def advance_batch(self, limit: int = 500) -> AdvanceReport:
        """One batch of at most `limit` contacts, the longest due first."""
        now = self._clock.now()
        with self._store.write() as connection:
            claim = journey.claim(connection, now, limit=limit, lease=LEASE)
        if not claim.held:
            return AdvanceReport()
        try:
            return self._move(claim, now)
        except _NOBODYS_FAULT:
            self._give_back(claim, counts=False)
            raise
        except Exception:
            # One of them may be the reason: counted, so that ever smaller batches find out which.
            self._give_back(claim, counts=True)
            raise

    def _give_back(self, claim: journey.Claim, *, counts: bool) -> None:
        ids = [held.contact_id for held in claim.held]
        with self._store.write() as connection:
            journey.give_back(connection, claim.token, ids, counts=counts)

    def _move(self, claim: journey.Claim, now: datetime) -> AdvanceReport:
        hopeless = [held.contact_id for held in claim.held if held.attempts > MAX_ATTEMPTS]
        ids = [held.contact_id for held in claim.held if held.attempts <= MAX_ATTEMPTS]
        with self._store.read() as connection:
            found, plan = gather(connection, ids, self._plans, self._signer)
        self._ask_again(found)
        decided, failed = _decide_all(found, plan, now)
        self._note_pictures(found, plan, now)
        attempts = {held.contact_id: held.attempts for held in claim.held}
        with self._store.write() as connection:
            # Consents come before journeys, as with all who lock both.
            consents.assume(connection, _on_declared_basis(decided), self._plans.assumed, now)
            mine = journey.still_held(connection, claim.token, [held.contact_id for held in claim.held])
            kept = [(snapshot, decision) for snapshot, decision in decided if snapshot.contact.id in mine]
            wakes = {held.contact_id: held.wakes for held in claim.held}
            sends, assigned = self._apply(connection, kept, plan, wakes, now)
            self._set_aside(connection, mine, failed, hopeless, attempts, wakes, now)
        self._tell(kept, assigned)
        return AdvanceReport(len(claim.held), sends, len(assigned), len(failed) + len(hopeless))

    def _ask_again(self, found: Iterable[Snapshot]) -> None:
        """Whom sales has asked more of is nurtured meanwhile: something happened to them, so it looks again.

        Before the decisions are applied: whoever is killed in between comes by here once more.
        """
        paused = [
            each.contact.id
            for each in found
            if each.open_handover and each.contact.lifecycle is Lifecycle.CONTACT
        ]
        if paused:
            self._desk.look_again(paused)

    def _note_pictures(self, found: Sequence[Snapshot], plan: Plan, now: datetime) -> None:
        """Wakes the colleagues of those whose firm's picture is another one than was seen before.

        A transaction of its own, before what was decided is written: who is woken here for nothing loses
        little, and whoever holds their journeys waits for nobody.
        """
        if plan.signal_rules.shared is None:
            return
        settle = plan.profile.settle
        did = {one.account.id: settled_of(one.firm, settle, now) for one in found if one.account is not None}
        seen = set(_completed(did, plan))
        with self._store.read() as connection:
            known = firms.completed(connection, did)
        if seen != known:
            with self._store.write() as connection:
                firms.note(connection, seen - known, known - seen, now)

    def _apply(
        self,
        connection: sa.Connection,
        decided: Sequence[tuple[Snapshot, Decision]],
        plan: Plan,
        wakes: dict[int, int],
        now: datetime,
    ) -> tuple[int, Assigned]:
        """Everything that the decisions say, in this transaction; one statement a kind of effect."""
        effects = [(snapshot, effect) for snapshot, decision in decided for effect in decision.effects]
        new = [effect.enrolment for _, effect in effects if isinstance(effect, Enrol)]
        moved = [effect.enrolment for _, effect in effects if isinstance(effect, Move)]
        sends = [(snapshot.contact.id, effect) for snapshot, effect in effects if isinstance(effect, Send)]
        orders = [(snapshot.contact.id, effect) for snapshot, effect in effects if isinstance(effect, Order)]
        revised = [(snapshot.contact, effect) for snapshot, effect in effects if isinstance(effect, Revise)]
        requests = [
            _request(snapshot, effect, plan, now)
            for snapshot, effect in effects
            if isinstance(effect, HandOver)
        ]
        enrolments.add_enrolments(connection, new)
        enrolments.move_enrolments(connection, moved)
        outbox.add(connection, sends, self._signer, self._message_domain, now)
        revisions.revise(connection, revised, now)
        errands.add(connection, orders, now)
        assigned = self._desk.open(connection, requests, now)
        records.add_records(connection, list(_records(decided)), now)
        journey.write_back(connection, [decision for _, decision in decided], wakes, now)
        return len(sends), assigned

    def _set_aside(
        self,
        connection: sa.Connection,
        mine: frozenset[int],
        failed: dict[int, str],
        hopeless: Sequence[int],
        attempts: dict[int, int],
        wakes: dict[int, int],
        now: datetime,
    ) -> None:
        """Contacts that cannot be decided on: tried again later, and at last stuck with the reason."""
        for contact_id, reason in failed.items():
            log.error("a contact could not be decided on", contact=contact_id, error=reason)
        again = [(one, None) for one in failed if one in mine and attempts[one] < MAX_ATTEMPTS]
        stuck = [(one, failed[one]) for one in failed if one in mine and attempts[one] >= MAX_ATTEMPTS]
        stuck += [
            (one, "deciding on it failed or ended the process, again and again")
            for one in hopeless
            if one in mine
        ]
        journey.set_aside(connection, again, now + retry_delay(1), wakes)
        journey.set_aside(connection, stuck, None, wakes)

    def _tell(self, decided: Sequence[tuple[Snapshot, Decision]], assigned: Assigned) -> None:
        self.watch(decided)
        pairs = [*_records(decided), *assigned]
        if pairs:
            self._registry.observe_decisions([pair[0] for pair in pairs], [pair[1] for pair in pairs])


def _completed(did: Mapping[int, Sequence[Signal]], plan: Plan) -> Iterator[firms.Completed]:
    """What each firm's people complete together; a firm whose signals cannot be judged completes nothing."""
    for account_id, signals_ in did.items():
        try:
            pictures = find_pictures(signals_, plan.signal_rules)
        except Exception:
            # Told of each of its contacts as well, when they are decided on.
            log.exception("a firm's signals could not be judged", account=account_id)
            continue
        yield from (firms.Completed(account_id, one.rule.id, one.signal.id) for one in pictures)


def gather(
    connection: sa.Connection, contact_ids: Sequence[int], plans: PlanBook, signer: Signer
) -> tuple[list[Snapshot], Plan]:
    """Snapshots of the contacts and the plan that covers them, in a fixed number of queries."""
    people = snapshots.contacts_of(connection, contact_ids)
    placed = snapshots.enrolments_of(connection, contact_ids)
    pinned = {place.version_id for places in placed.values() for place in places}
    plan = plans.current(connection, pinned)
    happened = signals.signals_of(connection, contact_ids)
    sent = snapshots.sent_of(connection, contact_ids)
    granted = consents.consents_of(connection, contact_ids)
    shared, accounts = plan.signal_rules.shared, {firm.id for _, firm in people if firm is not None}
    firm = firms.signals_of_firms(connection, accounts, shared.kinds) if shared else {}
    sales = snapshots.sales_of(connection, contact_ids)
    hashes = {person.id: signer.address_hash(person.email) for person, _ in people if person.email}
    suppressed = consents.suppressed(connection, list(hashes.values()))
    refused = consents.refused_of(connection, contact_ids) if plans.assumed else {}
    wishes = preferences.wishes_of(connection, contact_ids)
    nothing = snapshots.WithSales()
    found = [
        Snapshot(
            contact=person,
            account=account,
            signals=happened.get(person.id, ()),
            sent=sent.get(person.id, ()),
            enrolments=placed.get(person.id, ()),
            consents=granted.get(person.id, frozenset()),
            suppressed=hashes.get(person.id) in suppressed,
            open_handover=sales.get(person.id, nothing).open,
            rejected_at=sales.get(person.id, nothing).rejected_at,
            assumed=frozenset(plans.assumed) - refused.get(person.id, frozenset()),
            wishes=wishes.get(person.id, EVERYTHING),
            firm=() if account is None else firm.get(account.id, ()),
        )
        for person, account in people
    ]
    return found, plan


def _decide_all(
    found: Iterable[Snapshot], plan: Plan, now: datetime
) -> tuple[list[tuple[Snapshot, Decision]], dict[int, str]]:
    """One contact that cannot be decided on must not hold up the others of its batch."""
    decided = []
    failed = {}
    for snapshot in found:
        try:
            decided.append((snapshot, decide(snapshot, plan, now)))
        except Exception as error:
            failed[snapshot.contact.id] = f"{type(error).__name__}: {error}"
    return decided, failed


def _on_declared_basis(decided: Iterable[tuple[Snapshot, Decision]]) -> set[tuple[int, str]]:
    """Whom a mail goes out to that they never agreed to, and need not."""
    return {
        (snapshot.contact.id, effect.purpose)
        for snapshot, decision in decided
        for effect in decision.effects
        if isinstance(effect, Send) and effect.purpose not in snapshot.consents
    }


def _request(snapshot: Snapshot, effect: HandOver, plan: Plan, now: datetime) -> HandoverRequest:
    verdict = assess(snapshot, plan.profile, plan.rules, now).verdict
    return HandoverRequest(
        contact=snapshot.contact,
        account=snapshot.account,
        effect=effect,
        fit=(*verdict.hits, *verdict.misses, *verdict.unknowns),
        campaign=plan.campaigns[effect.version_id],
        signals=snapshot.signals,
        sent=snapshot.sent,
        prospect_at=plan.profile.prospect_at,
    )


def _records(decided: Iterable[tuple[Snapshot, Decision]]) -> Iterable[tuple[int, DecisionRecord]]:
    return ((decision.contact_id, record) for _, decision in decided for record in decision.records)
