"""Reports as mail programs of many makes write them, all made up, in the files of the folder `reports`.

Each stands as `name | kind | recipient reason, …`, then the mail; a line of `%%%%` parts them. `@@`
at a line's start begins the next part of a multipart, with its type.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).with_name("reports")

RETURNED = """Received: from web.firm.example by mx.firm.example; Mon, 2 Mar 2026 09:00:00 +0000
From: Firm <hello@firm.example>
To: An <an@example.com>
Subject: Your new website
Message-ID: <0123456789abcdef@firm.example>

Hello An"""


@dataclass(frozen=True)
class Family:
    """A report, what it is, and of whom it says what."""

    name: str
    kind: str
    told: tuple[tuple[str, str], ...]
    raw: bytes


def families() -> list[Family]:
    files = sorted(_FOLDER.glob("*.txt"))
    return [_family(text) for file in files for text in file.read_text(encoding="utf-8").split("%%%%\n")]


def _family(text: str) -> Family:
    head, _, mail = text.strip("\n").partition("\n")
    name, kind, told = (part.strip() for part in head.split("|"))
    pairs = tuple(tuple(each.split()) for each in told.split(",") if each.strip())
    return Family(name, kind, pairs, _mail(mail.replace("@RETURNED", RETURNED)).encode())  # type: ignore[arg-type]


def _mail(text: str) -> str:
    if "\n@@" not in text:
        return text + "\n"
    head, _, body = text.partition("\n\n")
    parts = body.split("\n@@")
    lines = [head.rstrip() + '; boundary="=_b"', ""]
    for part in parts:
        kind, _, content = part.lstrip("@").partition("\n")
        lines += ["--=_b", f"Content-Type: {kind.strip()}", "", content]
    return "\n".join([*lines, "--=_b--", ""])
