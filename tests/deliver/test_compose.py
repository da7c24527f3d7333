"""Putting a template together: inheritance, MJML and inlined CSS once, with every tag in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nurture.deliver import compose
from nurture.deliver.template import Rendered
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import TemplateError
from tests.deliver.test_templates import context

FRONT = "---\nsubject: s\npreheader: p\n---\n"


class Folder:
    """A folder of templates, with one mail: nl/mail."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("nl/words.yaml", "bye: Groet & tot ziens\nlanguage: nl\n")

    def write(self, name: str, text: str) -> Folder:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return self

    def mail(self, body: str, suffix: str = "html") -> Folder:
        return self.write(f"nl/mail.{suffix}", FRONT + body)

    def mjml(self, inside: str) -> Folder:
        """A mail whose only column holds `inside`."""
        column = f"<mj-section><mj-column>{inside}</mj-column></mj-section>"
        return self.mail(f'<mjml lang="nl"><mj-body>{column}</mj-body></mjml>', "mjml")

    def render(self, **contact: Any) -> Rendered:
        return TemplateLibrary([self.path]).get("mail", "nl").render(context(**contact))

    def problem(self) -> str:
        with pytest.raises(TemplateError) as caught:
            self.render()
        return caught.value.message


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# --- inheritance ------------------------------------------------------------------------------------


def test_a_page_fills_the_blocks_of_what_it_extends_over_several_levels(folder: Folder) -> None:
    folder.write("base.html", "<{% block a %}a{% endblock %}|{% block b %}b{% endblock %}>")
    folder.write("middle.html", '{% extends "base.html" %}{% block b %}B{{ super() }}{% endblock %}')
    folder.mail('{% extends "middle.html" %}{% block b %}[{{ super() }}]{% endblock %}')
    folder.write("nl/mail.txt", "x")
    assert folder.render().html == "<a|[Bb]>"


def test_a_block_can_be_printed_twice(folder: Folder) -> None:
    folder.mail("{% block a %}{{ contact.first_name }}{% endblock %}-{{ self.a() }}")
    assert folder.render().html == "An-An"


def test_what_a_page_sets_or_imports_at_its_top_is_known_in_its_blocks(folder: Folder) -> None:
    folder.write("layout.html", "<p>{% block body %}{% endblock %}</p>")
    folder.write("macros.html", "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}")
    folder.mail(
        '{% extends "layout.html" %}{% set who = contact.first_name %}{% from "macros.html" import twice %}\n'
        "{% block body %}{{ twice(who) }}{% endblock %}"
    )
    assert folder.render().html == "<p>AnAn</p>"


def test_what_a_block_sets_is_not_known_outside_of_it(folder: Folder) -> None:
    folder.mail("{% set x = 1 %}{% block a %}{% set x = 2 %}{{ x }}{% endblock %}{{ x }}")
    folder.write("nl/mail.txt", "x")
    assert folder.render().html == "21"


def test_an_included_piece_sees_the_loop_that_it_stands_in(folder: Folder) -> None:
    folder.write("nl/_row.html", "<li>{{ each }}</li>")
    folder.mail('<ul>{% for each in contact.interests %}{% include "nl/_row.html" %}{% endfor %}</ul>')
    assert folder.render(interests=("a", "b")).html == "<ul><li>a</li><li>b</li></ul>"


def test_a_piece_that_may_be_missing_may_be_missing(folder: Folder) -> None:
    folder.mail('a{% include "nl/_gone.html" ignore missing %}b')
    assert folder.render().html == "ab"


def test_pieces_that_include_each_other_are_told_with_their_way(folder: Folder) -> None:
    folder.write("a.html", '{% include "b.html" %}').write("b.html", '{% include "a.html" %}')
    assert "a.html → b.html → a.html" in folder.mail('{% include "a.html" %}').problem()


def test_an_error_at_render_is_told_with_the_line_of_the_file_that_it_stands_in(folder: Folder) -> None:
    folder.write("layout.html", "<p>\n{% block body %}{% endblock %}\n\n{{ contact.city }}</p>")
    folder.mail('{% extends "layout.html" %}\n{% block body %}<b>\nx</b>{% endblock %}')
    assert "layout.html:4: contact.city is not known" in folder.problem()


