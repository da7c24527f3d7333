"""Answers questions about one contact: why something did not happen, and when it will."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from nurture.clock import Clock
from nurture.core.model import Contact
from nurture.core.obstacles import Case
from nurture.core.question import Question, read_question
from nurture.core.whynot import Answer, why_not
from nurture.journey.picture import Picture
from nurture.journey.plans import PlanBook
from nurture.journey.seeing import AsOf, see
from nurture.store.engine import Store
from nurture.tokens import Signer


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

    def ask(self, wanted: str, *, why_not: str | None = None, at: str | None = None) -> Inquiry:
        """What `why_not` asks about the contact that `wanted` names, as of `at`.

        Raised when there is no such contact, campaign or step, or more than one, or when they were not known
        yet: NurtureError; when `at` or `why_not` is not understood: QuestionError.
        """
        now = self._clock.now()
        with self._store.read() as connection:
            seen = see(connection, wanted, at, now, self._plans, self._signer)
        picture = seen.picture
        question = None if why_not is None else read_question(why_not, picture.known)
        answer = None if question is None else answer_of(picture, question, seen.as_of.at, seen.zone)
        return Inquiry(picture.snapshot.contact, seen.as_of, answer)


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
