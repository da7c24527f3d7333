"""Looks up what documents name: in the workspace (templates, teams), or in the world (zones, holidays)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel

from nurture.core.assign import LANGUAGE, TERRITORY
from nurture.core.campaign import LEAD
from nurture.core.model import Lead, SignalKind
from nurture.core.schedule import has_holidays
from nurture.language import codes
from nurture.language.catalogue import Code
from nurture.language.documents import Draft
from nurture.language.names import close_to, did_you_mean
from nurture.language.reading import Mention


@dataclass(frozen=True, slots=True)
class Known:
    """What there is in the workspace: template → locales it exists in, and names of everything else.

    `traits` are what hand-overs of a team can be assigned by, and `lead` where somebody leads it; a team that
    is left out is not checked. `reasons` are the codes that sales can reject with; empty: not checked; so
    with `purposes`, those that the settings declare. `has_link` tells of a template whether there is
    anything to click in it, in any locale. `texts_go`: text messages have a transport.
    """

    templates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    teams: frozenset[str] = frozenset()
    traits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
    enrichers: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    actions: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    purposes: frozenset[str] = frozenset()
    has_link: Callable[[str], bool] = lambda template: True
    texts_go: bool = True


def look_up(draft: Draft, mention: Mention, known: Known, profiles: Collection[str]) -> None:
    """A finding where what is mentioned is not there."""
    names: Mapping[str, tuple[Code, Collection[str]]] = {
        "template": (codes.UNKNOWN_TEMPLATE, known.templates),
        "team": (codes.UNKNOWN_TEAM, known.teams),
        "channel": (codes.UNKNOWN_CHANNEL, known.channels),
        "enricher": (codes.UNKNOWN_ENRICHER, known.enrichers),
        "profile": (codes.UNKNOWN_PROFILE, profiles),
        "reason": (codes.UNKNOWN_REASON, known.reasons or {mention.name}),
    }
    report = draft.reader.report
    if mention.kind in names:
        code, there = names[mention.kind]
        if mention.name not in there:
            message = f"there is no {mention.kind} {mention.name}"
            report.add(code, mention.place, message, did_you_mean(mention.name, there))
    elif mention.kind in ("way", "lead"):
        _check_team(draft, mention, known)
    elif mention.kind in _STANDARDS:
        code, exists, hint = _STANDARDS[mention.kind]
        if not exists(mention.name):
            report.add(code, mention.place, f"there is no {mention.kind} {mention.name}", hint(mention.name))
    else:
        usual = _USUAL[mention.kind]
        if mention.name not in usual and (close := close_to(mention.name, usual)):
            report.add(
                codes.LIKELY_MISSPELT, mention.place, f"{mention.name} is unusual", f"did you mean {close}?"
            )


def _check_team(draft: Draft, mention: Mention, known: Known) -> None:
    """Whether a team is such that a hand-over can go by what the campaign names."""
    team, _, way = mention.name.partition(":")
    traits = known.traits.get(team)
    if traits is None or (way or LEAD) not in (TERRITORY, LANGUAGE, LEAD) or (way or LEAD) in traits:
        return
    report = draft.reader.report
    if not way:
        hint = f'write under [teams.{team}]: lead = {{ name = "…", email = "…" }}'
        report.add(codes.NO_LEAD, mention.place, f"the team {team} has no lead", hint)
    else:
        said = "countries or regions" if way == TERRITORY else "languages"
        report.add(
            codes.NOBODY_TO_GO_BY,
            mention.place,
            f"no member of the team {team} names {said}, so {way} decides nothing",
            f"say it of the members under [teams.{team}], or leave {way} out",
        )


@cache
def is_time_zone(name: str) -> bool:
    """Whether it is a name of IANA."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@cache
def is_locale(name: str) -> bool:
    """Whether it is a language code."""
    from babel import Locale, UnknownLocaleError  # only `check` needs it

    try:
        Locale.parse(name, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


_STANDARDS: Mapping[str, tuple[Code, Callable[[str], bool], Callable[[str], str]]] = {
    "timezone": (codes.BAD_TIME_ZONE, is_time_zone, lambda name: did_you_mean(name, available_timezones())),
    "locale": (codes.BAD_LOCALE, is_locale, lambda _: "write a language code: nl, en, nl-BE"),
    "holidays": (codes.BAD_COUNTRY, has_holidays, lambda _: "write a country code, NL, or a region, DE-BY"),
}
"""What the world defines: how to tell, and what to say when it is not so."""

_USUAL: Mapping[str, frozenset[str]] = {
    "signal": frozenset(SignalKind),
    "field": frozenset(each.name for each in fields(Lead)),
}
"""Names beside which any other is possible too: plugins have signals, forms have answers of their own."""
