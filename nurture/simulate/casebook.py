"""Runs the tests of a campaign: each lives through `rehearse`, and what came out is held against `expect`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from nurture.app import App
from nurture.core.campaign import Campaign
from nurture.core.model import (
    Account,
    Contact,
    EnrolmentState,
    Signal,
    SignalClass,
    Snapshot,
    Value,
)
from nurture.core.plan import Plan
from nurture.core.schedule import find_zone
from nurture.errors import CampaignError, did_you_mean
from nurture.language.casefiles import load_case_files
from nurture.language.cases import OF_A_STEP, Case, Expectation, Happening
from nurture.language.findings import CheckFinding
from nurture.language.workspace import Compiled
from nurture.simulate.acts import FOR_GOOD
from nurture.simulate.rehearsal import Life, Line, Occasion, rehearse
from nurture.simulate.verdicts import Verdict

TOLERANCE = timedelta(minutes=1)
"""So exact a moment after `at` must be: people write days and hours, not seconds."""

LONGEST_WATCH = timedelta(days=120)
"""How long after the last thing it names a test looks for what is never to happen."""

_WEBSITE = "https://www.example.com"
_ACCOUNT_FIELDS = ("name", "domain", "country", "region", "sector", "employees")


@dataclass(frozen=True, slots=True)
class FiledCase:
    """A test, and where it stands."""

    case: Case
    campaign: Campaign
    file: str


def run_case(filed: FiledCase, plan: Plan) -> Verdict:
    """What became of one test, decided by the plan: all campaigns of the workspace, one cap over all.

    In a test a click is a person's, since the test says so: it counts at once.
    """
    started = time.perf_counter()
    plan = replace(plan, profile=replace(plan.profile, settle=timedelta()))
    case, campaign = filed.case, filed.campaign
    start = case.given.now
    colleagues = {name: id_ for id_, name in enumerate(sorted({one.by for one in case.when if one.by}), 2)}
    occasions = [
        _occasion(number, happening, start, campaign, colleagues.get(happening.by, 1))
        for number, happening in enumerate(case.when, 1)
    ]
    life = rehearse(_somebody(case, start), plan, start, start + _horizon(case), occasions)
    problems = [*_impossible(case, life, campaign), *_differences(case, life, campaign)]
    zone = find_zone(_text(case.given.contact, "timezone"), campaign.timezone)
    return Verdict(
        campaign=campaign.name,
        name=case.name,
        file=filed.file,
        line=case.place.line,
        problems=tuple(problems),
        timeline=tuple(
            f"{_after(line.at - start):>9}  {line.at.astimezone(zone):%a %Y-%m-%d %H:%M}  {line.words}"
            for line in life.lines
        ),
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, slots=True)
class Collected:
    """The tests of a workspace, and what is wrong with their files."""

    cases: tuple[FiledCase, ...]
    findings: tuple[CheckFinding, ...]


def collect_cases(app: App, compiled: Compiled, names: Sequence[str]) -> Collected:
    """The tests in the campaigns and in `tests/`, of the campaigns `names` (none: of all).

    Raised when one of `names` is no campaign: CampaignError.
    """
    campaigns = {each.campaign.name: each.campaign for each in compiled.campaigns}
    for name in names:
        if name not in campaigns and not compiled.errors:
            raise CampaignError(f"there is no campaign {name!r}{did_you_mean(name, campaigns)}")
    files = load_case_files(app.settings.folder / "tests", campaigns, app.known())
    found = [
        FiledCase(case, each.campaign, each.text.file) for each in compiled.campaigns for case in each.tests
    ]
    found += [FiledCase(case, campaigns[one.campaign], one.file) for one in files.files for case in one.cases]
    wanted = [filed for filed in found if not names or filed.campaign.name in names]
    return Collected(tuple(sorted(wanted, key=lambda filed: filed.campaign.name)), files.findings)


# --- given and when ---------------------------------------------------------------------------------


def _somebody(case: Case, start: datetime) -> Snapshot:
    given = case.given
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list | tuple) else value
        for name, value in given.contact.items()
    }
    contact = Contact(
        id=1,
        created_at=start,
        **{"name": "Somebody", "email": "somebody@example.com"} | fields,
        answers=given.answers,
        tags=given.tags,
        lifecycle=given.lifecycle,
        stage=given.stage,
        stage_since=start,
    )
    account = None
    if given.account:
        named: dict[str, Any] = {name: given.account.get(name) for name in _ACCOUNT_FIELDS}
        facts = {name: value for name, value in given.account.items() if name not in _ACCOUNT_FIELDS}
        account = Account(1, **named, facts=facts)
    return Snapshot(contact, account, consents=frozenset(given.consent), suppressed=given.suppressed)


def _occasion(number: int, happening: Happening, start: datetime, campaign: Campaign, who: int) -> Occasion:
    """What happens to the contact, who is number 1, or to their firm's picture by a colleague."""
    at = start + happening.at
    told = " ".join(part for part in (happening.by, happening.kind, happening.what) if part)
    if happening.kind == "set":
        return Occasion(
            at, f"new data: {', '.join(happening.data)}", lambda snapshot: _set(snapshot, happening)
        )
    data = _signal_data(happening, campaign)
    signal = Signal(number, who, happening.kind, at, data, SignalClass.HUMAN)

    def change(snapshot: Snapshot) -> Snapshot:
        changed = replace(snapshot, firm=(*snapshot.firm, signal))
        if happening.by:
            return changed
        changed = replace(changed, signals=(*snapshot.signals, signal))
        answers = happening.data.get("answers")
        if isinstance(answers, Mapping):
            known = {**snapshot.contact.answers, **answers}
            changed = replace(changed, contact=replace(changed.contact, answers=known))
        if happening.kind == "unsubscribed":
            changed = replace(changed, consents=snapshot.consents - {campaign.purpose})
        if happening.kind in FOR_GOOD:
            changed = replace(changed, suppressed=True)
        return changed

    return Occasion(at, told, change)


