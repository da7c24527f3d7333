"""The finished bytes, read back by the standard library."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.deliver.headers import clean, mailbox
from nurture.deliver.mime import Letter, assemble
from nurture.errors import AddressError

LETTER = Letter(
    from_name="De Webmakers",
    from_address="hallo@webmakers.example",
    to_name="An Jansen",
    to_address="an@example.com",
    reply_to="",
    subject="Uw nieuwe website",
    date=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    message_id="<0123456789abcdef@webmakers.example>",
    unsubscribe_url="https://webmakers.example/u/token",
    html="<p>Dag An,</p>\n",
    text="Dag An,\n",
)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    "MIME-Version", "Content-Type",
]  # fmt: skip

nasty = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from('\r\n\t\0\x0b\x0c\x1c\x85\u2028\u2029\u202e\u200f\u2066\ud800 :;,<>@"\\()[]=?_.é€'),
    ),
    max_size=120,
) | st.sampled_from(
    ["x\r\nBcc: evil@example.com", "=?utf-8?q?Bcc=3A_evil?=", "a\r\n\r\n<script>", "\r", '"', "\\", "a" * 400]
)


def parse(letter: Letter) -> EmailMessage:
    return email.message_from_bytes(assemble(letter), policy=email.policy.default)  # type: ignore[return-value]


def part(letter: Letter, subtype: str) -> str:
    found = parse(letter).get_body((subtype,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


@given(nasty, nasty, nasty)
def test_no_value_makes_a_header_that_was_not_meant(name: str, subject: str, firm: str) -> None:
    mail = parse(replace(LETTER, to_name=name, subject=subject, from_name=firm))
    assert list(mail.keys()) == HEADERS
    assert not mail.defects


@given(nasty)
def test_a_subject_reads_as_it_was_meant(subject: str) -> None:
    assert parse(replace(LETTER, subject=subject))["Subject"] == clean(subject)


@given(nasty)
def test_a_display_name_reads_as_it_was_meant(name: str) -> None:
    (address,) = parse(replace(LETTER, to_name=name))["To"].addresses
    # Python 3.11 keeps the white space between encoded words in a phrase, against RFC 2047, section 6.2.
    assert address.display_name.replace(" ", "") == clean(name).replace(" ", "")
    assert address.addr_spec == "an@example.com"


@given(nasty, nasty)
def test_lines_are_short_and_seven_bit(subject: str, text: str) -> None:
    lines = assemble(replace(LETTER, subject=subject, from_name=subject, html=text, text=text)).split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert all(line.isascii() and b"\r" not in line and b"\n" not in line for line in lines)


@given(nasty | st.text(max_size=3000))
def test_both_parts_read_as_they_were_written(text: str) -> None:
    letter = replace(LETTER, html=text, text=text)
    meant = re.sub("[\ud800-\udfff]", "\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    for subtype in ("plain", "html"):
        assert part(letter, subtype).removesuffix("\n") == meant.removesuffix("\n")


def test_white_space_before_a_line_end_makes_no_line_too_long() -> None:
    letter = replace(LETTER, text="e" * 74 + " \n" + "e" * 73 + "\t\n")
    assert max(map(len, assemble(letter).split(b"\r\n"))) <= 76
    assert part(letter, "plain") == letter.text


def test_marks_that_turn_or_hide_text_are_left_out() -> None:
    assert clean("a\u202eb\u200b c\u2028d\0e") == "ab c d e"


def test_the_html_is_the_preferred_part() -> None:
    parts = [one.get_content_type() for one in parse(LETTER).iter_parts()]
    assert parts == ["text/plain", "text/html"]


def test_a_mail_can_be_unsubscribed_from_with_one_click() -> None:
    mail = parse(LETTER)
    assert mail["List-Unsubscribe"] == "<https://webmakers.example/u/token>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_date_is_the_letters_date() -> None:
    assert parse(LETTER)["Date"].datetime == LETTER.date


def test_a_letter_outside_latin_takes_base64() -> None:
    assert b"Content-Transfer-Encoding: base64" in assemble(replace(LETTER, text="Привет, Анна\n" * 20))


def test_answers_go_where_reply_to_says() -> None:
    assert parse(replace(LETTER, reply_to="sales@webmakers.example"))["Reply-To"] == "sales@webmakers.example"


def test_letters_outside_ascii_stand_in_a_header_as_utf_8() -> None:
    letter = replace(LETTER, to_address=mailbox("jürgen@example.com", international=True))
    content = assemble(letter)
    assert "To: An Jansen <jürgen@example.com>\r\n".encode() in content
    assert [
        name for name, _ in email.message_from_bytes(content, policy=email.policy.SMTPUTF8).items()
    ] == HEADERS


def test_an_international_domain_is_written_as_its_a_label() -> None:
    assert mailbox("an@bücher.example") == "an@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    [
        "jürgen@example.com",
        "an@example.com\r\nRCPT TO:<b@example.com>",
        "a b@example.com",
        "<an@x.nl>",
        "",
        "x@",
    ],
)
def test_what_cannot_be_an_envelope_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        mailbox(address)


def test_unsubscribing_by_mail_stands_behind_the_one_click() -> None:
    letter = replace(LETTER, unsubscribe_mail="bounce+a1@firm.example?subject=unsubscribe")
    header = email.message_from_bytes(assemble(letter), policy=email.policy.default)["List-Unsubscribe"]
    one_click, by_mail = (part.strip() for part in header.split(","))
    assert one_click == f"<{LETTER.unsubscribe_url}>"
    assert by_mail == "<mailto:bounce+a1@firm.example?subject=unsubscribe>"
