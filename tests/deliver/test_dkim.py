"""Signatures of our own making, judged by dkimpy."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from nurture.deliver.dkim import DkimKey, load_key, new_key
from nurture.deliver.mime import Letter, assemble
from nurture.errors import SettingsError
from tests.deliver.test_mime import LETTER, nasty

PEM = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
DOMAIN = "webmakers.example"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[DkimKey, ...]:
    """An RSA and an Ed25519 key, made and read as a user would."""
    folder = tmp_path_factory.mktemp("keys")
    for kind in ("rsa", "ed25519"):
        (folder / kind).write_bytes(new_key(kind))
    return tuple(load_key(folder / kind, DOMAIN, kind) for kind in ("rsa", "ed25519"))


def dns(keys: tuple[DkimKey, ...]) -> Callable[..., bytes]:
    """What DNS would answer."""
    records = {f"{key.dns_name}.".encode(): key.dns_record.encode() for key in keys}
    return lambda name, timeout=5: records[name]


def verdicts(content: bytes, keys: tuple[DkimKey, ...]) -> list[bool]:
    """dkimpy's word on each signature."""
    found = dkim.DKIM(content)

    def holds(number: int) -> bool:
        try:
            return bool(found.verify(idx=number, dnsfunc=dns(keys)))
        except dkim.ValidationError:
            return False

    return [holds(number) for number in range(len(keys))]


def test_both_signatures_hold(keys: tuple[DkimKey, ...]) -> None:
    assert verdicts(assemble(LETTER, keys), keys) == [True, True]


@given(subject=nasty, name=nasty, text=nasty | st.text(max_size=2000))
def test_a_signature_holds_whatever_the_mail_says(
    keys: tuple[DkimKey, ...], subject: str, name: str, text: str
) -> None:
    letter = replace(LETTER, subject=subject, to_name=name, from_name=name, html=text, text=text)
    assert verdicts(assemble(letter, keys[1:]), keys[1:]) == [True]


def test_a_signature_holds_over_an_address_with_letters_outside_ascii(keys: tuple[DkimKey, ...]) -> None:
    assert verdicts(assemble(replace(LETTER, to_address="jürgen@example.com"), keys), keys) == [True, True]


@pytest.mark.parametrize("text", ["", "\n", " \n \n", "a  b\t c \n\n\n", "a" * 500, "\n\n  x"])
def test_white_space_does_not_break_a_signature(keys: tuple[DkimKey, ...], text: str) -> None:
    assert verdicts(assemble(replace(LETTER, html=text, text=text), keys[1:]), keys[1:]) == [True]


def changed(letter: Letter, keys: tuple[DkimKey, ...], before: bytes, after: bytes) -> list[bool]:
    content = assemble(letter, keys)
    assert before in content
    return verdicts(content.replace(before, after, 1), keys)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Dag An", b"Dag Bo"),
        (b"Subject: Uw", b"Subject: Ons"),
        (b"/u/token", b"/u/other"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Never"),
        (b"From: ", b"From: evil@example.com\r\nFrom: "),
        (b"Subject: ", b"Subject: free\r\nSubject: "),
        (b"Content-Type: multipart", b"Reply-To: evil@example.com\r\nContent-Type: multipart"),
    ],
)
def test_a_change_or_an_added_header_breaks_every_signature(
    keys: tuple[DkimKey, ...], before: bytes, after: bytes
) -> None:
    assert changed(LETTER, keys, before, after) == [False, False]


def test_what_relays_do_to_white_space_breaks_none(keys: tuple[DkimKey, ...]) -> None:
    assert changed(LETTER, keys, b"Subject: Uw nieuwe", b"Subject:\r\n\tUw  nieuwe") == [True, True]


def test_the_unsubscribe_headers_are_signed(keys: tuple[DkimKey, ...]) -> None:
    names = re.sub(rb"\s", b"", assemble(LETTER, keys[:1]).split(b"h=", 1)[1].split(b";", 1)[0]).split(b":")
    assert {b"List-Unsubscribe", b"List-Unsubscribe-Post"} <= set(names)


def test_lines_stay_short(keys: tuple[DkimKey, ...]) -> None:
    assert max(map(len, assemble(LETTER, keys).split(b"\r\n"))) <= 78


def test_a_short_rsa_key_is_refused(tmp_path: Path) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    (tmp_path / "key").write_bytes(short.private_bytes(*PEM))
    with pytest.raises(SettingsError, match="1024 bits, and needs 2048"):
        load_key(tmp_path / "key", DOMAIN, "s")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(*PEM))
    with pytest.raises(SettingsError, match="no key for mail"):
        load_key(tmp_path / "key", DOMAIN, "s")


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(SettingsError, match="holds no private key"):
        load_key(tmp_path / "key", DOMAIN, "s")


def test_a_missing_key_tells_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        load_key(tmp_path / "key", DOMAIN, "s")
    assert told.value.hint == "make a key with: nurture dkim new s"
