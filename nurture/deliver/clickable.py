"""Whether there is anything to click in a mail, as far as its template tells before it is rendered.

What it tells is the template as one text, blocks and pieces in their places and both sides of each `if`.
Where anything about it is unclear, there may be a link.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from jinja2 import nodes

from nurture.deliver.templates import TemplateLibrary
from nurture.errors import TemplateError

SOMETHING, WAY_OUT = "\0", "\1"
"""What stands for a value that is not known yet, and for the addresses that lead out of the mails."""

MAKES_HTML = ("safe", "urlize", "xmlattr")
"""Filters whose value may hold a link."""

_LINK = re.compile(rf"""<(?:a|area)\s[^>]*?\bhref\s*=\s*["']?\s*(?:https?://|{SOMETHING})""", re.IGNORECASE)
"""As `links` finds them in the finished mail; a value may be a link as well."""


class _UnclearError(Exception):
    """Raised when a template does what cannot be foreseen."""


def has_link(library: TemplateLibrary, name: str) -> bool:
    """Whether the template has a link to the web in any of its locales, or might have."""
    try:
        files = [f"{locale}/{name}.html" for locale in library.index().get(name, ())]
        return any(_LINK.search(_text(library, file)) for file in files)
    except (_UnclearError, TemplateError):
        return True


def _text(library: TemplateLibrary, file: str) -> str:
    """The HTML part as one text."""
    blocks: defaultdict[str, list[nodes.Block]] = defaultdict(list)
    tree = library.tree(file)
    for _ in range(20):
        for block in tree.find_all(nodes.Block):
            blocks[block.name].append(block)
        parent = tree.find(nodes.Extends)
        if parent is None:
            return "".join(_Told(library, blocks).of(tree))
        tree = library.tree(_named(parent.template))
    raise _UnclearError


def _named(template: nodes.Expr) -> str:
    if isinstance(template, nodes.Const) and isinstance(template.value, str):
        return template.value
    raise _UnclearError


class _Told:
    """Tells a tree piece by piece; `blocks` are those of the template and its parents, its own first."""

    def __init__(self, library: TemplateLibrary, blocks: dict[str, list[nodes.Block]]) -> None:
        self._library = library
        self._blocks = blocks

    def of(self, node: nodes.Node) -> Iterator[str]:
        match node:
            case nodes.Output():
                for one in node.nodes:
                    yield _printed(one)
            case nodes.Block():
                # `super()` is a value like any other; what it stands for is told behind it.
                own, *above = self._blocks.get(node.name) or [node]
                for block in (own, *above) if _calls_super(own) else (own,):
                    for below in block.body:
                        yield from self.of(below)
            case nodes.Include():
                yield from self.of(self._library.tree(_named(node.template)))
            case (
                nodes.Import() | nodes.FromImport() | nodes.Macro() | nodes.CallBlock() | nodes.FilterBlock()
            ):
                raise _UnclearError
            case _:
                for below in node.iter_child_nodes():
                    yield from self.of(below)


def _printed(node: nodes.Node) -> str:
    match node:
        case nodes.TemplateData():
            return node.data
        case nodes.Const():
            return str(node.value)
        case nodes.Name(name="unsubscribe_url" | "preferences_url"):
            return WAY_OUT
    filters = [*node.find_all(nodes.Filter), *([node] if isinstance(node, nodes.Filter) else [])]
    if any(each.name in MAKES_HTML for each in filters):
        raise _UnclearError
    return SOMETHING


def _calls_super(block: nodes.Block) -> bool:
    calls = block.find_all(nodes.Call)
    return any(isinstance(call.node, nodes.Name) and call.node.name == "super" for call in calls)
