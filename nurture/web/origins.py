"""Where a request came from: the address that speaks, and keyed hashes of it and of its network.

The hashes tell that two requests came from one place, and nothing else: nobody without our key can make them,
and nobody at all can turn them back.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from functools import lru_cache

from nurture.tokens import Signer

_NETWORKS = {4: 24, 6: 48}
"""How many bits of an address are its network: what a provider gives to one customer, roughly."""


def spoken_for(address: str, forwarded: str, proxies: Collection[str]) -> str:
    """Whom a connection from `address` speaks for, by the `X-Forwarded-For` that it sent.

    Of what proxies of our own say, the last address that is none of theirs: all before it anybody may write.
    """
    if address not in proxies:
        return address
    told = [part.strip() for part in forwarded.split(",")]
    return next((part for part in reversed(told) if part and part not in proxies), address)


class Origins:
    """Makes what is stored of where a hit came from; the address itself only if `keep_addresses` says so."""

    def __init__(self, signer: Signer, proxies: Collection[str], *, keep_addresses: bool) -> None:
        self._signer = signer
        self._proxies = proxies
        self._keep = keep_addresses
        # One reader asks for several things in a row, and a gateway for thousands.
        self._of = lru_cache(maxsize=4096)(self._make)

    def of(self, address: str, forwarded: str) -> Mapping[str, str]:
        """`origin` and `network` (hashes, in hex), and maybe `address`; empty where there is no address."""
        return self._of(spoken_for(address, forwarded, self._proxies) if self._proxies else address)

    def _make(self, address: str) -> Mapping[str, str]:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return {}
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        network = ipaddress.ip_network((parsed, _NETWORKS[parsed.version]), strict=False)
        hashes = {"origin": self._hash("origin", parsed), "network": self._hash("network", network)}
        return {**hashes, "address": str(parsed)} if self._keep else hashes

    def _hash(self, purpose: str, what: object) -> str:
        return self._signer.fingerprint(purpose, str(what))[:8].hex()
