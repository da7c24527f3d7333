"""Which e-mail addresses can be used, and what is wrong with the others.

Nearly all addresses are plain: one strict pattern settles them. Only the odd ones (quotes, other alphabets,
a name around the address) are worth email-validator, which takes forty times as long.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from nurture.core.addresses import is_role_address
from nurture.ingest.text import is_placeholder

LONGEST = 254
"""Characters in an address: a path has 256 (RFC 5321, section 4.5.3.1.3), of which two are its brackets."""

MALFORMED = "malformed"
TOO_LONG = "too_long"
PLACEHOLDER = "placeholder"
DISPOSABLE = "disposable"
NO_REPLY = "no_reply"
ROLE = "role_address"

_PLAIN_LOCAL = re.compile(r"[a-z0-9_'+-]+(?:\.[a-z0-9_'+-]+)*")
_PLAIN_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!invalid|local)[a-z]{2,24}")
_AROUND = re.compile(r"^(?:mailto:)?\s*|[\s.,;>]+$")
_IN_BRACKETS = re.compile(r"<([^<>]+)>")
_INVENTED_LOCAL = frozenset({"test", "asdf", "asd", "qwerty", "none", "no", "nomail", "noemail", "geen"})
_INVENTED_DOMAIN = frozenset({"test", "asdf", "none", "no", "nomail", "noemail", "geen", "mail", "email"})
_NO_REPLY_LOCAL = frozenset({"noreply", "no-reply", "donotreply", "do-not-reply", "no.reply", "no_reply"})


@lru_cache(maxsize=16_384)
def clean_email(text: str) -> tuple[str | None, str | None]:
    """The address in lower case and None; or, where it cannot be used, None and the reason's code.

    A role address can be used: it comes with its code `role_address`. Of several addresses the first counts.
    """
    address = text.strip().lower()
    local, _, domain = address.partition("@")
    if not (_PLAIN_LOCAL.fullmatch(local) and len(local) <= 64 and _is_plain_domain(domain)):
        found = _odd(text)
        if found is None:
            return None, _why_not(address, local, domain)
        address = found
        local, _, domain = address.partition("@")
    if len(address) > LONGEST:
        return None, TOO_LONG
    if local in _NO_REPLY_LOCAL:
        return None, NO_REPLY
    if _is_invented(local, domain):
        return None, PLACEHOLDER
    if domain in _disposable():
        return None, DISPOSABLE
    return address, ROLE if is_role_address(address) else None


@lru_cache(maxsize=4_096)
def _is_plain_domain(domain: str) -> bool:
    # Punycode is left to email-validator, which knows what it must stand for.
    return len(domain) <= 250 and "xn--" not in domain and _PLAIN_DOMAIN.fullmatch(domain) is not None


def _is_invented(local: str, domain: str) -> bool:
    label = domain.partition(".")[0]
    return (local in _INVENTED_LOCAL and label in _INVENTED_DOMAIN) or (len(local) == 1 and local == label)


def _why_not(address: str, local: str, domain: str) -> str:
    if len(address) > LONGEST and domain:
        return TOO_LONG
    return PLACEHOLDER if is_placeholder(address) or _is_invented(local, domain) else MALFORMED


def _odd(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    if inside := _IN_BRACKETS.search(text):
        text = inside[1]
    elif ";" in text or "," in text:
        text = next((part for part in re.split("[;,]", text) if "@" in part), text)
    text = re.sub(r"\s*@\s*", "@", _AROUND.sub("", text))
    try:
        valid = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return (valid.ascii_email or valid.normalized).lower()


@cache
def _disposable() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
