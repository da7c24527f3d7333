"""Finds names in a template that do not exist, also in branches that no test has ever taken."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from jinja2 import Environment, meta, nodes

from nurture.deliver.views import ACCOUNT_FIELDS, CONTACT_FIELDS, FIRM_FIELDS, NAMES
from nurture.errors import did_you_mean


def misspelt(environment: Environment, source: str, words: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line, problem) for each name that a template is not given, and each field that its owner has not.

    Raised when the source cannot be parsed: jinja2.TemplateSyntaxError.
    """
    tree = environment.parse(source)
    unknown = meta.find_undeclared_variables(tree) - set(NAMES)
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    fields: Mapping[str, Collection[str]] = {
        "contact": CONTACT_FIELDS,
        "account": ACCOUNT_FIELDS,
        "firm": FIRM_FIELDS,
        "words": words,
    }
    for name in tree.find_all(nodes.Name):
        if name.name in unknown and name.ctx == "load":
            yield name.lineno, f"there is no {name.name!r}{did_you_mean(name.name, NAMES)}"
    for access in tree.find_all(nodes.Getattr):
        if not isinstance(access.node, nodes.Name) or access.node.name in own:
            continue
        known = fields.get(access.node.name)
        if known is not None and access.attr not in known:
            yield (
                access.lineno,
                f"{access.node.name} has no {access.attr!r}{did_you_mean(access.attr, known)}",
            )
