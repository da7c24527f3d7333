"""Sends malformed requests to each kind of public address, over raw sockets: none may cause an error of ours.

Everything is drawn from a seed: odd methods, paths, versions, headers, encodings, bodies, lengths that lie,
requests that end too soon, and two requests in one. What is asked for is that every answer is below 500, that
the server still answers afterwards, and that its memory does not grow.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
import string
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.common import Result, database, parser, report
from bench.track import KEY, fill, memory, running
from nurture.tokens import (
    ANSWER,
    CLICK,
    OPEN,
    PREFERENCES,
    TRAP,
    UNSUBSCRIBE,
    AnswerFacts,
    LinkFacts,
    OpenFacts,
    Signer,
    UnsubscribeFacts,
)

METHODS = (
    b"GET",
    b"POST",
    b"HEAD",
    b"PUT",
    b"DELETE",
    b"OPTIONS",
    b"PATCH",
    b"TRACE",
    b"CONNECT",
    b"get",
    b"PRI",
)
VERSIONS = (*[b"HTTP/1.1"] * 20, b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"HTTP/9", b"")
TYPES = (
    b"application/x-www-form-urlencoded",
    b"application/json",
    b"multipart/form-data; boundary=x",
    b"multipart/form-data",
    b"text/plain;charset=utf-8",
    b"application/x-www-form-urlencoded; charset=utf-16",
    b"application/msgpack",
    b"\xff\xfe",
    b"",
)
BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b'{"visitor": "x", "url": 1}',
    b"[" * 3_000,
    b'{"a":' * 900,
    b"email=a%40b.nl&name=%00%ff",
    b"answer=accepted&note=" + b"%E2%80%A8" * 200,
    b"&" * 2_000,
    b"=" * 2_000,
    b"List-Unsubscribe=One-Click",
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="a"; filename="\r\n\r\n',
    b"--x" * 700,
    b"\xff\xfe\x00" * 500,
    bytes(range(256)),
    b"a=" + b"b" * 300_000,
)
HEADERS = (
    b"Host: a\r\nHost: b",
    b"Accept-Language: " + b"nl," * 900,
    b"Accept-Language: \xff\xfe;q=x",
    b"X-Forwarded-For: " + b"::ffff:1," * 300,
    b"User-Agent: \xf0\x9f\x92\xa9\x80",
    b"User-Agent:",
    b"Cookie: " + b"a=b; " * 900,
    b"Expect: 100-continue",
    b"Connection: upgrade\r\nUpgrade: websocket",
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA",
    b"Range: bytes=0-18446744073709551616",
    b"Origin: null",
    b"Origin: https://[::1",
    b"Content-Encoding: gzip",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 4",
    b"Transfer-Encoding: xchunked",
    b"Content-Length: -1",
    b"Content-Length: 18446744073709551616",
    b"Content-Length: 3\r\nContent-Length: 5",
    b"X: y\r\n folded",
    b"NoColon",
    b": empty",
    b"A\x00B: c",
    b"X-Big: " + b"x" * 20_000,
    b"\r\nGET /smuggled HTTP/1.1\r\nHost: x",
)


@dataclass(slots=True)
class Seen:
    """How often which status came; 0 is no answer. `failures` are requests that were answered with 5xx."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[bytes] = field(default_factory=list)


def kinds(signer: Signer) -> dict[str, bytes]:
    """An address of each kind, with a token that is good."""
    whose = UnsubscribeFacts(1, "marketing", 1, "new-website", "welcome")
    opened = OpenFacts(1, 1, "new-website", "welcome")
    click = LinkFacts(1, 1, "new-website", "welcome", "https://firm.example/")
    paths = {
        "click": f"/c/{signer.sign(CLICK, click)}",
        "open": f"/o/{signer.sign(OPEN, opened)}.gif",
        "trap": f"/t/{signer.sign(TRAP, opened)}",
        "unsubscribe": f"/u/{signer.sign(UNSUBSCRIBE, whose)}",
        "preferences": f"/p/{signer.sign(PREFERENCES, whose)}",
        "form": "/f/quote",
        "answer": f"/h/{signer.sign(ANSWER, AnswerFacts(1, 2**40))}",
        "beacon": "/b",
        "script": "/b.js",
        "hook": "/hooks/none",
        "nothing": "/",
    }
    return {name: path.encode() for name, path in paths.items()}


