"""The actions `add_to` and `remove_from`: a campaign brings a contact into another, or takes them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from nurture import (
    Action,
    AddTo,
    Change,
    Contact,
    Errand,
    NoticeOutcome,
    PluginConfig,
    RemoveFrom,
    Value,
    hookimpl,
)

API_VERSION = 1


class Parameters(BaseModel):
    """The other campaign."""

    model_config = ConfigDict(extra="forbid")

    campaign: str = Field(description="The name of the other campaign.")


class Membership:
    """Changes which campaigns the contact is in."""

    parameters = Parameters
    runs = False

    def __init__(self, name: str, words: str, change: type[AddTo] | type[RemoveFrom]) -> None:
        self.name = name
        self.words = words
        self._change = change

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        return [self._change(str(parameters["campaign"]))]

    def run(self, errands: Sequence[Errand]) -> Iterable[NoticeOutcome]:
        return ()


@hookimpl
def register_actions(config: PluginConfig) -> list[Action]:
    return [
        Membership("add_to", "enrols the contact in another campaign", AddTo),
        Membership("remove_from", "ends the contact's enrolment in another campaign", RemoveFrom),
    ]
