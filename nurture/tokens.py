"""Signed, opaque tokens for public addresses, and the keyed hash of an address for the suppression list.

A token carries its own facts (whose mail, which link), so that no look-up is needed to understand it; the
purpose is part of what is signed, so that an open's token cannot unsubscribe anybody. HMAC-SHA256 (RFC 2104)
cut to 128 bits (RFC 2104, section 5). Signing is on the sending path: six links in every mail.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import msgspec

from nurture.errors import SettingsError, TokenError

T = TypeVar("T")

CLICK, OPEN, UNSUBSCRIBE = "click", "open", "unsubscribe"
"""The purposes that tokens in mails are signed for."""

PREFERENCES = "preferences"
"""The purpose of the token of a contact's preference page; its facts are those of the unsubscribe link."""

TRAP, VISIT = "trap", "visit"
"""The purposes of the link that no person can see, and of the token that a visitor brings to our websites."""

CONFIRM = "confirm"
"""The purpose of the token with which somebody confirms a consent; its facts are those of the unsubscribe
link."""

ANSWER = "answer"
"""The purpose of the token with which sales answers a hand-over."""

CLICK_PATH, OPEN_PATH, UNSUBSCRIBE_PATH = "/c/{token}", "/o/{token}.gif", "/u/{token}"
"""Where the public web application answers them, under `web.base_url`."""

PREFERENCES_PATH = "/p/{token}"
"""Where a contact says what mail they want and how often, under `web.base_url`."""

TRAP_PATH = "/t/{token}"
"""Where whoever follows the invisible link is answered, under `web.base_url`."""

CONFIRM_PATH = "/y/{token}"
"""Where somebody confirms what a form said of them, under `web.base_url`."""

ANSWER_PATH = "/h/{token}"
"""Where sales answers a hand-over, under `web.base_url`."""

RETURN = "return"
"""The purpose of the token in the address to which a mail's bounces come back."""

_SEAL_BYTES = 16
_SHORT_SEAL_BYTES = 10
"""80 bits, the least that RFC 2104, section 5 recommends: an envelope's address has room for no more."""

_pack = msgspec.msgpack.Encoder().encode


class LinkFacts(msgspec.Struct, array_like=True, frozen=True):
    """What a tracked link knows (purpose `click`): whose mail it stood in, and where it leads."""

    outbox_id: int
    contact_id: int
    campaign: str
    step: str
    url: str


class OpenFacts(msgspec.Struct, array_like=True, frozen=True):
    """What an open pixel knows (purpose `open`)."""

    outbox_id: int
    contact_id: int
    campaign: str
    step: str


class VisitorFacts(msgspec.Struct, array_like=True, frozen=True):
    """Who came to a website of the firm by which mail (purpose `visit`); `expires` is in Unix seconds."""

    contact_id: int
    outbox_id: int
    campaign: str
    step: str
    expires: int


class UnsubscribeFacts(msgspec.Struct, array_like=True, frozen=True):
    """What an unsubscribe link knows (purpose `unsubscribe`): who no longer wants which kind of mail.

    `purpose` is the consent's purpose (marketing, say), not the token's.
    """

    contact_id: int
    purpose: str
    outbox_id: int
    campaign: str
    step: str


class AnswerFacts(msgspec.Struct, array_like=True, frozen=True):
    """What the address of a hand-over's answer knows (purpose `answer`); `expires` is in Unix seconds.

    `to` is the e-mail address of the salesperson who was told.
    """

    handover_id: int
    expires: int
    to: str = ""


class Signer:
    """Makes and reads tokens with one secret key.

    Raised when the key is shorter than 32 characters: SettingsError.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise SettingsError(
                "secret_key is missing or shorter than 32 characters",
                hint="copy .nurture-secret from where the workspace ran before, or make one: nurture init .",
            )
        self._key = secret.encode()

    def sign(self, purpose: str, facts: Any) -> str:
        """A token for `purpose` that carries `facts` (a tuple, list or msgspec.Struct), URL-safe."""
        body = _pack(facts)
        return urlsafe_b64encode(body + self._seal(purpose, body)).rstrip(b"=").decode()

    def read(self, purpose: str, token: str, facts: type[T]) -> T:
        """The facts of a token. Raised when it is forged, damaged or of another purpose: TokenError."""
        try:
            spelt = token.encode("ascii")
            raw = urlsafe_b64decode(spelt + b"=" * (-len(spelt) % 4))
        except (binascii.Error, ValueError) as error:
            raise TokenError("this address is damaged") from error
        if urlsafe_b64encode(raw).rstrip(b"=") != spelt:
            # Python reads over characters that it does not know, and over bits at the end.
            raise TokenError("this address is damaged")
        body, seal = raw[:-_SEAL_BYTES], raw[-_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(purpose, body)):
            raise TokenError("this address was not made by us")
        try:
            return msgspec.msgpack.decode(body, type=facts)
        except msgspec.MsgspecError as error:
            raise TokenError("this address is of an older kind") from error

    def sign_number(self, purpose: str, number: int) -> str:
        """A short token for `purpose` that carries a number from 0 on, in small letters and digits.

        It is read whatever became of its case on the way (24 characters up to 2^40).
        """
        body = number.to_bytes(max(5, (number.bit_length() + 7) // 8), "big")
        return b32encode(body + self._seal(purpose, body)[:_SHORT_SEAL_BYTES]).rstrip(b"=").decode().lower()

    def read_number(self, purpose: str, token: str) -> int:
        """The number of a short token. Raised when it is forged, damaged or of another purpose:
        TokenError.
        """
        try:
            raw = b32decode(token.upper().encode("ascii") + b"=" * (-len(token) % 8))
        except (binascii.Error, ValueError) as error:
            raise TokenError("this address is damaged") from error
        body, seal = raw[:-_SHORT_SEAL_BYTES], raw[-_SHORT_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(purpose, body)[:_SHORT_SEAL_BYTES]):
            raise TokenError("this address was not made by us")
        return int.from_bytes(body, "big")

    def fingerprint(self, purpose: str, facts: Any) -> bytes:
        """A keyed hash of `facts` (16 bytes): always the same, and nobody else can make it."""
        return self._seal(purpose, _pack(facts))

    def address_hash(self, address: str) -> bytes:
        """The keyed hash under which an e-mail address stands in the suppression list (32 bytes)."""
        return hmac.digest(self._key, b"address\0" + address.strip().lower().encode(), hashlib.sha256)

    def _seal(self, purpose: str, body: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + body, hashlib.sha256)[:_SEAL_BYTES]
