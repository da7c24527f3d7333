"""Templates: what they give, and that every mistake in them is told with file and line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nurture.core.model import Contact
from nurture.deliver.template import Rendered
from nurture.deliver.templates import TemplateLibrary
from nurture.deliver.views import ACCOUNT_FIELDS, CONTACT_FIELDS, FIRM_FIELDS, Answers, View
from nurture.errors import TemplateError
from nurture.settings import Firm

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Workspace:
    """A folder of templates that starts out right."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(
            "layout.html", "<html><body>{% block body %}{% endblock %}<i>{{ words.bye }}</i></body></html>"
        )
        self.write("layout.txt", "{% block body %}{% endblock +%}\n{{ words.bye }}\n")
        self.write("nl/words.yaml", "bye: Groet\n")
        self.write("en/words.yaml", "bye: Regards\n")
        self.html("Dag {{ contact.first_name }}")
        self.text("Dag {{ contact.first_name }}")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def html(self, body: str, front: str = "subject: Welkom", locale: str = "nl") -> None:
        page = f'{{% extends "layout.html" %}}\n{{% block body %}}\n{body}\n{{% endblock %}}\n'
        self.write(f"{locale}/hi/welcome.html", f"---\n{front}\n---\n{page}")

    def text(self, body: str, locale: str = "nl") -> None:
        self.write(
            f"{locale}/hi/welcome.txt",
            f'{{% extends "layout.txt" %}}{{% block body %}}{body}{{% endblock %}}\n',
        )

    def render(self, **contact: Any) -> Rendered:
        return TemplateLibrary([self.folder]).get("hi/welcome", "nl").render(context(**contact))

    def problem(self) -> str:
        """What the library says is wrong."""
        with pytest.raises(TemplateError) as caught:
            TemplateLibrary([self.folder]).get("hi/welcome", "nl")
        return caught.value.message

    def problem_at_render(self, **contact: Any) -> str:
        with pytest.raises(TemplateError) as caught:
            self.render(**contact)
        return caught.value.message


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def context(**values: Any) -> dict[str, Any]:
    contact = Contact(1, NOW, **({"first_name": "An"} | values))
    return {
        "contact": View("contact", contact, CONTACT_FIELDS),
        "answers": Answers("answers", contact.answers),
        "account": View("account", None, ACCOUNT_FIELDS),
        "firm": View("firm", Firm(name="De Webmakers"), FIRM_FIELDS),
        "unsubscribe_url": "https://example.com/u/t",
        "campaign": "new-website",
        "step": "welcome",
        "stage": "orientation",
    }


def test_a_mail_has_its_parts_in_the_layout_with_the_locales_words(workspace: Workspace) -> None:
    rendered = workspace.render()
    assert re.sub(r"\s", "", rendered.html) == "<html><body>DagAn<i>Groet</i></body></html>"
    assert rendered.text == "Dag An\nGroet"


def test_subject_and_preheader_are_templates_too(workspace: Workspace) -> None:
    workspace.html("x", front='subject: "Dag {{ contact.first_name }}"\npreheader: "van {{ firm.name }}"')
    rendered = workspace.render()
    assert (rendered.subject, rendered.preheader) == ("Dag An", "van De Webmakers")


def test_lead_data_is_escaped_in_html_and_nowhere_else(workspace: Workspace) -> None:
    workspace.html("{{ contact.first_name }}", front='subject: "{{ contact.first_name }}"')
    rendered = workspace.render(first_name="<b>")
    assert "&lt;b&gt;" in rendered.html
    assert ("<b>" in rendered.text, rendered.subject) == (True, "<b>")


@pytest.mark.parametrize("value", ["{{ 7 * 7 }}", "{% include 'nl/words.yaml' %}", "{{ ''.__class__ }}"])
def test_lead_data_is_never_a_template(workspace: Workspace, value: str) -> None:
    workspace.html("{{ contact.first_name }}", front='subject: "{{ contact.first_name }}"')
    rendered = workspace.render(first_name=value)
    assert (rendered.subject, value in rendered.text) == (value, True)


@pytest.mark.parametrize(
    "escape",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ contact._record }}",
        "{{ contact.__getitem__.__func__.__globals__ }}",
        "{{ ('{0.__class__}').format(1) }}",
        "{{ ''|attr('__class__') }}",
        "{{ self.__init__.__globals__ }}",
        "{{ answers.get.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(workspace: Workspace, escape: str) -> None:
    workspace.html(escape)
    assert "html" in workspace.problem_at_render()


def test_front_matter_for_sales_is_there(workspace: Workspace) -> None:
    workspace.html("x", front="subject: s\nabout: de prijzen\nask: Past het?")
    template = TemplateLibrary([workspace.folder]).get("hi/welcome", "nl")
    assert (template.about, template.ask) == ("de prijzen", "Past het?")


# --- which template ----------------------------------------------------------------------------------


def test_the_index_lists_names_with_their_locales(workspace: Workspace) -> None:
    workspace.html("x", locale="en")
    workspace.write("nl/_table.html", "x")
    assert TemplateLibrary([workspace.folder]).index() == {"hi/welcome": frozenset({"nl", "en"})}


