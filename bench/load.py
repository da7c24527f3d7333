"""Loads an HTTP server with GET requests: as hard as it can be, or at a steady pace.

As hard as it can: Debian's `wrk` where it is installed, else connections of our own. At a pace: ours, since a
load that waits for slow answers before it asks again would not see how late they are (a request's time is
counted from the moment at which it was due).
"""

from __future__ import annotations

import json
import select
import shutil
import socket
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

WRK = shutil.which("wrk")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_HEADERS = {
    "Host": "127.0.0.1",
    "User-Agent": AGENT,
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "nl,en;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}
"""What a browser sends, so that headers are read as in earnest."""

# wrk sleeps for as long as it was told to, whatever its threads do; only Ctrl-C (signal 2) wakes it.
_SCRIPT = """
local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int, int);")
local paths, threads = {}, {}
function setup(thread)
  table.insert(threads, thread)
  thread:set("first", #threads * 1013)
end
function init(args)
  limit = tonumber(args[2])
  for line in io.lines(args[1]) do table.insert(paths, wrk.format("GET", line)) end
  at, answered = first, 0
end
function request()
  at = at % #paths + 1
  return paths[at]
end
function response()
  answered = answered + 1
  if answered == limit then ffi.C.kill(ffi.C.getpid(), 2) end
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT {"answered": %d, "seconds": %f, "failed": %d, "p50": %f, "p99": %f}\\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load saw: `failed` had another status than 2xx or 3xx, or none; `p50` and `p99` are in ms."""

    answered: int
    seconds: float
    failed: int
    p50: float
    p99: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.answered / self.seconds


def hammer(port: int, paths: Sequence[str], n: int, *, connections: int, threads: int) -> Loaded:
    """`n` requests as fast as they are answered."""
    if WRK is None:
        return _Own(port, paths, connections).run(n, rate=None)
    with tempfile.TemporaryDirectory() as folder:
        script, listed = Path(folder) / "load.lua", Path(folder) / "paths"
        script.write_text(_SCRIPT, encoding="ascii")
        listed.write_text("\n".join(paths) + "\n", encoding="ascii")
        headers = [part for name, value in _HEADERS.items() for part in ("-H", f"{name}: {value}")]
        counts = ["-t", str(threads), "-c", str(connections), "-d", "600", "--timeout", "30"]
        command = [WRK, *counts, *headers, "-s", str(script), f"http://127.0.0.1:{port}", "--"]
        command += [str(listed), str(n // threads)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = next(line for line in told.splitlines() if line.startswith("RESULT "))
    return Loaded(**json.loads(result.removeprefix("RESULT ")))


def paced(port: int, paths: Sequence[str], n: int, *, rate: float, connections: int) -> Loaded:
    """`n` requests, `rate` a second, whether or not the ones before were answered."""
    return _Own(port, paths, connections).run(n, rate=rate)


class _Own:
    """Connections that are kept alive, each with one request under way at most."""

    def __init__(self, port: int, paths: Sequence[str], connections: int) -> None:
        self._port = port
        self._connections = connections
        lines = "".join(f"{name}: {value}\r\n" for name, value in _HEADERS.items())
        self._requests: Iterator[bytes] = cycle(
            [f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode() for path in paths]
        )
        self._free: list[socket.socket] = []
        self._due_at: dict[int, float] = {}
        self._received: dict[int, bytes] = {}
        self._took: list[float] = []
        self._failed = 0

    def run(self, n: int, *, rate: float | None) -> Loaded:
        """Asks `n` times, and waits for every answer."""
        with ExitStack() as stack:
            poll = stack.enter_context(select.epoll())
            sockets: dict[int, socket.socket] = {}
            for _ in range(self._connections):
                one = stack.enter_context(socket.create_connection(("127.0.0.1", self._port)))
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sockets[one.fileno()] = one
                poll.register(one, select.EPOLLIN)
            self._free = list(sockets.values())
            start = time.perf_counter()
            waiting: deque[float] = deque()
            made = 0
            while len(self._took) < n:
                now = time.perf_counter()
                due = n if rate is None else min(n, int((now - start) * rate) + 1)
                while made < due and (rate is not None or len(waiting) < len(self._free)):
                    waiting.append(now if rate is None else start + made / rate)
                    made += 1
                while waiting and self._free:
                    self._ask(waiting.popleft())
                for number, _ in poll.poll(0.001 if rate is not None else 5):
                    self._hear(sockets[number])
            seconds = time.perf_counter() - start
        took = sorted(self._took)
        return Loaded(n, seconds, self._failed, took[n // 2] * 1000, took[n * 99 // 100] * 1000)

    def _ask(self, due_at: float) -> None:
        connection = self._free.pop()
        self._due_at[connection.fileno()] = due_at
        connection.sendall(next(self._requests))

    def _hear(self, connection: socket.socket) -> None:
        number = connection.fileno()
        answer = self._received.pop(number, b"") + connection.recv(65_536)
        if not _whole(answer):
            self._received[number] = answer
            return
        self._took.append(time.perf_counter() - self._due_at[number])
        self._failed += answer[9:10] not in b"23"
        self._free.append(connection)


def _whole(answer: bytes) -> bool:
    """Whether an answer is there to its last byte."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        if not answer:
            raise SystemExit("the server closed a connection")
        return False
    at = head.lower().find(b"content-length:")
    return at < 0 or len(body) >= int(head[at + 15 :].split(b"\r\n", 1)[0])
