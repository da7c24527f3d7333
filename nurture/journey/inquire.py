"""Answers questions about one contact: why something did not happen, and when it will."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from nurture.clock import Clock
from nurture.core.model import Contact
from nurture.core.obstacles import Case
from nurture.core.question import Question, read_question
from nurture.core.whynot import Answer, why_not
from nurture.journey.explain import find_contact
from nurture.journey.picture import Picture, picture_of
from nurture.journey.plans import PlanBook
from nurture.store.engine import Store
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment that the answers are of, and the clock that their times are told by, with whose it is."""

    at: datetime
    zone: str
    whose: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What was asked about one contact, answered."""

    contact: Contact
    as_of: AsOf
    why_not: Answer | None


class Inquirer:
    """Answers `explain --why-not`. It only reads, a fixed number of queries whatever is asked."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._signer = signer

    def ask(self, wanted: str, *, why_not: str | None = None) -> Inquiry:
        """What `why_not` asks about the contact that `wanted` names.

        Raised when there is no such contact, campaign or step, or more than one: NurtureError.
        """
        with self._store.read() as connection:
            contact_id = find_contact(connection, wanted)
            picture = picture_of(connection, contact_id, self._plans, self._signer)
        question = None if why_not is None else read_question(why_not, picture.known)
        zone, whose = picture.zone(question.campaign if question else None)
        as_of = AsOf(self._clock.now(), zone.key, whose)
        answer = None if question is None else answer_of(picture, question, as_of.at, zone)
        return Inquiry(picture.snapshot.contact, as_of, answer)


def answer_of(picture: Picture, question: Question, now: datetime, zone: tzinfo) -> Answer:
    """Why what is asked after did not happen, on a picture."""
    case = Case(
        snapshot=picture.snapshot,
        plan=picture.plan,
        now=now,
        due=picture.due,
        zone=zone,
        kept=picture.kept,
        mails=picture.mails,
        stuck=picture.stuck,
    )
    return why_not(case, question)
