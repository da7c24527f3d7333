"""A returned mail taken apart: what the reporter wrote, its machine-readable parts, and the mail it is about.

Whatever is broken about a mail (its MIME, its charsets, its length), something is made of it: nothing here
raises.
"""

from __future__ import annotations

import contextlib
import email
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message

from nurture.deliver.bounces.original import cut, header_fields

READ_AT_MOST = 1024 * 1024
"""Bytes that are looked at: what a mail is about stands at its beginning."""

_TEXT_AT_MOST = 256 * 1024
_NOTICE_AT_MOST = 32 * 1024
_LINE_AT_MOST = 1_000
_GAP = re.compile(r"[ \t]{9,}|\n{9,}")
_SOFT_BREAK = re.compile(r"^([^\n]{60,75})=\n", re.MULTILINE)
"""Of quoted-printable (RFC 2045, section 6.7) that no header declares."""

_COMPLAINING = re.compile(r"^original-rcpt-to:[ \t]*([^\r\n]{1,400})", re.IGNORECASE | re.MULTILINE)

_PARTS_AT_MOST = 60

_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_ORIGINAL_TYPES = {
    *("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"),
    *("message/partial", "text/rfc822", "message/rfc822-headers"),
}
_TAG = re.compile(
    r"<(?:style|script|head)\b.*?</(?:style|script|head)>|<[^>]{0,2000}>", re.DOTALL | re.IGNORECASE
)
_LINE_END = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]{0,200}>", re.IGNORECASE)

Fields = Mapping[str, str]
"""Header-like fields, by their names in lower case; of a name that comes twice, the first."""


@dataclass(slots=True)
class ReturnedMail:
    """`headers` are its own; `notice` is what was written for people, without the returned mail; `text` is
    the same before anything was cut or tidied.

    `statuses` are the blocks of a delivery status (RFC 3464), `report` the fields of a feedback report
    (RFC 5965), `original` the headers of the mail that it is about, as far as they came along.
    """

    headers: Fields = field(default_factory=dict)
    content_type: str = "text/plain"
    notice: str = ""
    text: str = ""
    statuses: list[Fields] = field(default_factory=list)
    report: Fields | None = None
    original: Fields = field(default_factory=dict)


def read(raw: bytes) -> ReturnedMail:
    """Takes a mail apart. What cannot be read as MIME is read as text."""
    raw = raw[:READ_AT_MOST]
    if raw.startswith((b"From ", b">From ")):
        # The line that a mailbox puts before each mail.
        raw = raw.partition(b"\n")[2]
    try:
        return _read(email.message_from_bytes(raw))
    except Exception:
        # The library's own parser gives up in a dozen ways on what spammers and broken gateways write.
        return _as_text(raw)


def _as_text(raw: bytes) -> ReturnedMail:
    head, _, body = raw.replace(b"\r\n", b"\n").decode("latin-1").partition("\n\n")
    notice, original = cut(_tidy(body))
    return ReturnedMail(header_fields(head), notice=notice, original=header_fields(original))


def _read(message: Message) -> ReturnedMail:
    mail = ReturnedMail(headers=_headers(message), content_type=message.get_content_type())
    carried: Message | None = None
    pages: list[str] = []
    texts: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in _STATUS_TYPES:
            mail.statuses += blocks(_flat(part))
        elif kind == "message/feedback-report":
            mail.report = _complaint(_flat(part))
        elif kind in _ORIGINAL_TYPES:
            mail.original = mail.original or _original(part)
            carried = carried or next(iter(_inside(part)), None)
        elif kind == "text/html":
            pages.append(_without_tags(_text(part)))
        elif kind.startswith(("text/", "multipart/")) and not mail.original:
            # A multipart without parts is a text whose boundary was lost.
            texts.append(_text(part))
    notice = "\n".join(texts)
    if not notice.strip():
        notice = "\n".join(pages)
    mail.text = notice[:_TEXT_AT_MOST]
    mail.notice, original = cut(_tidy(notice))
    mail.original = mail.original or header_fields(original)
    if not mail.statuses and "final-recipient:" in mail.notice.lower():
        mail.statuses = blocks(mail.notice)
    return _carried(mail, carried)


