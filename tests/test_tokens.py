"""Tokens: what was not signed, and for this purpose, is not read; and each has one spelling."""

from __future__ import annotations

import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import TokenError
from nurture.tokens import (
    ANSWER,
    CLICK,
    OPEN,
    UNSUBSCRIBE,
    AnswerFacts,
    LinkFacts,
    OpenFacts,
    Signer,
    UnsubscribeFacts,
)

SIGNER = Signer("k" * 32)
FACTS: dict[str, Any] = {
    CLICK: LinkFacts(5, 1, "new-website", "welcome", "https://firm.example/prices?a=1#b"),
    OPEN: OpenFacts(5, 1, "new-website", "welcome"),
    UNSUBSCRIBE: UnsubscribeFacts(1, "marketing", 5, "new-website", "welcome"),
    ANSWER: AnswerFacts(7, 2_000_000_000),
}
TOKENS = {purpose: SIGNER.sign(purpose, facts) for purpose, facts in FACTS.items()}
URL_SAFE = string.ascii_letters + string.digits + "-_"

each_purpose = pytest.mark.parametrize("purpose", FACTS)


def reads(purpose: str, token: str, signer: Signer = SIGNER) -> bool:
    try:
        signer.read(purpose, token, type(FACTS[purpose]))
    except TokenError:
        return False
    return True


@each_purpose
def test_a_token_carries_its_facts(purpose: str) -> None:
    assert SIGNER.read(purpose, TOKENS[purpose], type(FACTS[purpose])) == FACTS[purpose]


@each_purpose
def test_a_token_is_nothing_but_letters_digits_and_dashes(purpose: str) -> None:
    assert set(TOKENS[purpose]) <= set(URL_SAFE)


@each_purpose
def test_no_flip_of_a_single_bit_is_read(purpose: str) -> None:
    token = TOKENS[purpose]
    raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    flipped = [
        raw[:at] + bytes([raw[at] ^ (1 << bit)]) + raw[at + 1 :] for at in range(len(raw)) for bit in range(8)
    ]
    assert not any(reads(purpose, urlsafe_b64encode(one).rstrip(b"=").decode()) for one in flipped)


@each_purpose
def test_no_other_character_in_any_place_is_read(purpose: str) -> None:
    token = TOKENS[purpose]
    changed = (
        token[:at] + other + token[at + 1 :]
        for at in range(len(token))
        for other in URL_SAFE + "=+/.%\n é"
        if other != token[at]
    )
    assert not any(reads(purpose, one) for one in changed)


@each_purpose
def test_no_beginning_and_no_end_of_a_token_is_read(purpose: str) -> None:
    token = TOKENS[purpose]
    parts = [token[:at] for at in range(len(token))] + [token[at:] for at in range(1, len(token))]
    assert not any(reads(purpose, part) for part in parts)


@pytest.mark.parametrize("signed_for", FACTS)
@each_purpose
def test_a_token_is_read_for_its_own_purpose_only(purpose: str, signed_for: str) -> None:
    assert reads(purpose, TOKENS[signed_for]) is (purpose == signed_for)


@each_purpose
def test_another_key_signs_nothing_for_us(purpose: str) -> None:
    assert not reads(purpose, Signer("K" * 32).sign(purpose, FACTS[purpose]))


def test_the_seal_of_one_token_does_not_fit_another() -> None:
    other = SIGNER.sign(CLICK, LinkFacts(5, 2, "new-website", "welcome", "https://firm.example/"))
    raws = [urlsafe_b64decode(one + "=" * (-len(one) % 4)) for one in (TOKENS[CLICK], other)]
    swapped = urlsafe_b64encode(raws[0][:-16] + raws[1][-16:]).rstrip(b"=").decode()
    assert not reads(CLICK, swapped)


def test_a_purpose_and_facts_that_join_to_the_same_bytes_are_not_the_same() -> None:
    assert SIGNER.fingerprint("ab", "c") != SIGNER.fingerprint("a", "bc")


@given(st.text(max_size=300))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    assert not any(reads(purpose, text) for purpose in FACTS)


@given(st.binary(max_size=200), st.sampled_from(sorted(FACTS)))
def test_any_octets_are_refused(octets: bytes, purpose: str) -> None:
    assert not reads(purpose, urlsafe_b64encode(octets).rstrip(b"=").decode())


@given(st.data(), st.sampled_from(sorted(FACTS)))
def test_any_edit_of_a_token_is_refused(data: st.DataObject, purpose: str) -> None:
    token = TOKENS[purpose]
    start = data.draw(st.integers(0, len(token)))
    end = data.draw(st.integers(start, len(token)))
    edited = token[:start] + data.draw(st.text(URL_SAFE, max_size=20)) + token[end:]
    assert reads(purpose, edited) is (edited == token)


@given(st.integers(-(2**63), 2**64 - 1), st.text(), st.text(), st.text())
def test_whatever_was_signed_is_read_as_it_was(number: int, campaign: str, step: str, url: str) -> None:
    try:
        facts = LinkFacts(number, number, campaign, step, url)
        token = SIGNER.sign(CLICK, facts)
    except UnicodeEncodeError:
        return
    assert SIGNER.read(CLICK, token, LinkFacts) == facts
