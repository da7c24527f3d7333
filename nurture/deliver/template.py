"""One template in one language, and what becomes of it for one contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nurture.deliver.part import Part


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail's words, before links are tracked."""

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template in one language. `about` and `ask` are for sales: what it tells, and what to ask then.

    `names` are all that it speaks of, so that nobody makes what it does not print.
    """

    name: str
    locale: str
    about: str
    ask: str
    words: Mapping[str, str]
    names: frozenset[str]
    subject: Part
    preheader: Part
    html: Part
    text: Part

    def render(self, context: Mapping[str, Any]) -> Rendered:
        """The mail for one contact. Raised when it cannot be written: TemplateError."""
        values = {**context, "words": self.words}
        subject = self.subject.render(values)
        preheader = values["preheader"] = self.preheader.render(values)
        return Rendered(subject, preheader, self.html.render(values), self.text.render(values))
