"""The sandbox: what breaks out of others gives nothing away here, and a bomb ends as one mail's error."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from nurture.deliver.template import Rendered
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import TemplateError
from tests.deliver.test_templates import context

SECRET = "0-a-secret-of-this-process-0"
ABOUT_A_MACHINE = (
    SECRET,
    "root:",
    "<module",
    "<class",
    "<function",
    "built-in",
    "posix",
    "/usr/",
    "__globals__",
)

JINJA = [
    # CVE-2025-27516: |attr finds format where getattr does not.
    "{{ ('{0.__class__.__mro__}'|attr('format'))(contact) }}",
    # CVE-2024-56326: format by reference, called by a filter.
    "{{ ['{0.__class__}']|map('format', contact)|join }}",
    "{% set f = '{0.__class__}'.format %}{{ f(contact) }}",
    # CVE-2024-56201: a name of a file that becomes code.
    "{% include 'x{{ 1 }}\\'.html' %}",
    # CVE-2019-10906 and 2016-10745: format_map and format.
    "{{ '{a.__class__}'.format_map({'a': contact}) }}",
    "{{ '%s'.__mod__(contact.__class__) }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__']['__mro__'] }}",
    "{{ (''|string)['__cl' ~ 'ass__'] }}",
    "{{ cycler.__init__.__globals__.os.environ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ namespace(a=1).__class__ }}",
    "{{ range.__self__ }}",
    "{{ range.__self__.loader }}",
    "{{ contact._record }}",
    "{{ contact.__getitem__.__func__.__globals__ }}",
    "{{ contact.names }}",
    "{{ answers._values }}",
    "{{ answers.get.__self__ }}",
    "{{ firm._record.__class__ }}",
    "{{ words.__class__ }}",
    "{{ words.pop('bye') }}",
    "{% for key in context %}{{ key }}{% endfor %}",
    "{% import 'os' as os %}{{ os.environ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ config }}",
    "{{ url_for.__globals__ }}",
    "{{ g.pop.__globals__ }}",
    "{% macro m() %}{{ caller.__globals__ }}{{ varargs.__class__ }}{% endmacro %}{{ m() }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% for i in [1] %}{{ loop.__class__ }}{{ loop._iterator }}{% endfor %}",
    "{{ contact|pprint }}",
    "{{ contact.first_name|attr('__class__') }}",
    "{{ [contact]|map(attribute='_record')|join }}",
    "{{ [contact]|map(attribute='__class__')|join }}",
    "{{ [contact]|sum(attribute='__class__') }}",
    "{{ [contact]|sort(attribute='_record.email') }}",
    "{% autoescape false %}{{ contact.first_name }}{% endautoescape %}",
    "{{ contact.first_name|safe }}",
    "{{ '\\x5f\\x5fclass\\x5f\\x5f' and ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
]
OTHERS = [
    # listmonk, CVE-2025-49136: functions of templates that read the environment.
    '{{ env "LISTMONK_db__password" }}',
    '{{ expandenv "$NURTURE_SECRET_KEY" }}',
    "{{ env('NURTURE_SECRET_KEY') }}",
    "{{ 'NURTURE_SECRET_KEY'|env }}",
    '{{ getHostByName "example.com" }}',
    # Mautic (CVE-2026-9558 and before): Twig's filters as ways to functions.
    "{{ ['id']|filter('system') }}",
    "{{ ['cat /etc/passwd']|map('system')|join }}",
    "{{ [0]|reduce('system', 'id') }}",
    "{{ _self.env.registerUndefinedFilterCallback('exec') }}{{ _self.env.getFilter('id') }}",
    "{{ '/etc/passwd'|file_excerpt(1, 30) }}",
    "{{ app.request.server.all|join(',') }}",
    "{{ include('/etc/passwd') }}",
    "{{ constant('NURTURE_SECRET_KEY') }}",
    # Odoo, CVE-2020-29396: expressions that reach Python's own objects.
    "${ object.env['ir.config_parameter'] }{{ object.env }}",
    "{{ ctx['request'].env }}",
    "{{ user.env.cr.execute('select 1') }}",
    "{{ (lambda: 0).__code__ }}",
    "{{ [x for x in ().__class__.__base__.__subclasses__()] }}",
    "% import os\n{{ os.environ }}",
    "<% import os %>{{ os.environ }}",
    "{{ datetime.datetime.__globals__ }}",
]
FILES = [
    "{% include '/etc/passwd' %}",
    "{% include '../../nurture.toml' %}",
    "{% include 'nl/../../secret.txt' %}",
    "{% include contact.first_name %}",
    "{% include ['/etc/passwd', 'nl/../../secret.txt'] %}",
    "{% extends answers.layout %}",
    "{% import contact.first_name as it %}{{ it }}",
    "{% include '/etc/passwd' ignore missing %}",
]


def growing(start: str, step: str) -> str:
    """A value that doubles ninety-nine times."""
    return f"{{% set n = namespace(x={start}) %}}{{% for i in range(99) %}}{step}{{% endfor %}}{{{{ n.x }}}}"


BOMBS = [
    "{% for a in range(10**9) %}x{% endfor %}",
    "{% for a in range(1000) %}" * 3 + "x" + "{% endfor %}" * 3,
    "{% for a in range(1000) %}{% for b in range(1000) %}{% set x = b %}{% endfor %}{% endfor %}",
    "{{ 'a' * 10**9 }}",
    "{{ [1] * 10**9 }}",
    "{{ 'abc'|center(10**9) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ '{:>1000000000}'.format(1) }}",
    "{{ 'a'.ljust(10**9) }}",
    "{{ 'a'.zfill(10**9) }}",
    "{{ 'a\\tb'.expandtabs(10**9) }}",
    "{{ 9**9**9**9 }}",
    "{{ 2**100000 }}",
    "{{ 1.5|round(10**9, 'ceil') }}",
    growing('99999', '{% set n.x = n.x * n.x %}'),
    growing("'ab'", '{% set n.x = n.x ~ n.x %}'),
    growing("'ab'", '{% set n.x = n.x + n.x %}'),
    growing("'ab'", "{% set n.x = n.x|replace('a', n.x) %}"),
    growing("'ab'", '{% set n.x = [n.x, n.x]|join %}'),
    growing("['ab']", '{% set n.x = [n.x, n.x] %}'),
    growing("['ab']", "{% set n.x = {'a': n.x, 'b': n.x} %}"),
    growing("['ab']", '{% set n.x = n.x + n.x %}'),
    growing("'ab'", "{% set y %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = y %}"),
    "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(100) }}",
    "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{% include 'nl/hi/welcome.html' %}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ " + "-" * 5000 + "1 }}",
    "{% if 1 %}" * 400 + "x" + "{% endif %}" * 400,
    *(
        "{% set n = namespace(x='ab') %}{% for i in range(17) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
        "{% for i in range(500) %}{% for j in range(19) %}" + step + "{% endfor %}{% endfor %}"
        for step in (
            "{% set y = n.x|upper %}",
            "{% set y = n.x.upper() %}",
            "{% set y = n.x|replace('a', 'b') %}",
            "{% set y %}{{ n.x }}{% endset %}",
            "{% set y = n.x|striptags|title %}",
            "{% filter urlencode %}{{ n.x }}{% endfilter %}",
        )
    ),
    "{{ lipsum(n=10**6) }}",
    "{{ ['a']|batch(10**9, 'x')|list }}",
    "{{ 'a'|indent(10**9) }}",
]  # fmt: skip


def rendered(folder: Path, body: str, **contact: Any) -> Rendered:
    """The mail with `body` as the block of its HTML, and as its text."""
    files = {
        "layout.html": "<html>{% block body %}{% endblock %}</html>",
        "nl/words.yaml": "bye: Groet\n",
        "nl/hi/welcome.html": '---\nsubject: "Hoi"\n---\n{% extends "layout.html" %}\n'
        f"{{% block body %}}\n{body}\n{{% endblock %}}\n",
        "nl/hi/welcome.txt": f"{body}\n",
        "../secret.txt": SECRET,
    }
    for name, text in files.items():
        path = folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return TemplateLibrary([folder / "templates"]).get("hi/welcome", "nl").render(context(**contact))


@pytest.mark.parametrize("escape", [*JINJA, *OTHERS, *FILES])
def test_a_template_that_tries_to_get_out_gives_nothing_away(
    tmp_path: Path, escape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NURTURE_SECRET_KEY", SECRET)
    try:
        mail = rendered(tmp_path, escape, first_name="An")
    except TemplateError:
        return  # refused: most are, when they are loaded
    told = mail.html + mail.text
    assert [each for each in ABOUT_A_MACHINE if each in told] == []


@pytest.mark.parametrize("escape", JINJA)
def test_what_breaks_out_of_jinja_is_an_error_with_file_and_line(tmp_path: Path, escape: str) -> None:
    with pytest.raises(TemplateError, match=r"welcome\.html"):
        rendered(tmp_path, escape, first_name="An")


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_ends_soon_as_an_error_of_this_mail(tmp_path: Path, bomb: str) -> None:
    begun = time.process_time()
    with pytest.raises(TemplateError, match="welcome"):
        rendered(tmp_path, bomb)
    assert time.process_time() - begun < 2


def test_pieces_that_include_each_other_twice_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    for number in range(30):
        body = f'{{% include "{number + 1}.html" %}}' * 2
        (folder / f"{number}.html").write_text(body if number < 29 else "x{{ stage }}", encoding="utf-8")
    with pytest.raises(TemplateError, match="too long"):
        rendered(tmp_path, '{% include "0.html" %}')


def test_a_bomb_in_one_mail_leaves_the_next_its_full_budget(tmp_path: Path) -> None:
    with pytest.raises(TemplateError):
        rendered(
            tmp_path / "a", "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}"
        )
    loop = "{% for a in range(900) %}{% for b in range(18) %}x{% endfor %}{% endfor %}"
    assert rendered(tmp_path / "b", loop).html.count("x") == 16_200


@pytest.mark.parametrize(
    "escape", [*JINJA, *OTHERS, *FILES, *BOMBS], ids=range(len([*JINJA, *OTHERS, *FILES, *BOMBS]))
)
def test_the_same_as_lead_data_is_only_text(tmp_path: Path, escape: str) -> None:
    mail = rendered(
        tmp_path, "{{ contact.first_name }}{{ answers.wish }}", first_name=escape, answers={"wish": escape}
    )
    shown = escape.replace("\t", " ")
    assert mail.text.strip() == (shown * 2).strip()
