"""The contracts of Source, Enricher and Rule as test suites: subclass one, name yours, and pytest runs it.

class TestMySource(SourceSuite):
    source = MySource()
    sample = b"..."             # a payload with at least two records

class TestMyEnricher(EnricherSuite):
    enricher = MyEnricher()
    lead = Lead(email="jan@jansen.nl")      # one that it can add something to

class TestMyRemoteEnricher(RemoteEnricherSuite):
    enricher = MyRemoteEnricher(url)        # to a server of the test's own
    away = MyRemoteEnricher(other_url)      # the same, where nobody answers
    lead = Lead(email="jan@jansen.nl")      # one that it knows something of

class TestMyRule(RuleSuite):
    rule = MyRule()
    true, false = ("yes",), ("no",)         # arguments that it says yes and no to
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

from nurture.core.model import Lead, Record, Unreadable, Value
from nurture.errors import SourceError
from nurture.ingest.merge import value_of
from nurture.ingest.questions import asking_lead
from nurture.plug.contracts import (
    Enricher,
    Enrichment,
    Payload,
    RemoteEnricher,
    Rule,
    Source,
    Unanswered,
)

Read = Record | Unreadable

_SEVERAL = ("answers", "account")


class SourceSuite:
    """What every source must do. `sample` is a payload of at least two records and nothing unreadable."""

    source: Source
    sample: bytes
    media_type: str | None = None

    def read(self, content: bytes) -> Iterator[Read]:
        return iter(self.source.read(Payload(io.BytesIO(content), "sample", self.media_type)))

    def test_it_is_a_source(self) -> None:
        assert isinstance(self.source, Source)

    def test_it_says_what_it_reads(self) -> None:
        assert all(extension.startswith(".") for extension in self.source.extensions)
        assert all("/" in media_type for media_type in self.source.media_types)
        assert self.source.name

    def test_every_piece_of_the_sample_is_a_record(self) -> None:
        records = list(self.read(self.sample))
        assert len(records) >= 2
        assert all(isinstance(record, Record) for record in records)

    def test_fields_are_text(self) -> None:
        for record in self.read(self.sample):
            assert isinstance(record, Record)
            assert all(
                isinstance(name, str) and isinstance(text, str) for name, text in record.fields.items()
            )

    def test_lines_go_up(self) -> None:
        lines = [record.line for record in self.read(self.sample) if record.line is not None]
        assert lines == sorted(set(lines))

    def test_reading_twice_gives_the_same(self) -> None:
        assert list(self.read(self.sample)) == list(self.read(self.sample))

    def test_records_come_one_by_one(self) -> None:
        assert isinstance(next(self.read(self.sample)), Record)

    def test_noise_is_refused_or_kept_and_never_another_error(self) -> None:
        for noise in (bytes(range(256)) * 8, self.sample[: len(self.sample) // 2], b"\x00" * 100):
            with contextlib.suppress(SourceError):
                assert all(isinstance(piece, Record | Unreadable) for piece in self.read(noise))


class EnricherSuite:
    """What every enricher must do. `lead` is one that it can add something to."""

    enricher: Enricher | RemoteEnricher
    lead: Lead

    def test_it_is_an_enricher(self) -> None:
        assert isinstance(self.enricher, Enricher)

    def test_it_adds_something(self) -> None:
        assert self._answer() is not None

    def test_it_names_fields_of_a_lead(self) -> None:
        known = {field.name for field in fields(Lead)}
        for name in self._answer().values:
            part, _, key = name.partition(".")
            assert (part in _SEVERAL and key) if key else name in known

    def test_it_says_how_sure_it_is_and_why(self) -> None:
        answer = self._answer()
        assert 0 <= answer.confidence <= 1
        assert answer.why

    def test_answers_come_in_the_order_of_the_leads(self) -> None:
        answers = list(self.enricher.enrich([Lead(), self.lead, Lead()]))
        assert len(answers) == 3
        assert answers[1] == self._answer()

    def test_nothing_is_made_of_nothing(self) -> None:
        assert list(self.enricher.enrich([Lead()])) == [None]
        assert list(self.enricher.enrich([])) == []

    def _answer(self) -> Enrichment:
        (answer,) = self.enricher.enrich([self.lead])
        assert isinstance(answer, Enrichment)
        return answer


class RemoteEnricherSuite(EnricherSuite):
    """What every remote enricher must do, too. `lead` has what it is asked with, and more or not.

    `away` is the same enricher where nobody answers.
    """

    enricher: RemoteEnricher
    away: RemoteEnricher

    def test_it_says_what_asking_takes(self) -> None:
        assert isinstance(self.enricher, RemoteEnricher)
        assert self.enricher.remote
        assert self.enricher.cache_for > timedelta(0)
        assert all(limit is None or limit > 0 for limit in (self.enricher.per_minute, self.enricher.per_day))

    def test_it_names_what_it_is_asked_with(self) -> None:
        assert self.enricher.needs
        assert all(value_of(self.lead, need) is not None for need in self.enricher.needs)

    def test_the_answer_depends_on_what_it_is_asked_with_alone(self) -> None:
        question = {need: value_of(self.lead, need) for need in self.enricher.needs}
        assert list(self.enricher.enrich([asking_lead(question)])) == [self._answer()]

    def test_it_finds_only_what_it_says_that_it_may_find(self) -> None:
        assert set(self._answer().values) <= set(self.enricher.gives)

    def test_where_nobody_answers_it_says_so_of_each_question(self) -> None:
        answers = list(self.away.enrich([self.lead, self.lead]))
        assert len(answers) == 2
        assert all(isinstance(answer, Unanswered) and answer.why for answer in answers)


class RuleSuite:
    """What every rule must do. `true` and `false` are arguments that it says yes and no to."""

    rule: Rule
    true: tuple[Value, ...]
    false: tuple[Value, ...]

    def test_it_is_a_rule(self) -> None:
        assert isinstance(self.rule, Rule)

    def test_its_words_can_stand_in_a_sentence(self) -> None:
        assert self.rule.words
        assert not self.rule.words.endswith(".")

    def test_it_says_yes(self) -> None:
        assert self.rule.answer(*self.true) is True

    def test_it_says_no(self) -> None:
        assert self.rule.answer(*self.false) is False

    def test_it_gives_the_same_answer_twice(self) -> None:
        assert self.rule.answer(*self.true) == self.rule.answer(*self.true)

    def test_what_is_unknown_stays_unknown(self) -> None:
        assert self.rule.answer(*[None for _ in self.true]) is None

    def test_arguments_of_other_kinds_are_no_error(self) -> None:
        for odd in (3, 2.5, True, "", (), ("a",)):
            assert self.rule.answer(*[odd for _ in self.true]) in (True, False, None)
