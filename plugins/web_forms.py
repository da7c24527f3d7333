"""The source `webform`: what a form on a website posts, form-encoded or as JSON.

A field `_id` names the delivery, so that a form that is posted twice by a nervous browser comes in once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from nurture import Payload, Record, Source, SourceError, Unreadable, hookimpl

API_VERSION = 1

KEY_FIELD = "_id"
MOST_FIELDS = 500
JOINED_WITH = ", "


class WebForms:
    """Reads one form-encoded body, one JSON object, or a JSON list of objects."""

    name = "webform"
    media_types = ("application/x-www-form-urlencoded", "application/json")
    extensions = (".json",)

    def read(self, payload: Payload) -> Iterator[Record | Unreadable]:
        text = _text(payload)
        if text.lstrip().startswith(("{", "[")):
            yield from _json_records(text, payload.name)
        elif (payload.media_type or "").startswith("application/json"):
            raise SourceError(
                f"{payload.name} says that it is JSON, but it is not", hint="post an object: {…}"
            )
        elif fields := _form_fields(text, payload.name):
            yield _record(fields, 1)


@hookimpl
def register_sources() -> list[Source]:
    return [WebForms()]


def _text(payload: Payload) -> str:
    content = payload.stream.read()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Pages that are themselves in a western European encoding post in it.
        return content.decode("cp1252", errors="replace")


def _record(fields: dict[str, str], line: int) -> Record:
    key = fields.pop(KEY_FIELD, "") or None
    return Record(fields, line, key)


def _form_fields(text: str, name: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise SourceError(f"{name}: {error}", hint=f"a form has at most {MOST_FIELDS} fields") from error
    fields: dict[str, str] = {}
    for field, value in pairs:
        fields[field] = JOINED_WITH.join(filter(None, (fields.get(field), value)))
    return fields


def _json_records(text: str, name: str) -> Iterator[Record | Unreadable]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{name} is not valid JSON: {error}", hint="post an object or a list of objects"
        ) from error
    for number, entry in enumerate(document if isinstance(document, list) else [document], start=1):
        if isinstance(entry, dict):
            yield _record(dict(_flat(entry)), number)
        else:
            yield Unreadable("not an object with fields", number, json.dumps(entry))


def _flat(entry: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for field, value in entry.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{field}.")
        elif isinstance(value, list):
            yield prefix + field, JOINED_WITH.join(map(_written, value))
        else:
            yield prefix + field, _written(value)


def _written(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
