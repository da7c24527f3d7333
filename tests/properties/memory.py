"""Campaigns from their texts, and lives played in memory: the core decides, and what happens is put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from nurture.core.campaign import Campaign
from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import Contact, Lifecycle, Send, Signal, SignalClass, Snapshot
from nurture.core.plan import ActionPart, Plan
from nurture.core.profile import Profile
from nurture.language.workspace import Compiled, Known, load_documents
from tests.properties.author import PROFILE, Doc, yaml
from tests.properties.looks import Looks
from tests.properties.oracle import Mail
from tests.properties.people import DAY, Event, Person


@dataclass(frozen=True)
class World:
    """Campaigns that the checker has let through, and the plan that they make."""

    docs: Sequence[Doc]
    plan: Plan


def write(folder: Path, docs: Sequence[Doc]) -> None:
    """The files of a workspace's campaigns: these and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.yaml"):
        file.unlink()
    (folder / "profile.yaml").write_text(PROFILE, encoding="utf-8")
    for doc in docs:
        (folder / f"{doc['name']}.yaml").write_text(yaml(doc), encoding="utf-8")


def read(folder: Path, docs: Sequence[Doc], known: Known, today: date) -> Compiled:
    write(folder, docs)
    return load_documents(folder, known=known, today=today)


def world(
    folder: Path, docs: Sequence[Doc], known: Known, actions: Mapping[str, ActionPart], today: date
) -> World | None:
    """The world of these campaigns; None where the checker refuses one of them."""
    compiled = read(folder, docs, known, today)
    if compiled.errors:
        return None
    profile: Profile = compiled.profiles[0].profile
    campaigns: dict[int, Campaign] = {
        number: replace(each.campaign, version_id=number) for number, each in enumerate(compiled.campaigns, 1)
    }
    return World(docs, Plan(profile, campaigns, tuple(campaigns), actions=actions))


def live(plan: Plan, person: Person, start: datetime, end: datetime, looks: Looks) -> list[Mail]:
    """One life from `start` to `end`: looked at when something happens, and when a decision asked for it."""
    snapshot, mails = born(person, start), list[Mail]()
    due: datetime | None = start
    waiting = list(person.events)
    while True:
        happens = waiting[0].at if waiting else None
        moments = [moment for moment in (due, happens) if moment is not None]
        if not moments or min(moments) >= end:
            return mails
        now = min(moments)
        while waiting and waiting[0].at <= now:
            snapshot = happen(snapshot, waiting.pop(0))
        decision = decide(snapshot, plan, now)
        looks.take(snapshot, decision, now)
        mails += [
            Mail(person.id, effect.campaign, effect.step, effect.occurrence, effect.lap, now, now)
            for effect in decision.effects
            if isinstance(effect, Send)
        ]
        snapshot, due = apply(snapshot, decision, now), decision.next_at


def born(person: Person, now: datetime) -> Snapshot:
    contact = Contact(
        id=person.id,
        created_at=now,
        email=person.email,
        name="An Jansen",
        country=person.country,
        timezone=person.zone,
        interests=person.interests,
        answers=dict(person.answers),
        lifecycle=Lifecycle.CONTACT,
    )
    return Snapshot(contact, consents=frozenset({"marketing"} if person.consent else ()))


def happen(of: Snapshot, event: Event) -> Snapshot:
    if event.what == "agreed":
        return replace(of, consents=frozenset({"marketing"}))
    if event.what == "suppressed":
        return replace(of, suppressed=True)
    if event.what == "answered":
        if not of.open_handover:
            return of
        resting = replace(of.contact, lifecycle=Lifecycle.RECYCLED, recycle_at=event.at + 3 * DAY)
        return replace(of, contact=resting, open_handover=False, rejected_at=event.at)
    classed = SignalClass.PROBABLE if event.what == "opened" else SignalClass.HUMAN
    signal = Signal(len(of.signals) + 1, of.contact.id, event.what, event.at, dict(event.data), classed)
    consents = frozenset() if event.what == "unsubscribed" else of.consents
    return replace(of, signals=(*of.signals, signal), consents=consents)
