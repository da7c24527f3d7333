"""What mail servers say, by reason, in `said.txt`: as in the world, with made-up names."""

from __future__ import annotations

from pathlib import Path


def replies() -> list[tuple[str, str]]:
    """Each reply with the reason that it gives."""
    found: list[tuple[str, str]] = []
    reason = ""
    for line in Path(__file__).with_name("said.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            reason = line.removeprefix("= ")
        else:
            found.append((line, reason))
    return found
