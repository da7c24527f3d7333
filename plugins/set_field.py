"""The action `set_field`: a field of the contact, or an answer, gets a value that the campaign says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nurture import (
    Action,
    Change,
    Contact,
    Errand,
    NoticeOutcome,
    PluginConfig,
    SetField,
    Value,
    hookimpl,
)

API_VERSION = 1

_FIELDS = "name|first_name|last_name|company|job_title|city|country|locale|timezone"


class Parameters(BaseModel):
    """Which field gets which value."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(
        description="answers.NAME, or a field that is no address: contact.city, contact.country, …",
        pattern=rf"^(answers\.\w+|contact\.({_FIELDS}))$",
    )
    value: str | int | float | bool | None = Field(description="The value; null forgets an answer.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.field.startswith("answers."):
            return self
        if not isinstance(self.value, str) or not self.value.strip():
            raise ValueError(f"{self.field} is a text, and is never emptied")
        if self.field == "contact.timezone" and self.value not in available_timezones():
            raise ValueError(f"there is no time zone {self.value}; write one such as Europe/Amsterdam")
        return self


class SetFieldAction:
    """Sets a field."""

    name = "set_field"
    words = "sets a field of the contact"
    parameters = Parameters
    runs = False

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        root, _, name = str(parameters["field"]).partition(".")
        return [SetField((root, name), parameters["value"])]

    def run(self, errands: Sequence[Errand]) -> Iterable[NoticeOutcome]:
        return ()


@hookimpl
def register_actions(config: PluginConfig) -> list[Action]:
    return [SetFieldAction()]
