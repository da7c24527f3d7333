"""Keeps the pages for sales apart from the public ones by the name of the host that was asked for.

Without `web.public_hosts` every host is answered with everything. With it, public pages are on these hosts
alone, and those for sales on the host of `web.sales_url` alone; whoever asks another host is told that it is
the wrong one (421, RFC 9110, section 15.5.20), before anything of theirs is looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from nurture.setting_web import Web
from nurture.web.pages import HEADERS

Scope: TypeAlias = MutableMapping[str, Any]
ASGI: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]

HEALTH = "/healthz"
"""Answered on any host: who watches the process asks it by its address."""

_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class ByHost:
    """Passes a request on to `public` or to `sales`."""

    def __init__(self, public: ASGI, sales: ASGI, sales_paths: tuple[str, ...], web: Web) -> None:
        self._public = public
        self._sales = sales
        self._sales_paths = sales_paths
        self._public_hosts = frozenset(host.lower() for host in web.public_hosts)
        # Without an address of its own, what is for sales stands beside the public pages.
        self._sales_hosts = frozenset([_name(urlsplit(web.sales_url).netloc)]) if web.sales_url else None

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request, or the server's start and end, which are the public application's."""
        if scope["type"] != "http":
            await self._public(scope, receive, send)
            return
        for_sales = scope["path"].startswith(self._sales_paths)
        if self._is_elsewhere(scope, for_sales):
            await send({"type": "http.response.start", "status": 421, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": b""})
            return
        await (self._sales if for_sales else self._public)(scope, receive, send)

    def _is_elsewhere(self, scope: Scope, for_sales: bool) -> bool:
        if not self._public_hosts or scope["path"] == HEALTH:
            return False
        hosts: Collection[str] = self._public_hosts
        if for_sales and self._sales_hosts is not None:
            hosts = self._sales_hosts
        asked = [value for name, value in scope["headers"] if name == b"host"]
        return len(asked) != 1 or _name(asked[0].decode("latin-1")) not in hosts


def _name(host: str) -> str:
    """The name in `Name:port`; of an address in brackets, that."""
    name = host.lower()
    return name[: name.index("]") + 1] if name.startswith("[") and "]" in name else name.partition(":")[0]
