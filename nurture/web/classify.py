"""Who made an open or a click: pure rules, first over one request, then over all those of one mail together.

Only human signals promote, so these rules doubt early. What they look at is stored beside what they say, so
that it can be judged anew: by better rules, or by what came later (`nurture signals reclassify`). An open is
`probable` at best, since mail programs load pictures by themselves; a click is human unless something speaks
against it. `RULES` says all of them in words; the reference is written from it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from nurture.core.model import SignalClass, SignalKind

TRAPPED = "trapped"
"""The signal of a link that no person can see."""

LOOKED = "looked"
"""The signal of a page that leads out of the mails (to unsubscribe, to choose), looked at beside a click."""

TOO_FAST = timedelta(seconds=5)
"""Nobody opens a mail, reads it and clicks sooner after its delivery; gateways that check links do."""

SOON = timedelta(seconds=30)
"""So soon most clicks are scanners', and a few are people's."""

BURSTS = ((2, timedelta(seconds=1)), (3, timedelta(seconds=5)))
"""So many different links of one mail, followed from one network within so long, are no person's."""

FRESH = timedelta(minutes=2)
"""So long after its delivery gateways look through a mail."""

EAGER = timedelta(minutes=1)
"""Right after the delivery, three different links within so long are no person's either."""

GAP = timedelta(seconds=15)
"""Right after the delivery, links that are followed no farther apart than this are followed by one."""

AROUND = timedelta(minutes=10)
"""What the network of a burst or of a trapped scanner did with the same mail, so long before and after it, is
the scanner's too."""

PREFETCH_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
_PREFETCH = re.compile(r"prefetch|preview|prerender", re.IGNORECASE)

_IMAGE_PROXY = re.compile(r"GoogleImageProxy|ggpht\.com|YahooMailProxy", re.IGNORECASE)
"""Real opens: these proxies load a picture when the mail is shown to its reader."""

_APPLE_PROXY = "Mozilla/5.0"
"""Apple Mail's privacy protection calls itself just this, with nothing behind it."""

_MACHINE = re.compile(
    r"bot\b|crawl|spider|slurp|scan(ner)?\b|preview|prefetch|headless|phantom|monitor|link.?check|validator"
    r"|barracuda|mimecast|proofpoint|urldefense|safelinks|symantec|messagelabs|sophos|trend ?micro|fireeye"
    r"|forcepoint|zscaler|ironport|cloudmark|vade|hornetsecurity|retarus|antivirus|virustotal|urlscan"
    r"|bingpreview|facebookexternalhit|whatsapp|slack|telegram|skypeuripreview|embedly"
    r"|curl|wget|python|java/|okhttp|go-http|libwww|axios|node-fetch|guzzle|httpclient|ruby|perl",
    re.IGNORECASE,
)


class Rule(NamedTuple):
    """A rule in words: what it looks at, the class that it gives, and why."""

    what: str
    classed: str
    why: str


RULES = (
    Rule(
        "the link that no person can see was followed",
        "machine",
        "only who reads the source of a mail finds it",
    ),
    Rule("a HEAD request", "machine", "it reads nothing"),
    Rule(
        f"a request that says it prefetches ({', '.join(PREFETCH_HEADERS)})",
        "machine",
        "nobody has clicked yet",
    ),
    Rule(
        "no user agent at all, or that of a known scanner, crawler or program", "machine", "it says so itself"
    ),
    Rule(
        f"a click within {TOO_FAST.seconds} s of the mail's delivery",
        "machine",
        "gateways check links on arrival",
    ),
    Rule(
        f"a click within {SOON.seconds} s of the delivery",
        "probable",
        "most that come so soon are scanners'",
    ),
    Rule(
        " or ".join(f"{n} different links of one mail within {within.seconds} s" for n, within in BURSTS)
        + ", from one network",
        "machine",
        "nobody reads that fast",
    ),
    Rule(
        f"3 different links of one mail within {EAGER.seconds} s, begun within {FRESH.seconds // 60} minutes "
        "of its delivery; 2 are enough where one leads to unsubscribe or to the preferences",
        "machine",
        "a gateway looks through what has just come; who wants out does not read on",
    ),
    Rule(
        f"the same from several networks, no farther apart than {GAP.seconds} s",
        "machine",
        "some gateways ask from a new address each time",
    ),
    Rule(
        f"any open, click or visit of the same mail from the network of such a burst, or of who followed the "
        f"invisible link, up to {AROUND.seconds // 60} minutes before or after",
        "machine",
        "it is the same scanner",
    ),
    Rule(
        "an open through Apple's privacy proxy (the agent is `Mozilla/5.0` and nothing else)",
        "probable",
        "it loads most pictures, whether the mail is read or not",
    ),
    Rule(
        "an open through Gmail's or Yahoo's image proxy",
        "probable",
        "it loads when the mail is shown, which need not be to its reader",
    ),
    Rule("any other open", "probable", "mail programs load pictures by themselves"),
    Rule("any other click", "human", "nothing speaks against a person"),
)
"""In the order in which they are asked: the first that matches decides."""


