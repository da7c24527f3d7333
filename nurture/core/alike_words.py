"""What makes two people alike, as a number for the order of a list and as reasons for who reads it."""

from __future__ import annotations

from dataclasses import dataclass

from nurture.core.alike_firms import Firms
from nurture.core.alike_mail import Mailboxes
from nurture.core.alike_names import Names


@dataclass(frozen=True, slots=True)
class Seen:
    """What two people are to each other, compared piece by piece, each by its own rules.

    `carried`: it is a mobile number that they share. `apart`: each has an address of their own at one firm.
    `at_work`: all addresses are their own, and firms'. `alike_at_all`: what the names do not share begins
    alike.
    """

    names: Names
    mail: Mailboxes
    shared: bool
    phone: bool | None
    carried: bool
    firm: Firms
    town: bool | None
    apart: bool
    generation: bool | None
    at_work: bool
    alike_at_all: bool


_MAIL_POINTS = {
    Mailboxes.AT_MISTYPED_DOMAIN: 0.28,
    Mailboxes.SAME: 0.3,
    Mailboxes.MISTYPED: 0.25,
    Mailboxes.NAMED_ALIKE: 0.2,
    Mailboxes.OTHER: -0.05,
}
_FIRM_POINTS = {Firms.SAME: 0.2, Firms.NEAR: 0.15, Firms.NAMESAKE: 0.05, Firms.OTHER: -0.1}


def score_of(seen: Seen) -> float:
    """For the order of the review list: half of it the name, half of it the rest."""
    score = 0.5 * seen.names.value + _MAIL_POINTS.get(seen.mail, 0.0) + _FIRM_POINTS.get(seen.firm, 0.0)
    if seen.phone is not None:
        score += (0.3 if seen.carried else 0.2) if seen.phone else -0.05
    if seen.town is not None:
        score += 0.05 if seen.town else -0.05
    if seen.apart or seen.shared:
        score -= 0.1
    return round(min(1.0, max(0.0, score)), 2)


_NAME_WORDS = {
    Names.SAME: "the same name",
    Names.LONGER: "the same name, with one more of one of them",
    Names.MISTYPED: "names that are one wrong letter apart",
    Names.FAMILIAR: "a name, and what its bearers are called",
    Names.BLURRED: "names that may be one, with typing errors",
    Names.SHORTENED: "names of which one is a shorter form of the other",
    Names.PART: "the only name of one is part of the other's",
    Names.UNKNOWN: "one of the two has no name",
    Names.SURNAME_CHANGED: "the same first name with another surname",
    Names.FAMILY: "the same surname with another first name",
    Names.DIFFERENT: "different names",
}
_MAIL_WORDS = {
    Mailboxes.SAME: "the same mailbox",
    Mailboxes.AT_MISTYPED_DOMAIN: "one mailbox, once with a mistyped domain",
    Mailboxes.MISTYPED: "addresses that are one wrong letter apart",
    Mailboxes.NAMED_ALIKE: "addresses of the same unusual name at two providers",
    Mailboxes.OTHER: "different addresses",
}
_FIRM_WORDS = {
    Firms.SAME: "the same company",
    Firms.NEAR: "companies of nearly the same name",
    Firms.NAMESAKE: "companies of one name with different domains",
    Firms.OTHER: "different companies",
}


def reasons_of(seen: Seen) -> list[str]:
    """In words, what was compared: those for it first."""
    reasons = [_NAME_WORDS[seen.names]]
    if seen.mail in _MAIL_WORDS:
        reasons.append(_MAIL_WORDS[seen.mail] + (", which several people may read" if seen.shared else ""))
    if seen.phone is not None:
        number = "mobile number" if seen.carried else "telephone number"
        reasons.append(f"the same {number}" if seen.phone else "different telephone numbers")
    if seen.firm in _FIRM_WORDS:
        reasons.append(_FIRM_WORDS[seen.firm])
    if seen.town is not None:
        reasons.append("the same town" if seen.town else "different towns")
    if seen.apart:
        reasons.append("each has an address of their own at one company")
    if seen.generation is False:
        reasons.append("one of the two is called junior or senior")
    return reasons