def test_dynamic_blocks_follow_stage_and_answers(folder: Folder) -> None:
    folder.mail('{% if stage == "orientation" and answers.budget %}yes{% else %}no{% endif %}')
    assert (folder.render(answers={"budget": "5k"}).html, folder.render().html) == ("yes", "no")


def test_an_answer_may_have_the_words_self_and_super_in_it(folder: Folder) -> None:
    folder.mail('{% if answers.role == "self-employed" %}yes, super (really){% endif %}')
    assert folder.render(answers={"role": "self-employed"}).html == "yes, super (really)"


# --- inlined CSS ------------------------------------------------------------------------------------


def test_a_style_sheet_goes_into_the_style_attributes(folder: Folder) -> None:
    folder.mail("<html><head><style>p { color: #123456 }</style></head><body><p>x</p></body></html>")
    html = folder.render().html
    assert ('<p style="color: #123456' in html, "<style" in html) == (True, False)


def test_what_stands_under_media_stays_in_the_style_sheet(folder: Folder) -> None:
    dark = "@media (prefers-color-scheme: dark) { p { color: #fff !important } }"
    folder.mail(f"<html><head><style>p {{ color: #000 }} {dark}</style></head><body><p>x</p></body></html>")
    assert "prefers-color-scheme: dark" in folder.render().html


STYLE = "<style>td { padding: 1px }</style>"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            "<table>{% for i in contact.interests %}<tr><td>{{ i }}</td></tr>{% endfor %}</table>",
            ">a</td></tr><tr",
        ),
        ('<a href="{{ firm.website }}/x?y={{ contact.first_name|urlencode }}">z</a>', "/x?y=An%26"),
        ('<a{% if stage %} class="on"{% endif %} href="/">z</a>', 'class="on"'),
        ('<p style="color:{{ "red" if stage else "blue" }}">z</p>', "color:red"),
        ("<!--[if mso]><b>{{ stage }}</b><![endif]-->", "<!--[if mso]><b>orientation</b><![endif]-->"),
        ("<title>{{ stage }}</title>", "<title>orientation</title>"),
        ("{% raw %}{{ not a tag }}{% endraw %}", "{{ not a tag }}"),
        ("<p>{ {{ stage }} }</p>", "<p>{ orientation }</p>"),
    ],
)
def test_tags_keep_their_places_through_the_inliner(folder: Folder, body: str, shown: str) -> None:
    folder.mail(f"<html><head>{STYLE}</head><body>x{body}</body></html>")
    assert shown in folder.render(first_name="An&", interests=("a", "b")).html


def test_a_tag_in_an_attribute_without_quotes_is_refused_with_its_line(folder: Folder) -> None:
    assert "mail.html:6: 'stage' stands where no tag" in folder.mail("\n<p class={{ stage }}>x</p>").problem()


def test_a_style_sheet_elsewhere_is_never_fetched(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    link = '<link rel="stylesheet" href="http://127.0.0.1:9/never.css">'
    folder.mail(f"<html><head>{link}{STYLE}</head><body><p>x</p></body></html>")
    assert "x" in folder.render().html


# --- MJML -------------------------------------------------------------------------------------------


def test_mjml_becomes_html_that_outlook_understands(folder: Folder) -> None:
    html = folder.mjml('<mj-button href="https://example.com/x">Go on</mj-button>').render().html
    assert ("<mj-" in html, "<!--[if mso | IE]>" in html, 'href="https://example.com/x"' in html) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<mj-text>Dag {{ contact.first_name }}</mj-text>",
        "{% if stage %}<mj-text>Dag An</mj-text>{% endif %}",
        "{% for i in contact.interests %}<mj-text>{{ i }} Dag An</mj-text>{% endfor %}",
        "<mj-table>{% for i in contact.interests %}<tr><td>Dag An {{ i }}</td></tr>{% endfor %}</mj-table>",
        '<mj-button href="{{ firm.website }}/a">Dag {{ contact.first_name }}</mj-button>',
        '<mj-image src="https://example.com/{{ stage }}.png" alt="Dag An" />',
    ],
)
def test_tags_keep_their_places_through_mjml(folder: Folder, inside: str) -> None:
    html = folder.mjml(inside).render(interests=("a", "b")).html
    assert ("Dag An" in html, "jinja" in html) == (True, False)


