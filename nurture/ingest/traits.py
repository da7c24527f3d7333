"""What a lead is recognised by, and the keys under which those who may be the same person are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import md5
from struct import Struct

import phonenumbers

from nurture.core.addresses import is_role_address
from nurture.core.alike_firms import Firm
from nurture.core.alike_mail import mailbox
from nurture.core.alike_names import called, sound
from nurture.core.likeness import NOBODY, Traits
from nurture.core.model import Lead
from nurture.ingest.accounts import domain_of_lead
from nurture.ingest.companies import company_key
from nurture.ingest.text import fold
from nurture.store.people import Identity

_MOST_WORDS = 4
_BEGINNING = 4
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


def keys_of(lead: Lead, account_id: int | None) -> set[int]:
    """Whoever shares one of these may be the same person."""
    return {_hashed(text) for text in _keys(lead, account_id)}


def is_of_name(key: int) -> bool:
    """Whether a key is that of a name alone, which says something only of a rare name."""
    return key & 3 == _KINDS["n"]


def is_of_reach(key: int) -> bool:
    """Whether a key is that of an address or a number."""
    return key & 3 == _KINDS["m"]


def _keys(lead: Lead, account_id: int | None) -> Iterator[str]:
    if lead.email:
        address = mailbox(lead.email)
        local, _, domain = address.partition("@")
        # Under the first letter of the domain mistyped domains are found too; of `info@` there are too many.
        yield f"m {address}" if is_role_address(address) else f"m {local.replace('.', '')} {domain[0]}"
    if lead.phone:
        yield f"p {lead.phone}"
    words = called(lead.name).full[:_MOST_WORDS] if lead.name else ()
    if not words:
        return
    sounds = sorted({sound(word) for word in words})
    if account_id is not None:
        yield from (f"f {account_id} {each}" for each in sounds)
    if len(sounds) > 1:
        whole = " ".join(sounds)
        yield f"n {whole}"
        for firm in {text[:_BEGINNING] for text in _firm_names(lead)}:
            yield f"c {whole} {firm}"


def _firm_names(lead: Lead) -> Iterator[str]:
    if lead.company and (key := company_key(lead.company)):
        yield key.replace(" ", "")
    if domain := domain_of_lead(lead):
        yield domain.partition(".")[0].replace("-", "")


def _hashed(text: str) -> int:
    """Eight bytes, of which the last two bits tell what kind of key it is."""
    digest: int = _EIGHT.unpack_from(md5(text.encode(), usedforsecurity=False).digest())[0]
    return (digest & ~3) | _KINDS.get(text[0], 0)


@lru_cache(maxsize=16_384)
def _is_mobile(number: str) -> bool:
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind == phonenumbers.PhoneNumberType.MOBILE
