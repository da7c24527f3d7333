"""One workspace at work: its campaigns published, and all that is due done, a batch at a time.

Everything above (jobs, web, command line, demo) works through an App; its services come from `parts`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from nurture.clock import Clock, SystemClock
from nurture.errors import CampaignError
from nurture.parts import Parts
from nurture.plug.contracts import remote_ones
from nurture.store import (
    errands,
    expiry,
    handovers,
    inbox,
    journey,
    lookups,
    notices,
    outbox,
    outbox_view,
    retention,
)

if TYPE_CHECKING:
    import sqlalchemy as sa

    from nurture.core.plan import Plan
    from nurture.deliver.report import SendReport
    from nurture.journey.advance import AdvanceReport
    from nurture.journey.publishing import Waiting
    from nurture.language.workspace import Compiled, Known
    from nurture.settings import Settings
    from nurture.store.campaigns import Byline

SORT_BATCH = 5_000
SORTING_THREADS = 2
ADVANCE_BATCH = 500
NOTIFY_BATCH = 10
COUNT_AT_MOST = 10_000
"""Waiting work is counted no further than this: it only decides how often to ring."""


@dataclass(frozen=True, slots=True)
class TickReport:
    """What one tick did, by kind of work, and what became of the mails.

    `deferred` mails will be tried again; `problems` are the reasons why mails did not go, each once.
    """

    sorted: int
    advanced: int
    sent: int
    deferred: int
    failed: int
    unknown: int
    notified: int
    errands: int = 0
    lookups: int = 0
    returned: int = 0
    problems: tuple[str, ...] = ()


class App(Parts):
    """All that can be done in one workspace."""

    # --- campaigns --------------------------------------------------------------------------------------

    def known(self) -> Known:
        """What documents may speak of: everything there is in this workspace."""
        from nurture.deliver.clickable import has_link
        from nurture.handover.answers import REASONS
        from nurture.handover.roster import traits_of
        from nurture.language.workspace import Known

        return Known(
            templates={**self.templates.index(), **self.texts.index()},
            teams=frozenset(self.settings.teams),
            traits={name: traits_of(team) for name, team in self.settings.teams.items()},
            channels=frozenset(self.registry.channels),
            enrichers=frozenset(self.registry.enrichers),
            rules=frozenset(self.registry.rules),
            reasons=frozenset(REASONS),
            actions={name: action.parameters for name, action in self.registry.actions.items()},
            purposes=frozenset(self.settings.consent.purposes),
            has_link=lambda template: has_link(self.templates, template),
            texts_go=bool(self.settings.sms.transport),
        )

    def documents(self) -> Compiled:
        """The workspace's campaigns and profile as their files say now, with every finding."""
        from nurture.language.workspace import load_documents

        today = self.clock.now().date()
        return load_documents(self.settings.folder / "campaigns", known=self.known(), today=today)

    def draft_plan(self, compiled: Compiled) -> Plan:
        """The plan as it would be if everything in the files were published."""
        from nurture.core.plan import Plan
        from nurture.journey.errands import action_parts

        text = compiled.the_profile(self.settings.profile)
        profile = next(each.profile for each in compiled.profiles if each.text.hash == text.hash)
        campaigns = {
            # Below the ids of versions in the database: an enrolment in one of these is in none of ours.
            -number: replace(each.campaign, version_id=-number)
            for number, each in enumerate(compiled.campaigns, 1)
        }
        rules = {name: rule.answer for name, rule in self.registry.rules.items()}
        return Plan(profile, campaigns, tuple(campaigns), rules, action_parts(self.registry.actions))

    def publish(self, *, byline: Byline | None = None) -> list[str]:
        """Makes the files' campaigns the live ones; returns what is new or changed.

        Those under way are moved along, and everybody is looked at again. Raised when a file has errors, or
        people would be stranded: CampaignError.
        """
        compiled = self.sound_documents()
        profile = compiled.the_profile(self.settings.profile)
        return self.publisher.publish(profile, compiled, byline=byline).names

    def publish_at_start(self, *, only_profile: bool = False) -> tuple[list[str], Waiting]:
        """Publishes what changes nothing for anybody; returns that, and what waits for a person."""
        compiled = self.sound_documents()
        profile = compiled.the_profile(self.settings.profile)
        done, waiting = self.publisher.publish_at_start(profile, compiled, only_profile=only_profile)
        return done.names, waiting

    def sound_documents(self) -> Compiled:
        """The documents. Raised when any has errors, with all of them: CampaignError."""
        from nurture.language.render import render_findings

        compiled = self.documents()
        if compiled.errors:
            told = render_findings(compiled.errors, self.settings.folder)
            raise CampaignError(
                f"the campaigns have {len(compiled.errors)} error(s):\n{told}", hint="run: nurture check"
            )
        return compiled

    # --- work -------------------------------------------------------------------------------------------

    def sort_batch(self) -> int:
        return self.intake().sort_batch(SORT_BATCH)

    def sort_all(self) -> int:
        """Sorts all that waits; on PostgreSQL by two threads: one reads while the other one writes."""
        threads = SORTING_THREADS if self.store.is_postgresql else 1
        with ThreadPoolExecutor(threads, thread_name_prefix="sort") as pool:
            return sum(pool.map(lambda _: _drained(self.sort_batch), range(threads)))

    def advance_batch(self) -> int:
        return self.advance().contacts

    def advance(self) -> AdvanceReport:
        return self.advancer.advance_batch(ADVANCE_BATCH)

    def send_batch(self) -> int:
        return self.send().claimed

    def send(self) -> SendReport:
        """A batch of mails, and one of text messages where there are any."""
        mails = self.sender.send_batch()
        return mails if self.text_sender is None else mails.plus(self.text_sender.send_batch())

    def notify_batch(self) -> int:
        """Chases what sales has not answered, and tells sales what there is to tell."""
        return self.desk.chase_batch(NOTIFY_BATCH) + self.desk.notify_batch(NOTIFY_BATCH)

    def errand_batch(self) -> int:
        return self.errands.run_batch()

    def lookup_batch(self) -> int:
        """Asks remote enrichers a batch of questions; 0 where none may be asked now."""
        if not remote_ones(self.registry.enrichers.values()) or not self.asking.acquire(blocking=False):
            return 0
        try:
            return self.lookups().run_batch().claimed
        finally:
            self.asking.release()

    def outcome_batch(self) -> int:
        """Asks other systems what became of people, each in its turn."""
        return self.outcome_asker.ask_due()

    def returned_batch(self) -> int:
        """Takes a batch of the mails that came back."""
        return sum(self.ways_back.take_batch().values())

    def sweep(self) -> None:
        """Takes back what workers held that are no more, and tidies up a little."""
        from nurture.ingest.same_accounts import compare_a_little

        now = self.clock.now()
        with self.store.write() as connection:
            outbox.sweep(connection, now)
        self.prune_batch()
        with self.store.write() as connection:
            compare_a_little(connection, now)
        self.outcomes.retry_a_little()

    def prune_batch(self) -> int:
        """Lets go a little of what was kept long enough; 0 when that is done for today."""
        keep, now, looked = self.settings.retention.decisions, self.clock.now(), 0
        if keep is not None:
            with self.store.write() as connection:
                looked += retention.prune(connection, now, keep)
        for name, keep in self.settings.retention.expiring.items():
            with self.store.write() as connection:
                looked += expiry.keep_to(connection, name, keep, now, self.signer.address_hash)
        return looked

    def let_go(self) -> None:
        """Lets go everything that was kept long enough, now."""
        with self.store.write() as connection:
            retention.begin_anew(connection)
        _drained(self.prune_batch)

    def expired(self) -> dict[str, int]:
        """How many rows of each kind would go now, of those that the settings let go."""
        kept, now = self.settings.retention, self.clock.now()
        with self.store.read() as connection:
            found = {
                name: expiry.expired(connection, name, keep, now) for name, keep in kept.expiring.items()
            }
            if kept.decisions is not None:
                found["decisions"] = retention.dispensable(connection, now, kept.decisions)
        return found

    def waiting(self) -> dict[str, int]:
        """How much of each kind of work is due now, counted no further than a doorbell needs."""
        now = self.clock.now()
        returned = self.ways_back.waiting(COUNT_AT_MOST)
        turn = self.outcome_asker.next_turn()
        with self.store.read() as connection:
            return {
                "returned": returned,
                "sort": inbox.count_new(connection, COUNT_AT_MOST),
                "advance": journey.count_due(connection, now, COUNT_AT_MOST),
                "send": outbox_view.count_ready(connection, now, COUNT_AT_MOST),
                "notify": notices.count_due_notices(connection, now, COUNT_AT_MOST)
                + handovers.count_due_looks(connection, now, COUNT_AT_MOST),
                "errands": errands.count_due(connection, now, COUNT_AT_MOST),
                "lookups": lookups.count_due(connection, self._asked(connection), now, COUNT_AT_MOST),
                "outcomes": int(turn is not None and turn <= now),
            }

    def _asked(self, connection: sa.Connection) -> list[str]:
        """The remote enrichers that the published profile names."""
        remote = [one.name for one in remote_ones(self.registry.enrichers.values())]
        if not remote:
            return []
        named = self.plans.current(connection).profile.enrich
        return [name for name in remote if name in named]

    def batch_of(self, job: str) -> int:
        """How many a batch of this kind of work holds."""
        sizes = {
            "sort": COUNT_AT_MOST // SORTING_THREADS,
            "advance": ADVANCE_BATCH,
            "send": self.settings.mail.batch,
        }
        return sizes.get(job, NOTIFY_BATCH)

    def tick(self) -> TickReport:
        """Does everything that is due now, once and to its end: sort, decide, send, notify, sweep."""
        from nurture.deliver.report import SendReport

        self.sweep()
        _drained(self.prune_batch)
        returned = _drained(self.returned_batch)
        _drained(self.outcome_batch)
        in_order = _drained(self.sort_batch), _drained(self.advance_batch)
        mails = list(iter(self.send, SendReport()))
        problems = [problem for batch in mails for problem in (*batch.problems, batch.error) if problem]
        return TickReport(
            *in_order,
            sent=sum(batch.sent for batch in mails),
            deferred=sum(batch.deferred for batch in mails),
            failed=sum(batch.failed for batch in mails),
            unknown=sum(batch.unknown for batch in mails),
            notified=_drained(self.notify_batch),
            errands=_drained(self.errand_batch),
            lookups=_drained(self.lookup_batch),
            returned=returned,
            problems=tuple(dict.fromkeys(problems)),
        )

    def next_due(self) -> datetime | None:
        """The next moment at which there is anything to do, or None."""
        with self.store.read() as connection:
            moments = (
                inbox.oldest_new(connection),
                journey.next_due(connection),
                outbox_view.next_ready(connection),
                handovers.next_look(connection),
                notices.next_notice(connection),
                errands.next_due(connection),
                lookups.next_due(connection, self._asked(connection)),
            )
        times = (*moments, self.outcome_asker.next_turn())
        return min((moment for moment in times if moment is not None), default=None)

    def close(self) -> None:
        """Closes transports and the database, if they were opened."""
        if "registry" in self.__dict__:
            for transport in self.registry.transports.values():
                transport.close()
        if "store" in self.__dict__:
            self.store.close()


def build_app(settings: Settings, clock: Clock | None = None) -> App:
    """An app for these settings, on the machine's clock unless another is given."""
    return App(settings, clock or SystemClock())


def _drained(batch: Callable[[], int]) -> int:
    done = 0
    while count := batch():
        done += count
    return done
