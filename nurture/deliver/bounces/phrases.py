"""What mail servers say when they refuse a mail, by reason.

One table, read from the top: the first phrase that stands in the words decides. So what is said of the sender
or the mail comes before what is said of the recipient, since `user unknown` ends what we ever send to an
address; and a few replies that say one thing and mean another come before everything.
"""

from __future__ import annotations

import re
from functools import cache

from nurture.deliver.bounces.phrasebook import HARD, OURS, SOFT

_NOISE = re.compile(
    r"rfc ?822 ?;?|https?://\S+"  # what an explanation's address says is not what the server says
    r"|[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+"  # nor what a recipient is called
    r"|\b(?:[a-z0-9-]{1,63}\.){1,9}(?:com|net|org|jp|de|fr|uk|nl|be|ru|it|eu|info|biz|io)\b\.?",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    # Exim, when it verifies a recipient; iCloud, of addresses that never were; Yahoo, after it took the mail.
    r"unroute?able address|"
    r"inactive email address|delivery error: dd (?:this user does|not a valid)"
    r"|requested mail action aborted, mailbox not found"
    # Exchange Online where the directory does not know the recipient (edge blocking).
    r"|^(?!.{0,60}\b5\.7\.50[45]\b).*?recipient address rejected: access denied"
    r"|5\.1\.\d+ \[?(?:resolver|routing)\.adr|resolver\.adr\.(?:ex)?recip\w* ?notfound",
    re.IGNORECASE,
)
"""Words that say for certain that there is nobody, whenever and with whatever code they come."""

_MARKS = [
    # A group's own report comes in the language of whoever wrote to it.
    ("rejected", r"groups\.google\.com/"),
]
"""What stands in the address of an explanation."""

_PREFIX = re.compile(r"recipient address rejected: (?!access denied)", re.IGNORECASE)
"""What Postfix says before it says anything."""

_NO_APOSTROPHE = re.compile(r"\b(does|could|is|did|was|has|would)nt\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")

_MEANS_ANOTHER = [
    # au (KDDI) names nobody when it is the subscriber's own filter that refuses.
    ("filtered", r"\b550[: ]+: user unknown"),
    ("suspend", r"account is temporarily limited|mailbox unavailable or access den"),
    # Biglobe names nobody either when a filter refuses.
    ("filtered", r"mail delivery failed\.\.\. user unknown"),
    # OpenSMTPD says it of servers that it cannot use, too.
    ("networkerror", r"no mx found for (?:domain|destination)"),
    # qmail of an address, where it says `domain` alone of what it will not relay.
    ("userunknown", r"domain or user isn't in my list"),
    # Google's word for a mailbox that is there is `account`.
    ("userunknown", r"\b(?:mailbox is inactive|user (?:is )?not active)"),
    # Exchange Online of a recipient whom its administrator does not let us reach.
    ("filtered", r"\b5\.7\.50[457]\b"),
    # Exchange's of a name that we greet with, not of a recipient's.
    ("blocked", r"5\.5\.4 .{0,20}invalid domain name"),
    ("userunknown", r"address no longer accepts mail"),
    # RFC 7505, of the sender's domain and of the recipient's.
    ("rejected", r"sender\b.{0,60}null ?mx"),
    ("notaccept", r"null ?mx"),
    # Before what is said of networks, and of users.
    ("hostunknown", r"domain name not found|unrouteable (?:mail )?domain|host or domain name not found"),
    (
        "hostunknown",
        r"answer with no data|domain is not reachable|code nxdomain|no dns mx|"
        r"domain lookup failed|account or domain may not exist|mail exchanger or ip address",
    ),
    # Yahoo, of an account that was closed.
    ("suspend", r"delivery error: dd .{0,40}no longer valid"),
    # MessageLabs, of an address that its customer has not registered.
    ("userunknown", r"^\W*542\b.{0,80}\brejected"),
    # Facebook's codes for an address that there is not, and for one that does not want us.
    ("userunknown", r"\brcp-p1\b|\bint-p[134]\b"),
    ("filtered", r"\brcp-p[23]\b"),
    # Exim, of a header that it cannot take an address from.
    ("syntaxerror", r"malformed address|incorrectly constructed|may not follow"),
    ("filtered", r"resolver\.rst\.(?:recipientrestricted|notauthorized|not ?auth)|rst\.notauth"),
    ("mesgtoobig", r"resolver\.rst\.(?:sendsizelimit|recipsizelimit)|resolver\.rst.*size"),
    ("systemerror", r"resolver\.(?:fwd|grp|rst\.ambig|adr\.(?:ambiguous|bad|invalid))|routing\.loop"),
    ("ratelimited", r"resolver\.adr\.recip\w*limit"),
    ("expired", r"queue\.expired|delivery temporarily suspended|storedrv\.deliver.*(?:timeout|delay)"),
    ("mesgtoobig", r"message size \d+ exceeds"),
    ("systemerror", r"delivery to (?:file|pipe) forbidden|maximum hop count"),
    ("mailboxfull", r"quota violation|shutoffquotaexceeded|mailboxquota|quotaexceeded"),
    # Verification that could not be done, as against one that found nobody.
    ("userunknown", r"un(?:deliverable|verified) address: (?:host|unknown|user|recipient|no such|address)"),
    ("hasmoved", r"\b551\b.{0,80}not (?:our|a local) user|user not local; please try"),
]


