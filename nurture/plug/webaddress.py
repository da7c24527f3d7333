"""Addresses in options to which secrets or people's data are sent: encrypted, or on this machine."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def check_web_address(url: str, *, allow_http: bool = False) -> str:
    """`url`, where it begins with https:// and a host; http:// leads to this machine only, or anywhere with
    `allow_http`. Raised when it does not: ValueError, with what to write.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{url!r} is no web address: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"{url!r} is no web address: write https://…")
    if parts.scheme == "http" and not allow_http and not _is_here(host):
        raise ValueError(f"anybody between can read what goes to {url}: write https://…")
    return url


WebAddress = Annotated[str, AfterValidator(check_web_address)]
"""An option that holds an address to post to: https://…, or http:// on this machine."""


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
