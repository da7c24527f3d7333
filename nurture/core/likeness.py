"""Whether two records are of one person: the same, doubtful, or different, with the reasons in words.

A name alone is never sure, and an address or a number alone is not either: mailboxes and telephones are
shared, and people have namesakes. Sure is a name together with something that only they have.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nurture.core.addresses import domain_of, is_business_domain, organisation_of
from nurture.core.alike_firms import Firm, Firms, firms_alike
from nurture.core.alike_mail import Mailboxes, is_shared, mailboxes_alike
from nurture.core.alike_names import Called, Names, names_alike, spelt

NOBODY, NO_FIRM = Called(), Firm()
"""Of whom no name is known, and of which no company is."""


class Verdict(StrEnum):
    """What two records are to each other."""

    SAME = "same"
    DOUBTFUL = "doubtful"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a person is recognised by: all addresses and numbers of theirs that are known.

    `mobiles` are the numbers that a person carries about.
    """

    called: Called = NOBODY
    emails: tuple[str, ...] = ()
    phones: frozenset[str] = frozenset()
    mobiles: frozenset[str] = frozenset()
    firm: Firm = NO_FIRM
    town: str | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """The verdict on two records, with a score from 0 to 1 and the reasons, those for it first."""

    verdict: Verdict
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was compared, each by its own rules."""

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


def compare(one: Traits, other: Traits) -> Likeness:
    """Whether two records are of one person."""
    seen = _see(one, other)
    return Likeness(_judge(seen), _score(seen), tuple(_reasons(seen)))


def contradict(one: Traits, other: Traits) -> bool:
    """Whether something says that these are two, whatever else they have in common."""
    seen = _see(one, other)
    return seen.apart or seen.names in (Names.FAMILY, Names.DIFFERENT)


def may_be_one(one: Called, other: Called, *, reached_alike: bool) -> bool:
    """Whether two are worth comparing, by their names alone: quick, and true of all that `compare` doubts.

    `reached_alike`: they have an address or a number in common.
    """
    alike = names_alike(one, other)
    return alike is not Names.DIFFERENT and (reached_alike or alike not in _NEED_ADDRESS)


_NEED_ADDRESS = (Names.FAMILY, Names.SURNAME_CHANGED, Names.UNKNOWN, Names.PART)


def _see(one: Traits, other: Traits) -> _Seen:
    generations = {one.called.generation, other.called.generation}
    names = Names.FAMILY if len(generations - {None}) > 1 else _names(one, other)
    mail, shared = _mail(one, other)
    phones = one.phones & other.phones
    return _Seen(
        names=names,
        mail=mail,
        shared=shared,
        phone=True if phones else False if _number_apart(one, other) else None,
        carried=bool(phones & one.mobiles),
        firm=firms_alike(one.firm, other.firm),
        town=one.town == other.town if one.town and other.town else None,
        apart=mail is Mailboxes.OTHER and _at_one_firm_apart(one, other),
        generation=None if generations == {None} else len(generations) == 1,
        at_work=names is Names.FAMILY and _may_be_called_both(one, other),
    )


def _names(one: Traits, other: Traits) -> Names:
    """What the names are to each other; where a mailbox tells how one is really spelt, by that."""
    found = names_alike(one.called, other.called)
    if found is not Names.MISTYPED:
        return found
    for wrong, right in ((one, other), (other, one)):
        locals_ = [spelt(email.partition("@")[0]) for email in wrong.emails]
        odd = set(wrong.called.full) - set(right.called.full)
        meant = set(right.called.full) - set(wrong.called.full)
        if any(
            all(word in local for word in meant) and not any(word in local for word in odd)
            for local in locals_
        ):
            return Names.SAME
    return found


_NEAREST = (
    Mailboxes.SAME,
    Mailboxes.AT_MISTYPED_DOMAIN,
    Mailboxes.MISTYPED,
    Mailboxes.NAMED_ALIKE,
    Mailboxes.OTHER,
)


def _mail(one: Traits, other: Traits) -> tuple[Mailboxes, bool]:
    """The nearest that any two of their addresses are, and whether that mailbox is shared."""
    words = frozenset({*one.called.full, *other.called.full})
    found = [
        (_NEAREST.index(mailboxes_alike(first, second, words)), first)
        for first in one.emails
        for second in other.emails
    ]
    if not found:
        return Mailboxes.UNKNOWN, False
    nearest, address = min(found)
    if nearest > _NEAREST.index(Mailboxes.MISTYPED):
        return _NEAREST[nearest], False
    surnames = frozenset(word for each in (one, other) for word in each.called.words[1:] if len(word) > 1)
    return _NEAREST[nearest], is_shared(address, surnames)


def _at_one_firm_apart(one: Traits, other: Traits) -> bool:
    """Whether each has an address of their own at one firm: there, one person has one."""
    first, second = (
        {organisation_of(domain_of(each)) for each in traits.emails if _is_own(each)}
        for traits in (one, other)
    )
    return bool(first & second)


def _number_apart(one: Traits, other: Traits) -> bool:
    """Whether two numbers say that these are two: at home and about, one person has two."""
    if one.mobiles and other.mobiles:
        return True
    return bool(one.phones and other.phones) and not one.mobiles and not other.mobiles


def _may_be_called_both(one: Traits, other: Traits) -> bool:
    """Whether first names begin alike, and the addresses are a firm's: Mike and Michael, at one mailbox."""
    first, second = one.called.words[:1], other.called.words[:1]
    alike = bool(first and second) and first[0][0] == second[0][0]
    return alike and all(_is_own(email) for email in (*one.emails, *other.emails))


