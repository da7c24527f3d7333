"""How times, numbers and signals are said to people in sales and marketing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from nurture.core.model import Signal, SignalKind, Value

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
EMPLOYEES = "number of employees"
_YEAR = timedelta(days=365)
_LONGEST_PATH = 80
COLLEAGUES = "colleagues"
"""The kind of signal that several people of one firm together make: see `core.colleagues`."""

_VERBS = {
    "clicked": "clicked in",
    "replied": "replied to",
    "bounced": "could not be reached by",
    "unsubscribed": "unsubscribed in",
    "complained": "complained about",
    "consented": "confirmed in",
    "preferences": "said how much mail they want in",
    "trapped": "followed the hidden link in",
    "looked": "looked at a way out in",
}
"""What happened to a message, said of the person."""

_ALONE = {"bounced": "could not be reached", "preferences": "said how much mail they want"}


def on_one_line(text: str) -> str:
    """What somebody else wrote, on one line and without controls: it never looks like lines of ours."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


class Url(NamedTuple):
    """The parts of an address that conditions ask for; empty where there are none."""

    path: str = ""
    host: str = ""
    query: str = ""


@lru_cache(maxsize=8192)
def url_parts(url: str) -> Url:
    """The parts of an address, as tolerant as may be: what cannot be read at all has no parts."""
    try:
        parts = urlsplit(url)
        return Url(parts.path or "/", parts.hostname or "", parts.query)
    except ValueError:
        return Url()


def visited_path(kind: str, data: Mapping[str, Value]) -> str | None:
    """The path of the page that a signal of `kind` is about: of a visit, "" where it has no address.

    None for all other kinds.
    """
    if kind != SignalKind.VISITED:
        return None
    url = data.get("url")
    return url_parts(url).path if isinstance(url, str) and url else ""


def number(value: float) -> str:
    """One decimal, and none where it would be 0: `5.1`, `6`."""
    return f"{value:.1f}".removesuffix(".0")


def counted(value: float, what: str) -> str:
    """So many of something: `1 point`, `2.5 points`."""
    told = number(value)
    return f"{told} {what}" if told in ("1", "-1") else f"{told} {what}s"


def length(duration: timedelta) -> str:
    """A duration in its largest whole unit: `3 days`, `1 hour`."""
    seconds = int(duration.total_seconds())
    for size, unit in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


def moment(at: datetime, zone: tzinfo) -> str:
    """A moment on a wall clock: `Mon 2026-03-02 10:00`."""
    local = at.astimezone(zone)
    return f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}"


def minute(at: datetime) -> str:
    """A moment as records tell it, whoever reads them: `2026-03-02 09:00 UTC`."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def ago(age: timedelta) -> str:
    """How long ago something was: `3 days ago`, `just now`; from two years on in years."""
    if age >= 2 * _YEAR:
        return f"{age // _YEAR} years ago"
    return "just now" if age < timedelta(minutes=1) else f"{length(age)} ago"


def field_words(path: str) -> str:
    """A field as people call it: `company country` for `account.country`, `budget` for `answers.budget`."""
    if path == "account.employees":
        return EMPLOYEES
    room, dot, name = path.rpartition(".")
    called = (name if dot else path).replace("_", " ")
    return f"company {called}" if room == "account" else called


def signal_words(signal: Signal) -> str:
    """What happened: `visited /prices`, `submitted quote form`, `clicked in welcome`."""
    data = signal.data
    if signal.kind == COLLEAGUES:
        return f"{data['people']} people of the firm {data['did']} within {data['within']}"
    if signal.kind == SignalKind.VISITED and isinstance(url := data.get("url"), str):
        return f"visited {url_parts(url).path[:_LONGEST_PATH]}"
    if signal.kind == SignalKind.SUBMITTED and isinstance(form := data.get("form"), str):
        return f"submitted {form[:_LONGEST_PATH]} form"
    if isinstance(step := data.get("step"), str):
        return f"{_VERBS.get(signal.kind, signal.kind)} {step}"
    return _ALONE.get(signal.kind, str(signal.kind))
