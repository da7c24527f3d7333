"""The way in: receive a source's records into the inbox, and sort them into contacts and junk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from nurture.clock import Clock
from nurture.core.profile import Profile
from nurture.errors import SourceError, did_you_mean
from nurture.ingest.chain import chain_of
from nurture.ingest.detect import detect
from nurture.ingest.mapping import ColumnMapping, form_mapping
from nurture.ingest.quiet import no_collecting
from nurture.ingest.receive import Progress, Receipt, receive
from nurture.ingest.sort import Sorter
from nurture.logs import Log
from nurture.plug.contracts import AnyEnricher, Payload, Source
from nurture.settings import Consent, Leads
from nurture.store import inbox
from nurture.store.engine import Store
from nurture.store.inbox import Settled
from nurture.tokens import Signer

UNREADABLE_LISTED = 1_000
SMALLER = 10
"""By how much a batch shrinks when the database refuses it."""

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of an import. `contacts` are the items that became or joined a contact.

    `waiting` items are not sorted yet; `unreadable` lists (line, reason), the first thousand.
    """

    received: int
    new: int
    duplicate: int
    contacts: int
    waiting: int
    junk: Mapping[str, int] = field(default_factory=dict)
    unreadable_count: int = 0
    unreadable: tuple[tuple[int | None, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape that other programs rely on."""
        return {
            "received": self.received,
            "new": self.new,
            "duplicate": self.duplicate,
            "contacts": self.contacts,
            "junk": dict(self.junk),
            "unreadable": [{"line": line, "reason": reason} for line, reason in self.unreadable],
        }


class Intake:
    """Receives and sorts. Raised when the profile names an enricher that is not loaded: PluginError."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        sources: Mapping[str, Source],
        enrichers: Mapping[str, AnyEnricher],
        profile: Profile,
        leads: Leads,
        signer: Signer,
        consent: Consent,
        message_domain: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._sources = sources
        self._sorter = Sorter(
            profile=profile,
            enrichers=chain_of(profile, enrichers),
            leads=leads,
            signer=signer,
            consent=consent,
            message_domain=message_domain,
        )

    def receive(
        self,
        source_name: str,
        payload: Payload,
        mapping: ColumnMapping | None = None,
        *,
        progress: Progress | None = None,
    ) -> Receipt:
        """Puts every record of the payload into the inbox, durably and once; judges nothing.

        What was posted (its payload has a media type) and has no mapping of its own is a form: each record
        is a `submitted` signal too. `progress` is told how many were received, after each batch.
        Raised when: SourceError, if there is no such source or it can read nothing; MappingError, if the
        mapping names a column that is not there.
        """
        name = detect(payload, source_name, self._sources)
        source = self._sources.get(name)
        if source is None:
            raise SourceError(
                f"there is no source {name!r}{did_you_mean(name, self._sources)}",
                hint="a source is there when its plugin is in plugins.load",
            )
        if mapping is None and payload.media_type is not None:
            mapping = form_mapping(payload.name)
        records = source.read(payload)
        receipt = receive(self._store, name, payload, records, mapping, self._clock.now(), progress=progress)
        if name == source_name:
            return receipt
        notice = f"{payload.name} is not what {source_name} reads; it was read with the source {name}"
        return replace(receipt, notice=notice)

    def sort_batch(self, limit: int = 5_000) -> int:
        """Sorts the oldest items that wait, in one transaction; answers with how many. 0: nothing waits.

        A batch that the database refuses is tried in ever smaller parts; the one item that it is about is put
        aside as unreadable, with the reason, so that it holds up nobody.
        """
        try:
            with no_collecting(), self._store.write() as connection:
                return self._sorter.sort(connection, limit, self._clock.now())
        except (OperationalError, InterfaceError):
            # The database away or a deadlock: no item's fault, and the work is still due.
            raise
        except SQLAlchemyError as error:
            if limit > 1:
                log.warning("a batch could not be sorted; it is tried in smaller parts", items=limit)
                return self.sort_batch(max(1, limit // SMALLER))
            return self._put_aside(error)

    def _put_aside(self, error: SQLAlchemyError) -> int:
        with self._store.write() as connection:
            guilty = inbox.next_new(connection, 1)
            reason = f"could not be sorted: {type(error.__cause__ or error).__name__}"
            settled = [Settled(item.id, inbox.UNREADABLE, item.contact_id, reason) for item in guilty]
            inbox.settle(connection, settled, self._clock.now())
        return len(guilty)

    def retry_junk(self, reason: str | None = None) -> int:
        """Lets junk be sorted again, all or that of one reason; answers with how many items will be."""
        with self._store.write() as connection:
            return inbox.retry_junk(connection, reason)

    def outcome(self, import_id: int) -> ImportOutcome:
        """What became of an import so far."""
        with self._store.read() as connection:
            received, figures = inbox.import_figures(connection, import_id)
            unreadable = inbox.unreadable_of(connection, import_id, UNREADABLE_LISTED)
        by_state: dict[str, int] = {}
        junk: dict[str, int] = {}
        for (state, reason), number in figures.items():
            by_state[state] = by_state.get(state, 0) + number
            if state == inbox.JUNK:
                junk[reason or ""] = number
        new = sum(number for state, number in by_state.items() if state != inbox.UNREADABLE)
        unread = by_state.get(inbox.UNREADABLE, 0)
        return ImportOutcome(
            received=received,
            new=new,
            duplicate=received - new - unread,
            contacts=by_state.get(inbox.CONTACT, 0) + by_state.get(inbox.MERGED, 0),
            waiting=by_state.get(inbox.NEW, 0),
            junk=junk,
            unreadable_count=unread,
            unreadable=tuple(unreadable),
        )
