"""Links between the documents lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import DOCUMENTS, ROOT

_LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def _links() -> Iterator[tuple[Path, str, str]]:
    for document in DOCUMENTS:
        for link in _LINK.finditer(document.read_text(encoding="utf-8")):
            yield document, link["path"], link["anchor"] or ""


@pytest.mark.parametrize(
    ("document", "path", "anchor"),
    [pytest.param(*link, id=f"{link[0].name}→{link[1]}#{link[2]}") for link in _links()],
)
def test_a_link_leads_to_a_file_and_to_a_heading_in_it(document: Path, path: str, anchor: str) -> None:
    target = (document.parent / path).resolve() if path else document
    assert target.exists()
    assert target.is_relative_to(ROOT)
    if anchor:
        headings = _HEADING.findall(target.read_text(encoding="utf-8"))
        assert anchor in {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    """What GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
