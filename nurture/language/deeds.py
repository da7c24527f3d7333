"""Checks what stands behind `do:` against the action's own parameters."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Table
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nurture.language import codes
from nurture.language.documents import Draft
from nurture.language.names import did_you_mean
from nurture.language.steps import Deed
from nurture.language.yamlio import Mapping, Node, Scalar, Sequence, plain_data

Models = Table[str, type[BaseModel]]

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL takes in no text: U+0000, and halves of a surrogate pair."""


def check_deeds(draft: Draft, actions: Models, teams: Collection[str] = ()) -> None:
    """A finding for each action that no plugin has, and each parameter that does not fit.

    A parameter's validator is told the workspace's `teams` as `info.context["teams"]`; when a step is carried
    out there is no context, so that what was right when it was published does not stop anybody later.
    """
    for deed in draft.graph.deeds if draft.graph else ():
        model = actions.get(deed.name.text)
        if model is None:
            hint = did_you_mean(deed.name.text, actions)
            message = f"there is no action {deed.name.text}"
            draft.reader.report.add(codes.UNKNOWN_ACTION, deed.name, message, hint)
        else:
            _check(draft, deed, model, teams)


def first_field(model: type[BaseModel]) -> str:
    """The parameter that a single value is for."""
    return next(iter(model.model_fields), "")


def full_parameters(model: type[BaseModel], parameters: Table[str, Any]) -> dict[str, Any]:
    """Parameters as written, the short form (one value, under the key "") under its own name."""
    return {name or first_field(model): value for name, value in parameters.items()}


def _check(draft: Draft, deed: Deed, model: type[BaseModel], teams: Collection[str]) -> None:
    name, node = deed.name.text, deed.parameters
    for scalar in _scalars(node):
        if found := _UNSTORABLE.search(scalar.text):
            message = f"{name}: a text with the character U+{ord(found[0]):04X}, which cannot be stored"
            draft.reader.report.add(codes.BAD_PARAMETER, scalar, message)
            return
    value = plain_data(node)
    given = value if isinstance(node, Mapping) else {} if value is None else {"": value}
    try:
        model.model_validate(full_parameters(model, given), context={"teams": frozenset(teams)})
    except ValidationError as error:
        for problem in error.errors():
            path = tuple(str(part) for part in problem["loc"])
            where = _node_at(node, path) if isinstance(node, Mapping) else node
            told = ".".join(path)
            if problem["type"] == "extra_forbidden":
                message = f"{name} has no parameter {told}"
                hint = did_you_mean(path[-1], model.model_fields)
            elif problem["type"] == "missing":
                message, hint = f"{name} needs {told}", f"write {{{told}: …}}"
            else:
                message = f"{name}: {told or 'its value'} {_in_words(problem)}"
                parameter = model.model_fields.get(path[0]) if path else None
                hint = f"{path[0]}: {parameter.description}" if parameter and parameter.description else ""
            draft.reader.report.add(codes.BAD_PARAMETER, where, message, hint)


def _in_words(problem: ErrorDetails) -> str:
    """What pydantic found, said as `nurture check` says things."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in _NEEDED:
        return f"must be {_NEEDED[kind]}"
    if "expected" in context:
        return f"must be {context['expected']}"
    if kind in _BOUNDS:
        limit = next(iter(context.values()), "")
        return f"must be {_BOUNDS[kind]} {limit}"
    if kind == "string_pattern_mismatch":
        return f"cannot be {problem['input']!r}"
    if "error" in context:
        return f"cannot be used: {context['error']}"
    return problem["msg"][:1].lower() + problem["msg"][1:]


_NEEDED = {
    "string_type": "a text: put it between quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list: [a, b]",
    "tuple_type": "a list: [a, b]",
    "dict_type": "a table: {key: value}",
    "model_type": "a table: {key: value}",
}
_BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    else:
        for key, value in node.entries.values():
            yield key
            yield from _scalars(value)


def _node_at(node: Node, path: tuple[str, ...]) -> Node:
    """The key where a problem is, as deep as it can be followed."""
    found: Node = node
    for part in path:
        if isinstance(found, Mapping) and part in found.entries:
            key, value = found.entries[part]
            found = value if isinstance(value, Mapping | Sequence) and part != path[-1] else key
        elif isinstance(found, Sequence) and part.isdigit() and int(part) < len(found.items):
            found = found.items[int(part)]
        elif not isinstance(found, Scalar):
            break
    return found
