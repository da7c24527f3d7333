"""What can be told from an e-mail address alone: who runs its domain, and whether a person reads it.

Pure data and three questions about it. The lists hold the well-known names of our markets; a domain that is
missing costs no more than a wrong company on a lead.
"""

from __future__ import annotations

from functools import lru_cache

FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com hotmail.com hotmail.nl hotmail.be hotmail.de hotmail.fr hotmail.co.uk outlook.com
    outlook.de outlook.be outlook.fr live.com live.nl live.be live.de live.fr live.co.uk msn.com passport.com
    icloud.com me.com mac.com yahoo.com yahoo.de yahoo.fr yahoo.nl yahoo.co.uk yahoo.es yahoo.it yahoo.com.br
    yahoo.in yahoo.co.in ymail.com rocketmail.com aol.com aol.de gmx.de gmx.net gmx.at gmx.ch gmx.com web.de
    t-online.de freenet.de arcor.de mail.de posteo.de posteo.net mailbox.org email.de 1und1.de kabelmail.de
    online.de vodafone.de o2online.de
    ziggo.nl kpnmail.nl kpnplanet.nl xs4all.nl planet.nl hetnet.nl home.nl casema.nl chello.nl upcmail.nl
    telfort.nl tele2.nl zonnet.nl wxs.nl quicknet.nl solcon.nl online.nl caiway.nl caiway.net zeelandnet.nl
    freeler.nl kabelfoon.nl versatel.nl onsbrabantnet.nl onsmail.nl ziggomail.com
    telenet.be skynet.be proximus.be scarlet.be pandora.be voo.be belgacom.net
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com hey.com
    fastmail.com fastmail.fm zoho.com mail.com email.com inbox.com hushmail.com runbox.com startmail.com
    orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr libero.it virgilio.it tiscali.it alice.it
    tin.it hotmail.it hotmail.es telefonica.net bluewin.ch hispeed.ch sunrise.ch chello.at aon.at a1.net
    btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk comcast.net verizon.net
    att.net sbcglobal.net cox.net bellsouth.net charter.net mail.ru yandex.ru yandex.com rambler.ru bk.ru
    wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz qq.com 163.com 126.com sina.com rediffmail.com
    uol.com.br bol.com.br terra.com.br
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)
"""Domains where anybody gets a mailbox: they say nothing about an employer."""

_MISTYPED = tuple(
    domain
    for domain in sorted(FREE_MAIL)
    if domain.partition(".")[0]
    in {
        *("gmail", "googlemail", "hotmail", "outlook", "yahoo", "icloud", "protonmail", "rocketmail"),
        *("ziggo", "kpnmail", "xs4all", "hetnet", "telenet", "skynet", "proximus", "freenet", "wanadoo"),
        *("laposte", "virgilio", "tiscali", "btinternet", "virginmedia"),
    }
)
"""Free-mail domains whose names mean nothing else: what is one wrong letter away is one of them, mistyped."""

_HEAD, _TAIL = 2, 5
"""Letters: one slip cannot be in both ends of a domain. Most are told apart by these alone."""
_BY_END: dict[str, list[str]] = {}
for _known in _MISTYPED:
    _BY_END.setdefault(_known[:_HEAD], []).append(_known)
    _BY_END.setdefault(_known[-_TAIL:], []).append(_known)

RESERVED = frozenset({"example.com", "example.org", "example.net", "example.edu"})
"""Domains that are nobody's (RFC 2606, section 3)."""

