"""DKIM (RFC 6376): a signature over what a mail says and over its most telling headers.

Canonicalisation is ours, since it is on the sending path: dkimpy takes 7 to 10 ms a mail and this some
50 to 400 µs; the keys are `cryptography`'s. What is signed is known (headers by `mime`, bodies of short 7-bit
lines), so that both canonical forms come down to a few replacements. dkimpy checks the signatures in tests.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from nurture.errors import SettingsError

LEAST_RSA_BITS = 2048
"""Shorter keys are refused: RFC 8301, section 3.2, has signers use at least so many."""

SIGNED = (
    "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    "MIME-Version", "Content-Type",
)  # fmt: skip
"""Every header that we write; RFC 8058, section 4, wants both unsubscribe headers among them.

Each is named once more than it occurs: nobody can add a second one (RFC 6376, section 8.15).
"""

_NAMES = (
    *(f"{'h=' if name == 'From' else ''}{name}:{name}:" for name in SIGNED[:-1]),
    f"{SIGNED[-1]}:{SIGNED[-1]};",
)
"""The names of what is signed, a line each."""

_FOLD = re.compile(r"\r\n[ \t]+")
_LINE = 72

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class DkimKey:
    """One signing key. `selector` and `domain` say where its public half stands in DNS."""

    domain: str
    selector: str
    private: PrivateKey

    @property
    def algorithm(self) -> str:
        """`rsa-sha256` (RFC 6376) or `ed25519-sha256` (RFC 8463)."""
        return "rsa-sha256" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519-sha256"

    @property
    def dns_name(self) -> str:
        """Where the TXT record belongs."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def dns_record(self) -> str:
        """The text of the TXT record."""
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            form = serialization.PublicFormat.SubjectPublicKeyInfo
            return f"v=DKIM1; k=rsa; p={_base64(public.public_bytes(serialization.Encoding.DER, form))}"
        return f"v=DKIM1; k=ed25519; p={_base64(public.public_bytes_raw())}"

    @cached_property
    def _fixed(self) -> tuple[str, ...]:
        """The lines of the field that are the same in every mail."""
        return (
            f"v=1; a={self.algorithm}; c=relaxed/relaxed;",
            f"d={self.domain};",
            f"s={self.selector};",
            *_NAMES,
        )

    def header(self, fields: Mapping[str, bytes], body_hash: bytes, at: datetime) -> str:
        """The DKIM-Signature field, folded, with its CRLF. `fields` are canonical, `body_hash` is SHA-256."""
        lines = (*self._fixed, f"t={int(at.timestamp())}; bh={_base64(body_hash)};", "b=")
        signed = [fields[name] for name in SIGNED if name in fields]
        # Itself comes last, without the signature and without a CRLF (RFC 6376, section 3.7).
        data = b"\r\n".join((*signed, f"dkim-signature:{' '.join(lines)}".encode("ascii")))
        text = _base64(self._sign(data))
        signature = "\r\n ".join(text[start : start + _LINE] for start in range(0, len(text), _LINE))
        folded = "\r\n ".join(lines)
        return f"DKIM-Signature: {folded}{signature}\r\n"

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        # The digest is what is signed, not the data (RFC 8463, section 3).
        return self.private.sign(sha256(data).digest())


def signatures(keys: Sequence[DkimKey], head: str, body: bytes, at: datetime) -> str:
    """A DKIM-Signature field for each key. `head` are the header fields that follow it, with their CRLFs."""
    if not keys:
        return ""
    fields = _canonical_fields(head)
    body_hash = sha256(_canonical_body(body)).digest()
    return "".join(key.header(fields, body_hash, at) for key in keys)


def _canonical_fields(head: str) -> dict[str, bytes]:
    """Name → field in the relaxed form (RFC 6376, section 3.4.2), without its CRLF."""
    found: dict[str, bytes] = {}
    for line in _FOLD.sub(" ", head).split("\r\n"):
        name, _, value = line.partition(":")
        found[name] = f"{name.lower()}:{' '.join(value.split())}".encode()
    return found


def _canonical_body(body: bytes) -> bytes:
    """The relaxed form (RFC 6376, section 3.4.4): single spaces, none before a line end, one CRLF last."""
    # Whole-body replacements take a twentieth of what a regular expression takes.
    body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n")
    body = body.rstrip(b"\r\n ")
    return body + b"\r\n" if body else b""


def _base64(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


# --- keys -------------------------------------------------------------------------------------------


def load_key(path: Path, domain: str, selector: str) -> DkimKey:
    """The key in a PEM file. Raised when there is none, or one that cannot sign mail: SettingsError."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise SettingsError(
            f"mail.dkim: {path} cannot be read: {error.strerror}",
            hint=f"make a key with: nurture dkim new {selector}",
        ) from error
    except (ValueError, TypeError) as error:
        raise SettingsError(
            f"mail.dkim: {path} holds no private key that can be read without a password",
            hint="a PEM file that begins with -----BEGIN PRIVATE KEY----- is expected",
        ) from error
    if not isinstance(private, PrivateKey):
        raise SettingsError(f"mail.dkim: {path} is no key for mail", hint="take an RSA or an Ed25519 key")
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size < LEAST_RSA_BITS:
        raise SettingsError(
            f"mail.dkim: the RSA key in {path} has {private.key_size} bits, and needs {LEAST_RSA_BITS}",
            hint=f"make a key with: nurture dkim new {selector}",
        )
    return DkimKey(domain, selector, private)


def new_key(kind: str) -> bytes:
    """A new private key as PEM: `rsa` (2048 bits) or `ed25519`."""
    private: PrivateKey = (
        ed25519.Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else rsa.generate_private_key(public_exponent=65537, key_size=LEAST_RSA_BITS)
    )
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
