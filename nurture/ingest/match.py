"""Whose record is it? The people that a batch of records is about, known ones and new ones alike.

By external id, then e-mail address, then telephone number, inside the batch too. What recognises a person is
never taken away from them by a later record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nurture.core.likeness import Verdict, compare
from nurture.core.model import ImportedSignal, Lead, Lifecycle
from nurture.core.provenance import ALL_ELSE, Origin, Origins, origin_of
from nurture.ingest.merge import Changes, combine, value_of, with_values
from nurture.ingest.names import names_differ
from nurture.ingest.normalise import RECORD
from nurture.ingest.traits import traits_of
from nurture.store.inbox import Item
from nurture.store.people import Identity, KnownPerson

TAKEN = "taken"
"""The problem of an e-mail address that is somebody else's."""

ITSELF = "itself"
"""In `matched_by`: the record was sorted before and is tried again."""

VISITOR = "visitor"
"""In `matched_by`: whoever sent the form had come by this contact's link, and named nobody."""


@dataclass(slots=True)
class Merged:
    """One record that joined a person who was there."""

    item: Item
    matched_by: str
    changes: Changes


@dataclass(slots=True)
class Person:
    """One person in the work of a batch. `before` is None for a new one, whose `id` is 0 until it is made."""

    lead: Lead
    source: str
    id: int = 0
    account_id: int | None = None
    before: Lifecycle | None = None
    changed: bool = False
    items: list[Item] = field(default_factory=list)
    claims: list[Identity] = field(default_factory=list)
    merges: list[Merged] = field(default_factory=list)
    consents: dict[str, Item] = field(default_factory=dict)
    signals: list[tuple[Item, ImportedSignal]] = field(default_factory=list)
    missing: str | None = None
    origins: Origins = field(default_factory=dict)
    found: Origins = field(default_factory=dict)

    def origin(self, name: str) -> Origin:
        """Where the value of a field came from; what is said of the company comes from the newest record."""
        if name in self.found:
            return self.found[name]
        if name.startswith("account."):
            return Origin(self.items[-1].id if self.items else None)
        return origin_of(name, self.origins)

    @property
    def said_company(self) -> str | None:
        """The company that they named themselves."""
        return None if self.origin("company").is_found else self.lead.company

    @property
    def rests(self) -> bool:
        """Not a contact yet: the data standard still has to be met."""
        return self.before is None or self.before in (Lifecycle.LEAD, Lifecycle.JUNK)


def identities_of(lead: Lead) -> list[Identity]:
    """By what a lead can be recognised, the surest first; a robot's record is nobody's."""
    if RECORD in lead.problems:
        return []
    found: list[Identity] = [(f"external:{system}", value) for system, value in lead.external_ids]
    if lead.email:
        found.append(("email", lead.email))
    if lead.phone:
        found.append(("phone", lead.phone))
    return found


class People:
    """The people of one batch. `known` are those whose identities, or whose earlier items, are in it."""

    def __init__(self, known: Iterable[KnownPerson], owners: Mapping[Identity, int]) -> None:
        self._by_id = {one.id: known_person(one) for one in known}
        self._owner = {
            identity: self._by_id[contact_id]
            for identity, contact_id in owners.items()
            if contact_id in self._by_id
        }
        self._new: list[Person] = []

    def all(self) -> list[Person]:
        """Everybody whom a record of this batch tells of."""
        return [*(person for person in self._by_id.values() if person.items), *self._new]

    def take(
        self, item: Item, lead: Lead, identities: Sequence[Identity], visitor: int | None = None
    ) -> Person:
        """Finds or makes the person that the record is about, and adds what it tells.

        `identities` are `identities_of(lead)`. `visitor` is the contact by whose link somebody came who sent
        it: theirs it is where it names nobody itself.
        """
        person, matched_by = self._match(item, lead, identities)
        if person is None and not identities and RECORD not in lead.problems and visitor is not None:
            person, matched_by = self._by_id.get(visitor), VISITOR
        if person is None:
            person = Person(lead, item.source, changed=True, origins={ALL_ELSE: Origin(item.id)})
            self._new.append(person)
        else:
            self._join(person, item, lead, matched_by)
        person.items.append(item)
        for identity in identities:
            if identity not in self._owner:
                self._owner[identity] = person
                person.claims.append(identity)
        self._note(person, item, lead)
        return person

    def _match(self, item: Item, lead: Lead, identities: Iterable[Identity]) -> tuple[Person | None, str]:
        if item.contact_id is not None and (person := self._by_id.get(item.contact_id)):
            return person, ITSELF
        for identity in identities:
            person = self._owner.get(identity)
            # Mailboxes and telephones are shared, and ids of two systems can collide.
            if person is not None and _is_theirs(identity, person, lead):
                return person, identity[0]
        return None, ""

    def _join(self, person: Person, item: Item, lead: Lead, matched_by: str) -> None:
        owner = self._owner.get(("email", lead.email)) if lead.email else None
        if owner is not None and owner is not person:
            lead = with_values(lead, {"email": None, "problems": {**lead.problems, "email": TAKEN}})
        before = person.lead
        only_gaps = matched_by in (ITSELF, VISITOR)
        found = [name for name, origin in person.origins.items() if origin.is_found]
        person.lead, changes = combine(before, lead, only_gaps=only_gaps, unsaid=found)
        # What was found and is said now is not a guess any more, also where it was right.
        said = [*changes, *(name for name in found if value_of(lead, name) is not None)]
        person.origins.update(dict.fromkeys(said, Origin(item.id)))
        person.changed = person.changed or person.lead is not before or bool(said)
        if changes or matched_by != ITSELF:
            person.merges.append(Merged(item, matched_by, changes))

    def _note(self, person: Person, item: Item, lead: Lead) -> None:
        for purpose in lead.consents:
            person.consents.setdefault(purpose, item)
        if lead.signals and item.contact_id is None:
            person.signals.extend((item, signal) for signal in lead.signals)


def known_person(known: KnownPerson) -> Person:
    """Somebody who is there already."""
    before = known.lifecycle
    return Person(known.lead, "", known.id, known.account_id, before, origins=dict(known.origins))


def _is_theirs(identity: Identity, person: Person, lead: Lead) -> bool:
    if identity[0].startswith("external:"):
        return not _contradict(person.lead, lead)
    if person.lead.name == lead.name and (lead.phone is None or person.lead.phone in (None, lead.phone)):
        # Most are: nothing that differs could say that these are two.
        return True
    known = traits_of(person.lead, person.account_id, [identity])
    return compare(known, traits_of(lead)).verdict is Verdict.SAME


def _contradict(known: Lead, new: Lead) -> bool:
    """Both have another address and another name: two people."""
    other_address = known.email is not None and new.email is not None and known.email != new.email
    return other_address and names_differ(known.name, new.name)
