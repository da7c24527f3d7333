"""A record becomes a lead: each value in its one usable form, and a code for each that has none.

Pure: what is asked of the world (the default country, the time of receipt) comes as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nurture.core.model import ImportedSignal, Lead, SignalKind, Value
from nurture.ingest.columns import CONSENT, EXTERNAL_ID, INFIX
from nurture.ingest.companies import clean_company, clean_website
from nurture.ingest.dates import parse_time
from nurture.ingest.emails import TOO_LONG, clean_email
from nurture.ingest.mapping import NOW, SignalFrom, said_as
from nurture.ingest.names import PersonName, join_name, split_name
from nurture.ingest.phones import clean_phone
from nurture.ingest.places import clean_country, clean_locale, clean_timezone
from nurture.ingest.plan import Plan
from nurture.ingest.text import fold, is_placeholder, slug

UNKNOWN = "unknown"
UNUSABLE = "unusable"
NO_DATE = "date"
ROBOT = "robot"
RECORD = "record"
"""In `problems`: what is wrong with the record as a whole."""

LONGEST = 200
"""Characters in what stands in an index, a header or a salutation: more is no name, no town and no id."""

_LONGEST = {
    **dict.fromkeys(("name", "first_name", INFIX, "last_name", "company", "job_title"), LONGEST),
    **dict.fromkeys(("city", "country", "locale", "timezone", EXTERNAL_ID), LONGEST),
    "website": 500,
    # A whole cell of addresses or purposes, of which each has a limit of its own.
    "email": 1_000,
    CONSENT: 1_000,
}
_PARTS_OF_NAME = frozenset({"first_name", INFIX, "last_name"})

_YES = frozenset(
    {"yes", "ja", "y", "j", "true", "1", "on", "x", "akkoord", "agree", "agreed", "opt in", "granted"}
)
_NO = frozenset({"no", "nee", "nein", "n", "false", "0", "off", "opt out", "none"})
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,10})?")
_DIGITS = frozenset("0123456789")
_TRUTH: dict[str, Value] = {"true": True, "false": False}
_COUNT = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+|\d+")
_BETWEEN = re.compile(r"[,;|\n]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record comes from: its source, when it came in, and the country for numbers without one."""

    source: str
    received_at: datetime
    country: str


def normalise(fields: Mapping[str, str], plan: Plan, origin: Origin) -> Lead:
    """The lead that a record tells of. Never fails on data: what cannot be used is in `problems`.

    That holds for what is too long as well: it is not cut, for half a name is a wrong one.
    """
    cells = plan.cells(fields)
    given, answers = _given(cells, plan)
    problems: dict[str, str] = {}
    known: dict[str, Any] = {"problems": problems, "answers": answers}
    _leave_out_too_long(given, problems)
    _person(given, known, problems)
    _places(given, known, problems)
    _contact_ways(given, known, problems, origin)
    _company(given, known, problems)
    if plan.account and (account := _account(cells, plan)):
        known["account"] = account
    if external := given.get(EXTERNAL_ID):
        known["external_ids"] = ((plan.external_system or origin.source, external),)
    if interests := _interests(cells, given, plan):
        known["interests"] = interests
    if (plan.consents or CONSENT in given) and (consents := _consents(cells, given, plan, problems)):
        known["consents"] = consents
    if plan.signals:
        known["signals"] = _signals(cells, answers, plan, origin, problems)
    if plan.traps and any(trap in cells for trap in plan.traps):
        problems[RECORD] = ROBOT
    return Lead(**known)


def _given(cells: Mapping[str, str], plan: Plan) -> tuple[dict[str, str], dict[str, Value]]:
    """Field → text, and the answers: what no field has taken."""
    given = {field: cells[column] for field, column in plan.single if column in cells}
    answers = {key: typed(cells[column]) for key, column in plan.answers if column in cells}
    for field, some in plan.several:
        filled = [column for column in some if column in cells]
        if filled:
            given[field] = cells[filled[0]]
            rest = [column for column in filled[1:] if column in plan.keys]
            answers.update({plan.keys[column]: typed(cells[column]) for column in rest})
    for key, composed in plan.told_answers:
        if text := composed.read(cells):
            answers[key] = typed(text)
    for field, composed in plan.composed:
        if text := composed.read(cells):
            given[field] = text
    return given, answers


def _leave_out_too_long(given: dict[str, str], problems: dict[str, str]) -> None:
    for field in [one for one, text in given.items() if len(text) > LONGEST]:
        if len(given[field]) > _LONGEST.get(field, len(given[field])):
            del given[field]
            problems["name" if field in _PARTS_OF_NAME else field] = TOO_LONG


def typed(text: str) -> Value:
    """A number or a truth value where the text is exactly how one is written; else the text."""
    if text[-1] in _DIGITS and _NUMBER.fullmatch(text):
        number = float(text) if "." in text else int(text)
        return number if str(number) == text else text
    return _TRUTH.get(text, text)


# --- the person -------------------------------------------------------------------------------------


