"""A body that trickles in holds its place only for so long."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from nurture.web.patience import unhurried


async def _reads(_scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})


def status_of(pieces: int) -> int:
    """The status of the answer to a body of so many pieces, each with another one promised."""
    sent: list[MutableMapping[str, Any]] = []
    left = pieces

    async def receive() -> MutableMapping[str, Any]:
        nonlocal left
        left -= 1
        if left < 0:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"x", "more_body": left > 0 or pieces == 1}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(unhurried(_reads, within=0.05)({"type": "http"}, receive, send))
    return int(sent[0]["status"])


def test_a_body_that_comes_is_taken() -> None:
    assert status_of(3) == 200


def test_a_body_that_never_ends_is_given_up() -> None:
    assert status_of(1) == 408
