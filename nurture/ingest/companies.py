"""Companies: by which name and which domain two leads work for the same one."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nurture.core.addresses import domain_of, is_business_domain
from nurture.core.alike_firms import Legal
from nurture.ingest.text import bare, fold, is_placeholder

if TYPE_CHECKING:
    from tldextract import TLDExtract

LONGEST_KEY = 200
"""Characters; accounts are found by it, and one ligature of a name may become eighteen letters of its key."""

LONGEST_DOMAIN = 253
"""Characters in a domain's name: 255 octets as it is sent (RFC 1035, section 2.3.4)."""

_LEGAL_FORMS = frozenset(
    """
    bv nv vof cv bvba srl sprl gmbh mbh ag ug kg ohg gbr ev eg se sa sas sarl spa ltd limited plc
    llc llp lp inc corp co company holding aps as sl slu snc oy ab
    besloten vennootschap naamloze gesellschaft group groep gruppe haftungsbeschrankt und and en the de
    het die
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)
_FORMS = {
    form: Legal(kind, tongue)
    for kind, tongue, forms in (
        ("private company", "Dutch or French", "bv bvba sprl sarl besloten"),
        ("private company", "German", "gmbh mbh ug"),
        ("private company", "English", "ltd limited llc"),
        ("private company", "Spanish", "sl slu"),
        ("private company", "Danish", "aps"),
        ("private company", None, "srl"),
        ("public company", "Dutch or French", "nv naamloze"),
        ("public company", "German", "ag"),
        ("public company", "English", "plc"),
        ("public company", "Italian", "spa"),
        ("public company", None, "sa"),
        ("partnership", "Dutch or French", "vof cv"),
        ("partnership", "German", "kg ohg gbr"),
        ("partnership", "English", "llp lp"),
        ("partnership", None, "snc"),
    )
    for form in forms.split()
}
"""A Belgian firm has a name in Dutch and one in French. What is of two kinds in two countries is left out."""

_ABBREVIATED = re.compile(r"\b(?:\w\.){2,}|\b\w[./]\w\b")
_NOT_THEIR_OWN = frozenset(
    """
    facebook.com linkedin.com instagram.com twitter.com x.com xing.com youtube.com google.com
    wixsite.com wordpress.com blogspot.com jimdo.com linktr.ee
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)


@lru_cache(maxsize=16_384)
def company_key(name: str) -> str | None:
    """What is left of a company's name when legal forms and punctuation are gone; None when nothing is.

    None too for one that is longer than LONGEST_KEY: no firm is called so, and no index can hold it.
    """
    words = _words(name)
    kept = [word for word in words if word not in _LEGAL_FORMS]
    key = " ".join(kept or words)
    return key if 0 < len(key) <= LONGEST_KEY else None


@lru_cache(maxsize=16_384)
def legal_form(name: str) -> Legal | None:
    """What the legal form in a company's name tells; None without one. A GmbH & Co. KG is a partnership."""
    found = {_FORMS[word] for word in _words(name) if word in _FORMS}
    return min(found, key=lambda one: (one.kind, one.tongue or ""), default=None)


def _words(name: str) -> list[str]:
    plain = _ABBREVIATED.sub(lambda match: match[0].replace(".", "").replace("/", ""), name)
    return fold(plain.replace("&", " and ")).split()


def clean_company(text: str) -> str | None:
    """A company's name; None for placeholders."""
    name = bare(text)
    return None if not name or is_placeholder(name) else name


@lru_cache(maxsize=16_384)
def clean_website(text: str) -> tuple[str | None, str | None]:
    """A website as an address, and the domain of the company that it shows (None for social networks)."""
    address = text.strip()
    if " " in address or "." not in address or "@" in address:
        return None, None
    if not address.lower().startswith(("http://", "https://")):
        address = f"https://{address}"
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return None, None
    domain = own_domain(host)
    if domain is None:
        return None, None
    return address, None if domain in _NOT_THEIR_OWN else domain


@lru_cache(maxsize=16_384)
def own_domain(host: str) -> str | None:
    """The domain that somebody registered: `mail.jansen.co.uk` → `jansen.co.uk`; None where there is none."""
    host = host.lower()
    if len(host) > LONGEST_DOMAIN:
        return None
    parts = host.split(".")
    if len(parts) == 2 and len(parts[0]) > 3 and all(parts):
        return host
    found = _extract()(host)
    if not found.suffix and len(parts) > 1 and all(parts):
        return ".".join(parts[-2:])
    return found.top_domain_under_public_suffix or None


def business_domain(email: str | None) -> str | None:
    """The company's domain that an address tells; never that of a free-mail provider."""
    domain = domain_of(email or "")
    return own_domain(domain) if domain and is_business_domain(domain) else None


@cache
def _extract() -> TLDExtract:
    from tldextract import TLDExtract  # slow to import, and most domains do without it

    # The list that came with the library: an import must not wait for the network.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)
