"""Who is who, what is merged how, and what becomes a contact or junk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from nurture.core.model import Lead, Lifecycle
from nurture.core.profile import Requirement
from nurture.errors import PluginError
from nurture.ingest.mapping_file import read_mapping
from nurture.ingest.merge import combine
from nurture.plug.contracts import Enrichment
from nurture.store import consents, schema
from tests.ingest.conftest import NOW, SIGNER, Desk

BY_NUMBER = read_mapping("external_id: {system: crm, from: Nr}\n", "map.yaml")

# --- contact or junk --------------------------------------------------------------------------------


def test_a_lead_that_meets_the_data_standard_is_a_contact_due_at_once(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    (journey,) = desk.rows(schema.journey)
    assert (journey["lifecycle"], journey["stage"], journey["due_at"]) == ("contact", "orientation", NOW)


def test_a_lead_that_misses_data_is_junk_with_the_reason_and_rests(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;n/a\n")
    (journey,), (item,) = desk.rows(schema.journey), desk.rows(schema.inbox)
    assert (item["state"], item["reason"]) == ("junk", "no usable email or phone")
    assert desk.contact()["junk_reason"] == "no usable email or phone"
    assert desk.contact()["problems"] == {"email": "placeholder"}
    assert (journey["lifecycle"], journey["due_at"]) == ("junk", None)


def test_junk_becomes_a_contact_when_what_was_missing_comes(desk: Desk) -> None:
    desk.bring("Naam;E-mail\n;an@wit.nl\n")
    desk.clock.advance(timedelta(days=1))
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    (journey,) = desk.rows(schema.journey)
    assert desk.states() == ["merged", "contact"]
    assert (journey["lifecycle"], journey["due_at"]) == ("contact", NOW + timedelta(days=1))
    assert desk.contact()["junk_reason"] is None


def test_junk_can_be_tried_again_under_another_standard(desk: Desk) -> None:
    desk.bring("Naam;E-mail\n;an@wit.nl\n")
    desk.require = (Requirement(("email",)),)
    assert desk.intake.retry_junk("no name") == 1
    desk.sort()
    assert desk.states() == ["contact"]
    assert len(desk.contacts()) == 1


def test_trying_again_does_not_bring_old_answers_back(desk: Desk) -> None:
    desk.bring("Tel;Plaats\n0612345678;Ede\n")
    desk.bring("Tel;Plaats\n0612345678;Wijchen\n")
    desk.intake.retry_junk()
    desk.sort()
    assert desk.contact()["city"] == "Wijchen"


def test_junk_for_another_reason_is_left_alone(desk: Desk) -> None:
    desk.bring("Naam;E-mail\n;an@wit.nl\n")
    assert desk.intake.retry_junk("no phone") == 0


def test_a_robot_is_junk_and_touches_nobody(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    desk.bring(b"name=Spam&email=an@wit.nl&_gotcha=x", source="webform", media_type="", name="quote")
    assert [contact["name"] for contact in desk.contacts()] == ["An Wit", "Spam"]
    assert desk.rows(schema.inbox)[1]["reason"] == "a robot filled in the form"


# --- who is who -------------------------------------------------------------------------------------


def test_one_address_is_one_person_in_one_file_and_in_two(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn;an@wit.nl\nAn Wit;AN@WIT.nl\n")
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Ede\n")
    assert desk.contact()["city"] == "Ede"
    assert desk.states() == ["contact", "merged", "merged"]


def test_an_external_id_recognises_before_an_address_does(desk: Desk) -> None:
    desk.bring("Nr;Naam;E-mail\n1;An Wit;an@wit.nl\n", BY_NUMBER)
    desk.bring("Nr;Naam;E-mail\n1;An Wit;an@nieuw.nl\n", BY_NUMBER)
    assert desk.contact()["email"] == "an@nieuw.nl"


def test_an_id_that_two_systems_gave_to_two_people_does_not_join_them(desk: Desk) -> None:
    desk.bring("Nr;Naam;E-mail\n1;An Wit;an@wit.nl\n", BY_NUMBER)
    desk.bring("Nr;Naam;E-mail\n1;Piet Zwart;piet@zwart.nl\n", BY_NUMBER)
    assert len(desk.contacts()) == 2


def test_a_number_recognises_a_person(desk: Desk) -> None:
    desk.bring("Naam;Tel;E-mail\nAn Wit;0612345678;\n")
    desk.bring("Naam;Tel;E-mail\nAn Wit;+31612345678;an@wit.nl\n")
    assert desk.contact()["email"] == "an@wit.nl"


def test_a_shared_number_does_not_make_two_people_one(desk: Desk) -> None:
    desk.bring("Naam;Tel;E-mail\nAn Wit;0612345678;an@wit.nl\nBo Wit;0612345678;bo@wit.nl\n")
    assert [contact["phone"] for contact in desk.contacts()] == ["+31612345678"] * 2


def test_an_address_never_becomes_that_of_two(desk: Desk) -> None:
    desk.bring("Nr;Naam;E-mail\n1;An Wit;an@wit.nl\n2;Bo Wit;bo@wit.nl\n", BY_NUMBER)
    desk.bring("Nr;Naam;E-mail\n2;Bo Wit;an@wit.nl\n", BY_NUMBER)
    assert [contact["email"] for contact in desk.contacts()] == ["an@wit.nl", "bo@wit.nl"]


def test_people_without_anything_to_recognise_them_stay_apart(desk: Desk) -> None:
    desk.bring("Naam;Plaats\nAn;Ede\nAn;Wijchen\n")
    assert len(desk.contacts()) == 2


# --- merging ----------------------------------------------------------------------------------------


def test_the_newest_answer_wins_and_nothing_is_overwritten_by_nothing(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Plaats;Budget\nAn Wit;an@wit.nl;Ede;5k\n")
    desk.bring("Naam;E-mail;Plaats;Budget\n;an@wit.nl;;10k\n")
    contact = desk.contact()
    assert (contact["name"], contact["city"], contact["answers"]) == ("An Wit", "Ede", {"budget": "10k"})


def test_every_merge_is_recorded_with_before_and_after(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Ede\n")
    desk.bring("E-mail;Plaats;Budget\nan@wit.nl;Wijchen;5k\n")
    (merge,) = desk.rows(schema.merge)
    assert (merge["matched_by"], merge["inbox_id"]) == ("email", desk.rows(schema.inbox)[1]["id"])
    assert merge["changes"] == {"city": ["Ede", "Wijchen"], "answers.budget": [None, "5k"]}


def test_a_contact_that_gained_data_is_looked_at_again(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    desk.clock.advance(timedelta(days=1))
    with desk.store.write() as connection:
        connection.execute(sa.update(schema.journey).values(due_at=None))
    desk.bring("E-mail;Plaats\nan@wit.nl;Ede\n")
    (journey,) = desk.rows(schema.journey)
    assert journey["due_at"] == NOW + timedelta(days=1)


def test_a_contact_that_gained_nothing_is_left_in_peace(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    with desk.store.write() as connection:
        connection.execute(sa.update(schema.journey).values(due_at=None))
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;-\n")
    assert desk.rows(schema.journey)[0]["due_at"] is None


def test_a_late_record_throws_nobody_back(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    with desk.store.write() as connection:
        connection.execute(sa.update(schema.journey).values(lifecycle=Lifecycle.CUSTOMER, stage="decision"))
    desk.bring("E-mail;Plaats\nan@wit.nl;Ede\n")
    assert (desk.rows(schema.journey)[0]["lifecycle"], desk.rows(schema.journey)[0]["stage"]) == (
        "customer",
        "decision",
    )


def test_a_shorter_form_of_a_name_is_no_news() -> None:
    known = Lead(name="An de Wit", first_name="An", last_name="de Wit")
    assert combine(known, Lead(name="An", first_name="An")) == (known, {})


def test_interests_unite_in_their_order() -> None:
    merged, changes = combine(Lead(interests=("a", "b")), Lead(interests=("c", "b")))
    assert merged.interests == ("a", "b", "c")
    assert changes == {"interests": [["a", "b"], ["a", "b", "c"]]}


def test_a_problem_is_gone_when_a_usable_value_comes() -> None:
    merged, _ = combine(Lead(problems={"email": "malformed"}), Lead(email="an@wit.nl"))
    assert merged.problems == {}


def test_an_unusable_value_is_no_problem_of_somebody_who_has_a_good_one() -> None:
    merged, _ = combine(Lead(email="an@wit.nl"), Lead(problems={"email": "malformed"}))
    assert merged.problems == {}


# --- companies --------------------------------------------------------------------------------------


def test_people_of_one_business_domain_work_for_one_company(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Bedrijf\nAn Wit;an@bakkerij-jansen.nl;Jansen\nBo;bo@mail.bakkerij-jansen.nl;\n")
    (account,) = desk.rows(schema.account)
    assert (account["name"], account["domain"]) == ("Jansen", "bakkerij-jansen.nl")
    assert {contact["account_id"] for contact in desk.contacts()} == {account["id"]}


def test_a_company_is_found_by_its_name_without_its_legal_form(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Bedrijf\nAn Wit;an@gmail.com;Jansen B.V.\n")
    desk.bring("Naam;E-mail;Bedrijf\nBo Wit;bo@gmail.com;JANSEN\n")
    assert [account["name"] for account in desk.rows(schema.account)] == ["Jansen B.V."]


def test_companies_of_one_name_at_two_domains_stay_apart(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Bedrijf\nAn Wit;an@jansen.nl;Jansen\nBo Wit;bo@jansen.de;Jansen\n")
    assert len(desk.rows(schema.account)) == 2


def test_companies_of_one_name_in_two_countries_stay_apart(desk: Desk) -> None:
    desk.bring(
        "naam;e-mail;bedrijf;land\nAn;an@gmail.com;Jansen BV;NL\n"
        "Bo;bo@gmail.com;Jansen BV;DE\nCé;ce@gmail.com;Jansen;NL"
    )
    assert [row["account_id"] for row in desk.contacts()] == [1, 2, 1]


def test_a_company_by_name_is_not_one_in_the_country_that_an_address_tells(desk: Desk) -> None:
    desk.bring("naam;e-mail;bedrijf\nAn;an@jansen.nl;Jansen\nBo;bo@t-online.de;Jansen\n")
    assert [row["account_id"] for row in desk.contacts()] == [1, 2]


def test_companies_of_one_name_with_legal_forms_that_differ_stay_apart(desk: Desk) -> None:
    rows = "An;an@gmail.com;Jansen B.V.\nBo;bo@gmail.com;Jansen N.V.\nCé;ce@gmail.com;Jansen bv\n"
    desk.bring(f"naam;e-mail;bedrijf\n{rows}")
    assert [row["account_id"] for row in desk.contacts()] == [1, 2, 1]


def test_a_company_is_called_by_its_full_name_once_that_is_known(desk: Desk) -> None:
    desk.bring(
        "naam;e-mail;bedrijf\nAn;an@jansen.nl;Jansen\nBo;bo@jansen.nl;Jansen B.V.\nCé;ce@jansen.nl;Jansen\n"
    )
    assert [account["name"] for account in desk.rows(schema.account)] == ["Jansen B.V."]


def test_who_mistypes_the_company_stays_with_it(desk: Desk) -> None:
    desk.bring("naam;e-mail;bedrijf\nAn Wit;an.wit@gmail.com;Bakkerij Jansen\n")
    desk.bring("naam;e-mail;bedrijf\nAn Wit;an.wit@gmail.com;Bakkerij Jnasen\n")
    assert [account["name"] for account in desk.rows(schema.account)] == ["Bakkerij Jansen"]


def test_free_mail_makes_no_company(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@gmail.com\n")
    assert desk.rows(schema.account) == []
    assert desk.contact()["company"] is None


def test_what_somebody_tells_of_a_known_company_is_recorded(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Medewerkers\nAn Wit;an@jansen.nl;10\n")
    desk.bring("Naam;E-mail;Medewerkers;Branche\nBo Wit;bo@jansen.nl;40;bouw\n")
    (account,), (merge,) = desk.rows(schema.account), desk.rows(schema.merge)
    assert (account["employees"], account["sector"]) == (40, "bouw")
    assert merge["changes"] == {"account.employees": [10, 40], "account.sector": [None, "bouw"]}


# --- enriching --------------------------------------------------------------------------------------


def test_a_company_is_enriched_from_a_business_address(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@bakkerij-jansen.nl\n")
    assert desk.contact()["company"] == "Bakkerij Jansen"


def test_what_a_person_said_is_never_touched_by_an_enricher(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Bedrijf;Land;Tel\nAn Wit;an@jansen.nl;Vroeg BV;BE;0612345678\n")
    assert (desk.contact()["company"], desk.contact()["country"]) == ("Vroeg BV", "BE")


def test_enriching_can_make_a_lead_a_contact(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(Requirement(("company",)))
    desk.bring("E-mail\nan@jansen.nl\n")
    assert desk.states() == ["contact"]


def test_an_enricher_that_fails_holds_nobody_up(desk: Desk) -> None:
    class Failing:
        name = "failing"

        def enrich(self, leads: Sequence[Lead]) -> Sequence[Enrichment | None]:
            raise RuntimeError("the service is down")

    desk.enrichers["failing"] = Failing()
    desk.enrich = ("failing", "company_from_email_domain")
    desk.bring("Naam;E-mail\nAn Wit;an@jansen.nl\n")
    assert desk.contact()["company"] == "Jansen"


def test_a_profile_that_names_an_unknown_enricher_is_refused(desk: Desk) -> None:
    desk.enrich = ("company_from_email",)
    with pytest.raises(PluginError, match="did you mean company_from_email_domain"):
        _ = desk.intake


# --- consent and signals ----------------------------------------------------------------------------


def test_consent_is_kept_with_where_it_came_from(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Toestemming\nAn Wit;an@wit.nl;ja\n")
    (consent,) = desk.rows(schema.consent)
    assert (consent["purpose"], consent["granted"], consent["evidence"]) == (
        *("marketing", True),
        "import leads.csv line 2",
    )


def test_an_import_never_overturns_an_unsubscribe(desk: Desk) -> None:
    desk.bring("Naam;E-mail;Toestemming\nAn Wit;an@wit.nl;ja\n")
    contact_id = desk.contact()["id"]
    with desk.store.write() as connection:
        consents.withdraw(connection, contact_id, "marketing", "one-click", NOW)
    desk.clock.advance(timedelta(days=1))
    desk.bring("Naam;E-mail;Toestemming;Plaats\nAn Wit;an@wit.nl;ja;Ede\n")
    assert [row["granted"] for row in desk.rows(schema.consent)] == [False]


def test_a_suppressed_address_is_a_contact_without_consent(desk: Desk) -> None:
    with desk.store.write() as connection:
        consents.suppress(connection, SIGNER.address_hash("an@wit.nl"), "complained", NOW)
    desk.bring("Naam;E-mail;Toestemming\nAn Wit;an@wit.nl;ja\nBo;bo@wit.nl;ja\n")
    assert desk.states() == ["contact", "contact"]
    assert [row["contact_id"] for row in desk.rows(schema.consent)] == [desk.contacts()[1]["id"]]


def test_told_signals_are_stored_once_even_for_junk_that_is_tried_again(desk: Desk) -> None:
    mapping = read_mapping("signals: [{column: Activiteit, value: Klik, kind: clicked}]\n", "map.yaml")
    desk.bring("E-mail;Activiteit\nan@wit.nl;klik\n", mapping)
    desk.intake.retry_junk()
    desk.sort()
    assert [(row["kind"], row["at"], row["classed"]) for row in desk.rows(schema.signal)] == [
        ("clicked", NOW, "human")
    ]


def test_a_form_leaves_a_signal(desk: Desk) -> None:
    desk.bring(
        b"name=An+Wit&email=an@wit.nl&budget=10k", source="webform", media_type="text/plain", name="quote"
    )
    (signal,) = desk.rows(schema.signal)
    assert (signal["kind"], signal["data"]) == ("submitted", {"form": "quote", "answers": {"budget": "10k"}})


# --- how it is done ---------------------------------------------------------------------------------


def test_a_record_that_hits_a_defect_holds_no_other_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(fields: dict[str, str], *rest: object) -> Lead:
        if fields["Naam"] == "Bo":
            raise ZeroDivisionError("oops")
        return Lead(name=fields["Naam"], email=fields["E-mail"])

    monkeypatch.setattr("nurture.ingest.sort.normalise", broken)
    desk.bring("Naam;E-mail\nAn;an@wit.nl\nBo;bo@wit.nl\nCo;co@wit.nl\n")
    assert desk.states() == ["contact", "unreadable", "contact"]
    assert "ZeroDivisionError" in desk.rows(schema.inbox)[1]["reason"]


def test_the_number_of_statements_does_not_depend_on_the_batch(desk: Desk) -> None:
    def statements(start: int, n: int) -> int:
        numbers = range(start, start + n)
        rows = "".join(f"P {i};p{i}@bedrijf{i}.nl;ja;klik;{i % 3}\n" for i in numbers)
        rows += "".join(f"P {i};p{i}@bedrijf{i}.nl;ja;klik;Ede\n" for i in numbers)
        rows += "".join(f";n{i}@bedrijf{i}.nl;;;\n" for i in numbers)
        mapping = read_mapping("signals: [{column: A, value: Klik, kind: clicked}]\n", "map.yaml")
        desk.receive(f"Naam;E-mail;Toestemming;A;Plaats\n{rows}", mapping)
        # The second half of all people is known already when the batch is sorted.
        desk.intake.sort_batch(n)
        seen: list[str] = []
        count = lambda *args: seen.append(args[2])  # noqa: E731 - it must be removed again
        sa.event.listen(desk.store.engine, "before_cursor_execute", count)
        assert desk.intake.sort_batch(10_000) == 2 * n
        sa.event.remove(desk.store.engine, "before_cursor_execute", count)
        return len(seen)

    counted = [statements(start, n) for start, n in ((0, 10), (100, 100), (1_000, 1_000))]
    assert len(set(counted)) == 1
    assert 0 < counted[0] < 30


def test_two_that_sort_at_once_make_one_contact_of_one_person(desk: Desk) -> None:
    desk.receive("Naam;E-mail;N\n" + "".join(f"An Wit;an@wit.nl;{i}\n" for i in range(40)))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while desk.intake.sort_batch(5):
                pass
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(desk.contacts()) == 1


def test_a_batch_that_fails_leaves_everything_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.receive("Naam;E-mail\nAn;an@wit.nl\n")

    def fail(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("nurture.ingest.sort.inbox.settle", fail)
        with pytest.raises(RuntimeError):
            desk.sort()
    assert (desk.contacts(), desk.states()) == ([], ["new"])
    desk.sort()
    assert desk.states() == ["contact"]
