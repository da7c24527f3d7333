"""Return paths name their mail, survive what servers do to addresses, and cannot be made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.deliver.headers import mailbox
from nurture.deliver.returnpath import ReturnPath
from nurture.errors import SettingsError
from nurture.tokens import Signer
from tests.deliver.people import SIGNER
from tests.deliver.returns import DOMAIN, OURS, PLAIN, SIGNED


@given(st.integers(0, 2**62))
def test_a_return_path_names_its_mail(number: int) -> None:
    assert SIGNED.mail_in(SIGNED.address(number)) == number


@given(st.integers(0, 2**62))
def test_a_local_part_is_no_longer_than_an_envelope_allows(number: int) -> None:
    assert len(SIGNED.address(number).partition("@")[0]) <= 64


def test_a_return_path_is_an_address_that_every_server_takes() -> None:
    assert mailbox(SIGNED.address(5)) == SIGNED.address(5)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, str.swapcase])
def test_the_case_of_letters_does_not_matter(change: object) -> None:
    assert callable(change)
    assert SIGNED.mail_in(change(SIGNED.address(77))) == 77


def test_it_is_found_in_a_longer_text() -> None:
    assert SIGNED.mail_in("", f"rfc822; <{SIGNED.address(5)}>.") == 5


def test_a_setting_may_be_an_address() -> None:
    path = ReturnPath(SIGNER, "returns@firm.example", OURS)
    assert path.address(5).startswith("returns+")
    assert path.mail_in(path.address(5)) == 5


@pytest.mark.parametrize(
    "text",
    [
        f"bounce+{'a' * 24}@{DOMAIN}",
        f"bounce+@{DOMAIN}",
        f"bounce+{'1' * 24}@{DOMAIN}",
        ReturnPath(Signer("another key that is long enough too"), DOMAIN, OURS).address(5),
        SIGNED.address(5) + ".evil.example",
        SIGNED.address(5).replace(DOMAIN, "evil.example"),
        SIGNED.address(5).replace("bounce+", "bounce+a", 1),
    ],
)
def test_what_we_did_not_make_names_nothing(text: str) -> None:
    assert SIGNED.mail_in(text) is None


def test_a_changed_token_names_nothing() -> None:
    address = SIGNED.address(5)
    start = address.index("+") + 1
    for place in range(start, address.index("@")):
        for letter in "ab7":
            changed = address[:place] + letter + address[place + 1 :]
            assert changed == address or SIGNED.mail_in(changed) is None


def test_a_token_for_another_purpose_names_nothing() -> None:
    assert SIGNED.mail_in(f"bounce+{SIGNER.sign_number('other', 5)}@{DOMAIN}") is None


def test_without_a_setting_bounces_come_to_the_senders_address() -> None:
    assert PLAIN.address(5) == OURS
    assert PLAIN.mail_in(SIGNED.address(5)) is None


@pytest.mark.parametrize(
    "setting", ["no domain", "a b@firm.example", "@firm.example", "x" * 40 + "@firm.example"]
)
def test_a_setting_that_cannot_be_used_is_refused(setting: str) -> None:
    with pytest.raises(SettingsError, match=r"mail\.return_path"):
        ReturnPath(SIGNER, setting, OURS)
