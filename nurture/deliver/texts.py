"""The templates of text messages: `templates/<locale>/<name>.sms.txt`, plain text and nothing else.

A campaign names them with their ending: `send: orientation/reminder.sms`. They have no front matter, since a
text message has no subject; words, includes and the values are those of mails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nurture.core.channels import TEXT_ENDING
from nurture.core.texting import text_length
from nurture.deliver.part import Part
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import TemplateError, did_you_mean


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A text in one language."""

    name: str
    locale: str
    words: Mapping[str, str]
    text: Part

    def render(self, context: Mapping[str, Any]) -> str:
        """The text for one contact. Raised when it cannot be written: TemplateError."""
        text = self.text.render({**context, "words": self.words}).strip()
        if not text:
            raise TemplateError(f"{self.name}: the text is empty")
        return text


def short_enough(text: str, at_most: int) -> str:
    """`text`, if it takes no more messages than `at_most`. Raised when it does: TemplateError."""
    length = text_length(text)
    if length.parts > at_most:
        raise TemplateError(
            f"a text of {length.units} characters in {length.alphabet} takes {length.parts} messages, and "
            f"sms.parts_at_most is {at_most}"
        )
    return text


class TextLibrary:
    """All text templates of a workspace."""

    def __init__(self, library: TemplateLibrary) -> None:
        self._library = library
        self._loaded: dict[tuple[str, str], TextTemplate] = {}
        self._index: Mapping[str, frozenset[str]] | None = None

    def index(self) -> Mapping[str, frozenset[str]]:
        """Every text template's name, with its ending → the locales it is there for."""
        if self._index is None:
            found: dict[str, set[str]] = {}
            for folder in self._library.folders:
                for path in sorted(folder.glob(f"*/**/*{TEXT_ENDING}.txt")):
                    locale, *name = path.relative_to(folder).with_suffix("").parts
                    if not path.name.startswith("_"):
                        found.setdefault("/".join(name), set()).add(locale)
            self._index = {name: frozenset(locales) for name, locales in sorted(found.items())}
        return self._index

    def get(self, name: str, locale: str, fallback: str = "") -> TextTemplate:
        """The template in `locale`, else in its language (`nl` for `nl-BE`), else in `fallback`.

        Raised when it is missing or wrong: TemplateError.
        """
        there = self.index().get(name)
        if there is None:
            raise TemplateError(
                f"there is no template {name}{did_you_mean(name, self.index())}",
                hint=f"write templates/{locale}/{name}.txt",
            )
        wanted = [locale, locale.partition("-")[0], fallback, fallback.partition("-")[0]]
        chosen = next((one for one in wanted if one in there), None)
        if chosen is None:
            known = ", ".join(sorted(there))
            raise TemplateError(f"the template {name} is there in {known}, but not in {locale}")
        # Loaded twice by two threads is the same twice.
        if (name, chosen) not in self._loaded:
            text, words = self._library.text(name, chosen)
            self._loaded[name, chosen] = TextTemplate(name, chosen, words, text)
        return self._loaded[name, chosen]

    def problems(self) -> list[TemplateError]:
        """What is wrong with any of them in any locale."""
        found: list[TemplateError] = []
        for name, locales in self.index().items():
            for locale in sorted(locales):
                try:
                    self.get(name, locale)
                except TemplateError as error:
                    found.append(error)
        return found
