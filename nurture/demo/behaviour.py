"""What the demo's people do with the mails they get: plausible, and the same for the same seed.

Everything begins with a mail that was delivered. `react` says what its reader does in the mail program, and
`arrive` what they do on the firm's website, once a click has led them there. Nobody acts on anything that
they did not get.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from nurture.demo.mailbox import DeliveredMail
from nurture.demo.world import Person, Temper, World

_ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class PlannedAct:
    """One thing that somebody will do: `open`, `click`, `visit`, `submit` or `unsubscribe`.

    `url` is the address they ask for; of a visit and a form the page they are on. `agent` is their program;
    `person` is false for a mail filter, which reads nothing.
    """

    at: datetime
    kind: str
    recipient: str
    url: str
    agent: str
    form: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    person: bool = True


@dataclass(frozen=True, slots=True)
class Habit:
    """How a temper reads, as chances: to open a mail, and then to click in it; to look at one more page; to
    fill in a form that is in front of them; to unsubscribe. `pace` is the typical delay in hours.
    """

    opens: float
    clicks: float
    browses: float
    fills: Mapping[str, float]
    leaves: float
    pace: float


HABITS: Mapping[Temper, Habit] = {
    Temper.EAGER: Habit(1.0, 1.0, 1.0, {"brochure": 0.4, "quote": 0.8, "talk": 0.8}, 0.0, 4),
    Temper.BUYER: Habit(0.88, 0.66, 0.78, {"brochure": 0.6, "quote": 0.5, "talk": 0.5}, 0.002, 5),
    Temper.LOOKER: Habit(0.7, 0.42, 0.62, {"brochure": 0.4, "quote": 0.14, "talk": 0.15}, 0.006, 14),
    Temper.BROWSER: Habit(0.5, 0.2, 0.35, {"brochure": 0.2, "quote": 0.02, "talk": 0.02}, 0.015, 24),
    Temper.COLD: Habit(0.2, 0.04, 0.1, {}, 0.01, 40),
    Temper.LEAVER: Habit(0.6, 0.05, 0.1, {}, 0.35, 20),
    Temper.SCANNED: Habit(0.3, 0.06, 0.1, {}, 0.005, 30),
}

PAGES: Mapping[str, tuple[str, ...]] = {
    "/how-it-works": ("/portfolio", "/prices", "/brochure"),
    "/portfolio": ("/how-it-works", "/prices"),
    "/brochure": ("/portfolio", "/prices"),
    "/webshop": ("/portfolio/webshops", "/prices/webshop"),
    "/portfolio/webshops": ("/webshop", "/prices/webshop"),
    "/prices": ("/whats-included", "/do-it-yourself", "/quote"),
    "/prices/webshop": ("/whats-included", "/do-it-yourself/webshop", "/quote"),
    "/whats-included": ("/prices", "/portfolio", "/quote"),
    "/do-it-yourself": ("/whats-included", "/prices"),
    "/do-it-yourself/webshop": ("/prices/webshop", "/whats-included"),
    "/quote": ("/prices", "/talk"),
    "/talk": ("/quote",),
}
"""Where each page of the firm's site leads on to."""

FORMS: Mapping[str, str] = {"/brochure": "brochure", "/quote": "quote", "/talk": "talk"}
"""Pages with a form on them."""

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
APPLE = "Mozilla/5.0"


