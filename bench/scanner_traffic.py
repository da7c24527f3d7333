"""What mail scanners and people ask for, of one mail each: requests with their times, drawn from a seed."""

from __future__ import annotations

import email
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.policy import default
from html import unescape
from random import Random
from urllib.parse import urlsplit

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1",
)

PACES = {"burst": (0.05, 0.6), "quick": (0.5, 2.0), "slow": (2.0, 12.0)}
"""Seconds between two links of a mail."""

HUMAN_AFTER = 120.0
"""Seconds after the delivery at which people click, at the earliest."""

_URL = re.compile(r"https?://[^\s\"'<>)]+")
_OPENS = re.compile(r"/o/[^\s\"']+\.gif")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, `at` seconds after the delivery. `follow`: the page that it leads to runs its scripts."""

    at: float
    path: str
    address: str
    agent: str
    method: str = "GET"
    follow: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """The addresses of one mail: every link, seen or not; those that lead on; and the picture."""

    links: tuple[str, ...]
    picture: str | None

    @property
    def clickable(self) -> tuple[str, ...]:
        """What leads to a page of the firm's."""
        return tuple(path for path in self.links if path.startswith("/c/"))


def read_mail(content: bytes) -> tuple[str, Mail]:
    """To whom it went, and what is in it; the header List-Unsubscribe too, as scanners read that."""
    message: Message = email.message_from_bytes(content, policy=default)
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    # With this policy it is an EmailMessage, which its type does not say.
    contents = [part.get_content() for part in parts]  # type: ignore[attr-defined]
    text = "\n".join([*map(str, contents), str(message["List-Unsubscribe"] or "")])
    paths = [urlsplit(unescape(url)).path for url in _URL.findall(text)]
    ours = dict.fromkeys(path for path in paths if re.match(r"/[ctuph]/", path))
    pictures = _OPENS.findall(text)
    return str(message["To"]), Mail(tuple(ours), pictures[0] if pictures else None)


def scans(mail: Mail, random: Random) -> Iterator[Asked]:
    """A scanner at a mail: every link of it, with or without the invisible one."""
    shortest, longest = PACES[random.choice(tuple(PACES))]
    spread, skips = random.random() < 0.4, random.random() < 0.5
    agent, home = random.choice(AGENTS), _address(random)
    at = random.uniform(0.5, 40)
    links = [path for path in mail.links if not (skips and path.startswith("/t/"))]
    random.shuffle(links)
    scripts = random.random() < 0.4
    if mail.picture and random.random() < 0.7:
        yield Asked(at, mail.picture, home, agent)
    for path in links:
        address = _address(random) if spread else home
        if random.random() < 0.2:
            yield Asked(at, path, address, agent, "HEAD")
        yield Asked(at, path, address, agent, follow=scripts)
        at += random.uniform(shortest, longest)


def reads(mail: Mail, random: Random) -> Iterator[Asked]:
    """A person at a mail: opens it, and clicks one link, two minutes after the delivery or later."""
    agent, home = random.choice(AGENTS), _address(random)
    at = HUMAN_AFTER + random.uniform(0, 60)
    if mail.picture:
        yield Asked(at - 20, mail.picture, home, agent)
    yield Asked(at, random.choice(mail.clickable), home, agent)


def answers_looked_at(paths: Iterable[str], random: Random) -> Iterator[Asked]:
    """A scanner in the mailbox of sales: every answer of every notification, more than once."""
    for path in paths:
        agent, at = random.choice(AGENTS), random.uniform(0.5, 30)
        for method in ("HEAD", "GET", "GET"):
            yield Asked(at, path, _address(random), agent, method)
            at += random.uniform(0.1, 3)


def by_time(asked: Iterable[Asked], step: float) -> Iterator[tuple[float, Sequence[Asked]]]:
    """The requests in groups, each with the moment that its clock shows: `step` seconds are one moment."""
    group: list[Asked] = []
    moment = 0.0
    for one in sorted(asked, key=lambda one: one.at):
        here = round(one.at / step) * step
        if group and here != moment:
            yield moment, group
            group = []
        moment = here
        group.append(one)
    if group:
        yield moment, group


def _address(random: Random) -> str:
    return (
        f"{random.randint(11, 99)}.{random.randint(0, 255)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
    )
