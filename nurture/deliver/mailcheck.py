"""What readers of a mail, or their programs, would trip over: found in its template, told where it stands.

Each check takes a `Look` at one template in one locale and tells what it sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from nurture.deliver.compose import Composed
from nurture.deliver.contrast import hard_to_read
from nurture.deliver.frontmatter import FrontMatter, front_matter, text_of
from nurture.deliver.hiding import MARK, number_in
from nurture.deliver.markup import STATEMENT, VALUE, Element, Markup
from nurture.deliver.outlook import ignored
from nurture.deliver.phrases import NOTHING_SAYING, like_spam
from nurture.deliver.pieces import Spot, Tag
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import TemplateError
from nurture.language import mailcodes
from nurture.language.catalogue import Code
from nurture.language.findings import CheckFinding

GMAIL_SHOWS = 102 * 1024
"""Octets of HTML."""

SizeOf: TypeAlias = Callable[[str, str], int]
"""Template and locale → octets of its HTML as it goes out."""

_PICTURES = ("img", "mj-image", "mj-carousel-image")
_LINKS = ("a", "area", "mj-button", "mj-navbar-link", "mj-social-element")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_LEAD = re.compile(r"\b(contact|account|answers)\b")
_ENCODED = re.compile(r"\|\s*(urlencode|int|length|count)\b")


@dataclass(frozen=True, slots=True)
class Look:
    """One template in one locale, as it is written and as it has become."""

    name: str
    locale: str
    file: str
    front: FrontMatter
    markup: Markup
    page: Composed
    is_mjml: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """Something to tell of, and where."""

    code: Code
    spot: Spot
    message: str
    hint: str = ""


def check_mails(library: TemplateLibrary, size_of: SizeOf) -> list[CheckFinding]:
    """Everything seen in the templates that can be loaded, each once: what stands in a layout is one finding.

    Files are named as the library finds them.
    """
    found: dict[CheckFinding, None] = {}
    for name, locales in library.index().items():
        for locale in sorted(locales):
            try:
                found.update(dict.fromkeys(check_mail(library, name, locale, size_of)))
            except TemplateError:
                continue  # told as an error already
    return list(found)


def check_mail(library: TemplateLibrary, name: str, locale: str, size_of: SizeOf) -> list[CheckFinding]:
    """Everything seen in one template that stands in `locale`.

    Raised when it cannot be loaded, or written: TemplateError.
    """
    library.get(name, locale)
    look = _looked(library, name, locale)
    size = size_of(name, locale)
    seen = [*(one for check in CHECKS for one in check(look)), *_too_large(look, size)]
    return list(dict.fromkeys(map(_finding, seen)))


def _looked(library: TemplateLibrary, name: str, locale: str) -> Look:
    file = library.file_of(name, locale)
    markup = Markup(library.flat(name, locale).body)
    front = front_matter(text_of(file), file)
    page = library.composed(name, locale)
    return Look(name, locale, str(file), front, markup, page, file.suffix == ".mjml")


def _finding(seen: Seen) -> CheckFinding:
    spot, code = seen.spot, seen.code
    return CheckFinding(spot.file, spot.line, spot.column, code.code, code.severity, seen.message, seen.hint)


# --- pictures and links -----------------------------------------------------------------------------


def _pictures(look: Look) -> Iterator[Seen]:
    for picture in look.markup.named(*_PICTURES):
        spot, has = look.markup.place(picture.at), picture.attributes
        if "alt" not in has:
            yield Seen(
                mailcodes.NO_ALT,
                spot,
                f"<{picture.name}> has no alt",
                'say what is to be seen: alt="The shop in Utrecht"; alt="" where it only decorates',
            )
        if picture.name == "img" and not re.match(
            rf"\d+$|{VALUE}", has["width"].value if "width" in has else ""
        ):
            yield Seen(
                mailcodes.NO_SIZE, spot, "<img> has no width in pixels", 'write width="600" (and height)'
            )


def _addresses(look: Look) -> Iterator[Seen]:
    for element, key in (
        (one, key) for one in look.markup.elements for key in ("href", "src", "background-url")
    ):
        value = element.attributes.get(key)
        if value is not None and value.value.strip().lower().startswith("http://"):
            address = value.value.replace(VALUE, "…").replace(STATEMENT, "")
            yield Seen(
                mailcodes.NOT_HTTPS,
                look.markup.place(value.at),
                f"{address} is not protected on its way",
                "write https://, if the site has it",
            )


def _link_texts(look: Look) -> Iterator[Seen]:
    for link in look.markup.named(*_LINKS):
        text = look.markup.inside(link)
        if text.strip(" .!:>»→").lower() in NOTHING_SAYING:
            yield Seen(
                mailcodes.SAYS_NOTHING,
                look.markup.place(link.at),
                f"the link says only {text!r}",
                "say where it leads: “See the prices”",
            )


def _values_in_addresses(look: Look) -> Iterator[Seen]:
    """A value behind the beginning of an address needs to be encoded."""
    values = _values(look.markup)
    for element in look.markup.elements:
        value = element.attributes.get("href")
        raw = look.markup.text[value.at : value.at + len(value.value)] if value else ""
        for offset, letter in enumerate(raw):
            tag = values.get(value.at + offset) if value and letter == VALUE and offset else None
            if tag and _LEAD.search(tag.code) and not _ENCODED.search(tag.code):
                yield Seen(
                    mailcodes.NOT_ENCODED,
                    tag.spot,
                    f"{{{{ {tag.code} }}}} stands in an address as it is",
                    f"write {{{{ {tag.code}|urlencode }}}}",
                )


def _values(markup: Markup) -> Mapping[int, Tag]:
    """The tags by their offsets in the text."""
    offsets = (at for at, letter in enumerate(markup.text) if letter in (VALUE, STATEMENT))
    return dict(zip(offsets, (tag for _, tag in markup.tags), strict=False))


# --- how it looks -----------------------------------------------------------------------------------


def _outlook(look: Look) -> Iterator[Seen]:
    """MJML's own elements are written for Outlook already; styles of the author's own are looked at."""
    markup = look.markup
    styles = [(sheet.text, sheet.at) for sheet in markup.sheets]
    for element in markup.elements:
        style = element.attributes.get("style")
        if style is not None:
            styles.append((style.value, style.at))
    for style_text, at in styles:
        for offset, declaration, rule in ignored(style_text, markup.text):
            yield Seen(
                mailcodes.NOT_IN_OUTLOOK,
                markup.place(at + offset),
                f"Outlook ignores {declaration}",
                f"what it knows: {rule.instead}",
            )
    yield from (seen for link in markup.named("a") for seen in _button(look, link))


def _button(look: Look, link: Element) -> Iterator[Seen]:
    style = link.attributes.get("style")
    text = style.value.replace(" ", "") if style else ""
    if style and re.search(r"(^|;)padding:", text) and "background" in text and "mso-padding" not in text:
        yield Seen(
            mailcodes.NOT_IN_OUTLOOK,
            look.markup.place(style.at),
            "Outlook ignores the padding of a link: the button becomes a coloured line",
            'what it knows: the padding of a table\'s cell; {% from "nurture/macros.html" import '
            "button %} has both",
        )


def _contrast(look: Look) -> Iterator[Seen]:
    for text in hard_to_read(look.page.html):
        mark = MARK.search(text.text)
        if mark and mark.start() == 0:
            spot = look.page.tags[number_in(mark)].spot
        else:
            spot = look.markup.place(look.markup.find(text.text[: mark.start()] if mark else text.text))
        yield Seen(
            mailcodes.LOW_CONTRAST,
            spot,
            f"{_hex(text.colour)} on {_hex(text.background)} has a contrast of {text.ratio:.1f}:1, "
            f"and needs {text.needed:g}:1",
            "make the text darker, or what is behind it lighter",
        )


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _frame(look: Look) -> Iterator[Seen]:
    markup = look.markup
    root = next(markup.named("mjml" if look.is_mjml else "html"), None)
    spot = markup.place(root.at) if root else Spot(look.file, 1, 1)
    if root is None or "lang" not in root.attributes:
        what = (
            f"<{root.name}> has no lang" if root else "there is no <html> that says in which language it is"
        )
        yield Seen(
            mailcodes.NO_LANGUAGE, spot, what, 'write <html lang="{{ words.language }}"> into the layout'
        )
    if root is not None and "color-scheme" not in markup.text:
        yield Seen(
            mailcodes.NO_DARK_MODE,
            spot,
            "nothing is said of dark mode",
            'write <meta name="color-scheme" content="light dark"> into the head of the layout',
        )


# --- what is around it ------------------------------------------------------------------------------


def _lines(look: Look) -> Iterator[Seen]:
    front = look.front
    subject = _JINJA.sub("", front.subject)
    at = Spot(look.file, front.lines.get("subject", 1), 1)
    for problem in like_spam(subject, look.locale.partition("-")[0]):
        yield Seen(
            mailcodes.LIKE_SPAM, at, f"the subject {problem}", "say what the mail holds, as to a colleague"
        )
    if not front.preheader.strip():
        yield Seen(
            mailcodes.NO_PREHEADER,
            Spot(look.file, 1, 1),
            "there is no preheader",
            "add a line `preheader: …` to the front matter",
        )


def _too_large(look: Look, size: int) -> Iterator[Seen]:
    if size > GMAIL_SHOWS:
        yield Seen(
            mailcodes.TOO_LARGE,
            Spot(look.file, 1, 1),
            f"its HTML has {size / 1024:.0f} KB, and Gmail shows 102",
            "say less here, and put the rest on a page",
        )


CHECKS: tuple[Callable[[Look], Iterator[Seen]], ...] = (
    _pictures,
    _addresses,
    _link_texts,
    _values_in_addresses,
    _outlook,
    _contrast,
    _frame,
    _lines,
)