ROLE_NAMES = frozenset(
    """
    abuse accountant accounting accounts admin administratie administratif administration administrator
    aanmelding aanvraag anfrage anfragen backoffice balie bestelling bestellung bewerbung billing
    boekhouding buchhaltung buero bureau business careers company contact contactus crew customercare
    customerservice datenschutz dev directie einkauf enquiries enquiry events facturatie facturen factuur
    feedback finance financien frontdesk geschaeftsleitung hallo hello help helpdesk hoi hostmaster hr
    hq info information informatie inkoop invoice invoices it jobs kantoor klantenservice kontakt
    kundenservice legal mail mailbox marketing media news newsletter nieuwsbrief office order orders
    partners personal planning post postmaster press pr privacy receptie reception rechnung recruiting
    recruitment reservations reservering sales secretariaat security sekretariat service shop
    staff support team technik techniek verkauf verkoop vertrieb vragen webmaster welcome welkom winkel
    zentrale
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)
"""Local parts that name a task and not a person (RFC 2142 and daily life in English, Dutch and German)."""


_NEAR_WORDS = ("ziggo", "yahoo")
"""`ziggy.nl` may be a firm; `hotnail.com` is not."""
_EVERYBODYS = frozenset({"AI", "CC", "CO", "EU", "FM", "GG", "IM", "IO", "LY", "ME", "SH", "TO", "TV", "WS"})
"""Countries whose endings are sold as words."""

_JOINING = str.maketrans("", "", "-._")
_LONGEST_SECOND_LEVEL = 3
"""Letters of a country's second level: `co.uk`, `com.br`. A firm of three letters is taken for one."""


def domain_of(email: str) -> str:
    """What stands behind the last @, in lower case; empty where there is none."""
    return email.rpartition("@")[2].lower() if "@" in email else ""


def is_free_mail(domain: str) -> bool:
    """Whether anybody can get a mailbox under this domain."""
    return domain.lower() in FREE_MAIL


@lru_cache(maxsize=16_384)
def is_mistyped_free_mail(domain: str) -> bool:
    """Whether this is a well-known free-mail domain with one wrong letter: `hotmial.com`, `gmail.co`."""
    domain = domain.lower()
    if domain in FREE_MAIL:
        return False
    ends = domain[:_HEAD], domain[-_TAIL:]
    return any(_is_slip(domain, known) for end in ends for known in _BY_END.get(end, ()))


def _is_slip(domain: str, known: str) -> bool:
    """Whether one is the other with a letter too many, too few, swapped, or, in a long name, another one."""
    shorter = min(len(domain), len(known))
    start = _alike_from_start(domain, known)
    end = min(_alike_from_start(domain[::-1], known[::-1]), shorter - start)
    typed, meant = domain[start : len(domain) - end], known[start : len(known) - end]
    if len(typed) == len(meant) == 1:
        return not known.startswith(_NEAR_WORDS)
    swapped = len(typed) == 2 and typed == meant[::-1]
    return swapped or len(typed) + len(meant) == 1


def _alike_from_start(one: str, other: str) -> int:
    """How many letters are the same before the first that is not."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (letter, another) in pairs if letter != another), min(len(one), len(other)))


def is_business_domain(domain: str) -> bool:
    """Whether a mailbox under this domain says where its owner works; one at `outloook.com` does not."""
    domain = domain.lower()
    if "." not in domain or domain in FREE_MAIL or domain in RESERVED:
        return False
    return not is_mistyped_free_mail(domain)


def is_role_address(email: str) -> bool:
    """Whether the address belongs to a task (info@, sales@) and not to a person. A +tag does not matter."""
    local = email.partition("@")[0].lower().partition("+")[0]
    return local in ROLE_NAMES or local.translate(_JOINING) in ROLE_NAMES


def country_of_domain(domain: str) -> str | None:
    """The country (ISO 3166-1 alpha-2) whose ending a domain has; None where anybody anywhere takes it."""
    ending = domain.rpartition(".")[2].upper()
    if len(ending) != 2 or ending in _EVERYBODYS:
        return None
    return {"UK": "GB"}.get(ending, ending)


def organisation_of(domain: str) -> str:
    """The part of a domain that one organisation registers: `firm.nl` of `mail.firm.nl`, `firm.co.uk`.

    By the shape of the last labels alone, as the core reads no lists: enough to tell that two addresses may
    be of one organisation.
    """
    labels = domain.split(".")
    is_second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= _LONGEST_SECOND_LEVEL
    return ".".join(labels[-3:] if is_second_level else labels[-2:])
