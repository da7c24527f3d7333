"""What a lead wrote is only ever text: in HTML, text, subject, preheader and addresses."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from nurture.deliver.template import Rendered
from nurture.deliver.templates import TemplateLibrary
from tests.deliver.test_compose import Folder
from tests.deliver.test_templates import context

FIELDS = ("name", "first_name", "last_name", "phone", "company", "job_title", "city", "country")
EVIL = [
    "{{7*7}}",
    "{% include 'nl/words.yaml' %}",
    "{# gone #}",
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "&lt;b&gt;",
    "<!-- jinja-0 -->",
    "jinja0x",
    "${7*7}",
    "a\u202egnp.exe",
    "a\u2066b\u2069",
    "a\0b",
    "a\x1b[31mb",
    "a\u2028b",
]
PAGE = (
    """\
<html><head><title>{{ contact.company }}</title><style>p { color: red }</style></head>
<body><p title="{{ contact.first_name }}">"""
    + " ".join(f"{{{{ contact.{field} }}}}" for field in FIELDS)
    + """
{{ answers.wish }} {{ contact.answers.wish }} {{ contact.interests|join(", ") }} {{ account.name or "" }}</p>
<a href="https://x.example/?q={{ contact.first_name|urlencode }}">q</a>
<a href="{{ answers.wish }}">own</a></body></html>
"""
)


class Seen(HTMLParser):
    """What a browser makes of a mail: elements with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.hrefs: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def mail(folder: Path, evil: str) -> Rendered:
    """The mail to somebody who wrote `evil` into every field."""
    Folder(folder).write(
        "nl/mail.html",
        "---\nsubject: 'Hi {{ contact.first_name }}'\npreheader: 'For {{ contact.company }}'\n---\n" + PAGE,
    )
    everything = dict.fromkeys(FIELDS, evil)
    values = context(**everything, answers={"wish": evil}, interests=(evil,))
    return TemplateLibrary([folder]).get("mail", "nl").render(values)


@pytest.mark.parametrize("evil", EVIL)
def test_it_adds_no_element_and_no_attribute(tmp_path: Path, evil: str) -> None:
    tame = Seen(mail(tmp_path / "tame", "An").html)
    assert Seen(mail(tmp_path / "evil", evil).html).elements == tame.elements


@pytest.mark.parametrize("evil", EVIL[:11])
def test_it_is_shown_as_it_was_written(tmp_path: Path, evil: str) -> None:
    found = mail(tmp_path, evil)
    assert (evil in Seen(found.html).text, evil in found.text) == (True, True)
    assert (found.subject, found.preheader) == (f"Hi {evil}", f"For {evil}")


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_of_it_is_evaluated(tmp_path: Path, evil: str) -> None:
    found = mail(tmp_path, evil)
    everything = found.html + found.text + found.subject + found.preheader
    assert ("49" in everything, "Groet" in everything) == (False, False)


@pytest.mark.parametrize("mark", ["\0", "\x1b", "\u202e", "\u2066", "\u2069"])
def test_characters_that_cannot_be_seen_are_left_out(tmp_path: Path, mark: str) -> None:
    found = mail(tmp_path, f"a{mark}b")
    assert mark not in found.html + found.text + found.subject + found.preheader


def test_in_an_address_it_is_encoded(tmp_path: Path) -> None:
    assert Seen(mail(tmp_path, "a b&c=d#e").html).hrefs[0] == "https://x.example/?q=a%20b%26c%3Dd%23e"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " \x01javascript:alert(1)",
     "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd"],
)  # fmt: skip
def test_no_address_of_theirs_is_a_script(tmp_path: Path, address: str) -> None:
    assert Seen(mail(tmp_path, address).html).hrefs[1] == "#"


@pytest.mark.parametrize(
    "address", ["https://x.example/a?b=1&c=2", "mailto:a@x.example", "tel:+31201234567", "/a"]
)
def test_an_address_of_theirs_that_is_one_stays_one(tmp_path: Path, address: str) -> None:
    assert Seen(mail(tmp_path, address).html).hrefs[1] == address


BEGINNINGS = [
    '<a href="{{ answers.wish }}">x</a>',
    "<a href='{{ answers.wish }}'>x</a>",
    '<a href="{% if stage %}{{ answers.wish }}{% endif %}">x</a>',
    '<a href="{% if not stage %}https://x.example{% else %}{{ answers.wish }}{% endif %}">x</a>',
    '<a href="{% for i in [1] %}{{ answers.wish }}{% endfor %}">x</a>',
    '<a href="{{ answers.nothing or answers.wish }}">x</a>',
    '<a href="{% set w = answers.wish %}{{ w }}">x</a>',
    '<a href="{% set w %}{{ answers.wish }}{% endset %}{{ w }}">x</a>',
    '{% macro link(to) %}<a href="{{ to }}">x</a>{% endmacro %}{{ link(answers.wish) }}',
    '{% from "own.html" import link %}{{ link(answers.wish) }}',
    '{% from "nurture/macros.html" import button %}{{ button(answers.wish, "x") }}',
]


@pytest.mark.parametrize("body", BEGINNINGS)
@pytest.mark.parametrize(
    ("address", "shown"),
    [("javascript:alert(1)", "#"), ("https://x.example/?a=1&b=2", "https://x.example/?a=1&b=2")],
)
def test_wherever_an_address_of_theirs_begins_it_is_no_script(
    tmp_path: Path, body: str, address: str, shown: str
) -> None:
    folder = Folder(tmp_path).mail(body)
    folder.write("own.html", '{% macro link(to) %}<a href="{{ to }}">x</a>{% endmacro %}')
    assert Seen(folder.render(answers={"wish": address}).html).hrefs == [shown]


def test_behind_the_beginning_of_an_address_a_value_may_have_a_colon(tmp_path: Path) -> None:
    folder = Folder(tmp_path).mail('<a href="https://x.example/?q={{ answers.wish }}">x</a>')
    assert Seen(folder.render(answers={"wish": "a:b"}).html).hrefs == ["https://x.example/?q=a:b"]
