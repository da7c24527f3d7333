"""Whatever comes in: something is made of it, quickly, and nothing is ever raised."""

from __future__ import annotations

import random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.deliver.bounces.classify import Kind, classify
from nurture.deliver.bounces.results import result_of
from tests.deliver.bounces.families import families

FAMILIES = families()


@settings(max_examples=150)
@given(st.binary(max_size=2_000))
def test_junk_bytes_are_classified(junk: bytes) -> None:
    assert classify(junk).kind in Kind


@settings(max_examples=300)
@given(st.sampled_from(FAMILIES), st.randoms(use_true_random=False))
def test_damaged_reports_are_classified(family, random: random.Random) -> None:  # type: ignore[no-untyped-def]
    raw = bytearray(family.raw)
    for _ in range(random.randint(1, 20)):
        start = random.randrange(len(raw) + 1)
        raw[start : start + random.randint(0, 30)] = random.randbytes(random.randint(0, 10))
    assert result_of("x", bytes(raw))["kind"]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_report_that_ends_anywhere_is_classified(family) -> None:  # type: ignore[no-untyped-def]
    for end in range(0, len(family.raw), 97):
        classify(family.raw[:end])


def test_a_mail_nested_a_thousand_deep_is_classified() -> None:
    nested = b"Content-Type: message/rfc822\r\n\r\n" * 1_000 + b"Subject: x\r\n\r\nx"
    assert classify(nested).kind in Kind


def test_a_multipart_nested_a_thousand_deep_is_classified() -> None:
    parts = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(1_000))
    assert classify(parts.encode()).kind in Kind


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"From: x\nContent-Type: text/plain; charset=x-no-such\n\n\xff\xfe550 5.1.1 user unknown",
        b"From: =?no-such?Q?=FF?= <mailer-daemon@x.example>\nSubject: =?utf-8?B?!!!?=\n\nx",
        b'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n'
        b"Content-Transfer-Encoding: base64\n\n!!!!\n--b--",
        b"Content-Type: multipart/report; boundary=\n\nx",
        b'{"notificationType": {"Bounce": []}}',
        b'\n\n{"notificationType": "Bounce", "bounce": {"bouncedRecipients": [1, {"emailAddress": 5}]}}',
    ],
)
def test_broken_mime_is_classified(raw: bytes) -> None:
    assert classify(raw).kind in Kind


@pytest.mark.parametrize(
    "filling", [b"A", b" ", b"\n", b">", b"@", b"a@b ", b"From ", b"550 ", b"<", b"=\n", b"host "]
)
def test_a_mail_of_ten_megabytes_takes_no_more_than_a_moment(filling: bytes) -> None:
    head = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<an@example.com>:\n"
    raw = head + filling * (10_000_000 // len(filling))
    start = process_time()
    classify(raw)
    assert process_time() - start < 3


def test_a_mail_with_a_large_attachment_is_read_to_where_it_matters() -> None:
    report = next(one.raw for one in FAMILIES if one.name == "postfix")
    raw = report.replace(b"Hello An", b"QUJD" * 2_500_000)
    assert [one.reason for one in classify(raw).concerned] == ["userunknown"]


def test_a_report_of_very_many_recipients_is_bounded() -> None:
    raw = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + b"".join(
        b"<an%d@example.com>:\n550 5.1.1 user unknown\n\n" % n for n in range(5_000)
    )
    assert 0 < len(classify(raw).concerned) <= 200


@pytest.mark.parametrize("filling", ["550 ", "a.b.", "user address mailbox account "])
def test_two_hundred_recipients_of_whom_much_is_said_take_no_more_than_a_moment(filling: str) -> None:
    said = (filling * 2_000)[:3_900]
    blocks = "\n\n".join(
        f"Final-Recipient: rfc822; an{n}@example.com\nAction: failed\nDiagnostic-Code: smtp; {n} {said}"
        for n in range(200)
    )
    start = process_time()
    classify(b"Content-Type: message/delivery-status\n\n" + blocks.encode())
    assert process_time() - start < 8


def test_two_hundred_failed_recipients_of_one_report_take_no_more_than_a_moment() -> None:
    failed = ", ".join(f"an{n}@example.com" for n in range(200))
    head = f"From: MAILER-DAEMON@x.example\nSubject: failure notice\nX-Failed-Recipients: {failed}\n\n"
    start = process_time()
    classify(head.encode() + b"5.2.1 550 " * 3_000)
    assert process_time() - start < 8
