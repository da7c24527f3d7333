"""Sends malformed requests over raw sockets, many at once, and takes down the status of every answer.

What is rightly framed shares connections, several requests on the way at once (RFC 9112, section 9.3.2); each
other request has a connection of its own, since nobody can tell where its answer would end.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

import uvloop

from bench.fuzz_requests import Probe

BURST = 8
"""Requests that follow each other without waiting for answers."""

SHARED, ALONE = 128, 192
"""Connections at once, of either sort."""

QUIET = 0.3
"""Seconds without an answer after which the server is told that no more will come."""

PATIENCE, PATIENCE_LINGERING = 20.0, 60.0
"""Seconds until a connection that the server does not end counts as stuck."""

T = TypeVar("T")

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


@dataclass(slots=True)
class Seen:
    """How often which status came; 0 is a connection that ended without an answer.

    `failures` are requests that were answered with 5xx, `stuck` those whose connection never ended.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[bytes] = field(default_factory=list)
    stuck: list[bytes] = field(default_factory=list)

    def note(self, status: int, probe: Probe) -> None:
        """Takes down one answer."""
        self.statuses[status] += 1
        if status >= 500:
            self.failures.append(probe.data)


def attack(port: int, requests: Mapping[str, Iterator[Probe]]) -> dict[str, Seen]:
    """Sends the requests of each kind, one kind after the other; who lingers is waited for at the end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_attack(port, requests))


async def _attack(port: int, requests: Mapping[str, Iterator[Probe]]) -> dict[str, Seen]:
    seen = {kind: Seen() for kind in requests}
    async with asyncio.TaskGroup() as lingering:
        for kind, probes in requests.items():
            await _attack_one(port, probes, seen[kind], lingering)
    return seen


async def _attack_one(port: int, probes: Iterator[Probe], seen: Seen, lingering: asyncio.TaskGroup) -> None:
    # An empty burst, or no request, is the end.
    bursts: asyncio.Queue[list[Probe]] = asyncio.Queue(SHARED)
    singles: asyncio.Queue[Probe | None] = asyncio.Queue(ALONE)

    async def shared() -> None:
        connection: _Shared | None = None
        while burst := await bursts.get():
            connection = await _send_burst(port, burst, connection, seen)
        if connection is not None:
            connection.close()

    async def alone() -> None:
        while probe := await singles.get():
            await _send_alone(port, probe, seen)

    async with asyncio.TaskGroup() as group:
        for worker in (*[shared] * SHARED, *[alone] * ALONE):
            group.create_task(worker())
        framed: list[Probe] = []
        for probe in probes:
            if probe.lingers:
                lingering.create_task(_send_alone(port, probe, seen))
            elif not probe.framed:
                await singles.put(probe)
            else:
                framed.append(probe)
                if len(framed) == BURST:
                    await bursts.put(framed)
                    framed = []
        last: list[list[Probe]] = [framed] if framed else []
        no_more: list[Probe | None] = [None] * ALONE
        await _put_all(bursts, last + [[]] * SHARED)
        await _put_all(singles, no_more)


async def _put_all(queue: asyncio.Queue[T], items: list[T]) -> None:
    for one in items:
        await queue.put(one)


async def _send_burst(
    port: int, burst: list[Probe], connection: _Shared | None, seen: Seen
) -> _Shared | None:
    """Until each is answered, on as many connections as that takes; the last of them, if it is still open."""
    while burst:
        fresh = connection is None or connection.is_closed
        if fresh or connection is None:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(_Shared, "127.0.0.1", port)
        answers = await connection.ask(burst)
        for status, probe in zip(answers, burst, strict=False):
            seen.note(status, probe)
        if fresh and not answers:
            # The first of them made the server hang up; on its own it may get an answer all the same.
            await _send_alone(port, burst[0], seen)
            burst = burst[1:]
        burst = burst[len(answers) :]
    return connection


class _Shared(asyncio.Protocol):
    """A connection for one burst after another."""

    def __init__(self) -> None:
        self.is_closed = False
        self._transport: asyncio.Transport | None = None
        self._burst: list[Probe] = []
        self._answers: list[int] = []
        self._buffer = b""
        self._done: asyncio.Future[None] | None = None

    async def ask(self, burst: list[Probe]) -> list[int]:
        """The statuses of the answers; fewer than requests where the server hung up in between."""
        assert self._transport is not None
        self._burst, self._answers = burst, []
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(b"".join(probe.data for probe in burst))
        try:
            async with asyncio.timeout(PATIENCE):
                await self._done
        except TimeoutError:
            self.close()
        return self._answers

    def close(self) -> None:
        self.is_closed = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_closed = True
        self._end()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._answers) < len(self._burst) and self._take():
            pass
        if len(self._answers) == len(self._burst):
            self._end()

    def _end(self) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(None)

    def _take(self) -> bool:
        """Takes one whole answer out of the buffer, if there is one."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self._buffer[:end]
        status = int(head[9:12])
        end += 4
        if self._burst[len(self._answers)].data.startswith(b"HEAD ") or status in (204, 304):
            pass
        elif length := _LENGTH.search(head):
            end += int(length[1])
        elif _CHUNKED.search(head):
            last = self._buffer.find(b"0\r\n\r\n", end)
            if last < 0:
                return False
            end = last + 5
        if len(self._buffer) < end:
            return False
        self._buffer = self._buffer[end:]
        self._answers.append(status)
        return True


async def _send_alone(port: int, probe: Probe, seen: Seen) -> None:
    """On a connection of its own, until the server ends it."""
    loop = asyncio.get_running_loop()
    transport, connection = await loop.create_connection(_Alone, "127.0.0.1", port)
    transport.write(probe.data)
    patience = PATIENCE
    if probe.lingers:
        patience = PATIENCE_LINGERING
    else:
        await asyncio.wait([connection.ended], timeout=QUIET)
        if not connection.ended.done() and not transport.is_closing():
            # It waits for more, of this request or for the next: it learns that there is none.
            transport.write_eof()
    await asyncio.wait([connection.ended], timeout=patience)
    if not connection.ended.done():
        seen.stuck.append(probe.data)
        transport.abort()
    for status in _STATUS.findall(connection.answer) or [b"0"]:
        seen.note(int(status), probe)


class _Alone(asyncio.Protocol):
    def __init__(self) -> None:
        self.answer = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.answer += data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def healthy(port: int) -> bool:
    """Whether the server still answers as it should."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return connection.recv(100).startswith(b"HTTP/1.1 200")
