"""Files that a channel leaves in a folder for others to take: whole, or not there."""

from __future__ import annotations

import os
import re
from pathlib import Path

from nurture.plug.contracts import NoticeOutcome


def safe_name(text: str) -> str:
    """What a file may be called after a text from elsewhere: it never leaves its folder."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:150]


def drop_file(path: Path, content: bytes) -> NoticeOutcome:
    """Writes a file, or replaces it. It is renamed when it is whole and on the disk: nobody reads half of it.

    Whoever looks for files by their ending does not see it before.
    """
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        return NoticeOutcome(False, True, f"{path} cannot be written: {error.strerror}")
    return NoticeOutcome(True, reply=f"written to {path}")
