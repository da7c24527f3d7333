"""From a flat template to what is compiled: MJML made HTML, CSS inlined, and a text part where none is
written.

All of it once per template and locale; a mail only renders what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import escape

from nurture.deliver import mjml
from nurture.deliver.flatten import Flat
from nurture.deliver.hiding import Scanner, hidden, shown
from nurture.deliver.pieces import Piece, Tag, Text
from nurture.deliver.plaintext import text_of_html
from nurture.errors import TemplateError

if TYPE_CHECKING:
    from css_inline import CSSInliner

_WORD = re.compile(r"words\.(\w+)")
_STYLE = re.compile(r"<style\b", re.IGNORECASE)
# Else the parser would put it behind the tag: a loop over rows would begin a body with each row.
_ROWS = re.compile(r"(<table\b[^>]*>)((?:\s|<!--jinja-\d+-->)*)(?=<tr\b)", re.IGNORECASE)
_CALL = re.compile(r"(\w+)(?:\.\w+)?\s*\(")
_ADDRESS = re.compile(r"\w+_url$|firm\.\w+$")
_DEFINED = re.compile(r"macro\s+(\w+)")
_FROM = re.compile(r"from\s+(?P<quote>[\"'])(?P<file>[^\"']+)(?P=quote)\s+import\s+(?P<names>.+)")
_IMPORT = re.compile(r"import\s+(?P<quote>[\"'])(?P<file>[^\"']+)(?P=quote)\s+as\s+(?P<names>\w+)")


@dataclass(frozen=True, slots=True)
class Composed:
    """The HTML of a template in which its tags are hidden (`hiding`), and what stands before it."""

    prologue: tuple[Piece, ...]
    html: str
    tags: Sequence[Tag]

    def pieces(self) -> list[Piece]:
        """The HTML with its tags. Raised when one was lost on the way: TemplateError."""
        return shown(self.html, self.tags)


def with_words(pieces: Iterable[Piece], words: Mapping[str, str], *, html: bool) -> list[Piece]:
    """The pieces with the locale's words in their places: they are the same in every mail."""

    def filled(piece: Piece) -> Piece:
        named = _WORD.fullmatch(piece.code) if isinstance(piece, Tag) and not piece.statement else None
        if named is None or named[1] not in words:
            return piece
        text = words[named[1]]
        return Text(str(escape(text)) if html else text, piece.spot)

    return [filled(piece) for piece in pieces]


def composed(flat: Flat, words: Mapping[str, str], *, is_mjml: bool) -> Composed:
    """The finished HTML of a flat template. Raised when it is not valid MJML: TemplateError."""
    body = with_words(flat.body, words, html=True)
    if is_mjml:
        prologue, body = _before_the_document(flat.prologue, body)
        for spot, problem, hint in mjml.unknown(body):
            raise TemplateError(f"{spot.file}:{spot.line}:{spot.column}: {problem}", hint=hint)
        joined, tags = hidden(body, Scanner(path=[]))
        html = mjml.compiled(joined)
    else:
        prologue = flat.prologue
        joined, tags = hidden(body)
        html = joined.text
    return Composed(prologue, inlined(html), tags)


def inlined(html: str) -> str:
    """HTML with its style sheets in the style attributes, where mail programs read them; what cannot stand
    there (@media) stays."""
    if not _STYLE.search(html):
        return html
    return _inliner().inline(_ROWS.sub(r"\1<tbody>\2", html))


@cache
def _inliner() -> CSSInliner:
    from css_inline import CSSInliner

    # Nothing is ever fetched: a template is no way to make this machine read an address.
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def _before_the_document(
    prologue: tuple[Piece, ...], body: list[Piece]
) -> tuple[tuple[Piece, ...], list[Piece]]:
    """Values that are set before `<mjml>` begins go before everything."""
    at = next((n for n, piece in enumerate(body) if isinstance(piece, Text) and "<mjml" in piece.text), 0)
    return (*prologue, *(piece for piece in body[:at] if isinstance(piece, Tag))), body[at:]


def text_part(html: Composed, is_there: Callable[[str], bool]) -> tuple[list[Piece], list[Piece]]:
    """Prologue and body of a text part made of the HTML.

    Beside a file of macros may stand a .txt with the same macros for text. What others write is HTML, and
    loses its elements when the mail is rendered.
    """
    prologue, of_html = list[Piece](), set[str]()
    for piece in html.prologue:
        code = piece.code if isinstance(piece, Tag) else ""
        imported = _FROM.match(code) or _IMPORT.match(code)
        text = f"{imported['file'].rpartition('.')[0]}.txt" if imported else ""
        if imported and is_there(text):
            code = code.replace(imported["file"], text)
            prologue.append(Tag(code, piece.spot, statement=True))
            continue
        prologue.append(piece)
        if imported:
            of_html |= set(re.findall(r"\w+", imported["names"]))
        elif defined := _DEFINED.match(code):
            of_html.add(defined[1])
    return prologue, [_as_text(piece, of_html) for piece in text_of_html(html.html, html.tags)]


def _as_text(piece: Piece, of_html: set[str]) -> Piece:
    if not isinstance(piece, Tag) or piece.statement or piece.verbatim:
        return piece
    call = _CALL.match(piece.code)
    if (call and call[1] in of_html) or "|safe" in piece.code.replace(" ", ""):
        return Tag(f"({piece.code})|striptags", piece.spot)
    return piece


def has_words(pieces: Iterable[Piece]) -> bool:
    """Whether there is anything to read in it; addresses and the firm's own data are nothing."""
    shown = "".join(
        piece.text
        if isinstance(piece, Text)
        else ""
        if piece.statement or _ADDRESS.match(piece.code)
        else "x"
        for piece in pieces
    )
    return re.search(r"\w", re.sub(r"https?://\S*", "", shown)) is not None