def _is_own(address: str) -> bool:
    return is_business_domain(domain_of(address)) and not is_shared(address, frozenset())


def _judge(seen: _Seen) -> Verdict:
    """By how alike the names are, what else there must be."""
    same, doubtful, different = Verdict.SAME, Verdict.DOUBTFUL, Verdict.DIFFERENT
    own_mailbox = seen.mail in (Mailboxes.SAME, Mailboxes.AT_MISTYPED_DOMAIN) and not seen.shared
    match seen.names:
        case Names.SAME | Names.LONGER:
            return _of_same_name(seen, own_mailbox or (seen.mail is Mailboxes.MISTYPED and not seen.shared))
        case Names.MISTYPED | Names.SHORTENED:
            if own_mailbox or seen.carried:
                return same
            near = seen.phone or seen.shared or seen.firm in (Firms.SAME, Firms.NEAR)
            return doubtful if near and not seen.apart else different
        case Names.PART:
            if (seen.mail is Mailboxes.SAME and not seen.shared) or seen.carried:
                return same
            return doubtful if seen.phone or seen.shared else different
        case Names.UNKNOWN:
            return same if seen.mail is Mailboxes.SAME or seen.phone else different
        case Names.SURNAME_CHANGED:
            if seen.mail is Mailboxes.SAME and not seen.shared:
                return same
            return doubtful if seen.carried else different
        case Names.FAMILY:
            if seen.generation is False:
                return different
            if seen.at_work and own_mailbox:
                return same
            return doubtful if own_mailbox or seen.carried else different
        case _:
            return different


def _of_same_name(seen: _Seen, own_mailbox: bool) -> Verdict:
    if seen.generation is False and not seen.carried:
        # Father or son? One of the two records does not say.
        near = own_mailbox or seen.shared or seen.phone or seen.firm is Firms.SAME
        return Verdict.DOUBTFUL if near else Verdict.DIFFERENT
    if own_mailbox or seen.carried:
        return Verdict.SAME
    if seen.apart:
        return Verdict.DOUBTFUL
    if seen.shared:
        # A family's mailbox, or a firm's: those of one name there may be father and son.
        return Verdict.SAME if seen.phone is not False or seen.firm is Firms.SAME else Verdict.DOUBTFUL
    sure = seen.mail is Mailboxes.NAMED_ALIKE or seen.phone or seen.firm in (Firms.SAME, Firms.NEAR)
    return Verdict.SAME if sure else Verdict.DOUBTFUL


_MAIL_POINTS = {
    Mailboxes.AT_MISTYPED_DOMAIN: 0.28,
    Mailboxes.SAME: 0.3,
    Mailboxes.MISTYPED: 0.25,
    Mailboxes.NAMED_ALIKE: 0.2,
    Mailboxes.OTHER: -0.05,
}
_FIRM_POINTS = {Firms.SAME: 0.2, Firms.NEAR: 0.15, Firms.OTHER: -0.1}


def _score(seen: _Seen) -> float:
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
    Firms.OTHER: "different companies",
}


def _reasons(seen: _Seen) -> list[str]:
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