class Behaviour:
    """The people of a world, as readers. Whoever is not in it is cold."""

    def __init__(self, seed: int, world: World) -> None:
        self._seed = seed
        self._people = {person.email.strip().lower(): person for person in world.people}

    def react(self, mail: DeliveredMail) -> list[PlannedAct]:
        """What a reader and their mail filter do with a mail, in the order of time."""
        random = self._random(mail.recipient, mail.subject)
        temper = self._temper(mail.recipient)
        acts = _scanner(mail) if temper is Temper.SCANNED else []
        habit = HABITS[temper]
        if random.random() >= habit.opens:
            return acts
        at = _later(mail.delivered_at, random, habit.pace)
        if mail.opens:
            acts.append(PlannedAct(at, "open", mail.recipient, mail.opens, _program(random)))
        if mail.clicks and random.random() < habit.clicks:
            at += timedelta(seconds=random.randint(15, 120))
            acts.append(PlannedAct(at, "click", mail.recipient, random.choice(mail.clicks), BROWSER))
        elif mail.unsubscribe and random.random() < habit.leaves:
            at += timedelta(seconds=random.randint(5, 40))
            acts.append(PlannedAct(at, "unsubscribe", mail.recipient, mail.unsubscribe, BROWSER))
        return acts

    def arrive(self, recipient: str, url: str, at: datetime) -> list[PlannedAct]:
        """What somebody does on the website, from the page on which a click has put them."""
        random = self._random(recipient, url, at.isoformat())
        habit = HABITS[self._temper(recipient)]
        parts = urlsplit(url)
        path, acts = parts.path, list[PlannedAct]()
        seen = {path}
        while True:
            form = FORMS.get(path, "")
            if random.random() < habit.fills.get(form, 0):
                at += timedelta(seconds=random.randint(40, 240))
                page = f"{parts.scheme}://{parts.netloc}{path}"
                acts.append(
                    PlannedAct(at, "submit", recipient, page, BROWSER, form, self._fields(recipient, form))
                )
                return acts
            onward = [page for page in PAGES.get(path, ()) if page not in seen]
            if not onward or random.random() >= habit.browses:
                return acts
            path = random.choice(onward)
            seen.add(path)
            at += timedelta(seconds=random.randint(20, 180))
            acts.append(PlannedAct(at, "visit", recipient, f"{parts.scheme}://{parts.netloc}{path}", BROWSER))

    def _temper(self, recipient: str) -> Temper:
        person = self._people.get(recipient)
        return Temper.COLD if person is None else person.temper

    def _fields(self, recipient: str, form: str) -> Mapping[str, str]:
        person = self._people[recipient]
        fields = {"name": person.name, "email": person.email}
        if form != "brochure":
            fields |= {"phone": person.phone, "message": _message(person)}
        if form == "quote":
            fields |= {"budget": person.budget, "start": person.start}
        return {name: value for name, value in fields.items() if value}

    def _random(self, *about: str) -> Random:
        """Chance of its own for each occasion, so that one person's day does not change another's."""
        return Random("\n".join((str(self._seed), *about)))


def _message(person: Person) -> str:
    """What they have to say now; their remark came with them."""
    messages = _MESSAGES["nl" if person.country.language == "nl" else "en"]
    return messages[person.number % len(messages)]


_MESSAGES: Mapping[str, Sequence[str]] = {
    "nl": (
        "Bel me gerust, liefst 's ochtends.",
        "Wat zou dit voor ons kosten?",
        "Kunnen jullie volgende week langskomen?",
    ),
    "en": ("Do call me, preferably in the morning.", "What would this cost us?", "Could we meet next week?"),
}


def _scanner(mail: DeliveredMail) -> list[PlannedAct]:
    """A filter that follows every link before its reader has even seen the mail."""
    at = mail.delivered_at + timedelta(seconds=2)
    return [PlannedAct(at, "click", mail.recipient, url, BROWSER, person=False) for url in mail.clicks]


def _program(random: Random) -> str:
    return random.choices((BROWSER, GMAIL, APPLE), (45, 35, 20))[0]


def _later(start: datetime, random: Random, pace: float) -> datetime:
    """Some hours later, when people are awake; most soon, a few after days."""
    at = start + timedelta(hours=min(random.lognormvariate(0, 1) * pace, 120))
    local = at.astimezone(_ZONE)
    if local.hour < 7:
        at += timedelta(hours=7 - local.hour, minutes=random.randrange(60))
    return at.replace(microsecond=0)
