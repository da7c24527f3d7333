"""Runs errands: claims due ones, lets their actions do them, and tries again later where that can help."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from nurture.clock import Clock
from nurture.core.model import Account, Change, Contact, Value
from nurture.core.plan import ActionPart
from nurture.core.schedule import retry_delay
from nurture.language.deeds import full_parameters
from nurture.logs import Log
from nurture.plug.contracts import Action, Errand, NoticeOutcome
from nurture.store import errands, snapshots
from nurture.store.engine import Store
from nurture.store.errands import ErrandResult, ErrandRow

MAX_ATTEMPTS = 8
REPLY_AT_MOST = 500
LEASE = timedelta(minutes=5)
AT_MOST = 10
"""Errands in one batch: they share one lease, and each may hang twice for ten seconds."""

People = Mapping[int, tuple[Contact, Account | None]]

log = Log(__name__)


class ErrandRunner:
    """Lets action plugins do what campaigns have ordered, each errand at least once."""

    def __init__(self, store: Store, clock: Clock, actions: Mapping[str, Action]) -> None:
        self._store = store
        self._clock = clock
        self._actions = actions

    def run_batch(self, limit: int = AT_MOST) -> int:
        """Tries up to `limit` due errands; answers with how many were tried."""
        now = self._clock.now()
        with self._store.write() as connection:
            token, claimed = errands.claim(
                connection, now, limit=limit, lease=LEASE, max_attempts=MAX_ATTEMPTS
            )
        if not claimed:
            return 0
        with self._store.read() as connection:
            found = snapshots.contacts_of(connection, [row.contact_id for row in claimed])
        people = {person.id: (person, account) for person, account in found}
        results: list[ErrandResult] = []
        in_order = sorted(claimed, key=lambda row: (row.action, row.id))
        for name, rows in groupby(in_order, key=lambda row: row.action):
            results += self._run(name, list(rows), people)
        with self._store.write() as connection:
            errands.finish(connection, token, results)
        return len(claimed)

    def _run(self, name: str, rows: Sequence[ErrandRow], people: People) -> Iterable[ErrandResult]:
        action = self._actions.get(name)
        if action is None:
            problem = NoticeOutcome(False, True, f"no plugin has an action {name}")
            outcomes = [problem] * len(rows)
        else:
            outcomes = _done_by(action, rows, people)
        now = self._clock.now()
        for row, outcome in zip(rows, outcomes, strict=True):
            result = _result(row, outcome, now)
            if result.state == "failed":
                log.error("an errand failed", action=name, errand=row.id, step=row.step, reply=result.reply)
            yield result


def action_parts(actions: Mapping[str, Action]) -> dict[str, ActionPart]:
    """What the core needs of the actions."""
    return {name: ActionPart(_changes_of(action), action.runs) for name, action in actions.items()}


def _changes_of(action: Action) -> Callable[[Mapping[str, Value], Contact], Sequence[Change]]:
    def changes(parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        return action.changes(_complete(action, parameters), contact)

    return changes


def _complete(action: Action, parameters: Mapping[str, Value]) -> dict[str, Value]:
    model = action.parameters.model_validate(full_parameters(action.parameters, parameters))
    return model.model_dump()


def _done_by(action: Action, rows: Sequence[ErrandRow], people: People) -> list[NoticeOutcome]:
    """An outcome for each; what an action told before it raised counts, and the others are tried alone."""
    outcomes: list[NoticeOutcome] = []
    try:
        for outcome in action.run([_errand(action, row, people) for row in rows]):
            if not isinstance(outcome, NoticeOutcome):
                raise TypeError(f"it told {outcome!r}, which is no NoticeOutcome")
            outcomes.append(outcome)
        if len(outcomes) == len(rows):
            return outcomes
        said = f"it told of {len(outcomes)} errands instead of {len(rows)}"
        outcomes = []
    except Exception as error:
        # An action is somebody else's code: whatever it raises is one failed attempt, no more.
        said = f"{type(error).__name__}: {error}"
    log.error("an action failed", action=action.name, error=said)
    if len(rows) == 1:
        return [NoticeOutcome(False, True, said)]
    # One of them may be the reason: alone, it fails without the others.
    alone = [_done_by(action, [row], people)[0] for row in rows[len(outcomes) :]]
    return outcomes[: len(rows)] + alone


def _errand(action: Action, row: ErrandRow, people: People) -> Errand:
    contact, account = people[row.contact_id]
    return Errand(row.key, row.campaign, row.step, _complete(action, row.parameters), contact, account)


def _result(row: ErrandRow, outcome: NoticeOutcome, now: datetime) -> ErrandResult:
    # What somebody else's server said may hold anything, also what a database takes in no text.
    reply = "".join(c if c.isprintable() else " " for c in outcome.reply)[:REPLY_AT_MOST]
    if outcome.done:
        return ErrandResult(row.id, "done", now, reply, now)
    if not outcome.again or row.attempts >= MAX_ATTEMPTS:
        return ErrandResult(row.id, "failed", now, reply, now)
    return ErrandResult(row.id, "ready", now + retry_delay(row.attempts), reply, None)
