"""Addresses in a mail: the way out of it, tracked links, and the open pixel, all as signed tokens."""

from __future__ import annotations

import re
from html import unescape

from nurture.store.outbox import Message
from nurture.tokens import (
    CLICK,
    CLICK_PATH,
    CONFIRM,
    CONFIRM_PATH,
    OPEN,
    OPEN_PATH,
    PREFERENCES,
    PREFERENCES_PATH,
    TRAP,
    TRAP_PATH,
    UNSUBSCRIBE,
    UNSUBSCRIBE_PATH,
    LinkFacts,
    OpenFacts,
    Signer,
    UnsubscribeFacts,
)

_HREF = re.compile(
    # No flag for capitals: with it, the search could not begin at each "<" and would take six times as long.
    r"""(<[aA](?:[rR][eE][aA])?(?=\s)[^>]*?\s[hH][rR][eE][fF]\s*=\s*)"""
    r"""(?:"([hH][tT][tT][pP][sS]?://[^"]*)"|'([hH][tT][tT][pP][sS]?://[^']*)')"""
)
# Only whole entities: an attribute may hold "?a=1&copy=2" as it is (HTML, section 13.2.5.73).
_ENTITY = re.compile(r"&#?\w+;")
_END_OF_BODY = re.compile(r"</body\s*>", re.IGNORECASE)


class Links:
    """Makes addresses under `base_url` (`web.base_url`), with the facts of one message in each.

    `honeypot` adds a link to tracked mails that no person can see.
    """

    def __init__(self, signer: Signer, base_url: str, *, honeypot: bool = False) -> None:
        self._signer = signer
        self._base = base_url.rstrip("/")
        self._honeypot = honeypot

    def unsubscribe_url(self, message: Message) -> str:
        """Where one click ends the mails of this purpose."""
        return self._base + UNSUBSCRIBE_PATH.format(token=self._signer.sign(UNSUBSCRIBE, _whose(message)))

    def preferences_url(self, message: Message) -> str:
        """Where the reader says what they want mail about, and how often."""
        return self._base + PREFERENCES_PATH.format(token=self._signer.sign(PREFERENCES, _whose(message)))

    def confirm_url(self, message: Message) -> str:
        """Where the reader confirms that they agree to what the mail is about."""
        return self._base + CONFIRM_PATH.format(token=self._signer.sign(CONFIRM, _whose(message)))

    def track(self, html: str, message: Message) -> str:
        """`html` with each link to the web leading through us, and an open pixel at its end.

        Links to our own public pages, mail addresses, telephone numbers and anchors stay as they are.
        """
        prefix, suffix = (self._base + CLICK_PATH).split("{token}")
        own, sign = self._base + "/", self._signer.sign
        outbox_id, contact_id, campaign, step = message.id, message.contact_id, message.campaign, message.step

        def tracked(found: re.Match[str]) -> str:
            start, double, single = found.groups()
            url = double or single
            if "&" in url:
                url = _ENTITY.sub(_unescaped, url)
            if url.startswith(own):
                return found[0]
            token = sign(CLICK, LinkFacts(outbox_id, contact_id, campaign, step, url))
            return f'{start}"{prefix}{token}{suffix}"'

        return self._with_pixel(_HREF.sub(tracked, html), message)

    def _with_pixel(self, html: str, message: Message) -> str:
        facts = OpenFacts(message.id, message.contact_id, message.campaign, message.step)
        url = self._base + OPEN_PATH.format(token=self._signer.sign(OPEN, facts))
        pixel = f'<img src="{url}" width="1" height="1" alt="" style="display:none">'
        if self._honeypot:
            trap = self._base + TRAP_PATH.format(token=self._signer.sign(TRAP, facts))
            # Neither to be seen, nor reached with the keyboard, nor read aloud.
            hidden = 'style="display:none" tabindex="-1" aria-hidden="true" rel="nofollow"'
            pixel = f'<a href="{trap}" {hidden}></a>{pixel}'
        end = _END_OF_BODY.search(html, max(0, len(html) - 200)) or _END_OF_BODY.search(html)
        at = end.start() if end else len(html)
        return html[:at] + pixel + html[at:]


def _whose(message: Message) -> UnsubscribeFacts:
    return UnsubscribeFacts(message.contact_id, message.purpose, message.id, message.campaign, message.step)


def _unescaped(found: re.Match[str]) -> str:
    return unescape(found[0])
