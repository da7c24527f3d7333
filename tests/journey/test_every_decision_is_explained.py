"""`nurture explain` tells every kind of decision in words that a salesperson understands.

The kinds come from the code, so that one without words fails here. The sentences are written out: they are
what a salesperson reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import sqlalchemy as sa

from nurture.core.assign import WAYS, Member, Roster, Wanted, assign
from nurture.core.model import Lifecycle, NoticeKind, Result, SignalClass, What
from nurture.core.profile import FitTerm
from nurture.core.telling import PHRASES, STANDING
from nurture.handover.answers import ANSWERS
from nurture.ingest import emails, match, normalise, phones, unusable
from nurture.journey import chapters, outward
from nurture.journey.story import chronicle
from nurture.settings import Purpose
from nurture.store import inbox, schema
from nurture.store.outbox import State
from nurture.store.personal import OF_PEOPLE
from tests.journey.everything import Firm, decided
from tests.world import MONDAY

DECISIONS: Mapping[What, tuple[str, str]] = {
    "sent": ("Tara", "is to get the message hello (orientation/welcome)"),
    "not_sent": ("Noor", "does not get the message hello now: there is no consent for marketing"),
    "went_on": ("Clara", 'goes on from read: clicked "hello" once'),
    "timed_out": ("Tara", "goes on from read: waited 1 day in vain"),
    "not_waited": ("Tara", "goes on from start: there is no date to wait for: begin"),
    "chosen": ("Tara", "goes on at fork by what is known: none of the other conditions holds"),
    "split": ("Tara", "is put into a group at lot, by chance: group"),
    "done": ("Tara", "comes by mark, where this is done: tag"),
    "not_done": ("Nadia", "comes by mark, where nothing can be done: no plugin has an action tag"),
    "goal_reached": ("Gita", 'reaches the goal tasted: submitted "tasting" once'),
    "track_ended": ("Tara", "is through with this stage of tour: nothing more to do in orientation"),
    "stopped": ("Loek", "is stopped in loop: 1000 steps without a wait"),
    "enrolled": ("Tara", 'enters tour: interests include "tour"'),
    "not_enrolled": ("Tara", "is not added to another campaign: is in news already"),
    "exited": ("Emma", 'leaves tour: submitted "stop" once'),
    "stage_changed": ("Fien", "goes from orientation to decision: a buying signal (submitted quote form)"),
    "promoted": (
        "Fien",
        "becomes a prospect: a buying signal (submitted quote form) and fit 70 of 50 needed",
    ),
    "handed_over": ("Fien", "is handed over to sales-nl: a buying signal (submitted quote form)"),
    "not_handed_over": ("Anke", "does not go to sales: sales has the contact already"),
    "disqualified": ("Stan", 'is disqualified: a school project: role is "student"'),
    "returned": ("Fien", "is a contact again: the date until which they were left alone has come"),
    "handover_assigned": (
        "Fien",
        "is given to a salesperson: hand-over 1 goes to Sanne: serves NL, next in turn, no hand-over open",
    ),
    "handover_reminded": ("Fien", "waits for an answer of sales: Sanne was reminded of hand-over 1, due"),
    "handover_escalated": (
        "Fien",
        "waits for an answer of sales in vain: Sanne has not answered in time, due "
        "Wed 4 Mar 2026, 15:05 (Europe/Amsterdam); Lies was told",
    ),
    "handover_reassigned": (
        "Nico",
        "is given to another salesperson: Joris has not answered in time, due "
        "Wed 4 Mar 2026, 15:05 (Europe/Amsterdam); Sanne: next in turn, 2 hand-overs open",
    ),
    "handover_accepted": ("Fien", "is taken by sales: Sanne accepted hand-over 1"),
    "handover_rejected": (
        "Nico",
        "is not taken by sales: Joris rejected hand-over 2: Does not fit what we offer; they are "
        "disqualified",
    ),
    "handover_asked": (
        "Anke",
        "is to tell more before sales takes them: Joris asks for more of hand-over 3: start; they are "
        "nurtured meanwhile",
    ),
    "handover_resumed": (
        "Anke",
        "is with sales again: hand-over 3 waits for an answer of Sanne again: Known now: start is now.",
    ),
    "handover_handed_back": (
        "Fien",
        "is given back by sales: Sanne handed back hand-over 1: Not now, later perhaps; they are left alone "
        "until 15 March 2026",
    ),
    "won": ("Anke", "is won: 2,400.00 EUR on 2026-03-17, told by Sanne: a customer from now on"),
    "lost": ("Emma", "is lost: on 2026-03-17, told by Sanne (too dear): lost from now on"),
    "outcome_kept": ("Anke", "stays where they are: lost, on 2026-03-"),
    "merged": ("Dirk", "was here twice: contact 17 (Dirk Jansen, dirk@dirk.nl) is the same person"),
    "account_merged": ("Ubbo", "works for a company that was here twice: account"),
    "account_unmerged": ("Ubbo", "works for a company that was not here twice: account"),
    "unmerged": ("Ubbo", "was not here twice: contacts 18 and 19 are two people after all"),
}
"""Kind → whom it was decided of, and what is told of it."""

BESIDE: Mapping[str, tuple[str | int, str]] = {
    "junk, and why": (2, "junk: no usable email or phone"),
    "what was wrong with it": (2, "not as it should be: email: it is only there to fill the field"),
    "a robot is junk": (1, "junk: a robot filled in the form"),
    "where a field came from": ("Fien", "country: NL; said in brochure (webform)"),
    "how sure an enricher is": ("Fien", "number of employees: 40; found by register, 60% sure"),
    "what an enricher found": (
        "Fien",
        "register: found number of employees (60% sure: the register says so)",
    ),
    "what an enricher did not find": ("Tara", "register: knows nothing"),
    "an enricher that has no answer": (
        "Nico",
        "register: gave no answer, and is not asked again: no such key",
    ),
    "a doubt who it is": (
        "Tip",
        "may be the same person as contact 18 (Ubbo Jansen, ubbo@ubbo.nl): the same",
    ),
    "the end of a doubt": ("Noor", "is another person than contact 18 (Ubbo Jansen, ubbo@ubbo.nl), as Sanne"),
    "somebody known came again": ("Anke", "told something new, recognised by the e-mail address: start"),
    "three colleagues": (
        "Max",
        "15 points of evidence, 10 needed (3 people of the firm visited /team within",
    ),
    "who the colleagues are": ("Max", "visited /team within 7 days: Mila Jansen, Mo Jansen, Max Jansen"),
    "a hit": ("Nico", '+30 budget: budget is "10k+"'),
    "a miss": ("Tara", '0 need: goal is "fun", not "more work"'),
    "an unknown": ("Tara", "? authority: unknown, ask on the next form (role); 20 points at stake"),
    "what a promotion saw": ("Fien", " (with what is only probably theirs), in decision"),
    "points that fade": ("Fien", "of 40 points"),
    "the half-life": ("Fien", "; points halve in 21 days"),
    "a cap": ("Clara", "opened: 3.4 points together, of which 3 count"),
    "a negative signal": ("Gita", "unsubscribed in hello, 2 days ago: -28.1 of -30 points"),
    "a machine": ("Clara", "visited /prices (a machine's, counts for nothing: names no user agent)"),
    "a doubtful signal": ("Clara", "opened hello (only probably a person's: names no user agent)"),
    "the settle time": ("Mo", "opened hello: counts 2 minutes after it happened"),
    "dormant": ("Tara", "dormant since 2026-03-12: nothing has come from them for a long time"),
    "a stage by hand": (
        "Staf",
        "goes from orientation to comparison, told by hand: asked at the fair; holds until "
        "2026-03-05 10:05 UTC",
    ),
    "a stage that went back": (
        "Staf",
        "goes back from comparison to orientation: comparison was told by hand on ",
    ),
    "why not promoted": ("Tara", "a prospect? not yet: fit is 30, below 50"),
    "a deadline": (
        "Fien",
        "hand-over 4: Sanne is to answer by 2026-03-17 18:15 UTC, and is reminded on 2026-03-17 17:15 UTC; "
        "after that whoever leads the team is told",
    ),
    "a note of sales": ("Fien", "note of sales: after the move"),
    "a channel that did": ("Fien", "Sanne was told by email that hand-over 1 is theirs"),
    "a channel that failed": (
        "Fien",
        "Sanne could not be told by webhook that hand-over 1 is theirs: it is closed; given up after 1 try",
    ),
    "the end of it, with its date": ("Anke", "2026-03-17 14:15  outcome   won, 2,400.00 EUR (told by Sanne)"),
    "an action outside": ("Tara", "ring, at crm of tour, failed so far: it is closed"),
    "other rules": ("Tara", "the profile was changed (version"),
    "a campaign that was changed": ("Loek", "they go on in it: not so fast"),
    "a consent": ("Tara", "agreed to mail for marketing (form brochure)"),
    "a basis": ("Staf", "gets mail for paper without having agreed: there is a contract"),
    "an unsubscription": ("Gita", "wants no mail for marketing (one-click"),
    "a consent to be confirmed": ("Tip", "is asked by mail to confirm mail for tips (form brochure), until"),
    "no mail at all": ("Emma", "gets no mail at all from now on: asked for no mail at all"),
    "in or out of a campaign": ("Tara", 'first: not in the audience: interests are "tour", without "first"'),
    "what comes": ("Tara", "looked at again on "),
}
"""What is no decision record, and must be told all the same."""


WANTED = Wanted("NL", None, "nl", "an@example.com", "owns Bakkerij De Vries")
ROSTER = Roster(
    (
        Member("An", "an@example.com", countries=frozenset({"BE"}), languages=frozenset({"fr"})),
        Member("Bo", "bo@example.com", countries=frozenset({"NL"}), languages=frozenset({"nl"})),
        Member("Cas", "cas@example.com", open_at_most=3),
    ),
    away={"an@example.com": date(2026, 3, 4)},
    waiting={"bo@example.com": 1, "cas@example.com": 3},
)
BECAUSE: Mapping[str, str] = {
    "owner": "Bo: next in turn, 1 hand-over open; An is away until 4 March; Cas has 3 hand-overs open, as "
    "many as they take",
    "territory": "Bo: serves NL, next in turn, 1 hand-over open",
    "language": "Bo: speaks nl, next in turn, 1 hand-over open",
    "least_loaded": "Bo: the fewest open, 1 hand-over open; An is away until 4 March; Cas has 3 hand-overs "
    "open, as many as they take",
    "round_robin": "Bo: next in turn, 1 hand-over open; An is away until 4 March; Cas has 3 hand-overs open, "
    "as many as they take",
}
"""Way of assigning → what is told of it, with absence and load."""

SILENT: Mapping[str, str] = {
    "account": "where its fields came from is told with the contact's",
    "contact": "the one who is told about",
    "identity": "by what they are found",
    "match_key": "hashes by which people who may be one are found",
    "former_contact": "the record of the merge tells it",
    "journey": "how they stand, and what comes",
    "enrolment": "where they are in each campaign",
    "preference": "each change is a signal",
}
"""Tables of people that the story has no line for, with the reason."""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    firm = Firm(Path(tmp_path_factory.mktemp("firm")) / "w")
    firm.live()
    yield firm
    firm.app.close()


@pytest.fixture(scope="module")
def known(firm: Firm) -> Mapping[str, set[int]]:
    return decided(firm)


# --- decisions ----------------------------------------------------------------------------------------


def test_every_kind_of_decision_has_its_words_and_its_example() -> None:
    assert set(get_args(What)) == set(PHRASES) == set(DECISIONS)


@pytest.mark.parametrize("what", DECISIONS)
def test_a_decision_is_told(firm: Firm, known: Mapping[str, set[int]], what: What) -> None:
    who, sentence = DECISIONS[what]
    assert firm.id(who) in known.get(what, ()), f"nothing was {what} of {who}"
    assert sentence in firm.told(who)


@pytest.mark.parametrize("name", BESIDE)
def test_what_decides_nothing_is_told_as_well(firm: Firm, name: str) -> None:
    who, sentence = BESIDE[name]
    assert sentence in firm.told(who)


@pytest.mark.parametrize("way", WAYS)
def test_the_words_say_by_which_way_somebody_in_sales_was_chosen(way: str) -> None:
    (given,), _ = assign([WANTED], [way], ROSTER)
    assert given.because == BECAUSE[way]


def test_after_the_records_are_deleted_hand_overs_still_tell_what_sales_said(firm: Firm) -> None:
    with firm.app.store.engine.connect() as connection:
        connection.execute(sa.delete(schema.decision))
        words = [one.words for one in chronicle(connection, firm.id("Fien")) if one.kind == "handover"]
        connection.rollback()
    assert words == [
        "hand-over 1 goes to sales-nl (Sanne): a buying signal (submitted quote form) and fit 70 of "
        "50 needed",
        "Sanne accepted hand-over 1",
        "Sanne handed back hand-over 1: Not now, later perhaps",
        "hand-over 4 goes to sales-nl (Sanne): the campaign hands everybody over at once-more",
    ]


def test_no_code_of_a_decision_is_read_out(firm: Firm, known: Mapping[str, set[int]]) -> None:
    people = set().union(*known.values())
    codes = {what for what in get_args(What) if "_" in what}
    told = "\n".join(firm.told(number) for number in people)
    assert [code for code in codes if code in told] == []


# --- every state of what goes out ---------------------------------------------------------------------


def row(**known: Any) -> SimpleNamespace:
    nothing = dict.fromkeys(("subject", "reply", "done_at", "message_id", "campaign", "step", "enricher"))
    more = {"id": 1, "created_at": MONDAY, "not_before": MONDAY, "occurrence": 1, "attempts": 8}
    return SimpleNamespace(**{**nothing, **more, "action": "ring", **known})


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_mail_is_told(state: State) -> None:
    (entry,) = outward.of_mails([row(campaign="tour", step="hello", state=state, reply="no")])
    assert entry.words.startswith(f"hello of tour {outward.MAILED[state]}")


@pytest.mark.parametrize("state", ["ready", "claimed", "done", "failed"])
@pytest.mark.parametrize("kind", [one for one in NoticeKind if one is not NoticeKind.WITHDRAWN])
def test_every_notice_is_told_whatever_became_of_it(kind: NoticeKind, state: str) -> None:
    given = row(state=state, kind=kind, channel="email", target={"name": "Sanne"}, handover_id=4)
    (entry,) = outward.of_notices([given])
    did = {"done": "was told by email", "failed": "could not be told by email"}
    assert entry.words.startswith(f"Sanne {did.get(state, 'is to be told by email')} that hand-over 4 ")


def test_every_standing_class_and_basis_has_words() -> None:
    assert (set(STANDING), set(chapters.DOUBTED)) == (set(Lifecycle), set(SignalClass) - {SignalClass.HUMAN})
    bases = get_args(Purpose.model_fields["basis"].annotation)
    assert {*chapters.BASES, "consent"} == set(bases)


def test_every_answer_and_every_end_is_a_kind_of_decision() -> None:
    assert {f"handover_{one}" for one in ANSWERS} | set(Result) <= set(get_args(What))


def test_every_term_of_sales_has_a_rule_that_is_told(firm: Firm) -> None:
    told = firm.told("Tara")
    assert [term for term in FitTerm if f" {term.words}: " not in told] == []


def test_every_state_of_a_record_has_words() -> None:
    states = {inbox.NEW, inbox.UNREADABLE, inbox.CONTACT, inbox.MERGED, inbox.JUNK, inbox.ERASED}
    assert set(chapters.BECAME) == states


@pytest.mark.parametrize("module", [emails, normalise, match, phones])
def test_every_code_of_what_cannot_be_used_has_words(module: Any) -> None:
    codes = {"MALFORMED", "TOO_LONG", "PLACEHOLDER", "DISPOSABLE", "NO_REPLY", "ROLE", "TAKEN", "UNKNOWN"}
    codes |= {"UNUSABLE", "NO_DATE", "ROBOT"}
    assert {getattr(module, name) for name in codes if hasattr(module, name)} <= set(unusable.WORDS)


def test_every_table_of_people_is_told_or_says_why_not() -> None:
    told = {
        *("inbox", "merge", "review", "consent", "former_consent", "opt_in", "signal", "decision", "outbox"),
        *("errand", "lookup", "handover", "notice", "outcome"),
    }
    assert told | set(SILENT) == set(OF_PEOPLE)
