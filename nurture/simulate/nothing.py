"""Who got no mail at all, and the real reason: what the engine itself says of them at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from nurture.core.assess import measure
from nurture.core.campaign import Campaign
from nurture.core.consent import may_send
from nurture.core.model import Enrolment, EnrolmentState, Lifecycle, Snapshot
from nurture.core.plan import Plan
from nurture.journey.advance import gather
from nurture.simulate.shard import ShardRun
from nurture.store import outbox, records, schema
from nurture.store.bulk import among, chunks

GROUP = 1_000

_TELLING = ("not_sent", "disqualified", "promoted")
_FATES = {"failed": "could not be delivered", "withheld": "was withheld", "ready": "still waits"}


def reasons_of(run: ShardRun, contact_ids: Sequence[int]) -> dict[int, str]:
    """Contact id → why no mail of any campaign reached them."""
    reasons: dict[int, str] = {}
    for ids in chunks(list(contact_ids), GROUP):
        with run.app.store.read() as connection:
            found, plan = gather(connection, ids, run.app.plans, run.app.signer)
            last = _last_records(connection, ids)
            failed = _failed(connection, ids)
        campaign = next(one for one in plan.live_campaigns if one.name == run.task.campaign)
        for snapshot in found:
            person = snapshot.contact.id
            reasons[person] = failed.get(person) or _reason(
                run, snapshot, plan, campaign, last.get(person, {})
            )
    return reasons


def _reason(
    run: ShardRun, snapshot: Snapshot, plan: Plan, campaign: Campaign, last: Mapping[str, str]
) -> str:
    lifecycle = snapshot.contact.lifecycle
    if lifecycle is Lifecycle.DISQUALIFIED:
        return f"disqualified: {last.get('disqualified', 'by sales')}"
    if lifecycle is not Lifecycle.CONTACT:
        return f"with sales before the first mail: {last.get('promoted', lifecycle.value)}"
    active = [one for one in snapshot.enrolments if one.state is EnrolmentState.ACTIVE]
    if active or snapshot.enrolments:
        permission = may_send(snapshot, campaign.purpose, lifecycle)
        if not permission.allowed:
            return f"no mail may go out: {permission.reason}"
        return last.get("not_sent") or _waits(active)
    found = measure(snapshot, plan.profile, plan.signal_rules, plan.rules, run.clock.now())
    audience = campaign.audience.evaluate(found.facts.within(campaign, None))
    if audience.matched is not True:
        return f"not in the audience of {campaign.name}: {audience.reason}"
    if campaign.entries:
        return f"in the audience of {campaign.name}, but nothing let them in: no signal or date came"
    return f"in the audience of {campaign.name}, but never enrolled"


def _waits(active: Sequence[Enrolment]) -> str:
    places = ", ".join(f"{one.campaign}/{one.step or 'the end of its track'}" for one in active)
    return f"waits at {places}" if places else "left the campaign before the first mail"


def _last_records(connection: sa.Connection, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    # Later records of a kind overwrite earlier ones.
    for told in records.told(connection, ids, _TELLING):
        found.setdefault(told.contact_id, {})[told.record.what] = told.record.reason
    return found


def _failed(connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    table = schema.outbox
    # Along the unique index that begins with the contact; the first mail's fate is the one told.
    rows = connection.execute(
        sa.select(table.c.contact_id, table.c.state, table.c.reply)
        .where(among(connection, table.c.contact_id, ids), table.c.state != outbox.State.SENT)
        .order_by(table.c.id.desc())
    )
    return {person: f"their mail {_FATES.get(state, state)}: {reply}" for person, state, reply in rows}
