"""The fenced blocks of the documentation: what readers copy, and so what tests must try.

The first word behind a fence is the language; the others say how the block is meant. Readers do not see them.

| fence | what a test does with it |
|---|---|
| `console` | runs each line that starts with `$ `; the lines beneath must be in what it prints |
| `console fails` | the same, and it must end with status 1 |
| `console serves` | starts it, waits for the lines beneath, and stops it at the document's end |
| `console no-run` | nothing: it installs, or needs a server that is not there |
| any language and a path | writes the file, for the commands that follow |
| `yaml profile`, `campaign`, `steps` | compiles it as a part of a profile, a campaign or a track |
| `yaml map`, `yaml fragment` | reads it as a mapping (with `outcomes`, one of those), or as YAML only |
| `text condition` | parses each line as a condition |
| `toml` | reads it as settings |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

DOCUMENTS = sorted(
    [ROOT / "README.md", *(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "decisions")]
)

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>\w*)(?P<info>[^\n`]*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `line` is where its fence stands, counted from 1."""

    document: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        document = self.document
        shown = document.relative_to(ROOT) if document.is_relative_to(ROOT) else document
        return f"{shown}:{self.line}"

    @property
    def path(self) -> str | None:
        """The file that the block is to be written to, if it names one."""
        return next((word for word in self.words if "." in word), None)


def blocks_of(document: Path) -> list[Block]:
    """Every fenced block of a document, in order. Raised when one is never closed: AssertionError."""
    found: list[Block] = []
    opened: re.Match[str] | None = None
    start, content = 0, list[str]()
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), start=1):
        if opened is None:
            if opened := _FENCE.match(line):
                start, content = number, []
        elif line == opened["fence"]:
            words = tuple(opened["info"].split())
            found.append(Block(document, start, opened["language"], words, "\n".join(content) + "\n"))
            opened = None
        else:
            content.append(line)
    assert opened is None, f"{document}:{start}: this block is never closed"
    return found


def all_blocks(language: str, *, marked: str | None = None) -> list[Block]:
    """The blocks of all documents in one language; with `marked`, those whose fence has that word."""
    return [
        block
        for document in DOCUMENTS
        for block in blocks_of(document)
        if block.language == language and (marked is None or marked in block.words)
    ]