def _signal_data(happening: Happening, campaign: Campaign) -> dict[str, Value]:
    what = happening.what
    if happening.kind in OF_A_STEP:
        data: dict[str, Value] = {"campaign": campaign.name, "step": what}
        url = happening.data.get("url")
        return data | {"url": _address(url)} if isinstance(url, str) else data
    if happening.kind == "visited":
        return {"url": _address(what)}
    if happening.kind == "submitted":
        return {"form": what, **happening.data}
    return dict(happening.data)


def _address(path: str) -> str:
    return f"{_WEBSITE}{path}" if path.startswith("/") else path


def _set(snapshot: Snapshot, happening: Happening) -> Snapshot:
    contact = snapshot.contact
    for name, value in happening.data.items():
        root, _, field = name.partition(".")
        if root == "contact":
            field_value: dict[str, Any] = {field: value}
            contact = replace(contact, **field_value)
        else:
            contact = replace(contact, answers={**contact.answers, field or root: value})
    return replace(snapshot, contact=contact)


def _horizon(case: Case) -> timedelta:
    """How long to watch: until everything that the test names has passed, and longer for a `never`."""
    times = [happening.at for happening in case.when]
    for each in case.expect:
        times += [time for time in (each.at, each.by, each.after, each.before) if time is not None]
    last = max(times, default=timedelta()) + TOLERANCE
    endless = any(each.never and each.before is None for each in case.expect)
    return last + LONGEST_WATCH if endless else last


# --- expect -----------------------------------------------------------------------------------------


def _impossible(case: Case, life: Life, campaign: Campaign) -> Iterator[str]:
    """Nobody clicks in a mail that they have not got: the test would show nothing."""
    for happening in case.when:
        if happening.kind not in OF_A_STEP or not happening.what or happening.by:
            continue
        by = case.given.now + happening.at
        sent = [line for line in life.lines if line.kind == "sent" and line.what == happening.what]
        if not any(line.campaign == campaign.name and line.at <= by for line in sent):
            yield (
                f"line {happening.place.line}: {happening.kind} {happening.what} at {_after(happening.at)}, "
                "but that mail had not been sent by then"
            )


def _differences(case: Case, life: Life, campaign: Campaign) -> Iterator[str]:
    start = case.given.now
    for expected in case.expect:
        problem = _difference(expected, life, campaign, start)
        if problem is not None:
            yield f"line {expected.place.line}: {problem}"


def _difference(expected: Expectation, life: Life, campaign: Campaign, start: datetime) -> str | None:
    said = f"{expected.fact.replace('_', ' ')} {expected.what}".strip()
    if expected.fact == "at_step":
        return _place_difference(expected, life, campaign, start)
    found = [line.at - start for line in life.lines if _is_it(line, expected, campaign)]
    if expected.fact in ("stage", "lifecycle") and _stands(expected, life.standings[0].snapshot):
        found.insert(0, timedelta())
    if expected.never:
        wrong = [
            at
            for at in found
            if (expected.after is None or at > expected.after)
            and (expected.before is None or at < expected.before)
        ]
        return f"never {said}, but it was at {_listed(wrong)}" if wrong else None
    if expected.at is not None:
        if any(abs(at - expected.at) <= TOLERANCE for at in found):
            return None
        return f"{said} at {_after(expected.at)}, but it was {_when(found)}"
    limit = expected.by or timedelta()
    return (
        None if any(at <= limit for at in found) else f"{said} by {_after(limit)}, but it was {_when(found)}"
    )


def _place_difference(expected: Expectation, life: Life, campaign: Campaign, start: datetime) -> str | None:
    moment = expected.at if expected.at is not None else expected.by
    standing = life.standing_at(start + (moment or timedelta()))
    here = [
        enrolment.step or "the end of its track"
        for enrolment in standing.enrolments
        if enrolment.campaign == campaign.name and enrolment.state is EnrolmentState.ACTIVE
    ]
    if expected.what in here and not expected.never:
        return None
    stood = ", ".join(here) or "no step"
    return f"at step {expected.what} at {_after(moment or timedelta())}, but it stood at {stood}"


def _is_it(line: Line, expected: Expectation, campaign: Campaign) -> bool:
    if line.kind != expected.fact or expected.what not in ("", line.what):
        return False
    own = expected.fact not in ("sent", "exited") or (expected.fact == "sent" and not expected.what)
    return own or line.campaign == campaign.name


def _stands(expected: Expectation, snapshot: Snapshot) -> bool:
    value = snapshot.contact.stage if expected.fact == "stage" else snapshot.contact.lifecycle
    return value.value == expected.what


def _when(found: Sequence[timedelta]) -> str:
    return f"at {_listed(found)}" if found else "not at all"


def _listed(found: Sequence[timedelta]) -> str:
    return ", ".join(_after(at) for at in found[:5])


def _after(time: timedelta) -> str:
    """`3d 2h`, as it would be written in a test."""
    minutes = round(time.total_seconds() / 60)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0d"


def _text(values: Mapping[str, Value], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) else None
