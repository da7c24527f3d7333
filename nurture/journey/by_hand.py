"""Somebody who knows better says which stage a contact is in; recorded, and held until evidence leads on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nurture.clock import Clock
from nurture.core.model import Contact, DecisionRecord, Lifecycle, Stage, Value
from nurture.core.stage import TOLD
from nurture.core.words import minute, on_one_line
from nurture.errors import NurtureError
from nurture.journey.picture import find_contact
from nurture.store import journey, records, snapshots
from nurture.store.engine import Store

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class ToldStage:
    """What was told: who went from which stage to which, and until when that holds; None: until evidence
    leads further."""

    contact: Contact
    before: Stage
    stage: Stage
    until: datetime | None


class StageTeller:
    """Sets stages by hand."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def tell(
        self,
        wanted: str,
        stage: Stage,
        because: str,
        *,
        until: datetime | timedelta | None = None,
        by: str = "",
    ) -> ToldStage:
        """Puts the contact that `wanted` names into a stage, forward or back.

        It holds until `until`, or until what they do from now on leads to a later stage; `because` and `by`,
        who tells it, are kept in their story. Raised when there is no such contact, or several; when they are
        a lead or junk; when `because` is empty or too long, or `until` has passed: NurtureError.
        """
        now, reason = self._clock.now(), " ".join(because.split())
        if not reason or len(reason) > LONGEST_REASON:
            raise NurtureError(
                f"because has {len(reason)} characters; from 1 to {LONGEST_REASON} are possible",
                hint="say in a sentence how you know",
            )
        held_until = now + until if isinstance(until, timedelta) else until
        if held_until is not None and held_until <= now:
            raise NurtureError(f"{held_until:%Y-%m-%d %H:%M} UTC has passed", hint="give a later --until")
        with self._store.write() as connection:
            contact_id = find_contact(connection, wanted)
            ((contact, _),) = snapshots.contacts_of(connection, [contact_id])
            if contact.lifecycle in (Lifecycle.LEAD, Lifecycle.JUNK):
                raise NurtureError(
                    f"{contact.name or contact.email or contact_id} is {contact.lifecycle}, and has no stage",
                    hint="people have a stage once they meet the data standard",
                )
            journey.tell_stage(connection, contact_id, stage, now, held_until)
            record = _record(contact.stage, stage, reason, held_until, on_one_line(by))
            records.add_records(connection, [(contact_id, record)], now)
        return ToldStage(contact, contact.stage, stage, held_until)


def _record(before: Stage, stage: Stage, reason: str, until: datetime | None, by: str) -> DecisionRecord:
    evidence: dict[str, Value] = {"from": before.value, "to": stage.value}
    if by:
        evidence["by"] = by
    if until is not None:
        evidence["until"] = until.isoformat()
    holds = "until what they do leads further" if until is None else f"until {minute(until)}"
    moves = f"from {before.value} to {stage.value}" if before is not stage else f"on in {stage.value}"
    told = f"told by hand by {by}" if by else "told by hand"
    return DecisionRecord(
        "stage_changed", f"{moves}, {told}: {reason}; holds {holds}", rule=TOLD, evidence=evidence
    )
