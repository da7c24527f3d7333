"""What a form should ask next: of whom we know what is still unknown, of others all that fit rules need."""

from __future__ import annotations

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.assess import measure
from nurture.core.consent import TRACKING
from nurture.core.expression import UNKNOWN, Known
from nurture.core.qualify import open_questions
from nurture.journey.advance import gather
from nurture.journey.plans import PlanBook
from nurture.store import consents
from nurture.store.engine import Store
from nurture.store.former import now_known_as
from nurture.tokens import Signer


class Asker:
    """Answers with names of form fields, and never with anything that is known of a person."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._signer = signer

    def ask(self, contact_id: int | None) -> tuple[str, ...]:
        """The fields, the most telling first.

        All of them for None, and for somebody who is gone or refuses to be followed.
        """
        with self._store.read() as connection:
            profile = self._plans.profile(connection)
            if profile is None:
                return ()
            if contact_id is not None and (found := self._of(connection, contact_id)) is not None:
                return found
        return tuple(one.field for one in open_questions(profile, _Nobody()))

    def _of(self, connection: sa.Connection, contact_id: int) -> tuple[str, ...] | None:
        known_as = now_known_as(connection, [contact_id]).get(contact_id, contact_id)
        if TRACKING in consents.refused_of(connection, [known_as]).get(known_as, ()):
            return None
        snapshots, plan = gather(connection, [known_as], self._plans, self._signer)
        if not snapshots:
            return None
        now = self._clock.now()
        facts = measure(snapshots[0], plan.profile, plan.signal_rules, plan.rules, now).facts
        return tuple(one.field for one in open_questions(plan.profile, facts))


class _Nobody:
    """The facts of somebody of whom nothing is known."""

    def lookup(self, path: tuple[str, ...]) -> Known:
        """Nothing."""
        return UNKNOWN

    def history(self, kind: str, what: str | None, within: object) -> int:
        """Never."""
        return 0

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        """What no rule could say."""
        return UNKNOWN
