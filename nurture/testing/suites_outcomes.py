"""The contracts of OutcomeHook and OutcomeSource as test suites: subclass one, say how to make yours, and
pytest runs it.

class TestLedger(OutcomeHookSuite):
    make = staticmethod(lambda: LedgerHook(secret="ka-ching"))

    def signed_call(self):
        return {"x-signature": sign(EXAMPLE)}, EXAMPLE
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from nurture.core.outcomes import ToldOutcome, problem_with
from nurture.errors import FeedbackError
from nurture.plug.contracts import OutcomeHook, OutcomeSource

_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


class OutcomeHookSuite:
    """What every outcome hook must do. `make` returns one that knows the sender's secret."""

    make: Callable[[], OutcomeHook]

    def signed_call(self) -> tuple[Mapping[str, str], bytes]:
        """Headers (lower-case names) and body of a real call that tells of one or more outcomes."""
        raise NotImplementedError

    @pytest.fixture
    def hook(self) -> OutcomeHook:
        return self.make()

    def test_it_keeps_the_contract(self, hook: OutcomeHook) -> None:
        assert isinstance(hook, OutcomeHook)

    def test_its_name_can_stand_in_an_address(self, hook: OutcomeHook) -> None:
        assert hook.name.isascii()
        assert hook.name.replace("-", "").replace("_", "").isalnum()

    def test_a_signed_call_tells_of_outcomes(self, hook: OutcomeHook) -> None:
        told = hook.read(*self.signed_call())
        assert told
        assert all(isinstance(one, ToldOutcome) for one in told)

    def test_each_of_them_can_be_so(self, hook: OutcomeHook) -> None:
        told = hook.read(*self.signed_call())
        assert [problem_with(one, _END_OF_TIME) for one in told] == [None] * len(told)

    def test_times_are_in_utc(self, hook: OutcomeHook) -> None:
        assert {one.at.utcoffset() for one in hook.read(*self.signed_call())} == {timedelta(0)}

    def test_the_same_call_twice_tells_the_same(self, hook: OutcomeHook) -> None:
        first, again = hook.read(*self.signed_call()), hook.read(*self.signed_call())
        assert [one.digest for one in first] == [one.digest for one in again]

    def test_a_body_that_was_changed_is_refused(self, hook: OutcomeHook) -> None:
        headers, body = self.signed_call()
        with pytest.raises(FeedbackError):
            hook.read(headers, body.replace(b'"', b"'", 1))

    def test_a_call_without_its_headers_is_refused(self, hook: OutcomeHook) -> None:
        with pytest.raises(FeedbackError):
            hook.read({}, self.signed_call()[1])

    @pytest.mark.parametrize("body", [b"", b"{", b"[]x", b"\xff\xfe", b"null", b"[" * 5_000])
    def test_a_body_of_something_else_is_refused_and_never_raised_otherwise(
        self, hook: OutcomeHook, body: bytes
    ) -> None:
        headers, _ = self.signed_call()
        with pytest.raises(FeedbackError):
            hook.read(headers, body)


class OutcomeSourceSuite:
    """What every outcome source must do. Override the fixture `source`: one that has something to tell."""

    @pytest.fixture
    def source(self) -> OutcomeSource:
        raise NotImplementedError

    def test_it_keeps_the_contract(self, source: OutcomeSource) -> None:
        assert isinstance(source, OutcomeSource)
        assert source.name

    def test_it_tells_of_outcomes_that_can_be_so(self, source: OutcomeSource) -> None:
        told = source.ask("").outcomes
        assert told
        assert [problem_with(one, _END_OF_TIME) for one in told] == [None] * len(told)
        assert {one.at.utcoffset() for one in told} == {timedelta(0)}

    def test_the_same_question_has_the_same_answer(self, source: OutcomeSource) -> None:
        first, again = source.ask(""), source.ask("")
        assert first.position == again.position
        assert [one.digest for one in first.outcomes] == [one.digest for one in again.outcomes]

    def test_asked_from_where_it_was_it_comes_to_an_end(self, source: OutcomeSource) -> None:
        position = ""
        for _ in range(1_000):
            page = source.ask(position)
            position = page.position
            if not page.more:
                return
        raise AssertionError("there is always more")