def _person(given: Mapping[str, str], known: dict[str, Any], problems: dict[str, str]) -> None:
    name: PersonName | None = None
    if "first_name" in given or "last_name" in given:
        name = join_name(given.get("first_name"), given.get(INFIX), given.get("last_name"))
    if name is None and "name" in given:
        name = split_name(given["name"])
    if name is not None and len(name.full) > LONGEST:
        problems["name"] = TOO_LONG
    elif name is not None:
        known["name"], known["first_name"], known["last_name"] = name.full, name.first, name.last
    elif "name" in given or "last_name" in given:
        problems.setdefault("name", UNUSABLE)
    if (title := given.get("job_title")) and not is_placeholder(title):
        known["job_title"] = title


def _places(given: Mapping[str, str], known: dict[str, Any], problems: dict[str, str]) -> None:
    for field, clean in _PLACES:
        if text := given.get(field):
            if value := clean(text):
                known[field] = value
            elif not is_placeholder(text):
                problems[field] = UNKNOWN
    if (city := given.get("city")) and not is_placeholder(city):
        known["city"] = city


_PLACES = (("country", clean_country), ("locale", clean_locale), ("timezone", clean_timezone))


def _contact_ways(
    given: Mapping[str, str], known: dict[str, Any], problems: dict[str, str], origin: Origin
) -> None:
    if email := given.get("email"):
        known["email"], problem = clean_email(email)
        if problem:
            problems["email"] = problem
    if phone := given.get("phone"):
        known["phone"], problem = clean_phone(phone, known.get("country") or origin.country)
        if problem:
            problems["phone"] = problem


# --- the company ------------------------------------------------------------------------------------


def _company(given: Mapping[str, str], known: dict[str, Any], problems: dict[str, str]) -> None:
    if company := given.get("company"):
        known["company"] = clean_company(company)
    if website := given.get("website"):
        known["website"], known["company_domain"] = clean_website(website)
        if known["website"] is None:
            problems["website"] = UNUSABLE


def _account(cells: Mapping[str, str], plan: Plan) -> dict[str, Value]:
    facts: dict[str, Value] = {}
    for key, composed in plan.account:
        text = composed.read(cells)
        if not text:
            continue
        if key == "employees":
            # "11-50" is at least 11: the lower end is what is certain.
            if number := _COUNT.search(text):
                facts[key] = int(re.sub(r"\D", "", number[0])[:9])
        elif key == "country":
            facts[key] = clean_country(text) or text
        else:
            facts[key] = text if key in ("sector", "region", "name") else typed(text)
    return facts


# --- what they want, agreed to, and did -------------------------------------------------------------


def _interests(cells: Mapping[str, str], given: Mapping[str, str], plan: Plan) -> tuple[str, ...]:
    if "interests" not in given and not plan.interest_columns:
        return plan.interests
    texts = [given["interests"]] if "interests" in given else []
    texts += [cells[column] for column in plan.interest_columns if column in cells]
    said = (part.strip().lower() for text in texts for part in _BETWEEN.split(text))
    return tuple(dict.fromkeys([*plan.interests, *(part for part in said if part)]))


def _consents(
    cells: Mapping[str, str], given: Mapping[str, str], plan: Plan, problems: dict[str, str]
) -> tuple[str, ...]:
    """The purposes that were agreed to: as the mapping says, and as a column "consent" does."""
    granted = [
        rule.purpose
        for rule in plan.consents
        if rule.column is None or said_as(cells.get(rule.column, "")) in rule.granted_when
    ]
    if said := given.get(CONSENT):
        for part in _BETWEEN.split(said):
            if fold(part) in _YES:
                granted.append("marketing")
            elif len(purpose := slug(part)) > LONGEST:
                problems[CONSENT] = TOO_LONG
            elif fold(part) not in _NO and fold(part):
                granted.append(purpose)
    return tuple(dict.fromkeys(granted))


def _signals(
    cells: Mapping[str, str],
    answers: Mapping[str, Value],
    plan: Plan,
    origin: Origin,
    problems: dict[str, str],
) -> tuple[ImportedSignal, ...]:
    found = []
    for rule in plan.signals:
        if rule.column and said_as(cells.get(rule.column, "")) not in rule.values:
            continue
        at = _when(rule, cells, origin.received_at)
        if at is None:
            problems["signals"] = NO_DATE
            continue
        data: dict[str, Any] = dict(rule.data)
        if rule.kind == SignalKind.SUBMITTED and answers:
            data["answers"] = answers
        found.append(ImportedSignal(rule.kind, at, data))
    return tuple(found)


def _when(rule: SignalFrom, cells: Mapping[str, str], received_at: datetime) -> datetime | None:
    """The time of a signal, never later than it was told; None where its text is no time."""
    if rule.at == NOW:
        return received_at
    text = cells.get(rule.at, "")
    try:
        at = parse_time(text, rule.format)
        # Files say nothing of zones: a time without one is taken as UTC.
        return min((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC), received_at)
    except (ValueError, OverflowError):
        return None
