"""The actions `tag` and `untag`: marks on a contact, for conditions such as `"hot" in contact.tags`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from nurture import (
    Action,
    AddTag,
    Change,
    Contact,
    Errand,
    NoticeOutcome,
    PluginConfig,
    RemoveTag,
    Value,
    hookimpl,
)

API_VERSION = 1


class Parameters(BaseModel):
    """The tag: letters, digits, - and _."""

    model_config = ConfigDict(extra="forbid")

    tag: str = Field(description="The mark.", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")


class Tag:
    """Puts a mark on the contact."""

    name = "tag"
    words = "puts a tag on the contact"
    parameters = Parameters
    runs = False

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        return [AddTag(str(parameters["tag"]))]

    def run(self, errands: Sequence[Errand]) -> Iterable[NoticeOutcome]:
        return ()


class Untag(Tag):
    """Takes the mark off again."""

    name = "untag"
    words = "takes a tag off the contact"

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        return [RemoveTag(str(parameters["tag"]))]


@hookimpl
def register_actions(config: PluginConfig) -> list[Action]:
    return [Tag(), Untag()]