def test_a_layout_of_mjml_is_extended_like_any_other(folder: Folder) -> None:
    folder.write(
        "layout.mjml",
        '<mjml><mj-body>{% block body %}{% endblock %}{% include "nl/_foot.mjml" %}</mj-body></mjml>',
    )
    folder.write(
        "nl/_foot.mjml", "<mj-section><mj-column><mj-text>{{ words.bye }}</mj-text></mj-column></mj-section>"
    )
    folder.mail(
        '{% extends "layout.mjml" %}{% block body %}{% if stage %}<mj-section><mj-column>'
        "<mj-text>Hoi</mj-text></mj-column></mj-section>{% endif %}{% endblock %}",
        "mjml",
    )
    html = folder.render().html
    assert html.index("Hoi") < html.index("Groet &amp; tot ziens")


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        (
            "\n  <mj-buton href='x'>y</mj-buton>",
            "mail.mjml:6:3: there is no <mj-buton>; did you mean mj-button?",
        ),
        (
            "<mj-text\n  colour='x'>y</mj-text>",
            "mail.mjml:6:3: <mj-text> has no 'colour'; did you mean color?",
        ),
        ("<p>x</p>", "<p> is no element of MJML"),
        ("<mj-include path='/etc/passwd' />", "mj-include is not for templates"),
        ("<mj-text>x", "not valid MJML"),
        ("<mj-social>{% if stage %}x{% endif %}</mj-social>", "stands where no tag can be kept"),
    ],
)
def test_what_mjml_would_drop_without_a_word_is_told(folder: Folder, inside: str, problem: str) -> None:
    assert problem in folder.mjml(inside).problem()


def test_a_mail_is_either_html_or_mjml(folder: Folder) -> None:
    folder.mail("x").mjml("<mj-text>x</mj-text>")
    assert "there is nl/mail.mjml too" in folder.problem()


def test_mjml_and_the_inliner_run_once_for_many_mails(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    inlined = compose.inlined
    monkeypatch.setattr(compose, "inlined", lambda html: calls.append("inlined") or inlined(html))
    template = TemplateLibrary([folder.mjml("<mj-text>{{ contact.first_name }}</mj-text>").path]).get(
        "mail", "nl"
    )
    for _ in range(5):
        template.render(context())
    assert calls == ["inlined"]


# --- macros -----------------------------------------------------------------------------------------

MACROS = '{% from "nurture/macros.html" import button, image, divider, spacer %}'


def test_a_button_is_a_cell_with_padding_that_outlook_keeps(folder: Folder) -> None:
    html = folder.mail(MACROS + '{{ button("https://example.com/a?b=1&c=2", "See <it>") }}').render().html
    assert ("mso-padding-alt:14px 26px" in html, 'href="https://example.com/a?b=1&amp;c=2"' in html) == (
        True,
        True,
    )
    assert ">See &lt;it&gt;</a>" in html


def test_a_picture_has_its_width_for_outlook_and_fits_a_telephone(folder: Folder) -> None:
    html = folder.mail(MACROS + '{{ image("https://example.com/a.png", "A shop", 560) }}').render().html
    assert ('width="560"' in html, "max-width:560px" in html, 'alt="A shop"' in html) == (True, True, True)


def test_a_picture_without_a_text_is_an_error(folder: Folder) -> None:
    assert "alt" in folder.mail(MACROS + '{{ image("https://example.com/a.png", width=560) }}').problem()


def test_macros_write_text_in_the_text_part(folder: Folder) -> None:
    folder.mail(f'{MACROS}<p>Hello</p><p>{{{{ button("https://example.com/a", "See it") }}}}</p>')
    assert folder.render().text.split("\n\n")[1] == "See it:\nhttps://example.com/a"


def test_an_authors_own_macros_lose_their_elements_in_the_text_part(folder: Folder) -> None:
    folder.write("own.html", "{% macro big(x) %}<b>{{ x }}</b>{% endmacro %}")
    folder.mail('{% from "own.html" import big %}<p>{{ big("A&B") }}</p>')
    assert folder.render().text.strip() == "A&B"