@pytest.mark.parametrize(
    ("locale", "fallback", "found"), [("nl-BE", "", "nl"), ("fr", "nl", "nl"), ("en", "nl", "en")]
)
def test_the_nearest_locale_is_taken(workspace: Workspace, locale: str, fallback: str, found: str) -> None:
    workspace.html("x", locale="en")
    workspace.text("x", locale="en")
    assert TemplateLibrary([workspace.folder]).get("hi/welcome", locale, fallback).locale == found


def test_the_earlier_folder_wins(workspace: Workspace, tmp_path: Path) -> None:
    own = Workspace(tmp_path / "own")
    own.html("Hoi")
    library = TemplateLibrary([own.folder, workspace.folder])
    assert "Hoi" in library.get("hi/welcome", "nl").render(context()).html


def test_no_name_leads_out_of_the_folders(workspace: Workspace) -> None:
    workspace.write("secret.html", "---\nsubject: s\n---\nsecret")
    with pytest.raises(TemplateError, match="there is no template"):
        TemplateLibrary([workspace.folder / "nl"]).get("../../secret", "hi")


# --- mistakes ----------------------------------------------------------------------------------------


def test_a_missing_template_says_what_was_meant(workspace: Workspace) -> None:
    with pytest.raises(TemplateError, match="no template hi/welcom; did you mean hi/welcome"):
        TemplateLibrary([workspace.folder]).get("hi/welcom", "nl")


def test_a_template_without_a_text_part_or_words_to_make_one_of_is_refused(workspace: Workspace) -> None:
    workspace.write("layout.html", "<img src='a.png' alt=''>{% block body %}{% endblock %}")
    workspace.html("")
    (workspace.folder / "nl/hi/welcome.txt").unlink()
    assert "nl/hi/welcome.html has no text part, and no words" in workspace.problem()


@pytest.mark.parametrize(
    ("front", "problem"),
    [
        ("subject: a\nsubjct: b", "welcome.html:3: there is no key 'subjct'; did you mean subject?"),
        ("preheader: a", "welcome.html:1: the subject is missing"),
        ("subject: 12", "welcome.html:2: subject must be text, not 12"),
        ("subject: [a", "welcome.html:2: not valid YAML"),
        ("subject: a\npreheader: '{{ contact.nme }}'", "welcome.html:3: preheader: contact has no 'nme'"),
        ("subject: '{{ oops'", "welcome.html:2: subject: "),
    ],
)  # fmt: skip
def test_a_mistake_in_the_front_matter_is_told_with_its_line(
    workspace: Workspace, front: str, problem: str
) -> None:
    workspace.html("x", front=front)
    assert problem in workspace.problem()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("{{ contact.first_nam }}", "welcome.html:6: contact has no 'first_nam'; did you mean first_name?"),
        ("x\n{{ contcat.name }}", "welcome.html:7: there is no 'contcat'; did you mean contact?"),
        ("{% if false %}{{ firm.fax }}{% endif %}", "welcome.html:6: firm has no 'fax'"),
        ("{{ words.by }}", "welcome.html:6: words has no 'by'; did you mean bye?"),
        ("{% iff x %}", "welcome.html:6: "),
        ("{{ 'a'|uper }}", "welcome.html:6: "),
        ("{% include 'nl/gone.html' %}", "uses nl/gone.html, which is not there"),
    ],
)
def test_a_mistake_in_a_template_is_found_when_it_is_loaded(
    workspace: Workspace, body: str, problem: str
) -> None:
    workspace.html(body)
    assert problem in workspace.problem()


def test_a_mistake_in_the_layout_is_found_too(workspace: Workspace) -> None:
    workspace.write("layout.txt", "\n{{ words.helo }}{% block body %}{% endblock %}")
    assert "layout.txt:2: words has no 'helo'" in workspace.problem()


def test_what_is_not_known_of_a_contact_is_never_printed(workspace: Workspace) -> None:
    workspace.html("Dag {{ contact.company }}")
    assert "welcome.html:6: contact.company is not known of this contact" in workspace.problem_at_render()


def test_what_is_not_known_can_be_asked_for(workspace: Workspace) -> None:
    workspace.html(
        "{% if contact.company %}A{% endif %}{{ answers.budget or 'B' }}{{ account.name|default('C') }}"
    )
    assert ">BC\n" in workspace.render().html


def test_answers_are_read_by_any_name(workspace: Workspace) -> None:
    workspace.html('{{ answers.get("a b") }}{{ contact.answers.size }}')
    assert "12" in workspace.render(answers={"a b": 1, "size": 2}).html


def test_all_problems_of_a_workspace_can_be_listed(workspace: Workspace) -> None:
    workspace.html("{{ oops }}")
    workspace.html("{{ ouch }}", locale="en")
    workspace.text("x", locale="en")
    messages = [error.message for error in TemplateLibrary([workspace.folder]).problems()]
    assert [message.partition("'")[2].partition("'")[0] for message in messages] == ["ouch", "oops"]


def test_the_bundled_templates_have_no_problem() -> None:
    library = TemplateLibrary([Path(__file__).parents[2] / "templates"])
    assert library.problems() == []
