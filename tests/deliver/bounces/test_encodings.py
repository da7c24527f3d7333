"""How a report is encoded changes nothing of what it says."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

import pytest

from nurture.deliver.bounces.classify import classify
from tests.deliver.bounces.families import Family, families

PLAIN = [one for one in families() if b"content-type:" not in one.raw.lower()]
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.encodebytes,
    "quoted-printable": quopri.encodestring,
}


def encoded(mail: bytes, encoding: str, charset: str) -> bytes:
    head, _, body = mail.partition(b"\n\n")
    content = ENCODINGS[encoding](body.decode().encode(charset))
    kind = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}"
    return head + b"\nMIME-Version: 1.0\n" + kind.encode() + b"\n\n" + content


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("family", PLAIN, ids=lambda family: family.name)
def test_an_encoded_report_says_the_same(family: Family, encoding: str) -> None:
    returned = classify(encoded(family.raw, encoding, "utf-8"))
    told = tuple((one.address, one.reason) for one in returned.concerned)
    assert (returned.kind, told) == (family.kind, family.told)


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("iso-2022-jp", "ユーザーが見つかりません"),
        ("shift_jis", "宛先のユーザーが見つかりません"),
        ("euc-jp", "宛先が存在しません"),
        ("gb2312", "用户不存在"),
        ("koi8-r", "нет такого пользователя"),
        ("windows-1252", "Empfänger unbekannt"),
        ("utf-16", "Empfänger unbekannt"),
    ],
)
def test_words_of_any_language_are_read(charset: str, words: str) -> None:
    text = f"<an@example.com>: 550 5.1.0 {words}\n(in reply to RCPT TO command)\n"
    mail = b"From: MAILER-DAEMON@example.com\nSubject: failure notice\n\n" + text.encode()
    assert [one.reason for one in classify(encoded(mail, "base64", charset)).concerned] == ["userunknown"]


def test_quoted_printable_is_read_where_nothing_declares_it() -> None:
    text = (
        b"From: mailer-daemon@mail.zoho.com\nSubject: Undelivered Mail Returned to Sender\n\n"
        b"an@example.com Invalid Address, ERROR_CODE :550, ERROR_CODE :something 5.=\n"
        b"1.1 <an@example.com>... no\n"
    )
    assert [one.status for one in classify(text).concerned] == ["5.1.1"]
