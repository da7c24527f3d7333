"""Whether two accounts are of one company: the same, doubtful, or different, with the reasons in words.

A name alone is never sure, since strangers share it. Sure is a name together with a domain: one registered
domain; one that is the other's with a wrong letter; or, of two in one country, one that says the name. Legal
forms of two kinds leave a doubt. Two accounts that were told apart by what people said of them (other names,
other domains) are two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from nurture.core.addresses import is_business_domain, organisation_of
from nurture.core.alike_firms import Firm, Firms, domains_alike, firm_names_alike, is_called
from nurture.core.likeness import Likeness, Verdict


class Domains(Enum):
    """What two accounts' domains are to each other."""

    ONE = "one"
    OTHER_ENDING = "other ending"
    OTHER_HYPHENS = "other hyphens"
    MISTYPED = "mistyped"
    CALLED = "called"
    UNKNOWN = "unknown"
    OTHER = "other"


_NEAR = (Domains.OTHER_ENDING, Domains.OTHER_HYPHENS, Domains.MISTYPED, Domains.CALLED)


@dataclass(frozen=True, slots=True)
class _Seen:
    names: Firms
    domains: Domains
    country: bool | None
    other_kind: bool
    called: bool
    both_domains: bool


def compare_accounts(one: Firm, other: Firm) -> Likeness:
    """Whether two accounts are of one company. `key` is None where nobody has said what it is called."""
    names = firm_names_alike(one.key, other.key) if one.key and other.key else Firms.UNKNOWN
    country = one.country == other.country if one.country and other.country else None
    other_kind = bool(one.legal and other.legal and one.legal.differs_from(other.legal))
    called, both = _is_called(one, other), bool(one.domain and other.domain)
    seen = _Seen(names, _domains(one, other), country, other_kind, called, both)
    return Likeness(_judge(seen), _score(seen), tuple(_reasons(seen)))


def _domains(one: Firm, other: Firm) -> Domains:
    if one.domain and other.domain:
        organisation = organisation_of(one.domain)
        if organisation == organisation_of(other.domain) and is_business_domain(organisation):
            return Domains.ONE
        if domains_alike(one.domain, other.domain) is Firms.NEAR:
            return _near_domains(one.domain, other.domain)
    if _is_called(one, other):
        return Domains.CALLED
    return Domains.OTHER if one.domain and other.domain else Domains.UNKNOWN


def _near_domains(one: str, other: str) -> Domains:
    if one.partition(".")[0] == other.partition(".")[0]:
        return Domains.OTHER_ENDING
    # A hyphen is no wrong letter: `metaal-jansen` and `metaaljansen` were chosen, maybe by two firms.
    return Domains.MISTYPED if one.count("-") == other.count("-") else Domains.OTHER_HYPHENS


def _is_called(one: Firm, other: Firm) -> bool:
    """Whether the one's name is the other's domain."""
    pairs = ((one, other.domain), (other, one.domain))
    return any(firm.key and domain and is_called(firm, domain) for firm, domain in pairs)


def _judge(seen: _Seen) -> Verdict:
    near = seen.domains in _NEAR
    if _is_slip(seen):
        return Verdict.SAME
    match seen.names:
        case Firms.SAME | Firms.UNKNOWN if seen.domains is Domains.ONE:
            return Verdict.SAME
        case Firms.SAME:
            return Verdict.DIFFERENT if seen.country is False and not near else Verdict.DOUBTFUL
        case Firms.NEAR:
            apart = seen.domains is Domains.OTHER or seen.country is False
            return Verdict.DIFFERENT if apart and not near else Verdict.DOUBTFUL
        case Firms.UNKNOWN:
            return Verdict.DOUBTFUL if near else Verdict.DIFFERENT
        case _:
            return Verdict.DOUBTFUL if seen.domains is Domains.ONE else Verdict.DIFFERENT


def _is_slip(seen: _Seen) -> bool:
    """Whether they only differ by how somebody wrote them: domain and name say the same, and nothing else."""
    if seen.other_kind or seen.country is False:
        return False
    match seen.names, seen.domains:
        case Firms.SAME, Domains.MISTYPED:
            return True
        case Firms.NEAR, Domains.MISTYPED:
            return seen.called
        case Firms.SAME | Firms.NEAR, Domains.CALLED:
            return bool(seen.country) and not seen.both_domains
        case _:
            return False


_NAME_POINTS = {Firms.SAME: 0.5, Firms.NEAR: 0.4, Firms.UNKNOWN: 0.25, Firms.OTHER: 0.0}
_DOMAIN_POINTS = {
    Domains.ONE: 0.5,
    Domains.OTHER_ENDING: 0.35,
    Domains.OTHER_HYPHENS: 0.35,
    Domains.MISTYPED: 0.3,
    Domains.CALLED: 0.35,
    Domains.UNKNOWN: 0.2,
    Domains.OTHER: 0.0,
}


def _score(seen: _Seen) -> float:
    country = {True: 0.05, False: -0.15, None: 0.0}[seen.country]
    return round(min(1.0, max(0.0, _NAME_POINTS[seen.names] + _DOMAIN_POINTS[seen.domains] + country)), 2)


_NAME_WORDS = {
    Firms.SAME: "the same name, but for the legal form and such",
    Firms.NEAR: "nearly the same name",
    Firms.UNKNOWN: "nobody has said what one of them is called",
    Firms.OTHER: "different names",
}
_DOMAIN_WORDS = {
    Domains.ONE: "one domain",
    Domains.OTHER_ENDING: "the same domain with another ending",
    Domains.OTHER_HYPHENS: "the same domain, but for a hyphen",
    Domains.MISTYPED: "domains that are one wrong letter apart",
    Domains.CALLED: "the name of the one is the domain of the other",
    Domains.OTHER: "different domains",
}


def _reasons(seen: _Seen) -> list[str]:
    reasons = [_NAME_WORDS[seen.names]]
    if seen.domains in _DOMAIN_WORDS:
        reasons.append(_DOMAIN_WORDS[seen.domains])
    if seen.country is not None:
        reasons.append("the same country" if seen.country else "different countries")
    if seen.other_kind:
        reasons.append("different legal forms")
    return reasons
