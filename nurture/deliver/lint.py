"""Finds names in a template that do not exist, also in branches that no test has ever taken, and what no
template may do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from jinja2 import Environment, meta, nodes

from nurture.deliver.views import ACCOUNT_FIELDS, CONTACT_FIELDS, FIRM_FIELDS, NAMES
from nurture.errors import did_you_mean


def misspelt(
    environment: Environment, tree: nodes.Template, words: Collection[str], given: Collection[str]
) -> Iterator[tuple[int, str]]:
    """(line, problem) for each name that a template is not given, each field that its owner has not, each
    filter that there is not, and each thing that it may not do.

    `given` are names that it has from itself and the files around it (`own_names`).
    """
    yield from _unknown_filters(environment, tree)
    yield from _forbidden(tree)
    # What a page sets or imports at its top is known in its blocks as well.
    unknown = meta.find_undeclared_variables(tree) - set(NAMES) - set(given)
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
        if not isinstance(access.node, nodes.Name) or access.node.name in given:
            continue
        known = fields.get(access.node.name)
        if known is not None and access.attr not in known:
            yield (
                access.lineno,
                f"{access.node.name} has no {access.attr!r}{did_you_mean(access.attr, known)}",
            )


def own_names(tree: nodes.Template) -> Iterator[str]:
    """What a template calls by a name of its own."""
    for name in tree.find_all(nodes.Name):
        if name.ctx == "store":
            yield name.name
    for macro in tree.find_all(nodes.Macro):
        yield macro.name
    for module in tree.find_all(nodes.Import):
        yield module.target
    for names in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in names.names)


def _unknown_filters(environment: Environment, tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Before anything is compiled: Jinja would tell of one only."""
    for used in tree.find_all(nodes.Filter):
        if used.name not in environment.filters:
            yield (
                used.lineno,
                f"there is no filter {used.name!r}{did_you_mean(used.name, environment.filters)}",
            )


def _forbidden(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    for switch in tree.find_all((nodes.EvalContextModifier, nodes.ScopedEvalContextModifier)):
        yield switch.lineno, "what a value holds is always escaped: autoescape cannot be switched"
    for loop in tree.find_all(nodes.For):
        if loop.recursive:
            yield loop.lineno, "no loop can be recursive"
    for used in tree.find_all(nodes.Filter):
        if used.name == "safe" and not _is_ours(used.node):
            yield used.lineno, "only words.… can be safe: anything else may hold what a lead wrote"


def _is_ours(node: nodes.Expr | None) -> bool:
    """Whether a value was surely written by the firm itself."""
    match node:
        case nodes.Const():
            return True
        case nodes.Getattr(node=nodes.Name(name="words")):
            return True
    return False
