"""From the database to a proposal: gather, look for leaks, find the card, write the profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ruamel.yaml import YAML

from nurture.core.facts import Rules
from nurture.core.profile import PointRule, Profile
from nurture.errors import NurtureError, did_you_mean
from nurture.language.workspace import compile_source
from nurture.learn.atoms import size_of
from nurture.learn.candidates import find_candidates
from nurture.learn.fitting import FEWEST, Wishes, check_enough, learn
from nurture.learn.gather import Wanted, gather
from nurture.learn.leaks import Suspicion, find_leaks
from nurture.learn.proposal import lines_of, write_profile
from nurture.learn.report import Report, header_of, make_report
from nurture.learn.table import Kind, Table
from nurture.learn.thresholds import find_thresholds
from nurture.learn.writing import subject_of
from nurture.store.ended import habits

_DIRECTIONS = {"up": 1, "down": -1}


@dataclass(frozen=True)
class Request:
    """What a person asks for; see `nurture learn --help`."""

    since: datetime | None = None
    rules: int = 25
    monotone: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    answers: bool = False


@dataclass(frozen=True)
class Proposal:
    """The profile as YAML, and how it came about."""

    text: str
    report: Report


def propose(
    connection: sa.Connection,
    profile: Profile,
    source: str,
    rules: Rules,
    request: Request,
    progress: Callable[[str], None] = lambda words: None,
) -> Proposal:
    """A profile learned from what became of people; `profile` is the present one, `source` its text.

    Raised when there is too little to learn from, or a field is asked for that is not there: NurtureError.
    """
    before = _as_yaml(source)
    candidates = find_candidates(
        profile.signals, before.get("signals") or (), habits(connection, FEWEST // 10)
    )
    if len(candidates.kept) > request.rules:
        raise NurtureError(
            f"--rules: the present profile has {len(candidates.kept)} signal rules that lead to a stage, and "
            f"they stay: {request.rules} rules are too few",
            hint=f"ask for more: --rules {len(candidates.kept) + 10}",
        )
    wanted = Wanted(
        candidates.rules, frozenset(candidates.kept), profile.half_life, rules, request.since, request.answers
    )
    gathered = gather(connection, wanted, progress)
    check_enough(gathered.table)
    table = without(gathered.table, request.leave_out)
    suspicions = find_leaks(table, gathered.provenance)
    _check_kept(request.keep, suspicions)
    left_out = [one for one in suspicions if one.subject not in request.keep]
    table = table.without(one.subject for one in left_out)
    wishes = Wishes(request.rules, directions_of(request.monotone, table), candidates.kept)
    learned = learn(table, wishes, progress)
    card, thresholds = find_thresholds(learned.card, table, request.rules)
    lines = lines_of(card, candidates.written, about_fields(profile.fit_rules))
    doubtful = [one for one in suspicions if one.subject in request.keep]
    report = make_report(table, learned, lines, thresholds, left_out, doubtful)
    text = write_profile(before, lines, candidates.written, thresholds, list(header_of(report)))
    compile_source(text, "the proposal")
    return Proposal(text, report)


def about_fields(rules: Iterable[PointRule]) -> dict[str, dict[str, str]]:
    """What the present rules say of the fields that they ask for: field → `about` and `ask`."""
    found: dict[str, dict[str, str]] = {}
    for rule in rules:
        said = {"about": rule.about.value if rule.about else None, "ask": rule.ask}
        kept = {key: value for key, value in said.items() if value is not None}
        for path in rule.when.names().paths if kept else ():
            found.setdefault(subject_of(path[0], ".".join(path[1:])), kept)
    return found


def without(table: Table, fields: Iterable[str]) -> Table:
    """The table without some fields. Raised when one is not there: NurtureError."""
    named = [_subject("--leave-out", field, table) for field in fields]
    return table.without(named)


def directions_of(asked: Iterable[str], table: Table) -> dict[str, int]:
    """`answers.budget:up` as field → 1. Raised for anything else, or a field without order: NurtureError."""
    found = {}
    for text in asked:
        field, _, way = text.rpartition(":")
        if way not in _DIRECTIONS:
            raise NurtureError(
                f"--monotone: {text!r} does not say in which direction the points go",
                hint=f"write {field or text}:up or {field or text}:down",
            )
        subject = _subject("--monotone", field, table)
        column = next(one for one in table.columns if one.subject == subject)
        if column.kind is Kind.CHOICE:
            for value in column.values:
                size_of(subject, value)
        found[subject] = _DIRECTIONS[way]
    return found


def _subject(option: str, field: str, table: Table) -> str:
    """The field as conditions write it: `answers.Lead Origin` may be asked for as it stands, too."""
    root, _, name = field.partition(".")
    subjects = [column.subject for column in table.columns]
    for written in (field, subject_of(root, name)):
        if written in subjects:
            return written
    raise NurtureError(f"{option}: no lead has {field!r}{did_you_mean(field, subjects)}")


def _check_kept(keep: Sequence[str], suspicions: Sequence[Suspicion]) -> None:
    suspected = [one.subject for one in suspicions]
    for field in keep:
        if field not in suspected:
            told = did_you_mean(field, suspected) or "; no field is suspected"
            raise NurtureError(f"--keep: {field!r} is not left out{told}")


def _as_yaml(source: str) -> Mapping[str, Any]:
    document = YAML(typ="safe", pure=True).load(source)
    return document if isinstance(document, dict) else {}
