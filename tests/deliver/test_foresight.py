from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment

from nurture.bundled import bundled
from nurture.deliver.foresight import foresee, unsure_fields
from nurture.deliver.templates import TemplateLibrary

FRONT = "---\nsubject: Hello\npreheader: Hello\nabout: a\nask: b?\n---\n"


def unsure(source: str) -> list[str]:
    return [found.field for found in unsure_fields(Environment().parse(source))]


@pytest.mark.parametrize(
    "source",
    [
        "{{ contact.first_name }}",
        "{{ answers.budget }}",
        '{{ contact["city"] | upper }}',
        "{% if contact.city %}x{% else %}{{ contact.city }}{% endif %}",
        "{% if contact.city or contact.company %}{{ contact.city }}{% endif %}",
        "{{ contact.city or contact.company }}",
    ],
)
def test_a_value_that_may_be_unknown_is_told(source: str) -> None:
    assert len(unsure(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '{{ contact.first_name or "there" }}',
        '{{ contact.first_name | default("there") }}',
        "{% if contact.city and answers.x %}{{ contact.city }} {{ answers.x }}{% endif %}",
        "{% if not contact.city %}x{% else %}{{ contact.city }}{% endif %}",
        '{% if contact.city.lower() == "ede" %}{{ contact.city }}{% endif %}',
        '{{ contact.city if contact.city else "x" }}',
        "{{ contact.email }} {{ firm.name }}",
    ],
)
def test_a_value_that_is_asked_for_first_is_let_be(source: str) -> None:
    assert unsure(source) == []


def library(folder: Path, html: str) -> TemplateLibrary:
    (folder / "nl").mkdir()
    (folder / "nl" / "a.html").write_text(FRONT + html, encoding="utf-8")
    (folder / "nl" / "a.txt").write_text("{{ unsubscribe_url }} {{ firm.address }}", encoding="utf-8")
    return TemplateLibrary([folder])


def test_an_unsure_value_is_told_at_its_line(tmp_path: Path) -> None:
    html = "<p>\n{{ contact.city }}</p>{{ unsubscribe_url }}{{ firm.address }}"
    assert [(found.code, found.line) for found in foresee(library(tmp_path, html), ())] == [("N412", 8)]


def test_what_the_data_standard_asks_for_is_sure(tmp_path: Path) -> None:
    html = "{{ contact.name }}{{ unsubscribe_url }}{{ firm.address }}"
    assert foresee(library(tmp_path, html), {"contact.name"}) == []


def test_a_mail_without_a_way_out_is_told(tmp_path: Path) -> None:
    assert [found.code for found in foresee(library(tmp_path, "{{ firm.address }}"), ())] == ["N413"]


@pytest.mark.parametrize("said", ["{{ firm.name }}", "firm.address"])
def test_a_mail_without_a_postal_address_is_told(tmp_path: Path, said: str) -> None:
    found = foresee(library(tmp_path, "{{ unsubscribe_url }}" + said), ())
    assert [one.code for one in found] == ["N421"]


def test_the_example_s_templates_have_no_findings() -> None:
    assert foresee(TemplateLibrary([bundled("templates")]), ()) == []
