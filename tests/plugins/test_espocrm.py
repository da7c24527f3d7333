"""The plugin `espocrm` against a server that speaks EspoCRM's documented API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from nurture import NoticeKind, Result, SalesPerson, SourceError
from nurture.bundled import bundled
from nurture.errors import PluginError
from nurture.plug.discover import find_plugins
from nurture.plug.manager import load_plugins
from nurture.testing.suites_handover import HandoverChannelSuite, example_notice
from nurture.testing.suites_outcomes import OutcomeSourceSuite
from plugins.espocrm import EspoChannel, EspoDeals, Options
from tests.plugins.espo import KEY, Espo, espo_server
from tests.plugins.http import Reply


@pytest.fixture
def espo() -> Iterator[Espo]:
    with espo_server() as espo:
        yield espo


def options(espo: Espo, **more: Any) -> Options:
    return Options(url=espo.url, api_key=SecretStr(KEY), timeout=5, **more)


def channel(espo: Espo, **more: Any) -> EspoChannel:
    return EspoChannel(options(espo, **more))


class TestChannel(HandoverChannelSuite):
    @pytest.fixture
    def channel(self, espo: Espo, tmp_path: Path) -> EspoChannel:
        return channel(espo)


class TestContacts(HandoverChannelSuite):
    @pytest.fixture
    def channel(self, espo: Espo, tmp_path: Path) -> EspoChannel:
        return channel(espo, record="Contact")


# --- handing over -----------------------------------------------------------------------------------


def test_a_hand_over_is_a_lead_and_a_task_under_it(espo: Espo) -> None:
    outcome = channel(espo).notify(example_notice())
    (lead,), (task,) = espo.all("Lead"), espo.all("Task")
    assert outcome.reply == f"Lead {lead['id']}, Task {task['id']}"
    assert (lead["lastName"], lead["emailAddress"], lead["accountName"], lead["cNurtureId"]) == (
        "An de Vries",
        "an@bakkerij.example",
        "Bakkerij De Vries",
        "contact-7",
    )
    assert (task["parentType"], task["parentId"], task["cNurtureId"], task["dateEnd"]) == (
        "Lead",
        lead["id"],
        "handover-12",
        "2026-03-02 13:30:00",
    )
    assert "Ask when the site must be live." in task["description"]


def test_the_same_notice_again_makes_nothing_new(espo: Espo) -> None:
    for _ in range(2):
        assert channel(espo).notify(example_notice()).done
    assert (len(espo.all("Lead")), len(espo.all("Task"))) == (1, 1)


def test_a_person_whom_sales_knows_already_is_not_made_again(espo: Espo) -> None:
    known = espo.add("Lead", lastName="Vries", emailAddress="an@bakkerij.example", title="Owner")
    channel(espo).notify(example_notice())
    (lead,) = espo.all("Lead")
    assert (lead["id"], lead["cNurtureId"], lead["lastName"], lead["title"]) == (
        known,
        "contact-7",
        "Vries",
        "Owner",
    )
    assert lead["phoneNumber"] == "+31201234567"


def test_what_sales_has_changed_stays(espo: Espo) -> None:
    channel(espo).notify(example_notice())
    espo.all("Lead")[0]["lastName"] = "de Vries-Bakker"
    channel(espo).notify(example_notice(NoticeKind.REMINDER))
    assert espo.all("Lead")[0]["lastName"] == "de Vries-Bakker"


@pytest.mark.parametrize(
    ("kind", "priority"),
    [(NoticeKind.OPENED, "Normal"), (NoticeKind.REMINDER, "High"), (NoticeKind.ESCALATED, "Urgent")],
)
def test_the_task_says_how_urgent_it_is(espo: Espo, kind: NoticeKind, priority: str) -> None:
    channel(espo).notify(example_notice())
    channel(espo).notify(example_notice(kind))
    (task,) = espo.all("Task")
    assert task["priority"] == priority


def test_a_new_assignee_gets_record_and_task(espo: Espo) -> None:
    users = {"Sanne@example.com": "u1", "daan@example.com": "u2"}
    notice = example_notice()
    assert notice.dossier is not None
    channel(espo, users=users).notify(notice)
    assert espo.all("Lead")[0]["assignedUserId"] == "u1"
    theirs = replace(notice.dossier, assignee=SalesPerson("Daan", "daan@example.com"))
    channel(espo, users=users).notify(replace(notice, kind=NoticeKind.REASSIGNED, dossier=theirs))
    assert (espo.all("Lead")[0]["assignedUserId"], espo.all("Task")[0]["assignedUserId"]) == ("u2", "u2")


def test_an_answered_hand_over_is_a_completed_task(espo: Espo) -> None:
    notice = example_notice()
    assert notice.dossier is not None
    facts = {**notice.dossier.facts, "answered": "Accepted by Sanne"}
    channel(espo).notify(replace(notice, dossier=replace(notice.dossier, facts=facts)))
    assert espo.all("Task")[0]["status"] == "Completed"


def test_as_a_contact_the_person_hangs_on_their_company(espo: Espo) -> None:
    there = espo.add("Account", name="Bakkerij De Vries")
    channel(espo, record="Contact").notify(example_notice())
    (contact,) = espo.all("Contact")
    assert (contact["accountId"], len(espo.all("Account"))) == (there, 1)
    assert "accountName" not in contact


def test_a_withdrawal_asks_to_erase_and_leaves_no_word_of_the_lead_in_the_task(espo: Espo) -> None:
    channel(espo).notify(example_notice())
    channel(espo).notify(example_notice(NoticeKind.WITHDRAWN))
    (task,) = espo.all("Task")
    assert task["name"] == "Erase: Hand-over 12"
    assert "An de Vries" not in json.dumps(task)
    assert len(espo.all("Lead")) == 1


def test_a_withdrawal_deletes_both_where_the_settings_say_so(espo: Espo) -> None:
    for kind in (NoticeKind.OPENED, NoticeKind.WITHDRAWN):
        channel(espo, on_erasure="delete").notify(example_notice(kind))
    assert (espo.all("Lead"), espo.all("Task")) == ([], [])


def test_of_a_person_who_was_handed_over_twice_both_tasks_go(espo: Espo) -> None:
    desk = channel(espo, on_erasure="delete")
    for kind in (NoticeKind.OPENED, NoticeKind.WITHDRAWN):
        outcomes = [desk.notify(replace(example_notice(kind), handover_id=number)) for number in (12, 13)]
        assert all(outcome.done for outcome in outcomes), outcomes
    assert (espo.all("Lead"), espo.all("Task")) == ([], [])


def test_fields_are_filled_as_the_settings_say(espo: Espo) -> None:
    fields = {"cBudget": "{answers.budget}", "title": "", "cWhy": "{because} ({team}, fit of {answers.no})"}
    channel(espo, fields=fields).notify(example_notice())
    (lead,) = espo.all("Lead")
    assert (lead["cBudget"], lead["cWhy"]) == ("5-10k", "asked for a quote (sales, fit of )")
    assert "title" not in lead


def test_what_a_lead_wrote_names_no_field(espo: Espo) -> None:
    channel(espo, fields={"cSaid": "{answers.remark}"}).notify(example_notice(note="{contact.email}"))
    assert espo.all("Lead")[0]["cSaid"] == "{contact.email}"


def test_characters_that_the_crm_refuses_are_left_out(espo: Espo) -> None:
    outcome = channel(espo).notify(example_notice(name="<b>An = </b>" + "x" * 500))
    assert outcome.done, outcome.reply
    assert espo.all("Lead")[0]["lastName"].startswith("b An /b xxx")


@pytest.mark.parametrize(
    ("reply", "again"),
    [
        (Reply(400, headers={"X-Status-Reason": "lastName is required"}), False),
        (Reply(401), True),
        (Reply(403), True),
        (Reply(429), True),
        (Reply(500), True),
        (Reply(200, b"<html>"), False),
        (Reply(200, b"[]"), False),
        (Reply(hang_up=True), True),
    ],
)
def test_a_refusal_is_tried_again_only_when_it_may_pass(espo: Espo, reply: Reply, again: bool) -> None:
    espo.fail = reply
    outcome = channel(espo).notify(example_notice())
    assert (outcome.done, outcome.again) == (False, again)
    assert KEY not in outcome.reply


def test_the_reason_of_a_refusal_is_told(espo: Espo) -> None:
    espo.fail = Reply(400, headers={"X-Status-Reason": "no such attribute"})
    assert channel(espo).notify(example_notice()).reply == "GET Lead was answered 400: no such attribute"


# --- won and lost -----------------------------------------------------------------------------------


def deal(espo: Espo, **changes: Any) -> str:
    """A closed opportunity that our lead was converted into."""
    values = {
        "stage": "Closed Won",
        "amount": 2400.5,
        "amountCurrency": "EUR",
        "closeDate": "2026-03-02",
        "modifiedAt": "2026-03-02 15:00:00",
    }
    id_ = espo.add("Opportunity", **{**values, **changes})
    espo.add(
        "Lead", lastName="V", cNurtureId="contact-7", createdOpportunityId=id_, emailAddress="a@b.example"
    )
    return id_


class TestDeals(OutcomeSourceSuite):
    @pytest.fixture
    def source(self, espo: Espo) -> EspoDeals:
        deal(espo)
        return EspoDeals(options(espo))


def test_a_won_deal_is_told_of_the_lead_that_we_gave(espo: Espo) -> None:
    id_ = deal(espo)
    page = EspoDeals(options(espo, timezone="Europe/Amsterdam")).ask("")
    (told,) = page.outcomes
    assert (told.result, told.who, told.key) == (Result.WON, (("contact", "7"),), id_)
    assert (told.value, told.currency) == (Decimal("2400.50"), "EUR")
    assert told.at == datetime(2026, 3, 2, 22, 59, 59, 999999, tzinfo=UTC)


def test_a_lost_deal_is_lost_and_an_open_one_is_not_told(espo: Espo) -> None:
    deal(espo, stage="Closed Lost")
    deal(espo, stage="Negotiation")
    assert [one.result for one in EspoDeals(options(espo)).ask("").outcomes] == [Result.LOST]


def test_a_date_that_is_still_a_plan_is_not_believed(espo: Espo) -> None:
    deal(espo, closeDate="2026-12-24")
    (told,) = EspoDeals(options(espo)).ask("").outcomes
    assert told.at == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def test_a_deal_without_our_lead_is_told_by_its_address_or_not_at_all(espo: Espo) -> None:
    for email in ("bo@example.com", None):
        id_ = espo.add(
            "Opportunity", stage="Closed Won", closeDate="2026-03-02", modifiedAt="2026-03-02 15:00:00"
        )
        espo.add("Lead", lastName="B", emailAddress=email, createdOpportunityId=id_)
    (told,) = EspoDeals(options(espo)).ask("").outcomes
    assert (told.who, told.value) == ((("email", "bo@example.com"),), None)


def test_deals_of_contacts_are_found_by_their_link(espo: Espo) -> None:
    person = espo.add("Contact", lastName="V", cNurtureId="contact-7")
    id_ = deal(espo)
    espo.links[f"Opportunity/{id_}/contacts"] = [person]
    (told,) = EspoDeals(options(espo, record="Contact")).ask("").outcomes
    assert told.who == (("contact", "7"),)


def test_the_next_question_begins_where_the_last_one_ended(espo: Espo) -> None:
    deal(espo)
    source = EspoDeals(options(espo))
    page = source.ask("")
    assert (page.position, page.more) == ("2026-03-02 15:00:00", False)
    deal(espo, modifiedAt="2026-03-01 00:00:00")
    deal(espo, modifiedAt="2026-03-02 15:00:00")
    assert len(source.ask(page.position).outcomes) == 2


@pytest.mark.parametrize("seconds", [1, 7, 250])
def test_however_many_there_are_each_is_told_and_it_ends(espo: Espo, seconds: int) -> None:
    ids = {
        deal(espo, modifiedAt=f"2026-03-02 15:{n % seconds // 60:02d}:{n % seconds % 60:02d}")
        for n in range(250)
    }
    source, position, told = EspoDeals(options(espo)), "", set()
    for _ in range(12):
        page = source.ask(position)
        told |= {one.key for one in page.outcomes}
        position = page.position
        if not page.more:
            break
    assert (told, page.more) == (ids, False)


def test_a_crm_that_refuses_is_told_without_the_key(espo: Espo) -> None:
    espo.fail = Reply(401)
    with pytest.raises(SourceError) as refused:
        EspoDeals(options(espo)).ask("")
    assert refused.value.message == "GET Opportunity was answered 401"


# --- settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "http://crm.example.com"}, "write https://"),
        ({"api_key": ""}, "api_key"),
        ({"fields": {"title": "{contact.titel}"}}, "there is no {contact.titel}"),
        ({"record": "Person"}, "record"),
        ({"won": ["Closed"], "lost": ["Closed"]}, "Closed is in won and in lost"),
        ({"timezone": "Mars"}, "there is no time zone 'Mars'"),
        ({"key_field": "x; DROP"}, "key_field"),
    ],
)
def test_a_setting_that_is_wrong_stops_the_start(changes: dict[str, Any], words: str) -> None:
    given = {"espocrm": {"url": "https://crm.example.com", "api_key": "secret key", **changes}}
    with pytest.raises(PluginError) as refused:
        load_plugins(["espocrm"], find_plugins([bundled("plugins")]), given)
    assert words in str(refused.value)
    assert "secret key" not in str(refused.value)
