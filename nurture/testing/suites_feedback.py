"""The contract of a FeedbackHook as a test suite: subclass it, say how to make yours, and pytest runs it.

class TestPosthorn(FeedbackHookSuite):
    make = staticmethod(lambda: PosthornHook(secret="tu-tuut"))

    def signed_call(self):
        return {"x-signature": sign(EXAMPLE)}, EXAMPLE
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from nurture.core.feedback import Feedback, FeedbackKind, Severity
from nurture.errors import FeedbackError
from nurture.plug.contracts import FeedbackHook


class FeedbackHookSuite:
    """What every feedback hook must do. `make` returns one that knows the provider's secret."""

    make: Callable[[], FeedbackHook]

    signs_the_body = True
    """False for a provider that sends a password, or signs less than the whole body."""

    signs_in_headers = True
    """False for a provider whose signature stands in the body."""

    def signed_call(self) -> tuple[Mapping[str, str], bytes]:
        """Headers (lower-case names) and body of a real call that tells of one or more bounces."""
        raise NotImplementedError

    @pytest.fixture
    def hook(self) -> FeedbackHook:
        return self.make()

    def test_it_keeps_the_contract(self, hook: FeedbackHook) -> None:
        assert isinstance(hook, FeedbackHook)

    def test_its_name_can_stand_in_an_address(self, hook: FeedbackHook) -> None:
        assert hook.name.isascii()
        assert hook.name.replace("-", "").replace("_", "").isalnum()

    def test_a_signed_call_tells_of_bounces(self, hook: FeedbackHook) -> None:
        told = hook.read(*self.signed_call())
        assert told
        assert all(isinstance(one, Feedback) for one in told)
        assert FeedbackKind.BOUNCE in {one.kind for one in told}

    def test_everything_told_can_be_matched_with_somebody(self, hook: FeedbackHook) -> None:
        for one in hook.read(*self.signed_call()):
            assert one.address or one.message_id or one.outbox_id is not None

    def test_times_have_a_zone(self, hook: FeedbackHook) -> None:
        for one in hook.read(*self.signed_call()):
            assert one.at.utcoffset() == timedelta(0)

    def test_severities_and_kinds_are_of_our_words(self, hook: FeedbackHook) -> None:
        for one in hook.read(*self.signed_call()):
            assert FeedbackKind(one.kind)
            assert one.severity is None or Severity(one.severity)

    def test_the_same_call_twice_has_the_same_keys(self, hook: FeedbackHook) -> None:
        first, second = hook.read(*self.signed_call()), hook.read(*self.signed_call())
        assert [one.key for one in first] == [one.key for one in second]
        assert all(one.key for one in first)

    def test_a_call_whose_body_was_changed_is_refused(self, hook: FeedbackHook) -> None:
        if not self.signs_the_body:
            pytest.skip("this provider does not sign the body")
        headers, body = self.signed_call()
        with pytest.raises(FeedbackError):
            hook.read(headers, body.replace(b"@", b"+x@", 1) + b" ")

    def test_a_call_without_headers_is_refused(self, hook: FeedbackHook) -> None:
        if not self.signs_in_headers:
            pytest.skip("this provider signs in the body")
        with pytest.raises(FeedbackError):
            hook.read({}, self.signed_call()[1])

    @pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"\x00\xff", b'{"Type": 1}', b"[[1]]"])
    def test_junk_is_refused(self, hook: FeedbackHook, body: bytes) -> None:
        with pytest.raises(FeedbackError):
            hook.read(self.signed_call()[0], body)
