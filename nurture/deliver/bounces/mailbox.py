"""The mails in a file: one, or as many as an mbox holds (RFC 4155)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_POSTMARK = re.compile(
    rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From \S+ +\w{3} \w{3} +\d{1,2} [\d:]{5,8} "
    rb"[^\n]{0,30}\d{4}[^\n]{0,12}\n(?=[A-Za-z-]+:)"
)


def mails_in(content: bytes) -> Sequence[bytes]:
    """The mails of an mbox, or the one mail that the file is."""
    if not content.startswith(b"From "):
        return [content]
    starts = [found.start() for found in _POSTMARK.finditer(content)] or [0]
    return [content[start:end] for start, end in zip(starts, [*starts[1:], len(content)], strict=True)]
