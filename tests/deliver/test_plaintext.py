"""The text part that is made of the HTML where none is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deliver.test_compose import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b", "a\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<h1>Title</h1><p>a</p>", "Title\n\na"),
        ("<ul><li>a</li><li>b</li></ul><p>c</p>", "* a\n* b\n\nc"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "* a\n  * b"),
        ("<blockquote>a</blockquote>", "> a"),
        (
            '<p><a href="https://x.example/a?b=1&amp;c=2">See it</a></p>',
            "See it:\nhttps://x.example/a?b=1&c=2",
        ),
        ('<p>Do <a href="https://x.example">see</a> it.</p>', "Do see <https://x.example> it."),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:a@x.example">Write</a>', "Write:\na@x.example"),
        ('<a href="mailto:a@x.example">a@x.example</a>', "a@x.example"),
        ('<img src="a.png" alt="A shop"><p>a</p>', "[A shop]\n\na"),
        ('<p>a</p><img src="a.png" alt="">', "a"),
        ('<div style="display:none">hidden</div><p>a</p>', "a"),
        ("<!--[if mso]><p>only Outlook</p><![endif]--><p>a</p>", "a"),
        ("<style>p{}</style><title>t</title><p>a</p>", "a"),
        ("<p>&euro;&nbsp;5 &amp; more</p>", "€ 5 & more"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><th>c</th><td>d</td></tr></table>", "a  b\nc  d"),
        ('<table role="presentation"><tr><td>a</td></tr><tr><td>b</td></tr></table>', "a\n\nb"),
        ("<p>a</p>{% if stage %}<p>b</p>{% endif %}<p>c</p>", "a\n\nb\n\nc"),
        ("<p>a</p>{% if not stage %}<p>b</p>{% endif %}<p>c</p>", "a\n\nc"),
        ("<ul>{% for i in [1, 2] %}<li>{{ i }}</li>{% endfor %}</ul>", "* 1\n* 2"),
        ("<p>a{% if stage %} b{% endif %}.</p>", "a b."),
        ("<p>{{ contact.first_name }} &lt;3</p>", "<An> <3"),
        ("<p>{{ words.bye }}</p>", "Groet & tot ziens"),
    ],
)
def test_html_becomes_text_as_a_person_would_write_it(folder: Folder, html: str, text: str) -> None:
    assert folder.mail(html).render(first_name="<An>").text.strip() == text


def test_lines_are_wrapped_at_72_and_no_word_is_torn(folder: Folder) -> None:
    lines = folder.mail(f"<p>{'lorem ipsum dolor ' * 30}</p>").render().text.strip().split("\n")
    assert (max(map(len, lines)) <= 72, " ".join(lines)) == (True, ("lorem ipsum dolor " * 30).strip())


def test_an_address_is_never_wrapped(folder: Folder) -> None:
    address = "https://x.example/" + "a" * 200
    assert address in folder.mail(f'<p>See <a href="{address}">this</a>.</p>').render().text


def test_an_author_may_write_the_text(folder: Folder) -> None:
    folder.mail("<p>a</p>").write("nl/mail.txt", "of my own\n")
    assert folder.render().text == "of my own"


def test_mjml_has_a_text_part_too(folder: Folder) -> None:
    folder.mjml(
        '<mj-text>Dag {{ contact.first_name }}</mj-text><mj-button href="https://x.example/a">Go</mj-button>'
    )
    assert folder.render().text.strip() == "Dag An\n\nGo:\nhttps://x.example/a"
