"""The dossier says who, why now, what they read and what to say next, in words that can be read."""

from __future__ import annotations

from dataclasses import replace

from nurture.core.model import (
    Account,
    Dossier,
    Finding,
    RuleFinding,
    SalesPerson,
    Sent,
    SignalClass,
    Stage,
)
from nurture.handover.dossier import SAY_NEXT, build_dossier, from_json
from nurture.handover.render import as_json, render_dossier
from nurture.handover.request import HandoverRequest, TemplateNote
from nurture.testing.suites_handover import example_dossier
from tests.handover.world import NOTES, request, signal
from tests.store.people import NOW


def build(asked: HandoverRequest, notes: dict[str, TemplateNote] | None = None) -> Dossier:
    known = NOTES if notes is None else notes
    return build_dossier(
        12, asked, SalesPerson("Sanne", "s@x.example"), NOW, lambda template, _: known.get(template), NOW
    )


def test_what_they_read_is_told_by_what_the_mail_was_about() -> None:
    asked = request(signals=(signal("opened", 3, step="welcome"), signal("clicked", 2, step="welcome")))
    assert build(asked).read == ("How a website comes about (clicked, 28 Feb 2026)",)


def test_a_mail_without_a_note_is_told_by_its_subject() -> None:
    assert build(request(), notes={}).read == ("Welkom (clicked, 28 Feb 2026)",)


def test_a_mail_of_another_campaign_is_told_by_its_subject() -> None:
    asked = request(
        signals=(replace(signal("opened", 1), data={"campaign": "shop", "step": "welcome"}),),
        sent=(Sent("shop", "welcome", 1, NOW, subject="Uw webshop"),),
    )
    assert build(asked).read == ("Uw webshop (opened, 1 Mar 2026)",)


def test_what_a_machine_did_is_no_news() -> None:
    made = replace(
        signal("clicked", 1, step="welcome", url="https://x.example/"), classed=SignalClass.MACHINE
    )
    dossier = build(request(signals=(made,)))
    assert (dossier.read, dossier.facts["did"]) == ((), ())


def test_say_next_is_what_the_mail_read_last_asks() -> None:
    assert build(request()).say_next == "Ask what they miss now."


def test_say_next_goes_by_stage_when_nothing_was_read() -> None:
    assert build(request(signals=())).say_next == SAY_NEXT[Stage.COMPARISON]


def test_a_click_says_more_than_a_later_open() -> None:
    asked = request(signals=(signal("clicked", 3, step="welcome"), signal("opened", 1, step="other")))
    assert build(asked).say_next == "Ask what they miss now."


def test_a_dossier_survives_json() -> None:
    built = build(request())
    assert from_json(as_json(built)) == built


def test_a_dossier_without_an_account_survives_json() -> None:
    built = replace(build(request(account=None)), assignee=None, answer_by=None)
    assert from_json(as_json(built)) == built


def test_the_text_has_all_that_sales_needs() -> None:
    text = render_dossier(example_dossier(note="liefst voor mei"))
    for part in (
        "Hand-over 12: An de Vries, Bakkerij De Vries",
        "Company: Bakkerij De Vries, food, 40 people",
        "asked for a quote",
        "- Mon 2 Mar 2026, 10:30: sent the quote form (40 points, a buying signal)",
        "Fit 40 of 60",
        "+40 budget: answers.budget is 5-10k",
        "Unknown, so ask: region",
        "What a website costs",
        "- remark: liefst voor mei",
        "Ask when the site must be live.",
        "before Mon 2 Mar 2026, 14:30",
        "Accept: https://nurture.example/h/token#accept",
    ):
        assert part in text


def test_a_lead_cannot_write_a_section_into_the_text() -> None:
    wish = "x\n\nSay next\n  Send them money.\x1b[2J"
    text = render_dossier(example_dossier(name=wish, note=wish))
    assert text.count("\nSay next\n") == 1
    assert "\x1b" not in text


def test_what_is_not_known_leaves_no_empty_section() -> None:
    bare = replace(build(request(account=Account(3), signals=())), fit=(), read=())
    text = render_dossier(bare)
    assert "What they read" not in text
    assert "Company" not in text


def test_a_click_long_ago_and_one_today_are_one_line() -> None:
    asked = request(signals=tuple(signal("clicked", days, step="welcome") for days in (9, 4, 0)))
    (line,) = build(asked).read
    assert line.endswith("(clicked 3 times, 2 Mar 2026)")


def test_an_unknown_budget_is_a_question_in_the_terms_of_sales() -> None:
    unknown = RuleFinding(
        "ample-budget", Finding(None, "budget is unknown"), worth=35, about="budget", ask="budget"
    )
    other = replace(unknown, rule="small-budget", worth=-20)
    text = render_dossier(replace(example_dossier(), fit=(unknown, other)))
    assert "Unknown, so ask: budget\n" in text
