"""Whether a template has a link, as far as can be told before it is rendered; in doubt it has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.bundled import bundled
from nurture.deliver.clickable import has_link
from nurture.deliver.templates import TemplateLibrary

FRONT = "---\nsubject: Hello\npreheader: Hello\nabout: us\nask: what?\n---\n"
WAY_OUT = '<a href="{{ unsubscribe_url }}">no more</a>'
LAYOUT = """\
{% block body %}{% endblock %}
<a class="button" href="{% block link %}{% endblock %}">{% block link_text %}{% endblock %}</a>
<a href="{{ unsubscribe_url }}">no more</a>
"""


def library(folder: Path, body: str, **others: str) -> TemplateLibrary:
    for name, text in {"nl/mail.html": FRONT + body, "nl/mail.txt": "Hello", **others}.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return TemplateLibrary([folder])


@pytest.mark.parametrize(
    "body",
    [
        '<a href="https://www.example.com/prices">prices</a>',
        "<A class=b HREF = 'HTTP://example.com'>prices</A>",
        '<map><area shape="rect" href="https://example.com"></map>',
        '<a href="{{ firm.website }}/prices">prices</a>',
        '<a href="{{ answers.site }}">your site</a>',
        '{% if contact.city %}<a href="https://example.com">here</a>{% endif %}',
        '<a href="{% if contact.city %}https://a.example{% else %}mailto:a@a.example{% endif %}">x</a>',
        '{% for x in contact.interests %}<a href="https://example.com/{{ x }}">x</a>{% endfor %}',
        "{{ answers.html | safe }}",
        '{% macro button(to) %}<a href="{{ to }}">x</a>{% endmacro %}{{ button("https://example.com") }}',
    ],
)
def test_a_mail_with_a_link_or_what_may_be_one(tmp_path: Path, body: str) -> None:
    assert has_link(library(tmp_path, body + WAY_OUT), "mail")


@pytest.mark.parametrize(
    "body",
    [
        "<p>Hello {{ contact.city }}</p>",
        '<a href="mailto:hallo@example.com">write to us</a>',
        '<a href="tel:+31301234567">ring us</a>',
        '<a href="#more">more</a>',
        '<a href="/prices">prices</a>',
        "<p>See https://www.example.com</p>",
        '<img src="https://www.example.com/logo.png">',
        '{# <a href="https://www.example.com">prices</a> #}',
    ],
)
def test_a_mail_in_which_nothing_leads_to_the_web(tmp_path: Path, body: str) -> None:
    assert not has_link(library(tmp_path, body + WAY_OUT), "mail")


EXTENDS = '{% extends "layout.html" %}'


def test_a_block_of_the_layout_that_is_filled_with_a_link(tmp_path: Path) -> None:
    body = EXTENDS + "{% block link %}{{ firm.website }}/prices{% endblock %}"
    assert has_link(library(tmp_path, body, **{"layout.html": LAYOUT}), "mail")


def test_a_button_that_leads_nowhere_since_its_block_is_not_filled(tmp_path: Path) -> None:
    body = EXTENDS + "{% block body %}<p>Hello</p>{% endblock %}"
    assert not has_link(library(tmp_path, body, **{"layout.html": LAYOUT}), "mail")


def test_a_link_in_the_layout_itself(tmp_path: Path) -> None:
    layout = LAYOUT + '<a href="https://www.example.com">our site</a>'
    assert has_link(library(tmp_path, EXTENDS, **{"layout.html": layout}), "mail")


def test_a_link_in_a_block_that_is_replaced_is_none(tmp_path: Path) -> None:
    layout = '{% block body %}<a href="https://www.example.com">our site</a>{% endblock %}' + WAY_OUT
    body = EXTENDS + "{% block body %}Hello{% endblock %}"
    assert not has_link(library(tmp_path, body, **{"layout.html": layout}), "mail")


def test_a_link_in_a_block_that_is_kept_is_one(tmp_path: Path) -> None:
    layout = '{% block body %}<a href="https://www.example.com">our site</a>{% endblock %}' + WAY_OUT
    body = EXTENDS + "{% block body %}Hello {{ super() }}{% endblock %}"
    assert has_link(library(tmp_path, body, **{"layout.html": layout}), "mail")


def test_a_link_in_a_piece_that_is_included(tmp_path: Path) -> None:
    piece = '{% block x %}<a href="https://www.example.com">our site</a>{% endblock %}'
    assert has_link(library(tmp_path, '{% include "nl/_piece.html" %}', **{"nl/_piece.html": piece}), "mail")


def test_a_link_in_one_language_only_is_one(tmp_path: Path) -> None:
    others = {"en/mail.html": f'{FRONT}<a href="https://example.com">x</a>', "en/mail.txt": "Hello"}
    assert has_link(library(tmp_path, "Hello", **others), "mail")


def test_of_a_template_that_is_wrong_nothing_is_said(tmp_path: Path) -> None:
    assert has_link(library(tmp_path, "{% if %}"), "mail")


def test_every_mail_of_the_example_campaigns_has_a_link() -> None:
    templates = TemplateLibrary([bundled("templates")])
    # The one that asks for a consent has its own link only, which is no click.
    assert [name for name in templates.index() if not has_link(templates, name)] == ["consent/confirm"]
