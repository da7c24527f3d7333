"""What can be seen of text messages before any is sent: their length, what they forget, what is unsure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from nurture.core.texting import TextLength, text_length
from nurture.deliver.foresight import SURE, unsure_findings, way_out_findings
from nurture.deliver.templates import TemplateLibrary
from nurture.deliver.texts import TextLibrary
from nurture.errors import TemplateError
from nurture.language import textcodes
from nurture.language.findings import CheckFinding, Report, Spot

WrittenText = Callable[[str, str], str]
"""Template and locale → the text for somebody of whom everything is known, however long it is."""


def check_texts(
    library: TemplateLibrary, texts: TextLibrary, sure: Iterable[str], written: WrittenText, at_most: int
) -> list[CheckFinding]:
    """Everything seen in the text templates that can be loaded; files are named as the library finds them."""
    sure = SURE | frozenset(sure)
    found: dict[CheckFinding, None] = {}
    for name, locales in texts.index().items():
        for locale in sorted(locales):
            try:
                texts.get(name, locale)
                text = written(name, locale)
            except TemplateError:
                continue  # told as an error already
            found.update(dict.fromkeys(check_text(library, name, locale, text, at_most, sure)))
    return list(found)


def check_text(
    library: TemplateLibrary,
    name: str,
    locale: str,
    text: str,
    at_most: int,
    sure: frozenset[str] = SURE,
) -> list[CheckFinding]:
    """Everything seen in one text template, which gave `text`.

    Raised when it cannot be read: TemplateError.
    """
    trees = library.text_trees(name, locale)
    seen = [*unsure_findings(trees, sure), *way_out_findings(trees)]
    return [*seen, *_of_length(trees[0][0], text_length(text), at_most)]


def _of_length(file: str, length: TextLength, at_most: int) -> Iterator[CheckFinding]:
    report = Report(file)
    takes = f"{length.units} characters in {length.alphabet}, which are {length.parts} messages"
    if length.parts > at_most:
        report.add(
            textcodes.TEXT_TOO_LONG,
            Spot(),
            f"for somebody made up this takes {takes}: more than sms.parts_at_most, {at_most}",
            "say it in fewer words, or allow more under [sms]",
        )
    if length.odd:
        report.add(
            textcodes.COSTLY_CHARACTERS,
            Spot(),
            f"because of {length.odd} only 70 characters go into a message, not 160; now it is {takes}",
            "write characters that every telephone knows, such as ' for \u2019 and - for \u2013",
        )
    yield from report.findings
