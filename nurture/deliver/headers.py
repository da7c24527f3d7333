"""Header fields of a mail: clean values, encoded words, folding, addresses (RFC 5322, RFC 2047).

Whatever a value holds, a field stays one field: what could end it, hide in it or turn its direction is
taken out before anything else happens.
"""

from __future__ import annotations

import re
from base64 import b64encode

from email_validator import EmailNotValidError, validate_email

from nurture.errors import AddressError

_LINE = 76
_BREAKING = re.compile("[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_HIDING = re.compile(
    "[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LITERAL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_ENCODED_WORD_ROOM = 75 - len("=?utf-8?q??=")
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


def clean(value: str) -> str:
    """`value` as one line: controls and odd spaces become a space, direction and invisible marks nothing."""
    if _PLAIN.fullmatch(value):
        return value
    value = _SURROGATE.sub("\ufffd", _HIDING.sub("", value))
    return _BREAKING.sub(" ", value).strip(" ")


def text_field(name: str, value: str) -> str:
    """An unstructured field such as Subject, folded at white space, with its CRLF."""
    value = clean(value)
    if _needs_encoding(value):
        return f"{name}: {_encoded(value, len(name) + 2)}\r\n"
    return f"{name}: {_folded(value, len(name) + 2)}\r\n"


def address_field(name: str, display: str, address: str) -> str:
    """A field with one mailbox, such as From; `address` comes from `mailbox`."""
    phrase = _phrase(clean(display), len(name) + 2)
    if not phrase:
        return f"{name}: {address}\r\n"
    last_line = phrase.rpartition("\n")[2]
    used = len(last_line) + (len(name) + 2 if last_line == phrase else 0)
    fold = "\r\n" if used + len(address) + 3 > _LINE else ""
    return f"{name}: {phrase}{fold} <{address}>\r\n"


def mailbox(address: str, *, international: bool = False) -> str:
    """`address` as it can stand in an envelope and a header: an international domain as its A-label.

    With `international` the local part may have letters outside ASCII; a relay must offer SMTPUTF8 (RFC 6531)
    to take such a mail. Raised when it is no address, or has such letters where it may not: AddressError.
    """
    if len(address) <= 254 and _ADDRESS.fullmatch(address) and address.index("@") <= 64:
        return address
    try:
        found = validate_email(
            address, check_deliverability=False, allow_smtputf8=international, test_environment=True
        )
    except EmailNotValidError as error:
        raise AddressError(
            f"no mail can be sent to {clean(address)[:100]!r}: {clean(str(error))}",
            hint="write an address such as an@example.com",
        ) from error
    return found.ascii_email or f"{found.local_part}@{found.ascii_domain}"


def _needs_encoding(value: str) -> bool:
    """True where plain text would not do: not ASCII, like an encoded word, or words too long to fold."""
    if "=?" in value or not value.isascii():
        return True
    return len(value) > _LINE and max(map(len, value.split(" "))) > _LINE - 10


def _phrase(value: str, used: int) -> str:
    """A display name (RFC 5322, section 3.2.5): atoms, a quoted string, or encoded words."""
    if _needs_encoding(value) or len(value) > _LINE - 16:
        return _encoded(value, used)
    if not value or _ATOMS.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _encoded(value: str, used: int) -> str:
    """Encoded words of at most 75 characters, none splitting a character; white space between means nothing.

    Q or B is chosen by what is shorter. Q leaves only what is safe in a phrase too (RFC 2047, section 5).
    """
    octets = value.encode()
    literal = sum(octet in _LITERAL or octet == 0x20 for octet in octets)
    quoted = literal + 3 * (len(octets) - literal) <= (len(octets) + 2) // 3 * 4
    encode, prefix = (_q, "=?utf-8?q?") if quoted else (_b, "=?utf-8?b?")
    words: list[str] = []
    room = _ENCODED_WORD_ROOM - used
    current: list[bytes] = []
    size = 0
    for character in value:
        piece = character.encode()
        cost = len(_q(piece)) if quoted else len(piece)
        limit = room if quoted else room // 4 * 3
        if current and size + cost > limit:
            words.append(f"{prefix}{encode(b''.join(current))}?=")
            current, size, room = [], 0, _ENCODED_WORD_ROOM - 1
        current.append(piece)
        size += cost
    words.append(f"{prefix}{encode(b''.join(current))}?=")
    return "\r\n ".join(words)


def _q(octets: bytes) -> str:
    return "".join(
        "_" if octet == 0x20 else chr(octet) if octet in _LITERAL else f"={octet:02X}" for octet in octets
    )


def _b(octets: bytes) -> str:
    return b64encode(octets).decode()


def _folded(value: str, used: int) -> str:
    if used + len(value) <= _LINE:
        return value
    lines: list[str] = []
    line = ""
    for word in value.split(" "):
        if line and used + len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])
