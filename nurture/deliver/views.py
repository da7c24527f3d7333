"""What templates see of people and firm: plain values, read-only, with missing ones that cannot slip out.

An unknown value is false in `{% if %}` and gives way to `or` and `default`, but printing it is an error: a
mail that greets "None", or nobody, is worse than one that waits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from jinja2 import StrictUndefined, Undefined

from nurture.errors import did_you_mean

CONTACT_FIELDS = (
    "name", "first_name", "last_name", "email", "phone", "company", "job_title", "city", "country",
    "locale", "interests", "answers",
)  # fmt: skip
ACCOUNT_FIELDS = ("name", "domain", "country", "region", "sector", "employees", "facts")
FIRM_FIELDS = ("name", "address", "website", "phone", "email")
NAMES = (
    "contact", "answers", "account", "firm", "words", "unsubscribe_url", "preferences_url", "confirm_url",
    "purpose", "campaign", "step", "stage", "preheader",
)  # fmt: skip
"""The names that a template may use; a subject and a preheader may use all but `preheader`."""


_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")


def clean(value: Any) -> Any:
    """A value as a mail may show it: without control characters, and without marks that turn the direction of
    what follows them. Texts in lists too."""
    if isinstance(value, str):
        return _UNSEEN.sub("", value)
    if isinstance(value, list | tuple):
        return tuple(clean(one) for one in value)
    return value


class Misspelt(StrictUndefined):
    """A name that does not exist: every use of it is an error that says what was probably meant."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name, owner = str(self._undefined_name), self._undefined_obj
        if isinstance(owner, View):
            return f"{owner} has no {name!r}{did_you_mean(name, owner.names)}"
        if isinstance(owner, Mapping):
            return f"there is no {name!r}{did_you_mean(name, map(str, owner))}"
        return f"there is no {name!r}{did_you_mean(name, NAMES)}"


class Missing(Undefined):
    """A value that exists in general and is not known of this contact: false, empty, and never printed."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return f"{self._undefined_hint} is not known of this contact: ask {{% if %}} first, or give an `or`"

    def __str__(self) -> str:
        raise self._undefined_exception(self._undefined_message)


class View:
    """A read-only look at a record: `names` are its fields; one that is None reads as missing."""

    __slots__ = ("_record", "_title", "names")

    def __init__(self, title: str, record: object, names: Collection[str]) -> None:
        self._title = title
        self._record = record
        self.names = names

    def __getitem__(self, name: str) -> Any:
        if name not in self.names:
            raise KeyError(name)
        value = getattr(self._record, name, None)
        if type(value) is str:
            return value if value.isprintable() else clean(value)
        if value is None:
            return Missing(hint=f"{self._title}.{name}")
        return Answers(f"{self._title}.{name}", value) if isinstance(value, Mapping) else clean(value)

    def __str__(self) -> str:
        return self._title


class Answers:
    """What somebody answered, by question; any question may be asked, the answer may be missing."""

    __slots__ = ("_title", "_values")

    def __init__(self, title: str, values: Mapping[str, Any]) -> None:
        self._title = title
        self._values = values

    def __getitem__(self, name: str) -> Any:
        value = self._values.get(name)
        return Missing(hint=f"{self._title}.{name}") if value is None else clean(value)

    def get(self, name: str, default: Any = None) -> Any:
        """The answer, or `default`."""
        value = self._values.get(name, default)
        return Missing(hint=f"{self._title}.{name}") if value is None else clean(value)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __str__(self) -> str:
        return self._title
