"""Asks remote enrichers, after the leads are sorted, and judges anew whom their answers are about.

Nothing waits for it. A batch is claimed and counted in one transaction, asked without any, and applied in
another one: so two processes never ask more than an enricher allows, and one that dies loses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.profile import Profile
from nurture.core.throttle import Limits
from nurture.core.words import field_words
from nurture.ingest.enrich import enrich, fill
from nurture.ingest.judge import judge_anew, redeemed
from nurture.ingest.lookup_answers import (
    MAX_ATTEMPTS,
    Answer,
    Answers,
    answers_of,
    as_answer,
    as_document,
    unanswered,
)
from nurture.ingest.match import Person, known_person
from nurture.ingest.merge import with_values
from nurture.ingest.questions import Question, asks_of, hashed, question_of, usable
from nurture.logs import Log
from nurture.plug.contracts import (
    AnyEnricher,
    Enrichment,
    RemoteEnricher,
    Unanswered,
    quick_ones,
    remote_ones,
)
from nurture.store import inbox, lookups, people, throttles
from nurture.store.engine import Store
from nurture.store.lookups import LookupResult, LookupRow, throttle_key
from nurture.store.people import Company

AT_MOST = 10
"""Questions in one batch: they share one lease, and each may take some seconds."""

LEASE = timedelta(minutes=5)
PEOPLE_AT_ONCE = 500
_FOUND = "found"
_LATER = "no more questions are allowed for now"
_PASSED = "nothing: something else was known by then"

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a batch. `asked` questions went out; `cached` people had theirs answered before.

    Of the people, `found` got new values, `nothing` none; `later` are asked again, `failed` not. `contacts`
    were junk and meet the data standard now.
    """

    claimed: int = 0
    asked: int = 0
    cached: int = 0
    found: int = 0
    nothing: int = 0
    later: int = 0
    failed: int = 0
    contacts: int = 0

    def plus(self, other: Report) -> Report:
        return Report(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(slots=True)
class _Batch:
    """Claimed lookups of one enricher; `questions` by contact, `answers` by the questions' hashes."""

    enricher: RemoteEnricher
    token: int
    rows: Sequence[LookupRow]
    questions: Mapping[int, Question | None] = field(default_factory=dict)
    cached: Answers = field(default_factory=dict)
    answers: dict[bytes, Answer] = field(default_factory=dict)

    def hash_of(self, row: LookupRow) -> bytes | None:
        question = self.questions.get(row.contact_id)
        return None if question is None else hashed(question)

    def answer_to(self, row: LookupRow) -> Answer:
        key = self.hash_of(row)
        return None if key is None else self.answers.get(key)


class Lookups:
    """The questions to remote enrichers. `chain` are all of the profile's enrichers, in its order."""

    def __init__(
        self, store: Store, clock: Clock, profile: Profile, chain: Sequence[AnyEnricher], country: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._require = profile.require
        self._remote = remote_ones(chain)
        self._quick = quick_ones(chain)
        self._country = country

    @property
    def remote_names(self) -> list[str]:
        """The remote enrichers that the profile names."""
        return [one.name for one in self._remote]

    def run_batch(self, limit: int = AT_MOST) -> Report:
        """Asks each remote enricher up to `limit` due questions. `claimed` 0: nothing can be asked now."""
        done = Report()
        for enricher in self._remote:
            batch = self._claim(enricher, limit)
            if batch is not None:
                asked = self._ask(batch)
                done = done.plus(replace(self._apply(batch), asked=asked))
        return done

    def ask_about(self, contact_ids: Collection[int]) -> Report:
        """Lets the quick enrichers have another look, and notes all questions to the others anew."""
        now = self._clock.now()
        with self._store.write() as connection:
            inbox.take_turn(connection)
            everybody, companies = _load(connection, contact_ids)
            contacts = self._judge(connection, everybody, companies, now, anew=True)
        return Report(claimed=len(everybody), contacts=contacts)

    def retry_junk(self) -> Report:
        """`ask_about` for everybody who is junk, some at a time."""
        done, last = Report(), 0
        while True:
            with self._store.read() as connection:
                ids = lookups.junk_after(connection, last, PEOPLE_AT_ONCE)
            if not ids:
                return done
            done, last = done.plus(self.ask_about(ids)), ids[-1]

    def _claim(self, enricher: RemoteEnricher, limit: int) -> _Batch | None:
        """Due lookups, with what is known of their answers; what goes beyond the limits is given back."""
        now = self._clock.now()
        key, limits = throttle_key(enricher.name), _limits(enricher)
        with self._store.write() as connection:
            use = throttles.held(connection, [key])[key]
            if use.rest_until is not None and use.rest_until > now:
                return None
            token, rows = lookups.claim(
                connection, enricher.name, now, limit=limit, lease=LEASE, max_attempts=MAX_ATTEMPTS
            )
            if not rows:
                return None
            batch = _Batch(enricher, token, rows)
            everybody, companies = _load(connection, [row.contact_id for row in rows])
            batch.questions = {
                one.id: question_of(enricher, one.lead, companies.get(id(one))) for one in everybody
            }
            known = {hash_ for row in rows if (hash_ := batch.hash_of(row)) is not None}
            kept = lookups.answers(connection, enricher.name, known, now)
            batch.cached = {hash_: as_answer(document) for hash_, document in kept.items()}
            batch.answers = dict(batch.cached)
            allowed = use.left(limits, now, len(known) - len(kept))
            use = use.plus(allowed, now)
            if allowed < len(known) - len(kept):
                use = replace(use, rest_until=use.again(limits, now))
                self._give_back(connection, batch, allowed, use.again(limits, now))
            throttles.keep(connection, {key: use})
        return batch

    def _give_back(
        self, connection: sa.Connection, batch: _Batch, allowed: int, not_before: datetime
    ) -> None:
        """Keeps as many questions as are allowed now; the others wait."""
        wanted: list[bytes] = []
        kept, back = [], []
        for row in batch.rows:
            key = batch.hash_of(row)
            if key is None or key in batch.answers or key in wanted:
                kept.append(row)
            elif len(wanted) < allowed:
                wanted.append(key)
                kept.append(row)
            else:
                back.append(row)
        batch.rows = kept
        results = [
            LookupResult(row.id, lookups.READY, not_before, row.attempts - 1, _LATER, None) for row in back
        ]
        lookups.finish(connection, batch.token, results)

    def _ask(self, batch: _Batch) -> int:
        """Asks what nobody has asked before, each question once; answers with how many."""
        asked: dict[bytes, Question] = {}
        for row in batch.rows:
            key, question = batch.hash_of(row), batch.questions.get(row.contact_id)
            if key is not None and question is not None and key not in batch.answers:
                asked[key] = question
        found = answers_of(batch.enricher, list(asked.values()))
        batch.answers.update(zip(asked, found, strict=True))
        return len(asked)

    def _apply(self, batch: _Batch) -> Report:
        now = self._clock.now()
        enricher = batch.enricher
        with self._store.write() as connection:
            # Sorting writes of the same people; whoever has the turn has it alone.
            inbox.take_turn(connection)
            self._note_trouble(connection, batch, now)
            new = {
                key: as_document(answer)
                for key, answer in batch.answers.items()
                if key not in batch.cached and not isinstance(answer, Unanswered)
            }
            lookups.keep_answers(connection, enricher.name, new, now + enricher.cache_for)
            everybody, companies = _load(connection, [row.contact_id for row in batch.rows])
            by_id = {one.id: one for one in everybody}
            results, blamed = [], False
            for row in batch.rows:
                person, answer = by_id.get(row.contact_id), batch.answer_to(row)
                if isinstance(answer, Unanswered):
                    results.append(unanswered(row, answer, now, blamed=answer.busy and not blamed))
                    blamed = blamed or answer.busy
                elif person is not None and _asks(enricher, person, companies) == batch.hash_of(row):
                    words = self._take(person, enricher, answer, now)
                    results.append(LookupResult(row.id, lookups.DONE, now, row.attempts, words, now))
                elif person is not None:
                    # Something else is known by now: what is to be asked, if anything, was noted with it.
                    results.append(LookupResult(row.id, lookups.DONE, now, row.attempts, _PASSED, now))
            contacts = self._judge(connection, everybody, companies, now)
            lookups.finish(connection, batch.token, results)
            lookups.let_expire(connection, now)
        return _report(batch, results, contacts)

    def _take(
        self, person: Person, enricher: RemoteEnricher, answer: Enrichment | None, now: datetime
    ) -> str:
        """Adds an answer to a person, no surer than what it was asked with; answers with the words for it."""
        if answer is None:
            return "knows nothing"
        surest = min((person.origin(need).confidence for need in enricher.needs), default=1.0)
        answer = usable(replace(answer, confidence=min(answer.confidence, surest)), self._country)
        fields = fill(person, enricher.name, answer, now)
        if not fields:
            return "nothing new"
        return f"{_FOUND} {', '.join(map(field_words, fields))} ({answer.confidence:.0%} sure: {answer.why})"

    def _judge(
        self,
        connection: sa.Connection,
        everybody: Sequence[Person],
        companies: Mapping[int, Company],
        now: datetime,
        *,
        anew: bool = False,
    ) -> int:
        """Lets the chain go on from what was found, and judges anew; answers with how many left the junk."""
        before = {one.id: one.lead for one in everybody}
        enrich(everybody, self._quick, now)
        _drop_taken(connection, everybody)
        for person in everybody:
            person.changed = bool(person.found) or anew
        changed = [person for person in everybody if person.changed]
        linked = judge_anew(connection, changed, self._require, now).linked
        asks = asks_of(changed, self._remote, {**companies, **linked})
        lookups.ask(connection, asks, now, anew=anew)
        return len([one for one in redeemed(changed) if one in before])

    def _note_trouble(self, connection: sa.Connection, batch: _Batch, now: datetime) -> None:
        """One that is busy, or not there, is left in peace: twice as long each time, or as it says."""
        busy = [one for one in batch.answers.values() if isinstance(one, Unanswered) and one.busy]
        key = throttle_key(batch.enricher.name)
        use = throttles.held(connection, [key])[key]
        if busy:
            log.warning("a remote enricher has no time", enricher=batch.enricher.name, why=busy[0].why)
            wait = max((one.wait for one in busy if one.wait), default=timedelta(0))
            use = use.struck(now)
            rest = max(use.rest_until or now, now + wait)
            throttles.keep(connection, {key: replace(use, rest_until=rest)})
        elif use.strikes:
            throttles.keep(connection, {key: use.recovered()})


def _load(connection: sa.Connection, contact_ids: Collection[int]) -> tuple[list[Person], dict[int, Company]]:
    """People as they are known now, and their companies by the people's identity in memory."""
    known = people.load_people(connection, set(contact_ids))
    ids = {one.account_id for one in known if one.account_id is not None}
    firms = {firm.id: firm for firm in people.find_companies(connection, ids, (), ())} if ids else {}
    everybody = [known_person(one) for one in known]
    companies = {id(one): firms[one.account_id] for one in everybody if one.account_id in firms}
    for person in everybody:
        # A contact has no domain of its own; without it, the quick enrichers would find it anew each time.
        if (firm := companies.get(id(person))) is not None and firm.domain:
            person.lead = with_values(person.lead, {"company_domain": firm.domain})
    return everybody, companies


def _asks(enricher: RemoteEnricher, person: Person, companies: Mapping[int, Company]) -> bytes | None:
    question = question_of(enricher, person.lead, companies.get(id(person)))
    return None if question is None else hashed(question)


def _drop_taken(connection: sa.Connection, everybody: Sequence[Person]) -> None:
    """A found address or number that is somebody else's is not this person's: nobody is merged by a guess."""
    wanted = {
        (kind, value): person
        for person in everybody
        for kind in ("email", "phone")
        if kind in person.found and (value := getattr(person.lead, kind))
    }
    owners = people.find_identities(connection, wanted)
    for (kind, value), person in wanted.items():
        if owners.get((kind, value), person.id) != person.id:
            person.lead = with_values(person.lead, {kind: None})
            del person.found[kind], person.origins[kind]


def _limits(enricher: RemoteEnricher) -> Limits:
    return Limits(per_day=enricher.per_day, per_minute=enricher.per_minute)


def _report(batch: _Batch, results: Sequence[LookupResult], contacts: int) -> Report:
    states = Counter(one.state for one in results)
    found = sum(1 for one in results if one.reply.startswith(_FOUND))
    return Report(
        claimed=len(batch.rows),
        cached=sum(1 for row in batch.rows if batch.hash_of(row) in batch.cached),
        found=found,
        nothing=states[lookups.DONE] - found,
        later=states[lookups.READY],
        failed=states[lookups.FAILED],
        contacts=contacts,
    )
