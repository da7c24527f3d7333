"""Answers questions about one contact: why something did not happen and when it will, why they stand so."""

from __future__ import annotations

from dataclasses import dataclass

from nurture.clock import Clock
from nurture.core.model import Contact
from nurture.core.obstacles import Case
from nurture.core.question import read_question
from nurture.core.whynot import Answer
from nurture.core.whynot import why_not as answer
from nurture.core.whystage import WhyStage
from nurture.core.whystage import why_stage as explain_stage
from nurture.journey.plans import PlanBook
from nurture.journey.seeing import AsOf, Seen, see
from nurture.store import pasts
from nurture.store.engine import Store
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What was asked about one contact, answered."""

    contact: Contact
    as_of: AsOf
    why_not: Answer | None
    why_stage: WhyStage | None
    external_id: str | None = None
    """What another system calls them."""


class Inquirer:
    """Answers `explain --why-not` and `--why-stage`. It only reads: a fixed number of queries."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._signer = signer

    def ask(
        self, wanted: str, *, why_not: str | None = None, why_stage: bool = False, at: str | None = None
    ) -> Inquiry:
        """What is asked about the contact that `wanted` names, as of `at`.

        Raised when there is no such contact, campaign or step, or more than one, or when they were not known
        yet: NurtureError; when `at` or `why_not` is not understood: QuestionError.
        """
        now = self._clock.now()
        with self._store.read() as connection:
            seen = see(connection, wanted, at, now, self._plans, self._signer)
            external_id = pasts.external_ids(connection, [seen.contact_id]).get(seen.contact_id)
        case = _case(seen)
        question = None if why_not is None else read_question(why_not, seen.picture.known)
        return Inquiry(
            contact=seen.picture.snapshot.contact,
            as_of=seen.as_of,
            why_not=None if question is None else answer(case, question),
            why_stage=explain_stage(case) if why_stage else None,
            external_id=external_id,
        )


def _case(seen: Seen) -> Case:
    picture = seen.picture
    return Case(
        snapshot=picture.snapshot,
        plan=picture.plan,
        now=seen.as_of.at,
        due=picture.due,
        zone=seen.zone,
        kept=picture.kept,
        mails=picture.mails,
        stuck=picture.stuck,
    )
