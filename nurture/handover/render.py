"""The dossier as plain text, for a salesperson's mailbox or terminal, and as JSON for other programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nurture.core.model import Account, Contact, Dossier
from nurture.core.qualify import by_term
from nurture.core.words import on_one_line

_WIDTH = 78


def render_dossier(dossier: Dossier) -> str:
    """The whole dossier, in the order in which it is read: who, why now, what to say; then the rest."""
    urls = (f"{words}: {url}" for words, url in answer_urls(dossier).items())
    answer = ("Your answer", (*answer_words(dossier), *urls))
    title = title_of(dossier)
    lines = [title, "=" * len(title)]
    for heading, entries in (*dossier_sections(dossier), answer):
        lines += ["", heading, *(line for entry in entries for line in _wrapped(entry))]
    return "\n".join(lines) + "\n"


def dossier_sections(dossier: Dossier) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The parts of the dossier that have something to tell, as headings with entries: each one plain line.

    What is asked of sales stands in `answer_words` and `answer_urls`.
    """
    sections: tuple[tuple[str, Iterable[str]], ...] = (
        ("Who", _who(dossier.contact, dossier.account)),
        ("Why now", _why(dossier, zone_of(dossier))),
        ("Say next", [dossier.say_next]),
        (_fit_title(dossier), _fit(dossier)),
        ("What they read", (f"- {entry}" for entry in dossier.read)),
        ("What they told us", _answers(dossier.contact)),
    )
    told = ((title, tuple(filter(None, map(on_one_line, entries)))) for title, entries in sections)
    return tuple((title, entries) for title, entries in told if entries)


def zone_of(dossier: Dossier) -> ZoneInfo:
    """The clock that times are told on."""
    return ZoneInfo(str(dossier.facts.get("timezone") or "UTC"))


def as_json(dossier: Dossier) -> dict[str, Any]:
    """The dossier as what JSON knows: names as in the model, times as RFC 3339."""
    # Imported here: plugins, and so every command, import this module for its text.
    import msgspec

    built: dict[str, Any] = msgspec.to_builtins(dossier, enc_hook=dict)
    return built


def person_words(contact: Contact) -> str:
    """What to call somebody: the name, else how to reach them."""
    return contact.name or contact.email or contact.phone or f"contact {contact.id}"


def when_words(at: datetime, zone: ZoneInfo) -> str:
    """A time as it is spoken, in that zone: Mon 2 Mar 2026, 14:30."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def title_of(dossier: Dossier) -> str:
    """The hand-over in one line: its number, who it is, and of which company."""
    company = dossier.contact.company or (dossier.account.name if dossier.account else None)
    of = f", {company}" if company else ""
    return on_one_line(f"Hand-over {dossier.handover_id}: {person_words(dossier.contact)}{of}")


def _who(contact: Contact, account: Account | None) -> Iterator[str]:
    if contact.job_title:
        yield contact.job_title
    for label, value in (("E-mail", contact.email), ("Phone", contact.phone)):
        if value:
            yield f"{label}: {value}"
    place = ", ".join(part for part in (contact.city, contact.country) if part)
    if place:
        yield f"Place: {place}"
    if contact.interests:
        yield f"Interested in: {', '.join(contact.interests)}"
    if account is not None and (words := ", ".join(_company(account))):
        yield f"Company: {words}"


def _company(account: Account) -> Iterator[str]:
    if account.name or account.domain:
        yield str(account.name or account.domain)
    if account.sector:
        yield account.sector
    if account.employees is not None:
        yield f"{account.employees} people"


def _why(dossier: Dossier, zone: ZoneInfo) -> Iterator[str]:
    yield dossier.because
    for found in sorted(dossier.evidence, key=lambda found: found.at):
        buying = ", a buying signal" if found.buying else ""
        did = found.did or found.words
        yield f"- {when_words(found.at, zone)}: {did} ({found.points:.0f} points{buying})"


def _fit_title(dossier: Dossier) -> str:
    needed = dossier.facts.get("fit_needed")
    return f"Fit {dossier.facts.get('fit_points', dossier.contact.fit)}" + (f" of {needed}" if needed else "")


def _fit(dossier: Dossier) -> Iterator[str]:
    """What speaks for them or against; what is unknown, to ask for; and in one line what did not apply."""
    terms = by_term(dossier.fit)
    yield from (f"{term.points:+g} {term.words}" for term in terms if term.matched)
    for label, answer in (("Unknown, so ask", None), ("Did not apply", False)):
        named = [term.term for term in terms if term.matched is answer]
        if named:
            yield f"{label}: {', '.join(named)}"


def _answers(contact: Contact) -> Iterator[str]:
    for key, value in contact.answers.items():
        if value not in (None, "", ()):
            said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield f"- {key}: {said}"


def answer_words(dossier: Dossier) -> tuple[str, ...]:
    """Who is to answer and by when; or what was answered."""
    if answered := dossier.facts.get("answered"):
        return (on_one_line(str(answered)),)
    who = dossier.assignee.name if dossier.assignee else f"team {dossier.team}"
    before = f", before {when_words(dossier.answer_by, zone_of(dossier))}" if dossier.answer_by else ""
    words = [f"For {who}{before}."]
    if dossier.assigned_because:
        words.append(f"Why you: {dossier.assigned_because}")
    return tuple(map(on_one_line, words))


def answer_urls(dossier: Dossier) -> dict[str, str]:
    """Where each answer is given, by what to call it; nothing once there is nothing to answer."""
    if dossier.facts.get("answered"):
        return {}
    addresses = {
        "Accept": dossier.accept_url,
        "Reject": dossier.reject_url,
        "Ask for more": dossier.ask_url,
        "Hand back later": dossier.hand_back_url,
    }
    return {words: url for words, url in addresses.items() if url}


def _wrapped(entry: str) -> Iterable[str]:
    return textwrap.wrap(
        on_one_line(entry),
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
