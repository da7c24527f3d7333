"""Sorting: what waits in the inbox becomes contacts, or junk with the reason.

One batch is one transaction: gather what is known of the people it is about, think in memory, write back in
bulk. The number of statements is the same for a batch of ten and of ten thousand.

Reading the meaning of records costs Python's time, writing costs the database's. So two threads or processes
may sort: one reads the next batch while the other one writes, and they write in the order in which they read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import Lead
from nurture.core.profile import Profile
from nurture.errors import TokenError
from nurture.ingest.enrich import enrich
from nurture.ingest.judge import Companies, link_companies, missing_of, person_row, redeemed
from nurture.ingest.mapping import ColumnMapping, from_document
from nurture.ingest.match import People, Person, identities_of
from nurture.ingest.normalise import RECORD, Origin, normalise
from nurture.ingest.plan import Plan, make_plan
from nurture.ingest.questions import asks_of
from nurture.ingest.recognise import Written, recognise
from nurture.logs import Log
from nurture.plug.contracts import AnyEnricher, quick_ones, remote_ones
from nurture.settings import Consent, Leads
from nurture.store import consents, former, inbox, journey, lookups, opt_ins, pairs, people, signals, turns
from nurture.store.inbox import Import, Item, Settled
from nurture.store.merging import merge_contacts
from nurture.store.opt_ins import Ask
from nurture.store.people import Company, ConsentRow, MergeRow
from nurture.tokens import VISIT, Signer, VisitorFacts

log = Log(__name__)

VISITOR_FIELD = "_visitor"
"""The field of a form in which the beacon says by whose link somebody came."""

FORMS = "webform"
"""The source whose records anybody can write, of anybody: their consents may have to be confirmed."""

SHOWN = {"words": "_consent_text", "page": "_page"}
"""What a form may tell of itself, as proof: the words (or their version) at the box, and its page."""


@dataclass(slots=True)
class _Batch:
    """The work of one transaction."""

    connection: sa.Connection
    now: datetime
    items: Sequence[Item]
    imports: Mapping[int, Import]


class Sorter:
    """Sorts batches of inbox items.

    `message_domain` stands in the Message-ID of the mails that ask for what forms said to be confirmed.
    """

    def __init__(
        self,
        *,
        profile: Profile,
        enrichers: Sequence[AnyEnricher],
        leads: Leads,
        signer: Signer,
        consent: Consent,
        message_domain: str,
    ) -> None:
        self._require = profile.require
        self._enrichers = quick_ones(enrichers)
        self._remote = remote_ones(enrichers)
        self._country = leads.country
        self._locale = leads.locale
        self._signer = signer
        self._consent = consent
        self._message_domain = message_domain

    def sort(self, connection: sa.Connection, limit: int, now: datetime) -> int:
        """Sorts the oldest items that wait, at most `limit`; answers with how many it took."""
        with inbox.reading(connection):
            items = inbox.next_new(connection, limit)
            if not items:
                return 0
            imports = inbox.imports_of(connection, {item.import_id for item in items})
            batch = _Batch(connection, now, items, imports)
            leads, broken = self._normalised(batch)
            inbox.take_turn(connection)
        everybody = self._gathered(batch, leads).all()
        enrich([person for person in everybody if person.changed], self._enrichers, now)
        for person in everybody:
            person.missing = missing_of(person, self._require)
        companies = link_companies(connection, everybody, now)
        _write(batch, everybody, companies.linked)
        found = recognise(connection, _written(everybody, companies.linked))
        if found.sure:
            # Before anything of theirs is locked that whoever decides may wait for.
            turns.publishing(connection)
        self._write_consents(batch, everybody)
        # Journeys come last, as with all who lock consents too: so nobody waits for one who waits for them.
        _write_signals(batch, everybody)
        _wake(batch, everybody, companies)
        _settle(batch, everybody, broken)
        touched = [person for person in everybody if person.changed]
        lookups.ask(connection, asks_of(touched, self._remote, companies.linked), now)
        if found.sure:
            merged = merge_contacts(connection, found.sure, self._signer.address_hash, now)
            inbox.join(connection, [one.kept for one in merged])
        pairs.PEOPLE.add(connection, found.doubtful, now)
        return len(items)

    def _normalised(self, batch: _Batch) -> tuple[list[tuple[Item, Lead]], list[Settled]]:
        mappings = {one.id: from_document(one.mapping) for one in batch.imports.values()}
        plans: dict[tuple[int, tuple[str, ...]], Plan] = {}
        leads, broken = [], []
        for item in batch.items:
            try:
                plan = _plan_of(item, mappings[item.import_id], plans)
                leads.append(
                    (item, normalise(item.fields, plan, Origin(item.source, item.received_at, self._country)))
                )
            except Exception as error:
                # A defect of ours, not of the data: one record that hits it must not hold up all others.
                log.exception("a record could not be understood", inbox_id=item.id)
                reason = f"could not be understood: {type(error).__name__}: {error}"
                broken.append(Settled(item.id, inbox.UNREADABLE, item.contact_id, reason))
        return leads, broken

    def _gathered(self, batch: _Batch, leads: Sequence[tuple[Item, Lead]]) -> People:
        identities = [identities_of(lead) for _, lead in leads]
        owners = people.find_identities(batch.connection, {one for some in identities for one in some})
        visitors = [self._visitor(item) for item, _ in leads]
        since = former.now_known_as(batch.connection, {id_ for id_ in visitors if id_ is not None})
        visitors = [since.get(id_, id_) if id_ is not None else None for id_ in visitors]
        ids = {*owners.values(), *(item.contact_id for item, _ in leads if item.contact_id is not None)}
        ids |= {visitor for visitor in visitors if visitor is not None}
        gathered = People(people.load_people(batch.connection, ids), owners)
        for (item, lead), theirs, visitor in zip(leads, identities, visitors, strict=True):
            gathered.take(item, lead, theirs, visitor)
        return gathered

    def _visitor(self, item: Item) -> int | None:
        """The contact by whose link somebody came to the form, as its hidden field says, signed by us."""
        token = item.fields.get(VISITOR_FIELD)
        if not token:
            return None
        try:
            facts = self._signer.read(VISIT, token, VisitorFacts)
        except TokenError:
            return None
        return facts.contact_id if facts.expires > item.received_at.timestamp() else None

    def _write_consents(self, batch: _Batch, everybody: Sequence[Person]) -> None:
        agreed = [person for person in everybody if person.consents]
        hashes = {
            person.id: self._signer.address_hash(person.lead.email) for person in agreed if person.lead.email
        }
        # The list outlives an erasure: an old file must not bring back a consent that was withdrawn.
        never = consents.suppressed(batch.connection, hashes.values()) if hashes else frozenset()
        said = [
            (person, purpose, item)
            for person in agreed
            if hashes.get(person.id) not in never
            for purpose, item in sorted(person.consents.items())
        ]
        must_confirm = self._consent.is_confirmed_by_mail
        rows = [
            ConsentRow(person.id, purpose, _evidence(item, batch.imports), item.received_at)
            for person, purpose, item in said
            if item.source != FORMS or not must_confirm(purpose)
        ]
        rows.sort(key=lambda row: row.contact_id)
        people.add_consents(batch.connection, rows, consents.CONSENT)
        asks = [
            self._ask(person, purpose, item, batch.imports)
            for person, purpose, item in said
            if item.source == FORMS and must_confirm(purpose) and person.lead.email and not person.missing
        ]
        within, domain = self._consent.confirm_within, self._message_domain
        opt_ins.ask(batch.connection, asks, within, self._signer, domain, batch.now)

    def _ask(self, person: Person, purpose: str, item: Item, imports: Mapping[int, Import]) -> Ask:
        form = imports[item.import_id].name
        proof = {
            "form": form,
            "received_at": item.received_at.isoformat(),
            "record": item.id,
            **(item.origin or {}),
            **{name: said for name, field in SHOWN.items() if (said := item.fields.get(field))},
        }
        return Ask(person.id, purpose, f"form {form}", proof, person.lead.locale or self._locale)


def _plan_of(item: Item, mapping: ColumnMapping, plans: dict[tuple[int, tuple[str, ...]], Plan]) -> Plan:
    key = (item.import_id, tuple(item.fields))
    plan = plans.get(key)
    if plan is None:
        plan = plans[key] = make_plan(key[1], mapping)
    return plan


def _evidence(item: Item, imports: Mapping[int, Import]) -> str:
    name = imports[item.import_id].name
    if item.source == FORMS:
        return f"form {name}"
    return f"import {name}" if item.line is None else f"import {name} line {item.line}"


# --- writing back -----------------------------------------------------------------------------------


def _write(batch: _Batch, everybody: Sequence[Person], companies: Mapping[int, Company]) -> None:
    connection, now = batch.connection, batch.now
    new = [person for person in everybody if person.before is None]
    for person, contact_id in zip(new, people.new_ids(connection, len(new)), strict=True):
        person.id = contact_id
    changed = [person for person in everybody if person.before is not None and person.changed]
    people.insert_people(connection, [person_row(person, companies) for person in new], now)
    people.update_people(connection, [person_row(person, companies) for person in changed], now)
    inbox.redeem(connection, redeemed(everybody))
    claims = [(identity, person.id) for person in everybody for identity in person.claims]
    people.insert_identities(connection, claims)
    merges = [
        MergeRow(person.id, one.item.id, one.matched_by, one.changes)
        for person in everybody
        for one in person.merges
    ]
    people.insert_merges(connection, merges, now)


def _written(everybody: Sequence[Person], companies: Mapping[int, Company]) -> list[Written]:
    """Those who are to be compared with others; a robot's record is nobody's."""
    rows = (
        (person, person_row(person, companies)) for person in everybody if RECORD not in person.lead.problems
    )
    return [
        Written(row.id, row.lead, row.account_id, person.before is None)
        for person, row in rows
        if person.before is None or person.changed
    ]


def _wake(batch: _Batch, everybody: Sequence[Person], companies: Companies) -> None:
    """Whoever's picture has changed: by what they said or agreed to, or by what is known of their firm."""
    known = [person for person in everybody if person.before is not None]
    people.promote_junk(batch.connection, redeemed(everybody), batch.now)
    changed = [person.id for person in known if person.changed or person.consents]
    journey.wake(batch.connection, changed, batch.now)
    journey.wake_accounts(batch.connection, companies.changed, batch.now)


def _write_signals(batch: _Batch, everybody: Sequence[Person]) -> None:
    new = [
        signals.NewSignal(
            contact_id=person.id,
            kind=signal.kind,
            at=signal.at,
            data=signal.data,
            why_classed="told by a source",
            dedupe_key=hashlib.sha256(f"inbox {item.id} {number}".encode()).digest(),
        )
        for person in everybody
        for number, (item, signal) in enumerate(person.signals)
    ]
    if new:
        signals.record_signals(batch.connection, new, batch.now)


def _settle(batch: _Batch, everybody: Sequence[Person], broken: Sequence[Settled]) -> None:
    settled = list(broken)
    for person in everybody:
        was_junk = person.before is not None and person.rests
        first = inbox.CONTACT if person.before is None or was_junk else inbox.MERGED
        for number, item in enumerate(person.items):
            state = inbox.JUNK if person.missing else first if number == 0 else inbox.MERGED
            settled.append(Settled(item.id, state, person.id, person.missing))
    inbox.settle(batch.connection, settled, batch.now)
