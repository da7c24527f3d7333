"""Waits for a request no longer than it may take: one that trickles in must not hold its place for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from nurture.web.pages import HEADERS

Scope: TypeAlias = MutableMapping[str, Any]
ASGI: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]

BODY_WITHIN = 20.0
"""Seconds in which all of a body must be there."""

_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


def unhurried(app: ASGI, within: float = BODY_WITHIN) -> ASGI:
    """`app`, where a body that is not there in time is answered with 408 (RFC 9110, section 15.5.9)."""

    async def timed(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        end = asyncio.get_running_loop().time() + within
        is_complete = False

        async def in_time() -> Any:
            nonlocal is_complete
            if is_complete:
                # All of it is there: who waits now waits for the other side to go away.
                return await receive()
            async with asyncio.timeout_at(end):
                message = await receive()
            is_complete = not message.get("more_body", False)
            return message

        try:
            await app(scope, in_time, send)
        except TimeoutError:
            if is_complete:
                raise
            await send({"type": "http.response.start", "status": 408, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": b""})

    return timed