def classify(
    *,
    is_click: bool,
    method: str,
    user_agent: str,
    headers: Mapping[str, str] | None = None,
    since_sent: timedelta | None = None,
) -> tuple[SignalClass, str]:
    """The class of one open or click, and why. Header names are lower case.

    `since_sent` is how long after the mail's delivery it came; None where that is not known (yet).
    """
    if reason := _machine_made(method, user_agent, headers or {}):
        return SignalClass.MACHINE, reason
    if is_click:
        if since_sent is not None and since_sent < SOON:
            early = f"{max(since_sent.total_seconds(), 0):.0f} s after the delivery"
            return (SignalClass.MACHINE if since_sent < TOO_FAST else SignalClass.PROBABLE), early
        return SignalClass.HUMAN, "nothing speaks against a person"
    if user_agent == _APPLE_PROXY:
        return SignalClass.PROBABLE, "Apple's privacy proxy, which loads most pictures whether read or not"
    if _through_image_proxy(user_agent):
        return SignalClass.PROBABLE, "an image proxy that loads when the mail is shown"
    return SignalClass.PROBABLE, "a picture was loaded"


@lru_cache(maxsize=4096)
def _through_image_proxy(user_agent: str) -> bool:
    return _IMAGE_PROXY.search(user_agent) is not None


def _machine_made(method: str, user_agent: str, headers: Mapping[str, str]) -> str:
    if method == "HEAD":
        return "asked with HEAD, which reads nothing"
    for name in PREFETCH_HEADERS if headers else ():
        if _PREFETCH.search(headers.get(name, "")):
            return f"a prefetch ({name}: {headers[name][:40]})"
    return _program(user_agent)


@lru_cache(maxsize=4096)
def _program(user_agent: str) -> str:
    """Why an agent is no person's; empty where it may be. Remembered, since most come again and again."""
    if not user_agent:
        return "names no user agent"
    if _IMAGE_PROXY.search(user_agent):
        return ""
    if found := _MACHINE.search(user_agent):
        return f"the user agent of a program ({found[0].strip()})"
    return ""


_FOLLOWED = frozenset({SignalKind.CLICKED.value, LOOKED})
_EAGER_AT = {False: 3, True: 2}
"""So many different links are no person's; fewer where one is a way out, or the invisible one."""


