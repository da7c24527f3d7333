"""The source `vcard`: business cards in vCard 3.0 (RFC 2426) and 4.0 (RFC 6350), several in one file.

Cards of version 2.1, which old telephones still write, are read as far as they go. A card that is broken is
kept as unreadable with its line; the cards behind it are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from nurture import Payload, Record, Source, SourceError, Unreadable, hookimpl

API_VERSION = 1

LONGEST_CARD = 4_194_304
_NOT_TEXT = frozenset({"VERSION", "PHOTO", "LOGO", "SOUND", "KEY", "PRODID", "REV"})
"""What describes no person in words; pictures would make the inbox a hundred times larger."""

_PLAIN = {
    "FN": "Name",
    "EMAIL": "Email",
    "TITLE": "Job title",
    "URL": "Website",
    "NOTE": "Note",
    "UID": "UID",
    "LANG": "Language",
    "CATEGORIES": "Categories",
    "BDAY": "Birthday",
}


class VcardFiles:
    """Reads cards one by one. A second value for a column gets a number: `Email`, `Email 2`."""

    name = "vcard"
    media_types = ("text/vcard", "text/x-vcard")
    extensions = (".vcf", ".vcard")

    def read(self, payload: Payload) -> Iterator[Record | Unreadable]:
        found = False
        for line, card in _cards(payload.stream):
            found = True
            yield card if isinstance(card, Unreadable) else _record(line, card)
        if not found:
            raise SourceError(
                f"{payload.name} has no business cards in it", hint="a card begins with the line BEGIN:VCARD"
            )


@hookimpl
def register_sources() -> list[Source]:
    return [VcardFiles()]


def _cards(stream: BinaryIO) -> Iterator[tuple[int, str | Unreadable]]:
    """The text of each card with the number of its first line."""
    start, lines, size = 0, list[str](), 0
    for number, raw in enumerate(iter(lambda: stream.readline(LONGEST_CARD), b""), start=1):
        line = _decoded(raw)
        mark = line.strip().upper().removeprefix("\ufeff")
        if mark == "BEGIN:VCARD":
            if lines:
                yield start, Unreadable("the card has no end (END:VCARD)", start, "".join(lines))
            start, lines, size = number, ["BEGIN:VCARD\r\n"], 0
        elif not lines:
            continue
        elif mark == "END:VCARD":
            yield start, "".join([*lines, line])
            lines = []
        elif (size := size + len(line)) > LONGEST_CARD:
            yield start, Unreadable(f"the card is larger than {LONGEST_CARD:,} characters", start)
            lines = []
        else:
            lines.append(line)
    if lines:
        yield start, Unreadable("the card has no end (END:VCARD)", start, "".join(lines))


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _record(line: int, card: str) -> Record | Unreadable:
    import vobject
    from vobject.base import VObjectError

    try:
        parsed = vobject.readOne(card, allowQP=True)
        fields: dict[str, str] = {}
        for content in parsed.getChildren():
            if content.name not in _NOT_TEXT:
                _put(fields, content)
    # vobject lets errors of its parts through: of quoted-printable, of base64, of its own look-ups.
    except (VObjectError, ValueError, LookupError, AttributeError, TypeError) as error:
        reason = str(error).strip().splitlines()
        return Unreadable(
            f"the card cannot be read: {reason[0] if reason else type(error).__name__}", line, card
        )
    return Record(fields, line)


def _put(fields: dict[str, str], content: Any) -> None:
    value = content.value
    match content.name:
        case "N":
            _add(fields, "First name", f"{_text(value.given)} {_text(value.additional)}".strip())
            _add(fields, "Last name", _text(value.family))
        case "ORG":
            organisation = [*value, ""] if isinstance(value, list) else [value, ""]
            _add(fields, "Company", _text(organisation[0]))
            _add(fields, "Department", _text(organisation[1]))
        case "ADR":
            for column, part in (
                ("Street", value.street),
                ("Postcode", value.code),
                ("City", value.city),
                ("Region", value.region),
                ("Country", value.country),
            ):
                _add(fields, column, _text(part))
        case "TEL":
            _add(fields, _telephone(content), _text(value).removeprefix("tel:"))
        case name:
            _add(fields, _PLAIN.get(name, name.capitalize()), _text(value))


def _telephone(content: Any) -> str:
    """The column for a number, from TYPE (3.0, 4.0) or the bare words of 2.1."""
    kinds = {str(kind).lower() for kind in [*content.params.get("TYPE", []), *content.singletonparams]}
    if "fax" in kinds:
        return "Fax"
    return "Mobile" if "cell" in kinds else "Phone"


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text(part) for part in value)
    return str(value).strip()


def _add(fields: dict[str, str], column: str, text: str) -> None:
    if not text:
        return
    name, number = column, 1
    while name in fields:
        number += 1
        name = f"{column} {number}"
    fields[name] = text
