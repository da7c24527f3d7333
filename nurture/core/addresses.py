"""What can be told from an e-mail address alone: who runs its domain, and whether a person reads it.

Pure data and three questions about it. The lists hold the well-known names of our markets; a domain that is
missing costs no more than a wrong company on a lead.
"""

from __future__ import annotations

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


_JOINING = str.maketrans("", "", "-._")
_LONGEST_SECOND_LEVEL = 3
"""Letters of a country's second level: `co.uk`, `com.br`. A firm of three letters is taken for one."""


def domain_of(email: str) -> str:
    """What stands behind the last @, in lower case; empty where there is none."""
    return email.rpartition("@")[2].lower() if "@" in email else ""


def is_free_mail(domain: str) -> bool:
    """Whether anybody can get a mailbox under this domain."""
    return domain.lower() in FREE_MAIL


def is_business_domain(domain: str) -> bool:
    """Whether a mailbox under this domain says where its owner works."""
    domain = domain.lower()
    return "." in domain and domain not in FREE_MAIL and domain not in RESERVED


def is_role_address(email: str) -> bool:
    """Whether the address belongs to a task (info@, sales@) and not to a person. A +tag does not matter."""
    local = email.partition("@")[0].lower().partition("+")[0]
    return local in ROLE_NAMES or local.translate(_JOINING) in ROLE_NAMES


def organisation_of(domain: str) -> str:
    """The part of a domain that one organisation registers: `firm.nl` of `mail.firm.nl`, `firm.co.uk`.

    By the shape of the last labels alone, as the core reads no lists: enough to tell that two addresses may
    be of one organisation.
    """
    labels = domain.split(".")
    is_second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= _LONGEST_SECOND_LEVEL
    return ".".join(labels[-3:] if is_second_level else labels[-2:])
