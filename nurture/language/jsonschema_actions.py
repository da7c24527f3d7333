"""The part of the JSON Schema that plugins give: what stands behind `do:`, with an action's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from pydantic import BaseModel

Schema = dict[str, Any]
Actions: TypeAlias = Mapping[str, type[BaseModel]]

DEFINITIONS = "#/definitions/"
"""Where everything stands that is referred to."""


def action_schema(actions: Actions) -> Schema:
    """One action: its parameters, or a single value for the first of them."""
    properties = {}
    for name, model in sorted(actions.items()):
        parameters = {key: part for key, part in _parameters(name, model).items() if key != "$defs"}
        first: Schema = next(iter(parameters.get("properties", {}).values()), {})
        properties[name] = {
            "description": parameters.get("description", ""),
            "anyOf": [parameters, {key: value for key, value in first.items() if key != "title"}],
        }
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _parameters(action: str, model: type[BaseModel]) -> Schema:
    """An action's parameters; what they refer to stands where `parameter_definitions` puts it."""
    return model.model_json_schema(ref_template=f"{DEFINITIONS}{action}.{{model}}")


def parameter_definitions(actions: Actions) -> Schema:
    """What the parameters of actions refer to, each under its action's name: two may have one of one name."""
    found: Schema = {}
    for action, model in sorted(actions.items()):
        own = _parameters(action, model).get("$defs", {})
        found |= {f"{action}.{name}": part for name, part in own.items()}
    return found