@cache
def _table() -> list[tuple[str, re.Pattern[str]]]:
    """Compiled when the first words come: that takes longer than most commands do."""
    return [
        (reason, re.compile(words, re.IGNORECASE))
        for reason, words in (
            *_MEANS_ANOTHER,
            *((reason, "|".join(words)) for book in (OURS, SOFT, HARD) for reason, words in book.items()),
        )
    ]


_MARK_TABLE = [(reason, re.compile(words, re.IGNORECASE)) for reason, words in _MARKS]

_UNKNOWN = re.compile(
    r"\b(?:user|recipient|mailbox|address|account)(?: is)? (?:unknown|not (?:found|exist))"
    r"|\b(?:user|recipient|mailbox|address|account) (?:does not|doesn't) exist"
    r"|\b(?:unknown|no such) (?:user|recipient|mailbox)\b",
    re.IGNORECASE,
)


def says_unknown(words: str) -> bool:
    """Whether the plainest words for nobody are among them, whatever else they say."""
    return bool(_UNKNOWN.search(_plain(words)))


_KNOWS = re.compile(
    # au (KDDI) leaves out the address where it only filters.
    r"<[^<>\s]+@[^<>\s]+>: user unknown"
    # Hotmail says this of who is not there; Zoho says it of whoever was refused.
    r"|(?<!error_code :)requested action not taken: mailbox unavailable"
    # Whoever says `rcpt` was asked for one.
    r"|^\W*[45]\d\d[ -].{0,30}\brcpt (?:to\b|<)"
    # Its own directory: Notes and Domino, Exchange, Postini, Google, Verizon's telephones.
    r"|not listed in|\bdirectory|ディレクトリ|annuaire|name is not recogni[sz]ed|\(000c05a6\)"
    r"|no such user - psmtp|^\W*542\b|address couldn't be found|no valid recipients for this mm"
    # Its own mailboxes: IMail, qmail, McAfee, Zoho, and programs that deliver on the spot.
    r"|^\W*(?:unknown user|invalid final delivery userid): ?|no mailbox here by that name"
    r"|\blocal (?:mailbox|user|address)\b|at this server"
    r"|\buser \(\S+@\S+\) unknown|\.{3} user not exist|error_code :5\.1\."
    r"|\b(?:mail\.local|maildrop|vdeliver|vdelivermail): |mailbox doesn't exist: ",
    re.IGNORECASE,
)


def knows_itself(words: str) -> bool:
    """Whether somebody speaks of recipients of their own, and not of what another server has said."""
    return bool(_KNOWS.search(_SPACE.sub(" ", words.replace("’", "'"))))


def names_nobody(words: str) -> bool:
    """Whether the words say, beyond doubt, that there is no such recipient."""
    return bool(_NOBODY.search(_plain(words)))


def reason_of_words(words: str) -> str:
    """The reason that the words name, or nothing."""
    plain = _plain(words)
    if _NOBODY.search(plain):
        return "userunknown"
    marked = (reason for reason, pattern in _MARK_TABLE if pattern.search(words))
    return next(marked, "") or next((reason for reason, pattern in _table() if pattern.search(plain)), "")


def _plain(words: str) -> str:
    words = _NO_APOSTROPHE.sub(r"\1n't", words.replace("’", "'"))
    return _PREFIX.sub("", _SPACE.sub(" ", _NOISE.sub(" ", words)))
