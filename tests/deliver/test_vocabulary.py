"""The reference of templates leaves nothing out."""

from __future__ import annotations

from nurture.deliver import views, vocabulary
from nurture.deliver.sandbox import FILTERS
from nurture.deliver.templates import BUILT_IN


def test_every_variable_is_told() -> None:
    assert set(vocabulary.VARIABLES) == set(views.NAMES)


def test_every_field_is_told() -> None:
    told = {name: tuple(fields) for name, fields in vocabulary.FIELDS.items()}
    assert told == {
        "contact": views.CONTACT_FIELDS,
        "account": views.ACCOUNT_FIELDS,
        "firm": views.FIRM_FIELDS,
    }


def test_every_filter_is_told() -> None:
    assert {*vocabulary.FILTERS, *vocabulary.ALIASES} == set(FILTERS)


def test_every_macro_is_told_and_there_for_the_text_part_too() -> None:
    html, text = (
        (BUILT_IN / f"nurture/macros.{suffix}").read_text(encoding="utf-8") for suffix in ("html", "txt")
    )
    names = [macro.name for macro in vocabulary.macros()]
    assert len(names) == html.count("{% macro ") == text.count("{% macro ")
    assert all(f"{{% macro {name}(" in text for name in names)
