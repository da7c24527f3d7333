"""The options of the plugin `espocrm`."""

from __future__ import annotations

from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from nurture import SalesPerson, WebAddress

from .filling import NAMES, PERSON, unknown_names


class Options(BaseModel):
    """[plugin.espocrm]: `url` is where the CRM is opened, `api_key` that of an API user.

    `record` is what a person becomes; `key_field` is the attribute that holds our key, in it and in `Task`.
    `fields` is attribute → text with {names}; an empty text leaves an attribute out. `users` is the e-mail
    address of a salesperson → their id in the CRM. `on_erasure`: sales is asked to erase the record, or it is
    deleted. `won` and `lost` are stages of opportunities; `timezone` is that of their closing dates.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebAddress
    api_key: SecretStr = Field(min_length=1)
    record: Literal["Lead", "Contact"] = "Lead"
    key_field: str = Field(default="cNurtureId", pattern="^[a-z][A-Za-z0-9]*$")
    fields: dict[str, str] = {}
    users: dict[str, str] = {}
    on_erasure: Literal["ask", "delete"] = "ask"
    won: tuple[str, ...] = ("Closed Won",)
    lost: tuple[str, ...] = ("Closed Lost",)
    timezone: str = "UTC"
    timeout: float = Field(default=10.0, gt=0, le=60)

    @property
    def attributes(self) -> dict[str, str]:
        """Which attribute of a record gets what."""
        own = {"accountName": "{contact.company}"} if self.record == "Lead" else {}
        return {name: text for name, text in {**PERSON, **own, **self.fields}.items() if text}

    def user_of(self, person: SalesPerson | None) -> str:
        """The CRM's id of a salesperson; empty where nobody said."""
        return "" if person is None else self.users.get(person.email.lower(), "")

    @field_validator("users")
    @classmethod
    def _in_small_letters(cls, users: dict[str, str]) -> dict[str, str]:
        return {email.lower(): id_ for email, id_ in users.items()}

    @field_validator("timezone")
    @classmethod
    def _is_there(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError):
            raise ValueError(f"there is no time zone {name!r}; write Europe/Amsterdam") from None
        return name

    @model_validator(mode="after")
    def _can_be_filled(self) -> Self:
        for attribute, text in self.fields.items():
            for name in unknown_names(text):
                known = ", ".join(NAMES)
                raise ValueError(
                    f"fields.{attribute}: there is no {{{name}}}; there are {known} and answers.KEY"
                )
        if both := set(self.won) & set(self.lost):
            raise ValueError(f"{', '.join(sorted(both))} is in won and in lost")
        return self
