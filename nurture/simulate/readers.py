"""Draws what the readers of mails do: the same for the same seed, person and occasion, whatever others do."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from urllib.parse import urlsplit, urlunsplit

from nurture.core.model import Contact, SignalKind, Value
from nurture.core.schedule import find_zone
from nurture.simulate.acts import Act
from nurture.simulate.behaviour import Behaviour
from nurture.store.outbox import Message

LATEST = timedelta(days=7)
"""Nobody takes longer than that to open a mail."""

_WIDTH = 1.0
"""Of the log-normal distribution of delays: about two thirds lie between a third and three times."""

_MOST_LIKELY = 0.95
_MOST_PAGES = 6
_LINK = re.compile(r"""href\s*=\s*["'](https?://[^"']+)["']""")


class Readers:
    """Everybody who gets mails in one simulation. `timezone` is where people are who say nothing of it."""

    def __init__(self, behaviour: Behaviour, seed: int, timezone: str) -> None:
        self._behaviour = behaviour
        self._seed = seed
        self._timezone = timezone

    def is_dead(self, contact: Contact) -> bool:
        """Whether each mail to this address bounces."""
        return self._behaviour.bounce > 0 and self._draw(contact, "address").random() < self._behaviour.bounce

    def react(self, message: Message, contact: Contact, html: str, at: datetime, times: int) -> Iterator[Act]:
        """What a reader does with a mail delivered at `at`, in the order of time.

        `times` is how often they have got the mail of this step before; a mail leads on by the links in
        its `html`, those to `message`'s own way out left aside.
        """
        draw = self._draw(contact, message.campaign, message.step, str(times))
        keen = self._keenness(contact)

        def does(what: str) -> bool:
            chance = self._behaviour.chance(what, message.template, contact.stage) * keen
            return draw.random() < min(chance, _MOST_LIKELY)

        if not does("open"):
            return
        mail: dict[str, Value] = {"campaign": message.campaign, "step": message.step, "message": message.id}
        at = self._awake(at + min(self._delay(draw, "open"), LATEST), contact)
        yield Act(at, contact.id, SignalKind.OPENED, mail)
        if does("reply"):
            replied = self._awake(at + self._delay(draw, "reply"), contact)
            yield Act(replied, contact.id, SignalKind.REPLIED, mail)
        links = _links(html) if does("click") else []
        if links:
            at += self._delay(draw, "click")
            url = draw.choice(links)
            yield Act(at, contact.id, SignalKind.CLICKED, {**mail, "url": url})
            yield from self._browse(draw, message, contact, url, links, at, keen)
        elif draw.random() < self._behaviour.chance("unsubscribe", message.template, contact.stage):
            data: dict[str, Value] = {**mail, "purpose": message.purpose, "how": "one-click"}
            yield Act(at + self._delay(draw, "click"), contact.id, SignalKind.UNSUBSCRIBED, data)

    def _browse(
        self,
        draw: Random,
        message: Message,
        contact: Contact,
        url: str,
        links: list[str],
        at: datetime,
        keen: float,
    ) -> Iterator[Act]:
        """On the website: one page after the other, until they fill in a form or have had enough."""
        behaviour, stage = self._behaviour, contact.stage
        visit = min(behaviour.chance("visit", message.template, stage) * keen, _MOST_LIKELY)
        submit = min(behaviour.chance("submit", message.template, stage) * keen, _MOST_LIKELY)
        seen = {url}
        for _ in range(_MOST_PAGES):
            form = behaviour.forms.get(urlsplit(url).path)
            if form is not None and draw.random() < submit:
                at += self._delay(draw, "submit")
                yield Act(at, contact.id, SignalKind.SUBMITTED, {"form": form, "url": url})
                return
            onward = [page for page in self._pages(links, url) if page not in seen]
            if not onward or draw.random() >= visit:
                return
            at += self._delay(draw, "visit")
            url = draw.choice(onward)
            seen.add(url)
            yield Act(at, contact.id, SignalKind.VISITED, {"url": url})

    def _pages(self, links: list[str], url: str) -> list[str]:
        """Where one can go from a page: what the mail links to, and the forms of the same website."""
        parts = urlsplit(url)
        forms = (urlunsplit((parts.scheme, parts.netloc, path, "", "")) for path in self._behaviour.forms)
        return list(dict.fromkeys((*links, *forms)))

    # --- chance ----------------------------------------------------------------------------------------

    def _draw(self, contact: Contact, *occasion: str) -> Random:
        return Random("\n".join((str(self._seed), identity_of(contact), *occasion)))

    def _keenness(self, contact: Contact) -> float:
        """How much more likely than others this person does anything; 1 in the middle."""
        spread = self._behaviour.spread
        if spread <= 0:
            return 1.0
        return self._draw(contact, "keen").lognormvariate(-spread * spread / 2, spread)

    def _delay(self, draw: Random, of: str) -> timedelta:
        median = self._behaviour.delays[of].total_seconds()
        return timedelta(seconds=round(median * math.exp(draw.normalvariate(0.0, _WIDTH))))

    def _awake(self, at: datetime, contact: Contact) -> datetime:
        """`at`, or when this person gets up next."""
        begins, ends = self._behaviour.awake
        local = at.astimezone(find_zone(contact.timezone, self._timezone))
        reading = local.time()
        if begins <= reading < ends:
            return at
        day = local.date() if reading < begins else local.date() + timedelta(days=1)
        up = local.replace(
            year=day.year, month=day.month, day=day.day, hour=begins.hour, minute=begins.minute, second=0
        )
        # Not everybody at the same minute.
        spread = timedelta(minutes=int.from_bytes(identity_of(contact).encode()[:3], "big") % 90)
        return up.astimezone(at.tzinfo) + spread


def identity_of(contact: Contact) -> str:
    """By what chance knows a person: the address, so that their place in the file does not matter."""
    return contact.email or contact.phone or str(contact.id)


def _links(html: str) -> list[str]:
    """Addresses in a mail that lead to a page, each once."""
    return list(dict.fromkeys(url for url in _LINK.findall(html) if "/u/" not in url))
