"""Serves an application from the calling thread, so that it can run beside the workers of one process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from nurture.errors import NurtureError
from nurture.memory import collect_seldom

_LOOK_EVERY = 0.05
_HEADERS_WITHIN_MS = 10_000
_TURN = 0.001
"""Seconds for which one thread may keep the others waiting."""

_LOGGING = {
    # Standard output belongs to what a command prints; a server's complaints go beside it.
    "handlers": {
        "console": {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
        "access": {"formatter": "access", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"},
    }
}


def be_quick() -> None:
    """Tunes this process to serving, and nothing else.

    The thread that writes gives Python's lock away with each statement, and waits for it up to a turn of the
    thread that answers: at Python's own 5 ms that was most of what a commit took.
    """
    collect_seldom()
    sys.setswitchinterval(_TURN)


def serve(
    app: Callable[..., Any],
    host: str,
    port: int,
    stop: threading.Event | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Serves until `stop` is set, then answers what is under way and returns; without `stop`, until Ctrl-C.

    `on_ready` is called once connections are taken. Signals stay with the caller. Raised when the port is
    taken or the host is not ours: NurtureError.
    """
    _check_free(host, port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, host, port, stop, on_ready))


async def _serve(
    app: Callable[..., Any],
    host: str,
    port: int,
    stop: threading.Event | None,
    on_ready: Callable[[], None] | None,
) -> None:
    # The embedded server leaves signals alone, unlike granian's others: those belong to the main thread.
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        # Ready for HTTP/2 too, it would wait for ever for the rest of a `P`: no time is set for that.
        http=HTTPModes.http1,
        backlog=1024,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_WITHIN_MS),
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
    )
    serving = asyncio.ensure_future(server.serve())
    try:
        if await _answers(host, port, serving) and on_ready is not None:
            on_ready()
        while not serving.done() and not (stop is not None and stop.is_set()):
            await asyncio.sleep(_LOOK_EVERY)
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian types its public names only in part
        await serving


async def _answers(host: str, port: int, serving: asyncio.Future[None]) -> bool:
    """Waits until the server takes connections; False when it ended before."""
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return True
        await asyncio.sleep(_LOOK_EVERY)
    return False


def _check_free(host: str, port: int) -> None:
    """Tried beforehand, because granian itself would share the port with another of its kind."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise NurtureError(
            f"port {port} on {host} cannot be used: {error.strerror or error}",
            hint="end the program that uses it, or set another web.port (and web.host) in nurture.toml",
        ) from error
