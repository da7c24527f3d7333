"""What a file really is: people name a workbook `leads.csv` when a form asks for CSV."""

from __future__ import annotations

from collections.abc import Mapping

from nurture.plug.contracts import Payload, Source

_SIGNATURES = (
    (b"PK\x03\x04", "xlsx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx"),
    (b"BEGIN:VCARD", "vcard"),
)
_LONGEST = 64


def detect(payload: Payload, asked: str, sources: Mapping[str, Source]) -> str:
    """The name of the source that can read the payload: the one asked for, unless its first bytes say other.

    Leaves the stream at its beginning.
    """
    head = payload.stream.read(_LONGEST).removeprefix(b"\xef\xbb\xbf").lstrip()
    payload.stream.seek(0)
    for signature, name in _SIGNATURES:
        if head.upper().startswith(signature.upper()) and name in sources and asked in _CONFUSED:
            return name
    return asked


_CONFUSED = frozenset({"csv", "xlsx", "vcard"})
"""Sources that are mistaken for one another; a source of somebody's own is left to read what it was given."""
