"""What can be foreseen of templates that load: values that are unsure, no way out, no postal address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jinja2 import nodes

from nurture.deliver.templates import TemplateLibrary
from nurture.errors import TemplateError
from nurture.language import foresight
from nurture.language.findings import CheckFinding, Report, Spot

OWNERS = ("contact", "account", "answers")
SURE = frozenset({"contact.email", "contact.locale", "contact.interests", "contact.answers", "account.facts"})
"""What every contact has who gets a mail, if an empty one."""

_SAFE_FILTERS = ("default", "d")


@dataclass(frozen=True, slots=True)
class Unsure:
    """A field that is printed at a line, though it may be unknown."""

    line: int
    field: str


def foresee(library: TemplateLibrary, sure: Iterable[str]) -> list[CheckFinding]:
    """Warnings on every template that can be loaded; files are named as the library finds them.

    `sure` are fields such as `contact.name` that every contact has.
    """
    sure, found = SURE | frozenset(sure), dict[CheckFinding, None]()
    for name, locales in library.index().items():
        for locale in sorted(locales):
            try:
                library.get(name, locale)
            except TemplateError:
                continue  # told as an error already
            for part in library.trees(name, locale):
                told = (*unsure_findings(part, sure), *way_out_findings(part), *_address_findings(part))
                found.update(dict.fromkeys(told))
    return list(found)


Trees: TypeAlias = Sequence[tuple[str, nodes.Template]]
"""A file of a template and all that it extends or includes, each with its syntax tree."""


def unsure_findings(part: Trees, sure: frozenset[str]) -> Iterator[CheckFinding]:
    """Values that are printed though they may be unknown."""
    for file, tree in part:
        report = Report(file)
        for unsure in unsure_fields(tree, sure):
            report.add(
                foresight.UNSURE_FIELD,
                Spot(unsure.line),
                f"{unsure.field} is not known of every contact: the mail to such a contact fails",
                f'write {{% if {unsure.field} %}} around it, or {{{{ {unsure.field} or "…" }}}}',
            )
        yield from report.findings


def way_out_findings(part: Trees) -> Iterator[CheckFinding]:
    """Nothing to unsubscribe with."""
    if not any(uses(tree, "unsubscribe_url") for _, tree in part):
        report = Report(part[0][0])
        report.add(
            foresight.NO_WAY_OUT,
            Spot(),
            "nothing here, nor in its layout, prints unsubscribe_url",
            "put {{ unsubscribe_url }} into the layout, so that every mail has it",
        )
        yield from report.findings


def _address_findings(part: Trees) -> Iterator[CheckFinding]:
    if not any(prints_address(tree) for _, tree in part):
        report = Report(part[0][0])
        report.add(
            foresight.NO_ADDRESS,
            Spot(),
            "nothing here, nor in its layout, prints firm.address",
            "put {{ firm.address }} into the layout, so that every mail has it",
        )
        yield from report.findings


def prints_address(tree: nodes.Template) -> bool:
    """Whether a template says the firm's postal address."""
    return any(
        _of_firm(found.node) and found.attr == "address" for found in tree.find_all(nodes.Getattr)
    ) or any(
        _of_firm(found.node) and isinstance(found.arg, nodes.Const) and found.arg.value == "address"
        for found in tree.find_all(nodes.Getitem)
    )


def _of_firm(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "firm"


def unsure_fields(tree: nodes.Template, sure: frozenset[str] = SURE) -> Iterator[Unsure]:
    """Every field that is printed without an `if` around it and without an `or` or `default`."""
    yield from _in(tree, sure)


def uses(tree: nodes.Template, name: str) -> bool:
    """Whether a template speaks of `name` at all."""
    return any(found.name == name for found in tree.find_all(nodes.Name))


def _in(node: nodes.Node, asked: frozenset[str]) -> Iterator[Unsure]:
    """`asked` are the fields that are known to be there at this place."""
    match node:
        case nodes.Output():
            for child in node.nodes:
                yield from _printed(child, asked)
        case nodes.If():
            inside, otherwise = asked | _held(node.test), asked | _held_without(node.test)
            for one in node.body:
                yield from _in(one, inside)
            for other in (*node.elif_, *node.else_):
                yield from _in(other, otherwise)
        case _:
            for below in node.iter_child_nodes():
                yield from _in(below, asked)


def _printed(node: nodes.Node, asked: frozenset[str]) -> Iterator[Unsure]:
    """The fields whose value comes out of an expression as it is."""
    match node:
        case nodes.Getattr() | nodes.Getitem():
            name = _field(node)
            if name is not None and name not in asked:
                yield Unsure(node.lineno, name)
        case nodes.Or():
            yield from _printed(node.right, asked)
        case nodes.And():
            yield from _printed(node.right, asked | _held(node.left))
        case nodes.CondExpr():
            yield from _printed(node.expr1, asked | _held(node.test))
            if node.expr2 is not None:
                yield from _printed(node.expr2, asked | _held_without(node.test))
        case nodes.Filter() if node.name not in _SAFE_FILTERS and node.node is not None:
            yield from _printed(node.node, asked)
        case nodes.Concat():
            for child in node.nodes:
                yield from _printed(child, asked)
        case _:
            pass


def _held(test: nodes.Node) -> frozenset[str]:
    """The fields that are there wherever `test` is true."""
    match test:
        case nodes.And():
            return _held(test.left) | _held(test.right)
        case nodes.Or():
            return _held(test.left) & _held(test.right)
        case nodes.Not():
            return _held_without(test.node)
        case nodes.Compare():
            # Nothing known is equal to what is missing, whatever it is compared with.
            return _held(test.expr) if all(each.op in ("eq", "in") for each in test.ops) else frozenset()
        case nodes.Call(node=nodes.Getattr(node=subject)):
            return _held(subject)
        case nodes.Test() if test.name == "defined":
            return _held(test.node)
        case nodes.Filter() if test.node is not None and test.name not in _SAFE_FILTERS:
            return _held(test.node)
    name = _field(test)
    return frozenset() if name is None else frozenset({name})


def _held_without(test: nodes.Node) -> frozenset[str]:
    """The fields that are there wherever `test` is false: those of `not contact.city`."""
    match test:
        case nodes.Not():
            return _held(test.node)
        case nodes.Or():
            return _held_without(test.left) | _held_without(test.right)
        case nodes.Test() if test.name == "undefined":
            return _held(test.node)
    return frozenset()


def _field(node: nodes.Node) -> str | None:
    """`contact.first_name`, also written as an item; None where it is none of a contact's."""
    match node:
        case nodes.Getattr(node=inner, attr=attr):
            key = attr
        case nodes.Getitem(node=inner, arg=nodes.Const(value=str() as attr)):
            key = attr
        case _:
            return None
    if isinstance(inner, nodes.Name):
        return f"{inner.name}.{key}" if inner.name in OWNERS else None
    owner = _field(inner)
    return f"{owner}.{key}" if owner in ("contact.answers", "account.facts") else None
