"""What is put together once gives the mails that Jinja would give if it put each together anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest

from nurture.deliver.compose import inlined
from nurture.deliver.frontmatter import front_matter_height
from nurture.deliver.templates import TemplateLibrary
from nurture.deliver.views import Misspelt
from tests.deliver.test_compose import Folder
from tests.deliver.test_templates import context

TEMPLATES = Path(__file__).parents[2] / "templates"
LIBRARY = TemplateLibrary([TEMPLATES])
MAILS = [(name, locale) for name, locales in LIBRARY.index().items() for locale in sorted(locales)]
PEOPLE: list[dict[str, Any]] = [
    {"first_name": "An & <Bo>", "company": 'Bakkerij "Jansen"', "answers": {"budget": "10k+"}},
    {"first_name": None, "company": None},
]


def source(name: str) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return text.split("\n", front_matter_height(text))[-1]


JINJA = jinja2.Environment(
    loader=jinja2.FunctionLoader(source),
    undefined=Misspelt,
    autoescape=lambda name: name is not None and name.endswith(".html"),
    trim_blocks=True,
    lstrip_blocks=True,
)


def squeezed(html: str) -> str:
    """Without white space that says nothing, with one order of declarations and one way to write a quote."""
    html = re.sub(r'style="([^"]*)"', lambda found: f'style="{_sorted(found[1])}"', html)
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", html)).replace("&#34;", '"')


def _sorted(style: str) -> str:
    return ";".join(
        sorted(re.sub(r"\s*([:,])\s*", r"\1", one.strip()) for one in style.split(";") if one.strip())
    )


@pytest.mark.parametrize("person", range(len(PEOPLE)))
@pytest.mark.parametrize(("name", "locale"), MAILS)
def test_every_bundled_mail_is_what_jinja_would_write(name: str, locale: str, person: int) -> None:
    template = LIBRARY.get(name, locale)
    values = {
        **context(**PEOPLE[person]),
        "preferences_url": "https://example.com/p/t",
        "confirm_url": "https://example.com/y/t",
        "purpose": "news & offers",
        "words": template.words,
        "preheader": "before & after",
    }
    html = template.html.render(values)
    assert squeezed(html) == squeezed(inlined(JINJA.get_template(f"{locale}/{name}.html").render(values)))
    assert template.text.render(values) == JINJA.get_template(f"{locale}/{name}.txt").render(values)


@pytest.mark.parametrize(
    "body",
    [
        "a {%- if stage %} b {% endif -%} c",
        "a\n  {% if stage %}\n  b\n  {% endif %}\n c\n",
        "a\n  {%+ if stage +%}\n  b\n  {% endif %}\n c\n",
        "{# note #}\na{# note -#}   \n b",
        "{% for i in [1, 2, 3] -%}\n  {{ i }}{{ ',' if not loop.last }}\n{%- endfor %}",
        "{% set x %}\n b {% endset %}[{{ x }}]",
        "{% raw %} {{ a }} {% b %} {% endraw %}",
        "{{ '{{' }} {{ '%}' }} {{ \"}}\" }} { % } {",
        "{{ {'a': {'b': 1}}['a']['b'] }}}",
        "{% with x = 1 %}{% macro m(a, b=x) %}<{{ a }}{{ b }}>{% endmacro %}{{ m(2) }}{% endwith %}",
        "{% filter upper %}a{{ stage }}{% endfilter %}",
        "\r\na\r\n{% if stage %}\r\nb\r\n{% endif %}\r\nc",
    ],
)
def test_white_space_is_what_jinja_would_leave(tmp_path: Path, body: str) -> None:
    (Folder(tmp_path).path / "nl" / "mail.txt").write_bytes(body.encode())
    Folder(tmp_path).mail("<p>x</p>")
    text = TemplateLibrary([tmp_path]).get("mail", "nl").render(context()).text
    assert text == JINJA.from_string(body).render(context())
