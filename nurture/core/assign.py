"""Who in a team of sales gets a prospect, and why, in words. Pure.

Whoever has the account keeps it (`owner`). Else those come first who serve the prospect's country or region
(`territory`) and speak their language (`language`), then those who name none, then all others: so there is
always somebody. Of equals the one with the fewest open hand-overs is taken (`least_loaded`), or the one who
is furthest behind their share of the work (`round_robin`).

Shares are kept by stride scheduling (Waldspurger and Weihl, 1995): each hand-over moves its member on by
`SHARE / weight`, and the one who is least far on is next. Who is away or full when it would have been their
turn is moved up to the one who took it, so that nobody comes back to a pile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nurture.core.model import SalesPerson

OWNER, TERRITORY, LANGUAGE, LEAST_LOADED, ROUND_ROBIN = WAYS = (
    "owner",
    "territory",
    "language",
    "least_loaded",
    "round_robin",
)
"""What `assign` can name; the last two choose among equals, and only one of them can."""

WEIGHT_AT_MOST = 20
SHARE = 232_792_560
"""What one hand-over moves a member of weight 1 on: divisible by every weight, so that shares are exact."""

_TOLD_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Member:
    """A salesperson. Naming no country, region or language means to serve or speak any, after those who do.

    `regions` are of the account (casefolded). `open_at_most`: how many hand-overs may wait for their answer.
    """

    name: str
    email: str
    weight: int = 1
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    open_at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """A team at a moment. By e-mail address: until when (the last day) who is `away`, how many hand-overs
    wait for their answer (`waiting`), and how far on everybody is (`passed`)."""

    members: tuple[Member, ...]
    lead: SalesPerson | None = None
    away: Mapping[str, date] | None = None
    waiting: Mapping[str, int] | None = None
    passed: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What decides of a prospect: country (`NL`), region, language (`nl`), where known; and whose they are.

    `owner` is an e-mail address or a name; `owned` says in words why: "was given Bakkerij De Vries before".
    """

    country: str | None = None
    region: str | None = None
    language: str | None = None
    owner: str | None = None
    owned: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who gets it, None where the team has nobody; and why, in words."""

    to: SalesPerson | None
    because: str


def assign(
    wanted: Sequence[Wanted], ways: Sequence[str], roster: Roster
) -> tuple[list[Assigned], dict[str, int]]:
    """Who gets each of the prospects, in order; and how far on everybody is then."""
    turn = _Turn(roster, ways)
    return [turn.take(one) for one in wanted], turn.passed


def day_words(day: date) -> str:
    """A day as it is spoken: 1 December."""
    return f"{day.day} {day:%B}"


class _Turn:
    """A roster while hand-overs are given out: each one counts for the next."""

    def __init__(self, roster: Roster, ways: Sequence[str]) -> None:
        self.roster = roster
        self.ways = ways
        self.away = dict(roster.away or {})
        self.waiting = dict(roster.waiting or {})
        known = roster.passed or {}
        # Who is new begins where the others are.
        begin = min((known[one.email] for one in roster.members if one.email in known), default=0)
        self.passed = {one.email: known.get(one.email, begin) for one in roster.members}

    def take(self, wanted: Wanted) -> Assigned:
        roster = self.roster
        if not roster.members and roster.lead is None:
            return Assigned(None, "the team has no members")
        owner = self._owner(wanted)
        if owner is not None and owner.email not in self.away:
            return self._given(owner, wanted, [wanted.owned])
        there = [one for one in roster.members if one.email not in self.away]
        if not there and roster.lead is not None:
            said = f"{roster.lead.name}: leads the team, and nobody else is there"
            return Assigned(roster.lead, "; ".join([said, *self._missing(roster.members)]))
        free = [one for one in there if not self._is_full(one)]
        choice = free or there or list(roster.members)
        best = min(self._rank(one, wanted) for one in choice)
        equals = [one for one in choice if self._rank(one, wanted) == best]
        chosen = min(equals, key=self._order)
        missed = [one for one in roster.members if one not in choice and self._rank(one, wanted) <= best]
        for one in missed:
            self.passed[one.email] = max(self.passed[one.email], self.passed[chosen.email])
        reasons = [*self._reasons(chosen, wanted), _open(self.waiting.get(chosen.email, 0))]
        remarks = [*self._nobody(best, wanted), *self._missing(missed)]
        if not free:
            remarks.append("everybody who is there is full" if there else "everybody is away")
        return self._given(chosen, wanted, reasons, remarks)

    def _given(
        self, member: Member, wanted: Wanted, reasons: Sequence[str], remarks: Sequence[str] = ()
    ) -> Assigned:
        self.passed[member.email] += SHARE // member.weight
        self.waiting[member.email] = self.waiting.get(member.email, 0) + 1
        because = "; ".join([f"{member.name}: {', '.join(reasons)}", *remarks])
        return Assigned(SalesPerson(member.name, member.email), because)

    # --- who comes first --------------------------------------------------------------------------------

    def _owner(self, wanted: Wanted) -> Member | None:
        if OWNER not in self.ways or not wanted.owner:
            return None
        said = wanted.owner.strip().casefold()
        named = (one for one in self.roster.members if said in (one.email.casefold(), one.name.casefold()))
        return next(named, None)

    def _rank(self, member: Member, wanted: Wanted) -> tuple[int, ...]:
        """How well a member suits, by the ways in their order: 0 by name, 1 as anybody, 2 not."""
        ranks = {TERRITORY: _territory, LANGUAGE: _language}
        return tuple(ranks[way](member, wanted) for way in self.ways if way in ranks)

    def _order(self, member: Member) -> tuple[int, int]:
        load = self.waiting.get(member.email, 0) if LEAST_LOADED in self.ways else 0
        return load, self.passed[member.email]

    def _is_full(self, member: Member) -> bool:
        most = member.open_at_most
        return most is not None and self.waiting.get(member.email, 0) >= most

    # --- in words ---------------------------------------------------------------------------------------

    def _reasons(self, member: Member, wanted: Wanted) -> Iterator[str]:
        for way in self.ways:
            if way == TERRITORY and _territory(member, wanted) == 0:
                yield f"serves {wanted.region if _in_region(member, wanted) else wanted.country}"
            elif way == LANGUAGE and _language(member, wanted) == 0:
                yield f"speaks {wanted.language}"
        yield "the fewest open" if LEAST_LOADED in self.ways else "next in turn"

    def _nobody(self, best: tuple[int, ...], wanted: Wanted) -> Iterator[str]:
        """Where those who suit are not there, or there are none."""
        narrowing = [way for way in self.ways if way in (TERRITORY, LANGUAGE)]
        for way, rank in zip(narrowing, best, strict=True):
            if rank == 2 and way == TERRITORY:
                yield f"nobody who could take it serves {wanted.region or wanted.country}"
            elif rank == 2:
                yield f"nobody who could take it speaks {wanted.language}"

    def _missing(self, members: Sequence[Member]) -> list[str]:
        told = []
        for one in members[:_TOLD_AT_MOST]:
            if one.email in self.away:
                told.append(f"{one.name} is away until {day_words(self.away[one.email])}")
            else:
                told.append(f"{one.name} has {_open(self.waiting.get(one.email, 0))}, as many as they take")
        more = len(members) - _TOLD_AT_MOST
        return [*told, f"{more} more could not take it"] if more > 0 else told


def _open(n: int) -> str:
    return f"{n or 'no'} hand-over{'' if n < 2 else 's'} open"


def _in_region(member: Member, wanted: Wanted) -> bool:
    return wanted.region is not None and wanted.region.casefold() in member.regions


def _territory(member: Member, wanted: Wanted) -> int:
    if wanted.country is None and wanted.region is None:
        return 1
    if _in_region(member, wanted):
        return 0
    if not member.countries and not member.regions:
        return 1
    if wanted.country not in member.countries:
        # Who names only regions serves nothing else; of an unknown region nobody can say.
        return 1 if wanted.region is None and not member.countries else 2
    if not member.regions:
        return 0
    return 1 if wanted.region is None else 2


def _language(member: Member, wanted: Wanted) -> int:
    if wanted.language is None or not member.languages:
        return 1
    return 0 if wanted.language in member.languages else 2