def _complaint(text: str) -> Fields:
    """The fields of a feedback report, of which one may name several recipients (RFC 5965, section 3.2)."""
    named = _COMPLAINING.findall(text)
    return header_fields(text) | ({"original-rcpt-to": ", ".join(named)} if named else {})


def _carried(mail: ReturnedMail, carried: Message | None) -> ReturnedMail:
    """The report that somebody passes on without a word of their own, where a mail is nothing else."""
    if carried is None or mail.notice.strip() or mail.statuses or mail.report is not None:
        return mail
    inner = _read(carried)
    return inner if inner.statuses or inner.report is not None else mail


def _tidy(notice: str) -> str:
    """Lines and gaps of a bearable length, whatever was sent: patterns run over them."""
    notice = notice[:_NOTICE_AT_MOST].replace("\r\n", "\n").replace("\r", "\n")
    notice = _SOFT_BREAK.sub(r"\1", _GAP.sub(lambda gap: gap[0][:8], notice))
    return "\n".join(line[:_LINE_AT_MOST] for line in notice.split("\n"))


def _parts(message: Message) -> Iterator[Message]:
    """The leaves in order, not those of the returned mail."""
    waiting, seen = [message], 0
    while waiting and seen < _PARTS_AT_MOST:
        part = waiting.pop(0)
        seen += 1
        inner = _inside(part)
        is_leaf = part.get_content_type() in _STATUS_TYPES | _ORIGINAL_TYPES | {"message/feedback-report"}
        if inner and not is_leaf:
            waiting = [*inner, *waiting]
        else:
            yield part


def _headers(message: Message) -> Fields:
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), readable_header(_unescaped(str(value))))
    return found


def _unescaped(value: str) -> str:
    """A header as the parser kept it: what is no ASCII stands in surrogates, and is mostly UTF-8."""
    octets = value.encode("utf-8", "surrogateescape")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def readable_header(value: str) -> str:
    """A header without its encoded words and folds; as it stands where it cannot be decoded."""
    if "=?" in value:
        with contextlib.suppress(HeaderParseError, LookupError, ValueError):
            value = str(make_header(decode_header(value)))
    return " ".join(value.split())


def _original(part: Message) -> Fields:
    inner = _inside(part)
    return _headers(inner[0]) if inner else header_fields(_text(part))


def _inside(part: Message) -> list[Message]:
    """The messages that a part holds; empty where it is a leaf."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _flat(part: Message) -> str:
    """The text of a part that the library may have taken for headers."""
    inner = _inside(part)
    if not inner:
        return _text(part)
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    text = "\n\n".join(_block(each) for each in inner)
    if encoding not in ("base64", "quoted-printable"):
        return text
    plain = Message()
    plain["Content-Transfer-Encoding"] = encoding
    plain.set_payload("\n".join(_block(each) for each in inner))
    return _text(plain)


def _block(message: Message) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in message.items())
    body = message.get_payload()
    return f"{head}\n{body}" if isinstance(body, str) and body.strip() else head


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    for charset in (_charset(part), "utf-8"):
        try:
            return octets.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return octets.decode("latin-1")


def _charset(part: Message) -> str:
    try:
        return part.get_content_charset() or "utf-8"
    except Exception:
        # A charset in RFC 2231's coding may itself be coded wrongly.
        return "utf-8"


def _without_tags(page: str) -> str:
    return html.unescape(_TAG.sub(" ", _LINE_END.sub("\n", page[:_NOTICE_AT_MOST])))


def blocks(text: str) -> list[Fields]:
    """The blocks of fields in a text, parted by empty lines; of an odd one, what can be read as fields."""
    return [each for each in map(header_fields, re.split(r"\n[ \t\r]*\n", text)) if each]


def addresses_in(*values: str) -> Sequence[str]:
    """The e-mail addresses in texts, in order, each once."""
    found = (match.strip(".'\"") for value in values for match in _ADDRESS.findall(value))
    return list(dict.fromkeys(found))


_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9*_-]{1,63}\.)*[A-Za-z0-9*_-]{1,63}"
)
