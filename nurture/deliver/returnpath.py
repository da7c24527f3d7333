"""The envelope's sender, to which bounces come back: with a signed token that says which mail it was (VERP).

`bounce+TOKEN@bounces.firm.example`, so that a bounce is matched with its mail however little it quotes, and
a made-up one with none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture.deliver.headers import mailbox
from nurture.errors import AddressError, SettingsError, TokenError
from nurture.tokens import RETURN, Signer

LOCAL_PART = "bounce"
"""What stands before the token where the setting names a domain only."""

_LOCAL_PART_AT_MOST = 64
"""RFC 5321, section 4.5.3.1.1."""

_LONGEST_TOKEN = 32
_TOKEN = r"[a-z2-7]{16,32}"


LEAVE = "unsubscribe"
"""The subject of a mail that asks to be left alone (RFC 2369, section 3.2)."""


class ReturnPath:
    """Makes and reads the return paths of one workspace.

    `setting` is a domain, or an address whose mailbox takes `name+anything`; with an empty one every mail
    has `fallback`, which tells nothing. Raised when the setting is neither: SettingsError.
    """

    def __init__(self, signer: Signer, setting: str, fallback: str) -> None:
        self._signer = signer
        self._fallback = fallback
        self.is_signed = bool(setting)
        local, _, domain = (setting if "@" in setting else f"{LOCAL_PART}@{setting}").rpartition("@")
        if self.is_signed:
            _check(setting, local, domain)
        self._before, self._after = f"{local}+", f"@{domain}"
        self._pattern = re.compile(
            re.escape(self._before) + f"({_TOKEN})" + re.escape(self._after) + r"(?!\.?[A-Za-z0-9-])",
            re.IGNORECASE,
        )

    def address(self, outbox_id: int) -> str:
        """Where the bounces of this mail go."""
        if not self.is_signed:
            return self._fallback
        return f"{self._before}{self._signer.sign_number(RETURN, outbox_id)}{self._after}"

    def unsubscribe_mail(self, outbox_id: int) -> str:
        """The same as the rest of a `mailto:`, for a mail that asks for no more mails of that kind."""
        return f"{self.address(outbox_id)}?subject={LEAVE}"

    def mail_in(self, *texts: str) -> int | None:
        """The outbox id in the first return path of ours that stands in these texts."""
        return next(self._mails_in(texts), None) if self.is_signed else None

    def _mails_in(self, texts: tuple[str, ...]) -> Iterator[int]:
        for text in texts:
            for found in self._pattern.finditer(text):
                try:
                    yield self._signer.read_number(RETURN, found[1])
                except TokenError:
                    continue


def _check(setting: str, local: str, domain: str) -> None:
    try:
        mailbox(f"{local}@{domain}")
    except AddressError as error:
        raise SettingsError(
            f"mail.return_path: {error.message}",
            hint="write a domain (bounces.firm.example) or an address (bounces@firm.example)",
        ) from error
    if len(local) + 1 + _LONGEST_TOKEN > _LOCAL_PART_AT_MOST:
        raise SettingsError(
            f"mail.return_path: {local!r} leaves no room for what says which mail it was",
            hint="choose a name of at most 31 characters before the @",
        )
