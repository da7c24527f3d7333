"""Waits for a body no longer than it may take: one that trickles in must not hold its place for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from litestar.exceptions import ClientException, HTTPException

Scope: TypeAlias = MutableMapping[str, Any]
ASGI: TypeAlias = Callable[[Scope, Any, Any], Awaitable[None]]

BODY_WITHIN = 20.0
"""Seconds in which all of a body must be there."""


def unhurried(app: ASGI, within: float = BODY_WITHIN) -> ASGI:
    """`app`, for which reading a body that is not there in time, or never will be, is the client's mistake.

    Raised to the app while it reads: HTTPException (408, RFC 9110, section 15.5.9), ClientException.
    """

    async def timed(scope: Scope, receive: Any, send: Any) -> None:
        end = asyncio.get_running_loop().time() + within
        is_complete = scope["type"] != "http"

        async def in_time() -> Any:
            nonlocal is_complete
            if is_complete:
                # All of it is there: who waits now waits for the other side to go away.
                return await receive()
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(status_code=408) from None
            if message["type"] == "http.disconnect":
                raise ClientException
            is_complete = not message.get("more_body", False)
            return message

        await app(scope, in_time, send)

    return timed
