"""A body that trickles in holds its place only for so long."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from litestar.exceptions import HTTPException

from nurture.web.patience import unhurried


async def _reads(_scope: Any, receive: Any, _send: Any) -> None:
    while (await receive()).get("more_body"):
        pass


def read(*pieces: MutableMapping[str, Any]) -> None:
    """Reads a body of these pieces; nothing comes behind them."""
    left = list(pieces)

    async def receive() -> MutableMapping[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    asyncio.run(unhurried(_reads, within=0.05)({"type": "http"}, receive, None))


MORE = {"type": "http.request", "body": b"x", "more_body": True}
LAST = {"type": "http.request", "body": b"x", "more_body": False}


def test_a_body_that_comes_is_taken() -> None:
    read(MORE, MORE, LAST)


@pytest.mark.parametrize(
    ("pieces", "status"), [([MORE], 408), ([], 408), ([MORE, {"type": "http.disconnect"}], 400)]
)
def test_a_body_that_never_ends_is_the_clients_mistake(
    pieces: list[MutableMapping[str, Any]], status: int
) -> None:
    with pytest.raises(HTTPException) as caught:
        read(*pieces)
    assert caught.value.status_code == status
