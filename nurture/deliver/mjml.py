"""MJML to HTML, once per template. The compiler drops what it does not know: this says so instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nurture.deliver.pieces import Joined, Piece, Spot, Text
from nurture.errors import TemplateError, did_you_mean

_BOX = "padding padding-top padding-right padding-bottom padding-left css-class"
_FONT = (
    "color font-family font-size font-style font-weight letter-spacing line-height text-decoration "
    "text-transform"
)
_BACK = (
    "background-color background-url background-repeat background-size background-position "
    "background-position-x background-position-y"
)
_BORDER = "border border-top border-right border-bottom border-left border-radius"
_LINK = "href target rel title name"

ELEMENTS: Mapping[str, str] = {
    "mjml": "lang dir owa",
    "mj-head": "",
    "mj-body": "background-color width css-class id lang dir title",
    "mj-attributes": "",
    "mj-all": "*",
    "mj-class": "*",
    "mj-html-attributes": "",
    "mj-selector": "path",
    "mj-html-attribute": "name",
    "mj-breakpoint": "width",
    "mj-font": "name href",
    "mj-preview": "",
    "mj-style": "inline",
    "mj-title": "",
    "mj-include": "",
    "mj-raw": "position",
    "mj-section": f"{_BOX} {_BACK} {_BORDER} direction full-width text-align",
    "mj-wrapper": f"{_BOX} {_BACK} {_BORDER} direction full-width text-align gap",
    "mj-group": "background-color direction vertical-align width css-class",
    "mj-column": f"{_BOX} {_BORDER} background-color inner-background-color inner-border inner-border-top "
    "inner-border-right inner-border-bottom inner-border-left inner-border-radius direction "
    "vertical-align width",
    "mj-text": f"{_BOX} {_FONT} align container-background-color height vertical-align",
    "mj-button": f"{_BOX} {_FONT} {_BORDER} {_LINK} align background-color container-background-color height "
    "inner-padding text-align vertical-align width",
    "mj-image": f"{_BOX} {_BORDER} {_LINK} align alt container-background-color fluid-on-mobile "
    "font-size height "
    "max-height sizes src srcset usemap width",
    "mj-divider": f"{_BOX} align border-color border-style border-width container-background-color width",
    "mj-spacer": f"{_BOX} container-background-color height",
    "mj-table": f"{_BOX} {_FONT} align border cellpadding cellspacing container-background-color "
    "role table-layout width",
    "mj-hero": f"{_BOX} {_BACK} background-height background-width border-radius "
    "container-background-color height "
    "inner-background-color inner-padding mode vertical-align width",
    "mj-navbar": f"{_BOX} align base-url hamburger ico-align ico-close ico-color ico-font-family "
    "ico-font-size "
    "ico-line-height ico-open ico-padding ico-padding-bottom ico-padding-left ico-padding-right "
    "ico-padding-top "
    "ico-text-decoration ico-text-transform",
    "mj-navbar-link": f"{_BOX} {_FONT} {_LINK}",
    "mj-social": f"{_BOX} {_FONT} align border-radius container-background-color icon-height "
    "icon-padding icon-size "
    "inner-padding mode table-layout text-padding",
    "mj-social-element": f"{_BOX} {_FONT} {_LINK} align alt background-color border-radius "
    "icon-height icon-padding "
    "icon-position icon-size sizes src srcset text-padding vertical-align",
    "mj-accordion": f"{_BOX} border container-background-color font-family icon-align icon-height "
    "icon-position "
    "icon-unwrapped-alt icon-unwrapped-url icon-width icon-wrapped-alt icon-wrapped-url",
    "mj-accordion-element": "background-color border font-family icon-align icon-height icon-position "
    "icon-unwrapped-alt icon-unwrapped-url icon-width icon-wrapped-alt icon-wrapped-url css-class",
    "mj-accordion-title": f"{_BOX} background-color color font-family font-size",
    "mj-accordion-text": f"{_BOX} background-color color font-family font-size font-weight "
    "letter-spacing line-height",
    "mj-carousel": "align background-color border-radius css-class icon-width left-icon right-icon tb-border "
    "tb-border-radius tb-hover-border-color tb-selected-border-color tb-width thumbnails",
    "mj-carousel-image": "alt css-class href rel src target thumbnails-src title border-radius tb-border "
    "tb-border-radius",
}  # fmt: skip
"""Every element of MJML 4 with its attributes; `*` takes any."""

_TAG = re.compile(
    r"<!--.*?-->|<(?P<name>mj[\w-]*|[a-z][\w-]*)(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL
)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_HTML_INSIDE = re.compile(
    r"<(?P<kind>mj-text|mj-button|mj-raw|mj-table|mj-style|mj-navbar-link|mj-social-element|"
    r"mj-accordion-title|mj-accordion-text)\b[^>]*?(?<!/)>.*?</(?P=kind)\s*>",
    re.DOTALL,
)
_POSITION = re.compile(r"at position (\d+):\d+")
_OWN_ATTRIBUTES = frozenset({"mj-class"})
_ROW = "templates are included with {% include %}: mj-include would read any file"


def compiled(mjml: Joined) -> str:
    """The HTML of an MJML document. Raised when it is none: TemplateError, with file, line and column."""
    from mjml import mjml2html

    try:
        html: str = mjml2html(mjml.text, disable_comments=False)
    except ValueError as error:
        at = _POSITION.search(str(error))
        octets = int(at[1]) if at else len(mjml.text)
        spot = mjml.place(len(mjml.text.encode()[:octets].decode(errors="ignore")))
        problem = _POSITION.sub("", str(error)).replace("in root template", "").strip()
        raise TemplateError(
            f"{spot.file}:{spot.line}:{spot.column}: not valid MJML: {problem}",
            hint="each element is closed, and in its place: mjml, mj-body, mj-section, mj-column",
        ) from error
    return html


def unknown(body: Sequence[Piece]) -> Iterator[tuple[Spot, str, str]]:
    """What MJML would drop without a word: (place, problem, what to write) for each element and attribute."""
    joined = Joined([(piece.text if isinstance(piece, Text) else "x", piece.spot) for piece in body])
    text, place = joined.text, joined.place
    inside = [(found.start(), found.end()) for found in _HTML_INSIDE.finditer(text)]
    for found in _TAG.finditer(text):
        name = found["name"]
        if name is None:
            continue
        if not name.startswith("mj"):
            if not any(start < found.start() < end for start, end in inside):
                yield (
                    place(found.start()),
                    f"<{name}> is no element of MJML, but stands between those that are",
                    "HTML stands in mj-text, or in mj-raw",
                )
            continue
        if name not in ELEMENTS:
            yield (
                place(found.start()),
                f"there is no <{name}>{did_you_mean(name, ELEMENTS)}: it would be left out",
                "",
            )
            continue
        if name == "mj-include":
            yield place(found.start()), "mj-include is not for templates", _ROW
            continue
        known = {*ELEMENTS[name].split(), *_OWN_ATTRIBUTES}
        for attribute in _ATTRIBUTE.finditer(found["attributes"]) if "*" not in known else ():
            if attribute[1] not in known and not _in_attributes(text, found.start()):
                at = found.start("attributes") + attribute.start()
                yield place(at), f"<{name}> has no {attribute[1]!r}{did_you_mean(attribute[1], known)}", ""


def _in_attributes(text: str, at: int) -> bool:
    """Whether a place is within mj-attributes, whose elements are no elements of the mail."""
    return text.rfind("<mj-attributes", 0, at) > text.rfind("</mj-attributes", 0, at)
