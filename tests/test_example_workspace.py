"""Holds the example workspace to what it promises: campaigns without findings, mails worth sending."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from nurture.bundled import bundled
from nurture.core.campaign import SendStep
from nurture.core.decide import decide
from nurture.core.model import Account, Contact, Decision, Lifecycle, Send, Signal, Snapshot, Stage
from nurture.core.plan import Plan
from nurture.deliver.template import Rendered
from nurture.deliver.templates import TemplateLibrary
from nurture.deliver.views import ACCOUNT_FIELDS, CONTACT_FIELDS, FIRM_FIELDS, Answers, View
from nurture.language.workspace import Compiled, Known, load_documents
from nurture.settings import Firm

LOCALES = ("en", "nl")
LIBRARY = TemplateLibrary([bundled("templates")])
ASKING = "consent/confirm"
MAILS = [(name, locale) for name in LIBRARY.index() if name != ASKING for locale in LOCALES]
FIRM = Firm(
    name="Studio Voorbeeld",
    address="Voorbeeldstraat 1, 1234 AB Utrecht",
    website="https://www.example.com",
    phone="+31 30 123 4567",
    email="hallo@example.com",
)
UNSUBSCRIBE = "https://nurture.example/u/token"
CONFIRM = "https://nurture.example/y/token"
PREFERENCES = "https://nurture.example/p/token"
SOMEBODY = Contact(
    id=1,
    created_at=datetime(2026, 3, 2, tzinfo=UTC),
    first_name="Anneke",
    company="Bakkerij <De Korst> & Zonen",
    email="anneke@example.com",
    answers={"budget": "5-10k"},
)
NOBODY = Contact(id=2, created_at=datetime(2026, 3, 2, tzinfo=UTC), email="x@example.com")


def rendered(name: str, locale: str, contact: Contact = SOMEBODY) -> Rendered:
    return LIBRARY.get(name, locale).render(
        {
            "contact": View("contact", contact, CONTACT_FIELDS),
            "account": View("account", None, ACCOUNT_FIELDS),
            "firm": View("firm", FIRM, FIRM_FIELDS),
            "answers": Answers("answers", contact.answers),
            "unsubscribe_url": UNSUBSCRIBE,
            "preferences_url": PREFERENCES,
            "confirm_url": CONFIRM,
            "purpose": "Tips",
            "campaign": "new-website",
            "step": "welcome",
            "stage": "orientation",
        }
    )


def letter(html: str) -> str:
    """What stands on the card, as words."""
    card = html.partition('class="firm"')[2].partition('class="foot"')[0].partition(">")[2]
    return unescape(re.sub(r"<[^>]+>", " ", card))


@pytest.fixture(scope="module")
def documents() -> Compiled:
    known = Known(
        templates=LIBRARY.index(),
        teams=frozenset({"sales-nl"}),
        channels=frozenset({"email", "webhook"}),
        enrichers=frozenset({"company_from_email_domain", "country_from_phone"}),
        rules=frozenset(),
    )
    return load_documents(bundled("campaigns"), known=known)


def test_the_campaigns_compile_without_findings(documents: Compiled) -> None:
    assert [str(finding) for finding in documents.findings] == []


def test_there_is_a_profile_and_three_campaigns(documents: Compiled) -> None:
    names = [profile.text.name for profile in documents.profiles]
    names += [campaign.text.name for campaign in documents.campaigns]
    assert names == ["web-agency", "new-website", "re-engagement", "webshop"]


def test_every_template_is_sent_by_some_campaign(documents: Compiled) -> None:
    sent = {
        step.template
        for each in documents.campaigns
        for step in each.campaign.steps.values()
        if isinstance(step, SendStep)
    }
    assert set(LIBRARY.index()) - {ASKING} == sent


def test_no_template_has_a_problem() -> None:
    assert [problem.message for problem in LIBRARY.problems()] == []


def test_every_mail_is_there_in_dutch_and_english() -> None:
    assert {
        name: sorted(there) for name, there in LIBRARY.index().items() if sorted(there) != [*LOCALES]
    } == {}


# --- what the profile makes of people ---------------------------------------------------------------

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
OWNER = replace(
    SOMEBODY,
    name="Anneke de Boer",
    country="NL",
    interests=("website",),
    lifecycle=Lifecycle.CONTACT,
    answers={"budget": "2-5k", "role": "owner", "start": "1-3 months"},
)


@pytest.fixture(scope="module")
def plan(documents: Compiled) -> Plan:
    campaigns = {number: each.campaign for number, each in enumerate(documents.campaigns, start=1)}
    return Plan(documents.profiles[0].profile, campaigns, live=tuple(campaigns))


def did(*signals: tuple[str, dict[str, str]]) -> tuple[Signal, ...]:
    """Signals of the last days, one an hour."""
    start = NOW - timedelta(days=2)
    return tuple(
        Signal(number, SOMEBODY.id, kind, start + timedelta(hours=number), data)
        for number, (kind, data) in enumerate(signals)
    )


def page(path: str) -> dict[str, str]:
    return {"url": f"https://www.example.com{path}"}


def decided(plan: Plan, contact: Contact, *signals: tuple[str, dict[str, str]]) -> Decision:
    account = Account(1, name=contact.company, employees=6)
    return decide(Snapshot(contact, account, did(*signals), consents=frozenset({"marketing"})), plan, NOW)


def test_an_owner_with_a_budget_gets_the_welcome_first(plan: Plan) -> None:
    sent = [effect.template for effect in decided(plan, OWNER).effects if isinstance(effect, Send)]
    assert sent == ["orientation/welcome"]


def test_who_wants_a_webshop_gets_that_campaign_alone(plan: Plan) -> None:
    both = replace(OWNER, interests=("website", "webshop"))
    sent = [effect.template for effect in decided(plan, both).effects if isinstance(effect, Send)]
    assert sent == ["orientation/shop-welcome"]


def test_a_quote_makes_a_fitting_contact_a_prospect_at_once(plan: Plan) -> None:
    assert decided(plan, OWNER, ("submitted", {"form": "quote"})).lifecycle is Lifecycle.PROSPECT


def test_a_quote_does_not_make_a_prospect_of_who_does_not_fit(plan: Plan) -> None:
    small = replace(OWNER, answers={"budget": "<2k"})
    assert decided(plan, small, ("submitted", {"form": "quote"})).lifecycle is Lifecycle.CONTACT


def test_who_reads_on_from_the_prices_becomes_a_prospect_without_a_word(plan: Plan) -> None:
    decision = decided(
        plan,
        OWNER,
        ("clicked", page("/how-it-works")),
        ("visited", page("/portfolio")),
        ("clicked", page("/prices")),
        ("visited", page("/whats-included")),
        ("clicked", page("/whats-included")),
    )
    assert decision.stage is Stage.COMPARISON
    assert decision.lifecycle is Lifecycle.PROSPECT


def test_mails_alone_can_lead_to_the_comparison(plan: Plan) -> None:
    decision = decided(plan, OWNER, ("clicked", page("/prices")), ("clicked", page("/whats-included")))
    assert decision.stage is Stage.COMPARISON


def test_opening_every_mail_is_no_interest(plan: Plan) -> None:
    decision = decided(plan, OWNER, *[("opened", {"campaign": "new-website", "step": "welcome"})] * 12)
    assert decision.lifecycle is Lifecycle.CONTACT
    assert decision.stage is Stage.ORIENTATION


@pytest.mark.parametrize(
    "told",
    [
        {"answers": {**OWNER.answers, "role": "student"}},
        {"answers": {**OWNER.answers, "message": "Voor een Schoolproject"}},
        {"job_title": "Student"},
        {"company": "Pixelkracht Webdesign"},
    ],
)
def test_a_student_and_a_competitor_are_ruled_out_whatever_they_ask_for(
    plan: Plan, told: dict[str, object]
) -> None:
    contact = replace(OWNER, **told)  # type: ignore[arg-type]  # fields by name
    assert decided(plan, contact, ("submitted", {"form": "quote"})).lifecycle is Lifecycle.DISQUALIFIED


# --- the mails --------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
def test_the_mail_that_asks_to_confirm_says_what_for_and_how(locale: str) -> None:
    mail = rendered(ASKING, locale)
    for part in (mail.html, mail.text):
        assert all(said in part for said in ("Tips", CONFIRM, FIRM.address, UNSUBSCRIBE))


@pytest.mark.parametrize(("name", "locale"), MAILS)
class TestMail:
    def test_can_be_written_to_somebody_of_whom_only_the_address_is_known(
        self, name: str, locale: str
    ) -> None:
        mail = rendered(name, locale, NOBODY)
        assert "None" not in mail.html + mail.text

    def test_has_one_link_besides_the_ways_out(self, name: str, locale: str) -> None:
        links = re.findall(r'href="([^"]+)"', rendered(name, locale).html)
        assert links[0].startswith(FIRM.website)
        assert links[1:] == [PREFERENCES, UNSUBSCRIBE]

    def test_is_short(self, name: str, locale: str) -> None:
        assert 80 <= len(letter(rendered(name, locale).html).split()) <= 160

    def test_weighs_less_than_30_kb(self, name: str, locale: str) -> None:
        assert len(rendered(name, locale).html.encode()) < 30_000

    def test_loads_nothing_from_elsewhere(self, name: str, locale: str) -> None:
        assert not re.search(r"<img|<link|<script|url\(", rendered(name, locale).html)

    def test_says_who_writes_and_how_to_stop_it_in_both_parts(self, name: str, locale: str) -> None:
        mail = rendered(name, locale)
        for part in (mail.html, mail.text):
            assert FIRM.address in part
            assert UNSUBSCRIBE in part
            assert PREFERENCES in part

    def test_takes_what_a_lead_wrote_for_text(self, name: str, locale: str) -> None:
        somebody = replace(SOMEBODY, first_name="<i>An</i>")
        assert "<i>" not in rendered(name, locale, somebody).html

    def test_has_a_text_part_that_is_a_letter(self, name: str, locale: str) -> None:
        lines = rendered(name, locale).text.splitlines()
        assert not any(re.search(r"</?[a-z]+[ >]|&[a-z]+;", line) for line in lines)
        assert "\n\n\n" not in "\n".join(lines).strip()

    def test_leads_to_the_same_page_from_both_parts(self, name: str, locale: str) -> None:
        mail = rendered(name, locale)
        link = re.findall(r'href="([^"]+)"', mail.html)[0]
        assert unescape(link) in mail.text.splitlines()

    def test_tells_sales_what_it_is_about_and_what_to_ask(self, name: str, locale: str) -> None:
        template = LIBRARY.get(name, locale)
        assert template.about
        assert template.ask.count("?") == 1

    def test_has_a_subject_and_a_preheader_that_fit_a_phone(self, name: str, locale: str) -> None:
        mail = rendered(name, locale)
        assert 10 < len(mail.subject) <= 62
        assert 10 < len(mail.preheader) <= 90
