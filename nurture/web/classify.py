"""Who made an open or a click: pure rules over one request, the first that matches decides.

Only human signals promote, so these rules doubt early. What they say is stored beside the raw data and can be
judged anew. An open is `probable` at best, since mail programs load pictures by themselves; a click is human
unless something speaks against it.

| rule | class |
|---|---|
| a HEAD request, or one that says it prefetches | machine |
| the user agent of a known scanner, crawler or program, or none at all | machine |
| a click within `TOO_FAST` of the mail's delivery | machine |
| an open through Apple's privacy proxy, which loads most pictures whether read or not | probable |
| an open through Gmail's or Yahoo's image proxy, which loads when the mail is shown | probable |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from nurture.core.model import SignalClass

TOO_FAST = timedelta(seconds=5)
"""Nobody opens a mail, reads it and clicks sooner after its delivery; gateways that check links do."""

_PREFETCH_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
_PREFETCH = re.compile(r"prefetch|preview|prerender", re.IGNORECASE)

_IMAGE_PROXY = re.compile(r"GoogleImageProxy|ggpht\.com|YahooMailProxy", re.IGNORECASE)
"""Real opens: these proxies load a picture when the mail is shown to its reader."""

_APPLE_PROXY = "Mozilla/5.0"
"""Apple Mail's privacy protection calls itself just this, with nothing behind it."""

_MACHINE = re.compile(
    r"bot\b|crawl|spider|slurp|scan(ner)?\b|preview|prefetch|headless|phantom|monitor"
    r"|barracuda|mimecast|proofpoint|urldefense|safelinks|symantec|messagelabs|sophos|trend ?micro|fireeye"
    r"|bingpreview|facebookexternalhit|whatsapp|slack|telegram|skypeuripreview|embedly"
    r"|curl|wget|python|java/|okhttp|go-http|libwww|axios|node-fetch|guzzle|httpclient|ruby|perl",
    re.IGNORECASE,
)


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
        if since_sent is not None and since_sent < TOO_FAST:
            return SignalClass.MACHINE, f"{max(since_sent.total_seconds(), 0):.0f} s after the delivery"
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
    for name in _PREFETCH_HEADERS if headers else ():
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
