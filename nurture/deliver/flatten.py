"""One template out of many files: `extends`, `block`, `super()` and `include` are settled before anything
runs.

MJML and inlined CSS need the whole mail at once, long before there is a contact; and a mail that needs no
other file at run time is rendered faster, and can reach none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nurture.deliver.pieces import Piece, Spot, Tag
from nurture.errors import TemplateError

MOST_PIECES = 20_000
"""Text and tags of a mail with all that it includes: files that each include the next one twice double."""

_NAMED = re.compile(r"""\w+\s+(["'])(?P<name>[^"']+)\1\s*(?P<missing>ignore\s+missing\b)?""")
_IMPORTED = re.compile(r"""(?:from|import)\s+(["'])[^"']+\1""")
_BLOCK = re.compile(r"block\s+(\w+)")
_CALLED = re.compile(r"(super|self\.(\w+))\s*\(\s*\)")
_SUPER_OR_SELF = re.compile(r"\bsuper\s*\(|\bself\b")
_IN_QUOTES = re.compile(r""""[^"]*"|'[^']*'""")
_SET_BLOCK = re.compile(r"set\s+[^=]*$")
_DEFINING = ("set", "import", "from", "macro")


@dataclass(slots=True)
class Block:
    """A named part of a page, which a page that extends it can fill anew."""

    name: str
    items: list[Item] = field(default_factory=list)


Item: TypeAlias = Piece | Block


@dataclass(slots=True)
class Page:
    """One file: what it extends, what stands in it, and all of its blocks."""

    name: str
    extends: str = ""
    items: list[Item] = field(default_factory=list)
    blocks: dict[str, Block] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flat:
    """A template in one piece. `prologue` defines macros and values, and prints nothing."""

    prologue: tuple[Piece, ...]
    body: tuple[Piece, ...]


Reader: TypeAlias = Callable[[str], Sequence[Piece] | None]
"""A file's name → its pieces; None where it is not there."""


def flatten(name: str, read: Reader) -> Flat:
    """The template `name` with everything that it extends and includes in its place.

    Raised when a name is not given in quotes, a file is not there, or files lead in a circle: TemplateError.
    """
    flattening = _Flattening(name, read)
    body = tuple(flattening.page(name, ()))
    return Flat(tuple(flattening.prologue), body)


class _Flattening:
    def __init__(self, name: str, read: Reader) -> None:
        self._name = name
        self._read = read
        self._taken = 0
        self.prologue: list[Piece] = []

    def page(self, name: str, above: tuple[str, ...], spot: Spot | None = None) -> Iterator[Piece]:
        pages = [self._page(name, above, spot)]
        while pages[-1].extends:
            inside = (*above, *(page.name for page in pages))
            pages.append(self._page(pages[-1].extends, inside, None))
        blocks: dict[str, list[Block]] = {}
        for page in pages:
            for block in page.blocks.values():
                blocks.setdefault(block.name, []).append(block)
        for page in reversed(pages[:-1]):
            # Outside of its blocks, a page that extends another one defines, and prints nothing.
            self.prologue += _definitions(page.items)
        inside = (*above, *(page.name for page in pages))
        yield from self._items(pages[-1].items, blocks, inside, None, 0)

    def _page(self, name: str, above: tuple[str, ...], spot: Spot | None) -> Page:
        if name in above:
            way = " → ".join((*above[above.index(name) :], name))
            raise TemplateError(f"{name} leads back to itself: {way}")
        found = self._read(name)
        if found is None:
            where = f"{spot.file}:{spot.line}: " if spot else ""
            raise TemplateError(f"{where}uses {name}, which is not there")
        return _parsed(name, found)

    def _items(
        self,
        items: Sequence[Item],
        blocks: Mapping[str, Sequence[Block]],
        above: tuple[str, ...],
        block: str | None,
        level: int,
    ) -> Iterator[Piece]:
        waiting, inside = iter(items), 0
        for item in waiting:
            inside += _depth(item)
            self._taken += 1
            if self._taken > MOST_PIECES:
                raise TemplateError(f"with all that it includes, {self._name} is too long to be a mail")
            match item:
                case Block():
                    yield from self._block(item.name, blocks, above, 0)
                case Tag(statement=True, word="include"):
                    name, optional = _name_in(item)
                    if not optional or self._read(name) is not None:
                        yield from _scoped(list(self.page(name, above, item.spot)))
                case Tag(statement=True, word="import" | "from"):
                    self.prologue.append(_checked_import(item))
                case Tag(statement=True, word="macro") if inside == 0:
                    # One that stands in a loop, or the like, may use what is known there.
                    self.prologue.append(item)
                    self.prologue += _through(waiting, "macro")
                case Tag(verbatim=False) if _SUPER_OR_SELF.search(_IN_QUOTES.sub("", item.code)):
                    other, up = _called(item, block, level)
                    yield from self._block(other, blocks, above, up, item.spot)
                case _:
                    yield item

    def _block(
        self,
        name: str,
        blocks: Mapping[str, Sequence[Block]],
        above: tuple[str, ...],
        level: int,
        spot: Spot | None = None,
    ) -> Iterator[Piece]:
        versions = blocks.get(name, ())
        if level >= len(versions):
            where = f"{spot.file}:{spot.line}: " if spot else ""
            raise TemplateError(f"{where}there is no block {name} above this one")
        if len(above) > 200:
            raise TemplateError(f"the block {name} leads back to itself")
        found = self._items(versions[level].items, blocks, (*above, ""), name, level)
        yield from _scoped(list(found))


def _depth(item: Item) -> int:
    """Whether a statement begins (1) or ends (-1) a part in which names of its own may be known."""
    if not isinstance(item, Tag) or not item.statement:
        return 0
    if item.word in ("endif", "endfor", "endwith", "endcall", "endfilter", "endset"):
        return -1
    opens = item.word in ("if", "for", "with", "call", "filter")
    return int(opens or (item.word == "set" and _SET_BLOCK.match(item.code) is not None))


def _parsed(name: str, found: Sequence[Piece]) -> Page:
    page = Page(name)
    open_blocks: list[Block] = []
    for piece in found:
        items = open_blocks[-1].items if open_blocks else page.items
        match piece:
            case Tag(statement=True, word="extends"):
                page.extends, _ = _name_in(piece)
            case Tag(statement=True, word="block"):
                named = _BLOCK.match(piece.code)
                block = Block(named[1] if named else "")
                items.append(block)
                page.blocks[block.name] = block
                open_blocks.append(block)
            case Tag(statement=True, word="endblock"):
                open_blocks.pop()
            case _:
                items.append(piece)
    return page


def _definitions(items: Sequence[Item]) -> Iterator[Piece]:
    waiting = iter(items)
    for item in waiting:
        if not isinstance(item, Tag) or not item.statement or item.word not in _DEFINING:
            continue
        yield _checked_import(item) if item.word in ("import", "from") else item
        if item.word == "macro" or (item.word == "set" and _SET_BLOCK.match(item.code)):
            yield from _through(waiting, item.word)


def _through(waiting: Iterator[Item], word: str) -> Iterator[Piece]:
    """All pieces up to the end of what `word` has opened; blocks do not stand in a definition."""
    for item in waiting:
        if isinstance(item, Block):
            raise TemplateError(f"the block {item.name} stands in a {word}, where it has no meaning")
        yield item
        if isinstance(item, Tag) and item.word == f"end{word}":
            return


def _scoped(found: list[Piece]) -> Iterator[Piece]:
    """What a block or an included file sets is not known outside of it."""
    sets = any(isinstance(piece, Tag) and piece.word == "set" for piece in found)
    if sets:
        yield Tag("with", found[0].spot, statement=True)
    yield from found
    if sets:
        yield Tag("endwith", found[-1].spot, statement=True)


def _name_in(tag: Tag) -> tuple[str, bool]:
    found = _NAMED.match(tag.code)
    if found is None:
        raise TemplateError(
            f"{tag.spot.file}:{tag.spot.line}: {tag.word} needs the name of a file in quotes, not "
            f"{tag.code!r}"
        )
    return found["name"], bool(found["missing"])


def _checked_import(tag: Tag) -> Tag:
    if not _IMPORTED.match(tag.code):
        raise TemplateError(
            f"{tag.spot.file}:{tag.spot.line}: {tag.word} needs the name of a file in quotes, not "
            f"{tag.code!r}"
        )
    return tag


def _called(tag: Tag, block: str | None, level: int) -> tuple[str, int]:
    """The block that `{{ super() }}` or `{{ self.name() }}` prints, and how far up."""
    found = _CALLED.fullmatch(tag.code)
    if found is None or tag.statement:
        raise TemplateError(
            f"{tag.spot.file}:{tag.spot.line}: super() and self.block() are printed as they are",
            hint="write {{ super() }}",
        )
    if found[2]:
        return found[2], 0
    if block is None:
        raise TemplateError(f"{tag.spot.file}:{tag.spot.line}: super() stands outside of a block")
    return block, level + 1