def request(draw: random.Random, path: bytes) -> bytes:
    """One request, wrong in one way or several."""
    body = draw.choice(BODIES) if draw.random() < 0.6 else draw.randbytes(draw.randrange(200))
    lines = [b" ".join([draw.choice(METHODS), _path(draw, path), draw.choice(VERSIONS)])]
    if draw.random() < 0.9:
        lines.append(b"Host: nurture.example")
    lines += draw.sample(HEADERS, draw.choice((0, 0, 0, 1, 1, 2, 4)))
    if draw.random() < 0.8:
        lines.append(b"Content-Type: " + draw.choice(TYPES))
    if draw.random() < 0.8:
        lines.append(b"Content-Length: %d" % (len(body) + draw.choice((0,) * 20 + (-1, 1, 7))))
    lines.append(draw.choice((b"Connection: close", b"Connection: close", b"Connection: keep-alive")))
    whole = b"\r\n".join(lines) + b"\r\n\r\n" + body
    if draw.random() < 0.1:
        whole = _damaged(draw, whole)
    return whole


def _path(draw: random.Random, path: bytes) -> bytes:
    way = draw.randrange(14)
    at = draw.randrange(len(path) + 1)
    if way > 8 or way < 3:
        return path
    if way == 3:
        return (
            path[:at]
            + draw.choice((b"%00", b"%ff", b"%2e%2e/", b"%", b"%zz", b"\xff", b"//", b"?"))
            + path[at:]
        )
    if way == 4:
        return path[:at]
    if way == 5:
        return path + b"?" + bytes(draw.choices(string.printable.encode(), k=40)).replace(b"\n", b"")
    if way == 6:
        return b"http://evil.example" + path
    if way == 7:
        return path + b"x" * draw.choice((1, 100, 5_000, 70_000))
    return draw.choice((b"*", b"", b"evil.example:443", b"/../../etc/passwd", b"/c/", b"/o/.gif", b"/%"))


def _damaged(draw: random.Random, whole: bytes) -> bytes:
    at = draw.randrange(len(whole))
    way = draw.randrange(4)
    if way == 0:
        return whole[:at]
    if way == 1:
        return whole[:at] + draw.randbytes(8) + whole[at:]
    if way == 2:
        return whole.replace(b"\r\n", b"\n")
    return whole + whole


def attack(port: int, requests: Iterator[bytes], together: int = 50, patience: float = 3.0) -> Seen:
    """Sends each request on a connection of its own, some at once, and takes down the answers."""
    seen = Seen()
    while batch := [one for _, one in zip(range(together), requests, strict=False)]:
        connections = [_sent(port, one) for one in batch]
        for connection, one in zip(connections, batch, strict=True):
            for status in _statuses(connection, patience):
                seen.statuses[status] += 1
                if status >= 500:
                    seen.failures.append(one)
    return seen


def _sent(port: int, one: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    # A server may refuse a request, and close, before it has read all of it.
    with contextlib.suppress(OSError):
        connection.sendall(one)
    return connection


def _statuses(connection: socket.socket, patience: float) -> Sequence[int]:
    """The status of every answer; 0 where there is none."""
    answer = b""
    connection.settimeout(0.02)
    with connection, contextlib.suppress(OSError):
        try:
            while piece := connection.recv(65_536):
                answer += piece
        except TimeoutError:
            # It waits for more, of this request or for the next: it learns that there is none.
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(patience)
            while piece := connection.recv(65_536):
                answer += piece
    found = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]
    return found or [0]


def healthy(port: int) -> bool:
    """Whether the server still answers as it should."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return connection.recv(100).startswith(b"HTTP/1.1 200")


def drawn(seed: int, path: bytes, n: int) -> Iterator[bytes]:
    """`n` requests from a seed."""
    draw = random.Random(seed)
    return (request(draw, path) for _ in range(n))


def main() -> None:
    """Attacks every kind of address, and tells what came of it."""
    args = parser("fuzz_public", n=100_000, about=__doc__).parse_args()
    seen, notes, total = Seen(), [], 0
    with database(args) as url, tempfile.TemporaryDirectory() as folder:
        fill(url, 10)
        with running(f"stored in {folder}", url) as (port, pipe):
            attack(port, drawn(0, b"/", 2_000))
            before, start = memory(pipe), time.perf_counter()
            for number, (kind, path) in enumerate(kinds(Signer(KEY)).items(), 1):
                one = attack(port, drawn(number, path, args.n))
                total += args.n
                seen.failures += one.failures
                notes.append(f"{kind}: {dict(sorted(one.statuses.items()))}")
            seconds, after = time.perf_counter() - start, memory(pipe)
            sound = healthy(port)
    notes.append(f"memory {before:,.0f} MiB before, {after:,.0f} MiB after; answers afterwards: {sound}")
    notes += [f"5xx: {one[:300]!r}" for one in seen.failures[:5]]
    rate = total / seconds
    report(
        Result("fuzz_public", rate, "requests/s", rate, 1.0, after, total),
        args.json,
        notes,
        {"failures": len(seen.failures), "warm_rss_mb": before},
    )
    if seen.failures or not sound:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