# --- all hits of one mail ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """One hit on a mail. `network` is the keyed hash of whose network it came from, "" where not known.

    `url` is what was followed: of a click where it leads, of a way out which one.
    """

    kind: str
    at: datetime
    network: str
    url: str = ""


def together(hits: Sequence[Seen], sent_at: datetime | None = None) -> dict[int, str]:
    """Which hits of one mail are a scanner's, by their place in `hits`, and why.

    `sent_at` is when the mail was delivered; None where that is not known.
    """
    by_network: defaultdict[str, list[int]] = defaultdict(list)
    for place, hit in enumerate(hits):
        if hit.network:
            by_network[hit.network].append(place)
    guilty = [
        (network, at, why)
        for network, places in by_network.items()
        for at, why in _guilty([hits[place] for place in places], sent_at)
    ]
    followed = [hit for hit in hits if hit.network and (hit.kind in _FOLLOWED or hit.kind == TRAPPED)]
    guilty += list(_from_several(followed, sent_at))
    # Each hit is taken once, by the first reason: whoever follows one link all day must not cost all day.
    left = {
        network: sorted((hits[place].at, place) for place in places) for network, places in by_network.items()
    }
    found: dict[int, str] = {}
    for network, guilty_at, why in guilty:
        theirs = left[network]
        begin = bisect_left(theirs, guilty_at - AROUND, key=itemgetter(0))
        end = bisect_right(theirs, guilty_at + AROUND, key=itemgetter(0))
        found |= {place: why for _, place in theirs[begin:end]}
        del theirs[begin:end]
    return found


def _guilty(hits: Sequence[Seen], sent_at: datetime | None) -> Iterator[tuple[datetime, str]]:
    """The moments at which one network gave itself away, and how."""
    for hit in hits:
        if hit.kind == TRAPPED:
            yield hit.at, "whoever it was also followed the link that no person can see"
    followed = sorted((hit for hit in hits if hit.kind in _FOLLOWED), key=lambda hit: hit.at)
    for links, within in BURSTS:
        for at, different in _bursts(followed, links, within):
            yield at, f"{different} links of the mail within {within.seconds} s from one network"
    if sent_at is None:
        return
    for at, different, is_way_out in _soon_after(followed, sent_at + FRESH):
        if different >= _EAGER_AT[is_way_out]:
            yield at, f"{different} links of the mail within {EAGER.seconds} s, right after it came"


def _soon_after(followed: Sequence[Seen], fresh_until: datetime) -> Iterator[tuple[datetime, int, bool]]:
    """Each early hit, with how many different links were followed from then on, and whether one leads out."""
    window: Counter[tuple[str, str]] = Counter()
    begin = end = 0
    for first in followed:
        if first.at > fresh_until:
            return
        while end < len(followed) and followed[end].at - first.at <= EAGER:
            window[followed[end].kind, followed[end].url] += 1
            end += 1
        while followed[begin].at < first.at:
            _forget(window, followed[begin])
            begin += 1
        yield first.at, len(window), any(kind == LOOKED for kind, _ in window)


def _from_several(hits: Sequence[Seen], sent_at: datetime | None) -> Iterator[tuple[str, datetime, str]]:
    """Scanners that ask from a new address each time: of which networks, when, and what gave them away.

    Right after the delivery, links followed one close upon the other are one scanner's, whatever the address.
    """
    if sent_at is None:
        return
    run: list[Seen] = []
    for hit in [*sorted(hits, key=lambda hit: hit.at), None]:
        if hit is not None and (not run or hit.at - run[-1].at <= GAP):
            run.append(hit)
            continue
        if run and run[0].at - sent_at <= FRESH and _is_eager(run):
            why = f"{_different(run)} links of the mail one upon the other, right after it came"
            yield from ((one.network, one.at, why) for one in run)
        run = [] if hit is None else [hit]


def _is_eager(hits: Sequence[Seen]) -> bool:
    """Three different links; or two, where one is a way out of the mails: who wants out reads no links.

    Or two, where one is the invisible one.
    """
    return _different(hits) >= _EAGER_AT[any(hit.kind in (LOOKED, TRAPPED) for hit in hits)]


def _different(hits: Iterable[Seen]) -> int:
    return len({(hit.kind, hit.url) for hit in hits})


def _bursts(followed: Sequence[Seen], links: int, within: timedelta) -> Iterable[tuple[datetime, int]]:
    window: Counter[tuple[str, str]] = Counter()
    start = 0
    for hit in followed:
        window[hit.kind, hit.url] += 1
        while hit.at - followed[start].at > within:
            _forget(window, followed[start])
            start += 1
        if len(window) >= links:
            yield hit.at, len(window)


def _forget(window: Counter[tuple[str, str]], hit: Seen) -> None:
    window[hit.kind, hit.url] -= 1
    if not window[hit.kind, hit.url]:
        del window[hit.kind, hit.url]
