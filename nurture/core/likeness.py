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
from nurture.core.alike_names import Called, Names, left_alike, names_alike
from nurture.core.alike_words import Seen, reasons_of, score_of
from nurture.core.spelling import spelt

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


def compare(one: Traits, other: Traits) -> Likeness:
    """Whether two records are of one person."""
    seen = _see(one, other)
    return Likeness(_judge(seen), score_of(seen), tuple(reasons_of(seen)))


def contradict(one: Traits, other: Traits) -> bool:
    """Whether something says that these are two, whatever else they have in common."""
    seen = _see(one, other)
    others = seen.names in (Names.FAMILY, Names.DIFFERENT)
    return seen.apart or (others and _judge(seen) is not Verdict.SAME)


def may_be_one(one: Called, other: Called, *, reached_alike: bool) -> bool:
    """Whether two are worth comparing, by their names alone: quick, and true of all that `compare` doubts.

    `reached_alike`: they have an address or a number in common.
    """
    return reached_alike or names_alike(one, other) not in _NEED_ADDRESS


_NEED_ADDRESS = (Names.FAMILY, Names.SURNAME_CHANGED, Names.UNKNOWN, Names.PART, Names.DIFFERENT)


def _see(one: Traits, other: Traits) -> Seen:
    generations = {one.called.generation, other.called.generation}
    names = Names.FAMILY if len(generations - {None}) > 1 else _names(one, other)
    mail, shared = _mail(one, other)
    phones = one.phones & other.phones
    return Seen(
        names=names,
        mail=mail,
        shared=shared,
        phone=True if phones else False if _number_apart(one, other) else None,
        carried=bool(phones & one.mobiles),
        firm=firms_alike(one.firm, other.firm),
        town=one.town == other.town if one.town and other.town else None,
        apart=mail is Mailboxes.OTHER and _at_one_firm_apart(one, other),
        generation=None if generations == {None} else len(generations) == 1,
        at_work=all(_is_own(email) for email in (*one.emails, *other.emails)),
        alike_at_all=names in (Names.FAMILY, Names.DIFFERENT) and left_alike(one.called, other.called),
    )


def _names(one: Traits, other: Traits) -> Names:
    """What the names are to each other; where a mailbox tells how one is really spelt, by that."""
    found = names_alike(one.called, other.called)
    if found not in (Names.MISTYPED, Names.SHORTENED):
        return found
    if _is_spelt_by_mail(one, other.called) or _is_spelt_by_mail(other, one.called):
        return Names.SAME
    return found


def _is_spelt_by_mail(traits: Traits, right: Called) -> bool:
    """Whether an address of theirs has the words of the other name that theirs has not: J., called jan."""
    shared = set(traits.called.full) & set(right.full)
    odd, meant = set(traits.called.full) - shared, set(right.full) - shared
    for email in traits.emails:
        local = spelt(email.partition("@")[0])
        # `jjansen` has a Jan in it that is of the surname.
        for word in shared:
            local = local.replace(word, " ", 1)
        if meant and all(word in local for word in meant) and not any(word in local for word in odd):
            return True
    return False


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


def _is_own(address: str) -> bool:
    return is_business_domain(domain_of(address)) and not is_shared(address, frozenset())


def _judge(seen: Seen) -> Verdict:
    """By how alike the names are, what else there must be."""
    own_mailbox = seen.mail in (Mailboxes.SAME, Mailboxes.AT_MISTYPED_DOMAIN) and not seen.shared
    match seen.names:
        case Names.SAME | Names.LONGER:
            return _of_same_name(seen, own_mailbox)
        case Names.MISTYPED | Names.FAMILIAR | Names.SHORTENED | Names.BLURRED:
            return _of_like_name(seen, own_mailbox)
        case Names.PART:
            sure = (seen.mail is Mailboxes.SAME and not seen.shared) or seen.carried
            return Verdict.SAME if sure else _doubt(seen.phone or seen.shared)
        case Names.UNKNOWN:
            return Verdict.SAME if seen.mail is Mailboxes.SAME or seen.phone else Verdict.DIFFERENT
        case Names.SURNAME_CHANGED:
            sure = own_mailbox or (seen.carried and seen.firm is Firms.SAME)
            return Verdict.SAME if sure else _doubt(seen.carried)
        case Names.FAMILY:
            if seen.generation is False:
                return Verdict.DIFFERENT
            # One desk, one person: at home two of one surname may share both.
            desk = seen.at_work and seen.mail is Mailboxes.SAME and not seen.shared
            if desk and (seen.alike_at_all or seen.carried):
                return Verdict.SAME
            return _doubt(own_mailbox or seen.carried)
        case _:
            return _doubt(own_mailbox and (seen.alike_at_all or seen.phone))


def _doubt(worth: bool | None) -> Verdict:
    return Verdict.DOUBTFUL if worth else Verdict.DIFFERENT


def _of_same_name(seen: Seen, own_mailbox: bool) -> Verdict:
    own_mailbox = own_mailbox or (seen.mail is Mailboxes.MISTYPED and not seen.shared)
    if seen.generation is False and not seen.carried and not (own_mailbox and seen.at_work):
        # Father or son? One of the two records does not say.
        near = own_mailbox or seen.shared or seen.phone or seen.firm is Firms.SAME
        return _doubt(near)
    if own_mailbox or seen.carried:
        return Verdict.SAME
    if seen.apart:
        return Verdict.DOUBTFUL
    if seen.shared:
        # A family's mailbox, or a firm's: those of one name there may be father and son.
        fits = bool(seen.phone) if seen.names is Names.LONGER else seen.phone is not False
        return Verdict.SAME if fits or seen.firm is Firms.SAME else Verdict.DOUBTFUL
    if seen.mail is Mailboxes.NAMED_ALIKE or seen.phone or seen.firm in (Firms.SAME, Firms.NEAR):
        return Verdict.SAME
    # Another firm, another number, and no town in common: all that is known says that these are two.
    return _doubt(not (seen.phone is False and seen.firm is Firms.OTHER and not seen.town))


def _of_like_name(seen: Seen, own_mailbox: bool) -> Verdict:
    if seen.carried or own_mailbox:
        return Verdict.SAME
    if seen.names is Names.FAMILIAR and seen.firm is Firms.SAME and not seen.apart:
        return Verdict.SAME
    near = seen.phone or seen.shared or seen.firm in (Firms.SAME, Firms.NEAR, Firms.NAMESAKE)
    return _doubt(near and not seen.apart)
