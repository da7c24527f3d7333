"""Remote enrichers: asked afterwards, once, within their limits, again where that can help; nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from nurture.core.model import Lead
from nurture.core.provenance import from_document
from nurture.ingest.chain import chain_of
from nurture.ingest.lookups import LEASE, MAX_ATTEMPTS, Lookups, Report
from nurture.plug.contracts import Enrichment, Unanswered
from nurture.store import erasure, lookups, schema
from tests.ingest.conftest import NOW, Desk

Answer = Enrichment | Unanswered | None
AN, BO = "Naam;E-mail\nAn Wit;an@wit.nl\n", "Naam;E-mail\nBo Wit;bo@wit.nl\n"
KNOWS = Enrichment({"account.employees": "40"}, 0.8, "the register says so")


@dataclass
class Register:
    """A remote enricher that answers as it is told, and keeps what it was asked."""

    answer: Callable[[Lead], Answer] = lambda _lead: KNOWS
    name: str = "register"
    remote: bool = True
    needs: tuple[str, ...] = ("company_domain",)
    gives: tuple[str, ...] = ("account.employees",)
    cache_for: timedelta = timedelta(days=30)
    per_minute: int | None = None
    per_day: int | None = None
    asked: list[Lead] = field(default_factory=list)

    def enrich(self, leads: Sequence[Lead]) -> list[Answer]:
        self.asked += leads
        return [self.answer(lead) for lead in leads]


@pytest.fixture
def register(desk: Desk) -> Register:
    register = Register()
    desk.enrichers["register"] = register
    desk.enrich = ("company_from_email_domain", "register")
    return register


def runner(desk: Desk) -> Lookups:
    profile = desk.profile
    return Lookups(desk.store, desk.clock, profile, chain_of(profile, desk.enrichers), "NL")


def run(desk: Desk) -> Report:
    done = Report()
    while (report := runner(desk).run_batch()).claimed:
        done = done.plus(report)
    return done


def employees(desk: Desk) -> list[int | None]:
    return [row["employees"] for row in desk.rows(schema.account)]


def states(desk: Desk) -> list[str]:
    return [row["state"] for row in desk.rows(schema.lookup)]


# --- nothing waits ----------------------------------------------------------------------------------


def test_sorting_asks_nothing_remote(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    assert (desk.states(), register.asked) == (["contact"], [])


def test_what_is_found_afterwards_is_kept_with_its_source(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    assert run(desk) == Report(claimed=1, asked=1, found=1)
    (firm,) = desk.rows(schema.account)
    origin = from_document(firm["origins"])["employees"]
    assert (firm["employees"], origin.by, origin.at) == (40, "register", NOW)


def test_no_more_leaves_the_house_than_is_asked_with(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    run(desk)
    assert register.asked == [Lead(company_domain="wit.nl")]


def test_an_answer_is_no_surer_than_what_was_asked_with(desk: Desk, register: Register) -> None:
    register.needs = ("company",)
    desk.bring(AN)
    run(desk)
    (firm,) = desk.rows(schema.account)
    assert from_document(firm["origins"])["employees"].confidence == 0.6


def test_who_lacks_what_is_asked_with_is_not_asked_about(desk: Desk, register: Register) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@gmail.com\n")
    assert run(desk) == Report()


def test_about_a_robot_nobody_is_asked(desk: Desk, register: Register) -> None:
    form = {"source": "webform", "media_type": "", "name": "quote"}
    desk.bring(b"name=Spam&email=an@wit.nl&_gotcha=x", **form)
    assert run(desk) == Report()


def test_people_are_looked_at_again_when_something_was_found(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    before = desk.rows(schema.journey)[0]["wakes"]
    desk.quieten()
    run(desk)
    (journey,) = desk.rows(schema.journey)
    assert (journey["due_at"], journey["wakes"] > before) == (NOW, True)


def test_nobody_is_woken_when_nothing_new_was_found(desk: Desk, register: Register) -> None:
    register.answer = lambda _lead: None
    desk.bring(AN)
    desk.quieten()
    assert run(desk) == Report(claimed=1, asked=1, nothing=1)
    assert desk.rows(schema.journey)[0]["due_at"] is None


# --- junk -------------------------------------------------------------------------------------------


@pytest.fixture
def phone_register(desk: Desk, register: Register) -> Register:
    register.answer = lambda _lead: Enrichment({"phone": "0612345678"}, 0.7, "listed")
    register.needs, register.gives = ("company",), ("phone",)
    return register


JUNK = "Naam;Bedrijf\nAn Wit;Bakkerij Wit\n"


def test_junk_that_meets_the_standard_by_what_is_found_is_a_contact(
    desk: Desk, phone_register: Register
) -> None:
    desk.bring(JUNK)
    assert desk.states() == ["junk"]
    assert run(desk).contacts == 1
    (journey,) = desk.rows(schema.journey)
    assert (journey["lifecycle"], journey["due_at"], desk.states()) == ("contact", NOW, ["merged"])
    assert (desk.contact()["phone"], desk.contact()["junk_reason"]) == ("+31612345678", None)


def test_a_number_that_is_somebody_elses_is_not_taken(desk: Desk, phone_register: Register) -> None:
    desk.bring("Naam;Tel\nBo Rood;0612345678\n")
    desk.bring(JUNK)
    assert run(desk).contacts == 0
    assert desk.contacts()[1]["phone"] is None


def test_by_what_was_only_found_nobody_is_recognised(desk: Desk, phone_register: Register) -> None:
    desk.bring(JUNK)
    run(desk)
    desk.bring("Naam;Tel\nCo Blauw;0612345678\n")
    assert [one["name"] for one in desk.contacts()] == ["An Wit", "Co Blauw"]


def test_junk_is_asked_about_anew_when_somebody_says_so(desk: Desk, phone_register: Register) -> None:
    phone_register.answer = lambda _lead: Unanswered("no such firm", again=False)
    desk.bring(JUNK)
    assert run(desk).failed == 1
    phone_register.answer = lambda _lead: Enrichment({"phone": "0612345678"}, 0.7, "listed")
    assert runner(desk).retry_junk().claimed == 1
    assert run(desk).contacts == 1


def test_junk_of_before_meets_the_standard_by_a_quick_enricher_that_is_new(desk: Desk) -> None:
    desk.enrich = ()
    desk.require = (*desk.require, desk.requirement("country"))
    desk.bring("Naam;Tel\nAn Wit;0612345678\n")
    assert desk.states() == ["junk"]
    desk.enrich = ("country_from_phone",)
    assert runner(desk).retry_junk().contacts == 1


# --- once ---------------------------------------------------------------------------------------------


def test_two_colleagues_are_one_question(desk: Desk, register: Register) -> None:
    desk.bring(AN + "Bo Wit;bo@wit.nl\n")
    run(desk)
    assert len(register.asked) == 1


def test_an_answer_is_kept_for_who_asks_the_same_later(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    run(desk)
    desk.bring(BO)
    assert run(desk).cached == 1
    assert len(register.asked) == 1


def test_that_nothing_is_known_is_kept_too(desk: Desk, register: Register) -> None:
    register.answer = lambda _lead: None
    desk.bring(AN)
    run(desk)
    desk.bring(BO)
    run(desk)
    assert len(register.asked) == 1


def test_an_answer_is_not_kept_for_ever(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    run(desk)
    desk.clock.advance(register.cache_for)
    desk.bring(BO)
    run(desk)
    assert len(register.asked) == 2


def test_the_same_record_again_asks_nothing(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    run(desk)
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Ede\n")
    assert run(desk) == Report()


def test_a_new_answer_to_what_is_asked_with_is_asked_anew(desk: Desk, register: Register) -> None:
    register.needs = ("city",)
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Ede\n")
    run(desk)
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Wijchen\n")
    run(desk)
    assert [lead.city for lead in register.asked] == ["Ede", "Wijchen"]


def test_of_an_erased_person_no_answer_is_kept(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    run(desk)
    with desk.store.write() as connection:
        erasure.erase(connection, [desk.contact()["id"]], {}, NOW)
    assert desk.rows(schema.lookup_answer) == []


# --- the chain --------------------------------------------------------------------------------------


def test_one_that_goes_by_what_a_remote_one_finds_is_asked_then(desk: Desk, register: Register) -> None:
    register.answer = lambda _lead: Enrichment({"account.sector": "bakery"}, 0.8, "listed")
    second = Register(name="second", needs=("account.sector",), gives=("account.employees",))
    desk.enrichers["second"] = second
    desk.enrich = (*desk.enrich, "second")
    desk.bring(AN)
    run(desk)
    assert second.asked == [Lead(account={"sector": "bakery"})]
    assert employees(desk) == [40]


def test_what_was_said_stays_whatever_is_found(desk: Desk, register: Register) -> None:
    desk.bring("Naam;E-mail;Medewerkers\nAn Wit;an@wit.nl;12\n")
    run(desk)
    assert employees(desk) == [12]


def test_what_no_record_could_say_is_not_taken(desk: Desk, register: Register) -> None:
    register.answer = lambda _lead: Enrichment({"account.employees": "many", "country": "Q"}, 0.8, "odd")
    desk.bring(AN)
    assert run(desk).nothing == 1


# --- limits and trouble -----------------------------------------------------------------------------


def test_no_more_is_asked_than_is_allowed_in_a_minute(desk: Desk, register: Register) -> None:
    register.per_minute = 2
    desk.bring("Naam;E-mail\n" + "".join(f"An {n};an@wit{n}.nl\n" for n in range(5)))
    run(desk)
    assert len(register.asked) == 2
    desk.clock.advance(timedelta(minutes=1))
    run(desk)
    assert (len(register.asked), states(desk).count("ready")) == (4, 1)


def test_what_is_known_already_uses_up_no_allowance(desk: Desk, register: Register) -> None:
    register.per_day = 1
    desk.bring(AN)
    run(desk)
    desk.bring(BO)
    assert run(desk).cached == 1


def test_who_asks_for_patience_is_left_in_peace_for_so_long(desk: Desk, register: Register) -> None:
    register.answer = lambda _lead: Unanswered("429", busy=True, wait=timedelta(hours=1))
    desk.bring(AN)
    run(desk)
    desk.clock.advance(timedelta(minutes=59))
    run(desk)
    assert len(register.asked) == 1
    desk.clock.advance(timedelta(minutes=1))
    run(desk)
    assert len(register.asked) == 2


def test_while_nobody_may_be_asked_nobody_rings(desk: Desk, register: Register) -> None:
    register.answer = lambda _lead: Unanswered("429", busy=True, wait=timedelta(hours=1))
    desk.bring(AN)
    run(desk)
    with desk.store.read() as connection:
        assert lookups.count_due(connection, ["register"], desk.clock.now(), 10) == 0
        assert lookups.next_due(connection, ["register"]) == NOW + timedelta(hours=1)


class Offended(Register):
    """Answers nothing more once it was asked about a certain domain, as one that forbids or redirects it."""

    def enrich(self, leads: Sequence[Lead]) -> list[Answer]:
        names = [lead.company_domain for lead in leads]
        until = names.index("wit.nl") if "wit.nl" in names else len(leads)
        return [KNOWS] * until + [Unanswered("forbidden", busy=True)] * (len(leads) - until)


def test_a_question_that_is_always_refused_holds_up_no_other_for_ever(desk: Desk) -> None:
    desk.enrichers["register"] = Offended()
    desk.enrich = ("company_from_email_domain", "register")
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\nBo Zwart;bo@zwart.nl\nCo Rood;co@rood.nl\n")
    for _ in range(4):
        runner(desk).run_batch(limit=2)
        desk.clock.advance(timedelta(days=1))
    assert states(desk) == ["ready", "done", "done"]


def test_an_outage_gives_up_no_question_however_long_it_is(desk: Desk, register: Register) -> None:
    register.answer = lambda _lead: Unanswered("nobody there", busy=True)
    desk.bring(AN)
    for _ in range(3 * MAX_ATTEMPTS):
        run(desk)
        desk.clock.advance(timedelta(hours=6))
    register.answer = lambda _lead: KNOWS
    assert run(desk).found == 1


def test_a_question_that_fails_is_asked_again_ever_later_and_given_up_at_last(
    desk: Desk, register: Register
) -> None:
    register.answer = lambda _lead: Unanswered("500")
    desk.bring(AN)
    waits = []
    for _ in range(MAX_ATTEMPTS):
        run(desk)
        (row,) = desk.rows(schema.lookup)
        waits.append(row["not_before"] - desk.clock.now())
        desk.clock.advance(timedelta(hours=6))
    assert (states(desk), waits[:3]) == (["failed"], [timedelta(minutes=n) for n in (1, 2, 4)])


def test_one_that_raises_disturbs_no_other_question(desk: Desk, register: Register) -> None:
    def moody(lead: Lead) -> Answer:
        if lead.company_domain == "wit.nl":
            raise ValueError("no white")
        return KNOWS

    register.answer = moody
    desk.bring(AN + "Bo Rood;bo@rood.nl\n")
    assert (run(desk).found, states(desk)) == (1, ["ready", "done"])


def test_a_worker_that_dies_while_it_asks_loses_nothing(desk: Desk, register: Register) -> None:
    desk.bring(AN)
    with desk.store.write() as connection:
        lookups.claim(connection, "register", NOW, limit=9, lease=LEASE, max_attempts=MAX_ATTEMPTS)
    assert run(desk) == Report()
    desk.clock.advance(LEASE + timedelta(seconds=1))
    assert run(desk).found == 1


def test_an_answer_to_a_question_of_yesterday_changes_nothing(desk: Desk, register: Register) -> None:
    register.needs = ("city",)
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Ede\n")

    def meanwhile(_lead: Lead) -> Answer:
        if len(register.asked) == 1:
            desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Wijchen\n")
            return Enrichment({"account.employees": "3"}, 0.9, "Ede")
        return KNOWS

    register.answer = meanwhile
    run(desk)
    assert (employees(desk), len(register.asked)) == ([40], 2)
