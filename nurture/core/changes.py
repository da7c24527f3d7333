"""What an action changes of a contact's data, applied to the picture that a decision is taken on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nurture.core.model import AddTag, Contact, RemoveTag, Revise, SetField

CHANGEABLE = frozenset(
    {"name", "first_name", "last_name", "company", "job_title", "city", "country", "locale", "timezone"}
)
"""The fields of a contact that a campaign may set: nothing by which somebody is recognised or stands."""

DataChange = AddTag | RemoveTag | SetField


def changed(contact: Contact, changes: Iterable[DataChange], before: Revise | None) -> tuple[Contact, Revise]:
    """The contact after `changes`, and all that differs from what is stored; `before` is what did already.

    A field that a campaign may not set is left as it is.
    """
    tags = list(contact.tags)
    fields = dict(before.fields) if before else {}
    answers = dict(before.answers) if before else {}
    for change in changes:
        match change:
            case AddTag(tag) if tag not in tags:
                tags.append(tag)
            case RemoveTag(tag):
                tags = [each for each in tags if each != tag]
            case SetField(("answers", name), value):
                answers[name] = value
            case SetField(("contact", name), value) if name in CHANGEABLE:
                fields[name] = value
            case _:
                pass
    revision = Revise(tuple(tags), fields, answers)
    return revised(contact, revision), revision


def revised(contact: Contact, revision: Revise) -> Contact:
    """The contact as it is when the revision is stored."""
    known = {**contact.answers, **revision.answers}
    answers = {name: value for name, value in known.items() if value is not None}
    fields: dict[str, Any] = dict(revision.fields)
    return replace(contact, **fields, answers=answers, tags=revision.tags)
