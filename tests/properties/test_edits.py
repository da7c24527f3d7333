"""Campaigns are edited, taken back, stopped and started again while people are under way in them.

Through the real store, on both databases: nobody gets a step twice, nobody is stranded, nobody is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.errors import CampaignError
from nurture.store import schema
from tests.properties.author import Doc
from tests.properties.editor import Editor, steps_of
from tests.properties.memory import read
from tests.properties.oracle import Mail, Oracle, Rules
from tests.properties.people import DAY, SPRING, every_step, person
from tests.properties.production import Production

PEOPLE = 25
ROUNDS = 8
WORLD = "town"


class Newsroom:
    """A firm whose campaigns are edited all the time; what is live is kept apart from the database."""

    def __init__(self, office: App, folder: Path, url: str, seed: int) -> None:
        self.random = Random(f"edits {seed}")
        self.editor = Editor(self.random)
        self.office = office
        self.drafts = folder / "drafts"
        start, length = SPRING
        docs = self._first()
        people = [person(self.random, number, docs, start, length, WORLD) for number in range(1, PEOPLE + 1)]
        self.firm = Production(folder / "w", url, docs, people, start)
        self.standing: dict[str, list[Doc | None]] = {doc["name"]: [doc] for doc in docs}
        self.looped: set[str] = set()
        self.did: list[str] = []
        self._note_loops(docs)
        # Policies stay as they are.
        self.oracle = Oracle(docs, people)

    def _first(self) -> list[Doc]:
        while True:
            docs = self.editor.author.campaigns(3, WORLD, one_cap=True)
            if not self._errors(docs):
                return docs

    def _errors(self, docs: list[Doc]) -> bool:
        return bool(read(self.drafts, docs, self.office.known(), SPRING[0].date()).errors)

    @property
    def live(self) -> dict[str, Doc]:
        """What is live, by what was done."""
        return {name: docs[-1] for name, docs in self.standing.items() if docs[-1] is not None}

    # --- what is done ---------------------------------------------------------------------------------

    def round(self) -> None:
        self.firm.run(self.firm.clock.now() + timedelta(hours=self.random.randint(1, 100)))
        before = self.places()
        way, done = self.random.random(), len(self.did)
        if way < 0.2:
            self._take_back()
        elif way < 0.3:
            self._stop_or_start()
        else:
            self._edit()
        self.firm.oracle.rules = {name: Rules(doc) for name, doc in self.live.items()}
        assert self.wrongs(before) == []
        if self.did[done:] not in ([], ["refused"]):
            assert self._asleep() == []

    def _edit(self) -> None:
        name = self.random.choice(list(self.live))
        before = self.live[name]
        for _ in range(10):
            after = self.editor.edited(before, [other for other in self.live if other != name])
            others = [doc for doc in self.live.values() if doc is not before]
            if after != before and not self._errors([*others, after]):
                self._publish(name, before, after)
                return

    def _publish(self, name: str, before: Doc, after: Doc) -> None:
        forgets = self.random.random() < 0.2 and "moved" in after
        if forgets:
            after.pop("moved")
        self.firm.write([*(doc for doc in self.live.values() if doc is not before), after])
        if self._stand_on(name, before, after) and forgets:
            with pytest.raises(CampaignError, match="which is gone"):
                self.firm.app.publish()
            self.did.append("refused")
            return
        self.firm.app.publish()
        self.editor.learn(before, after)
        self.standing[name].append(after)
        self._note_loops([after])
        self.did.append("edited")

    def _stand_on(self, name: str, before: Doc, after: Doc) -> bool:
        """Whether somebody stands on a step that the edition lacks."""
        there = {step["id"] for step in steps_of(after)}
        gone = {step["id"] for step in steps_of(before)} - there
        return any(
            place.campaign == name and place.state == "active" and place.step in gone
            for place in self.places().values()
        )

    def _take_back(self) -> None:
        name = self.random.choice(list(self.standing))
        if len(self.standing[name]) > 1:
            self.standing[name].pop()
            self.firm.app.publisher.undo(name)
            self.did.append("taken back")

    def _stop_or_start(self) -> None:
        name = self.random.choice(list(self.standing))
        docs = self.standing[name]
        if docs[-1] is not None and len(self.live) > 1:
            docs.append(None)
            self.did.append("stopped")
        elif docs[-1] is None:
            docs.append(next(doc for doc in reversed(docs) if doc is not None))
            self.did.append("started")
        if self._errors(list(self.live.values())):
            docs.pop()
            return
        self.firm.write(list(self.live.values()))
        self.firm.app.publish()

    def _note_loops(self, docs: list[Doc]) -> None:
        for doc in docs:
            self.looped |= {self.editor.name(step) for step in Rules(doc).laps}

    # --- what must hold -------------------------------------------------------------------------------

    def places(self) -> dict[int, Any]:
        """Every enrolment, by its id."""
        with self.firm.app.store.read() as connection:
            return {row.id: row for row in connection.execute(sa.select(schema.enrolment))}

    def wrongs(self, before: dict[int, Any]) -> list[str]:
        """Whatever a publication has done to people that it must not do."""
        return [*self._lost(before), *self._stranded()]

    def _lost(self, before: dict[int, Any]) -> Iterator[str]:
        kept = ("contact_id", "campaign", "occurrence", "track", "state", "lap", "entered_at")
        after = self.places()
        if before.keys() != after.keys():
            yield f"enrolments came or went: {sorted(before.keys() ^ after.keys())}"
        for number, old in before.items():
            new = after[number]
            if any(getattr(old, name) != getattr(new, name) for name in kept):
                yield f"{old} became {new}"
            if not set(old.done) <= set(new.done):
                yield f"forgotten: {set(old.done) - set(new.done)} of {old}"

    def _asleep(self) -> list[int]:
        """Contacts who are not looked at again at once, though what they are to get may have changed."""
        journey, now = schema.journey.c, self.firm.clock.now()
        late = sa.or_(journey.due_at.is_(None), journey.due_at > now)
        query = sa.select(journey.contact_id).where(journey.lifecycle == "contact", late)
        with self.firm.app.store.read() as connection:
            return list(connection.execute(query).scalars())

    def _stranded(self) -> Iterator[str]:
        with self.firm.app.store.read() as connection:
            versions = dict(
                connection.execute(sa.select(schema.campaign.c.name, schema.campaign.c.version_id)).all()
            )
        for place in self.places().values():
            doc = self.live.get(place.campaign)
            if doc is None or place.state != "active":
                continue
            if place.version_id != versions[place.campaign]:
                yield f"{place} is in a version that is not live"
            track = {step["id"] for step in every_step(doc["stages"].get(place.track, []))}
            if place.step is not None and place.step not in track:
                yield f"{place} stands on no step of its track"

    def end(self) -> list[str]:
        """What is wrong when all has come to rest."""
        mails = self.firm.mails()
        return [*self._repeated(mails), *self._unheard(), *self._unruly(mails), *self.firm.looks.wrongs]

    def _repeated(self, mails: list[Mail]) -> Iterator[str]:
        """Mails, and errands that actions run outside."""
        errand = schema.errand.c
        columns = (errand.contact_id, errand.campaign, errand.step, errand.occurrence, errand.lap)
        with self.firm.app.store.read() as connection:
            errands = [tuple(row) for row in connection.execute(sa.select(*columns))]
        sent = [(mail.contact, mail.campaign, mail.step, mail.occurrence, mail.lap) for mail in mails]
        seen = set()
        for contact, campaign, step, occurrence, lap in sent + errands:
            name = self.editor.name(step)
            key = (contact, campaign, name, occurrence, lap if name in self.looped else 0)
            if key in seen:
                yield f"contact {contact}: {step} of {campaign} again ({name}, time {occurrence}, lap {lap})"
            seen.add(key)

    def _unheard(self) -> Iterator[str]:
        """Nobody waits for what never comes: who stands on a step is looked at, or gets no mail."""
        place, journey = schema.enrolment.c, schema.journey.c
        query = (
            sa.select(place.contact_id, place.campaign, place.step, journey.due_at, journey.stuck)
            .join(schema.journey, journey.contact_id == place.contact_id)
            .where(place.state == "active", place.step.is_not(None), journey.lifecycle == "contact")
        )
        with self.firm.app.store.read() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            doc = self.live.get(row.campaign)
            step = next((each for each in steps_of(doc) if each["id"] == row.step), {}) if doc else {}
            if doc is not None and row.due_at is None and "send" not in step:
                yield f"{row} is never looked at again"
            if row.stuck is not None:
                yield f"{row} is stuck"

    def _unruly(self, mails: list[Mail]) -> Iterator[str]:
        for number, somebody in self.oracle.people.items():
            theirs = [mail for mail in mails if mail.contact == number]
            yield from self.oracle.windows(somebody, theirs)
            yield from self.oracle.caps(somebody, theirs)


@pytest.mark.parametrize("seed", [1])
def test_no_edit_repeats_a_step_and_nobody_is_stranded_or_lost(
    office: App, tmp_path: Path, database_url: str, seed: int
) -> None:
    room = Newsroom(office, tmp_path, database_url, seed)
    for _ in range(ROUNDS):
        room.round()
    room.firm.run(room.firm.clock.now() + 20 * DAY)
    wrongs = room.end()
    room.firm.close()
    assert wrongs == []
