"""What a lead is recognised by, and the keys under which those who may be the same person are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import md5
from struct import Struct

from nurture.core.addresses import is_role_address
from nurture.core.alike_firms import Firm, letters_of
from nurture.core.alike_mail import mailbox
from nurture.core.alike_names import called
from nurture.core.likeness import NOBODY, Traits
from nurture.core.model import Lead
from nurture.core.nicknames import initials
from nurture.core.spelling import sound
from nurture.ingest.accounts import domain_of_lead
from nurture.ingest.companies import company_key
from nurture.ingest.text import fold
from nurture.store.people import Identity

_MOST_WORDS = 4
_KINDS = {"n": 1, "m": 2, "p": 2}
_EIGHT = Struct(">q")


def traits_of(lead: Lead, account_id: int | None = None, identities: Iterable[Identity] = ()) -> Traits:
    """What a lead is recognised by, as it is compared; `identities` are known to be theirs too."""
    emails = {value for kind, value in identities if kind == "email"}
    phones = {value for kind, value in identities if kind == "phone"}
    emails |= {lead.email} if lead.email else set()
    phones |= {lead.phone} if lead.phone else set()
    return Traits(
        called=called(lead.name) if lead.name else NOBODY,
        emails=tuple(sorted(emails)),
        phones=frozenset(phones),
        mobiles=frozenset(number for number in phones if _is_mobile(number)),
        firm=Firm(
            company_key(lead.company) if lead.company else None,
            fold(lead.company).replace(" ", "") if lead.company else None,
            domain_of_lead(lead),
            account_id,
            lead.country,
        ),
        town=fold(lead.city) if lead.city else None,
    )


def keys_of(lead: Lead, identities: Iterable[Identity] = ()) -> set[int]:
    """Whoever shares one of these may be the same person; `identities` are known to be theirs too."""
    found = {hashed(text) for text in _keys(lead)}
    return found | {hashed(_REACHED[kind](value)) for kind, value in identities if kind in _REACHED}


def is_of_name(key: int) -> bool:
    """Whether a key is that of a name alone, which says something only of a rare name."""
    return key & 3 == _KINDS["n"]


def is_of_reach(key: int) -> bool:
    """Whether a key is that of an address or a number."""
    return key & 3 == _KINDS["m"]


def _keys(lead: Lead) -> Iterator[str]:
    if lead.email:
        yield _mail_key(lead.email)
    if lead.phone:
        yield _phone_key(lead.phone)
    words = called(lead.name).words[:_MOST_WORDS] if lead.name else ()
    if len(words) < 2:
        return
    sounds, at_work = name_keys(words)
    if sounds:
        yield f"n {sounds}"
        if lead.city:
            yield f"t {sounds} {fold(lead.city)}"
    yield from (f"f {firm} {key}" for firm in _firms(lead) for key in at_work)


def _mail_key(email: str) -> str:
    address = mailbox(email)
    local, _, domain = address.partition("@")
    # Under the first letter of the domain mistyped domains are found too; of `info@` there are too many.
    return f"m {address}" if is_role_address(address) else f"m {local.replace('.', '')} {domain[0]}"


def _phone_key(phone: str) -> str:
    return f"p {phone}"


_REACHED = {"email": _mail_key, "phone": _phone_key}


@lru_cache(maxsize=16_384)
def name_keys(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The sound of a whole name, if it has two full words; and each of its words with another one's initial,
    which is what `J. Jansen` and `Jan Jansen` share, in any order."""
    sounds = {word: sound(word) for word in words if len(word) > 1}
    keys = {
        f"{each} {initial}"
        for place, word in enumerate(words)
        if (each := sounds.get(word))
        for other, second in enumerate(words)
        if other != place
        for initial in initials(second)
    }
    whole = " ".join(sorted({*sounds.values()})) if len(sounds) > 1 else ""
    return whole, tuple(sorted(keys))


def _firms(lead: Lead) -> set[str]:
    """The company by its name and by its domain: mostly the same letters."""
    found = {letters_of(key)} if lead.company and (key := company_key(lead.company)) else set()
    if domain := domain_of_lead(lead):
        found.add(letters_of(domain.partition(".")[0]))
    return found


def hashed(text: str) -> int:
    """Eight bytes, of which the last two bits tell what kind of key it is."""
    digest: int = _EIGHT.unpack_from(md5(text.encode(), usedforsecurity=False).digest())[0]
    return (digest & ~3) | _KINDS.get(text[0], 0)


@lru_cache(maxsize=16_384)
def _is_mobile(number: str) -> bool:
    import phonenumbers  # slow to import, and not every record has a number

    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind == phonenumbers.PhoneNumberType.MOBILE
