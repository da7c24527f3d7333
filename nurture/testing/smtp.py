"""A real SMTP server for tests, the demo and the benchmark: takes mail on loopback, and fails on request.

It speaks enough of RFC 5321 to be talked to by any client: PIPELINING (RFC 2920), STARTTLS (RFC 3207), AUTH
PLAIN and LOGIN (RFC 4954). Accepted mails stand in a journal, and in a Maildir if wanted.
"""

from __future__ import annotations

import base64
import itertools
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

POINTS = ("connect", "ehlo", "auth", "mail", "rcpt", "data", "body", "dot")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at a point of the conversation (`POINTS`).

    `reply` is given instead of the usual one; None drops the connection without a word: at `body` when the
    first octets of it came, at `dot` when the mail is complete. `recipient` limits it to mails for one
    address, `times` to so many. `keep` says whether a mail with a fault at the dot is taken nevertheless.
    """

    point: str
    reply: str | None = None
    recipient: str | None = None
    times: int = 1_000_000
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that the server has taken."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(slots=True)
class SmtpServer:
    """A listening server; `smtp_server()` starts and stops it.

    `users` are names and passwords, `methods` how they log in; without users, AUTH is not offered. `tls`
    offers STARTTLS, `tls_at_once` begins with it. `eager` answers DATA with 354 even when no recipient was
    taken (RFC 2920, section 3.1). With `quiet` nothing is kept, for benchmarks. `impatient` counts the
    commands that came before the answer to the one before, though PIPELINING was not offered.
    """

    extensions: Sequence[str] = ("PIPELINING", "8BITMIME")
    users: Mapping[str, str] = field(default_factory=dict)
    methods: str = "PLAIN LOGIN"
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    eager: bool = False
    maildir: Path | None = None
    quiet: bool = False
    journal: list[Accepted] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    impatient: int = 0
    port: int = 0
    host: str = "127.0.0.1"
    _faults: list[Fault] = field(default_factory=list)
    _used: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listener: socket.socket | None = None
    _open: set[socket.socket] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def fail(self, fault: Fault) -> None:
        """Adds a fault; earlier ones come first."""
        assert fault.point in POINTS
        self._faults.append(fault)

    def heal(self) -> None:
        """Takes every fault away."""
        self._faults.clear()
        self._used.clear()

    def start(self) -> None:
        """Listens on a free port of the loopback interface."""
        self._listener = socket.create_server((self.host, self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Closes the port and every connection."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        with self._lock:
            waiting = list(self._open)
        for connection in waiting:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def recipients(self) -> list[str]:
        """To whom mails were taken, in order."""
        return [recipient for mail in self.journal for recipient in mail.recipients]

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(connection)
            self.connections += 1
        conversation = _Conversation(self, connection)
        with suppress(OSError, _Dropped):
            conversation.run()
        with self._lock:
            self._open.discard(connection)
        conversation.close()

    def fault_at(self, point: str, recipients: Sequence[str]) -> Fault | None:
        """The fault to show now, if any; counts it."""
        if not self._faults:
            return None
        with self._lock:
            for number, fault in enumerate(self._faults):
                wanted = fault.recipient is None or fault.recipient in recipients
                if fault.point == point and wanted and self._used.get(number, 0) < fault.times:
                    self._used[number] = self._used.get(number, 0) + 1
                    return fault
        return None

    def take(self, mail: Accepted) -> None:
        """Keeps an accepted mail."""
        if self.quiet:
            return
        with self._lock:
            self.journal.append(mail)
            number = next(self._numbers)
        if self.maildir is not None:
            for name in ("tmp", "new", "cur"):
                (self.maildir / name).mkdir(parents=True, exist_ok=True)
            name = f"{number:06d}.eml"
            (self.maildir / "tmp" / name).write_bytes(mail.content)
            (self.maildir / "tmp" / name).rename(self.maildir / "new" / name)


class _Dropped(Exception):
    """Raised when a fault drops the connection, or the client has gone."""


class _Conversation:
    """One client's connection."""

    def __init__(self, server: SmtpServer, connection: socket.socket) -> None:
        self._server = server
        self._socket = connection
        self._buffer = b""
        self._replies: list[str] = []
        self._sender = ""
        self._recipients: list[str] = []
        self._secure = False

    def run(self) -> None:
        if self._server.tls_at_once:
            self._start_tls()
        if self._answer("connect", "220 sink ready"):
            return self._flush()
        while True:
            line = self._line()
            verb, _, rest = line.partition(" ")
            if not self._server.quiet:
                self._server.commands.append(line)
            handler = getattr(self, f"_on_{verb.lower()}", None)
            if verb.upper() == "QUIT":
                self._reply("221 bye")
                return self._flush()
            if handler is None:
                self._reply("500 what?")
            else:
                handler(rest)

    def close(self) -> None:
        self._socket.close()

    # --- commands ---------------------------------------------------------------------------------------

    def _on_ehlo(self, _rest: str) -> None:
        offered = list(self._server.extensions)
        if self._server.tls is not None and not self._secure:
            offered.append("STARTTLS")
        if self._server.users:
            offered.append(f"AUTH {self._server.methods}")
        lines = ["sink", *offered]
        last = len(lines) - 1
        text = "\r\n".join(f"250{' ' if number == last else '-'}{line}" for number, line in enumerate(lines))
        self._answer("ehlo", text)

    def _on_helo(self, _rest: str) -> None:
        self._reply("250 sink")

    def _on_starttls(self, _rest: str) -> None:
        self._reply("220 go ahead")
        self._flush()
        # Whatever was sent before the handshake is not to be trusted (RFC 3207, section 6).
        self._buffer = b""
        self._start_tls()

    def _start_tls(self) -> None:
        assert self._server.tls is not None
        self._socket = self._server.tls.wrap_socket(self._socket, server_side=True)
        self._secure = True

    def _on_auth(self, rest: str) -> None:
        method, _, first = rest.partition(" ")
        if method.upper() == "PLAIN":
            _, user, password = base64.b64decode(first).decode().split("\0")
        else:
            user, password = self._ask("Username:"), self._ask("Password:")
        good = self._server.users.get(user) == password
        self._answer("auth", "235 welcome" if good else "535 5.7.8 wrong name or password")

    def _on_mail(self, rest: str) -> None:
        if self._sender:
            return self._reply("503 5.5.1 nested MAIL")
        if not self._answer("mail", "250 2.1.0 ok"):
            self._sender = _address(rest)
        return None

    def _on_rcpt(self, rest: str) -> None:
        if not self._sender:
            return self._reply("503 5.5.1 MAIL first")
        address = _address(rest)
        if not self._answer("rcpt", "250 2.1.5 ok", [address]):
            self._recipients.append(address)
        return None

    def _on_data(self, _rest: str) -> None:
        if not self._recipients and not self._server.eager:
            return self._reply("503 5.5.1 no valid recipients")
        if self._answer("data", "354 go on", self._recipients):
            return None
        content = self._body()
        if not self._recipients:
            self._sender = ""
            return self._reply("554 5.5.1 no valid recipients")
        mail = Accepted(self._sender, tuple(self._recipients), content)
        fault = self._server.fault_at("dot", self._recipients)
        if fault is None or fault.keep:
            self._server.take(mail)
        self._sender, self._recipients = "", []
        if fault is not None and fault.reply is None:
            raise _Dropped
        self._reply(fault.reply if fault is not None and fault.reply else "250 2.0.0 taken")
        return None

    def _on_rset(self, _rest: str) -> None:
        self._sender, self._recipients = "", []
        self._reply("250 2.0.0 ok")

    def _on_noop(self, _rest: str) -> None:
        self._reply("250 2.0.0 ok")

    # --- octets -----------------------------------------------------------------------------------------

    def _answer(self, point: str, usual: str, recipients: Sequence[str] = ()) -> bool:
        """Gives the usual reply, or what a fault says; True when it was a fault."""
        fault = self._server.fault_at(point, recipients)
        if fault is None:
            self._reply(usual)
            return False
        if fault.reply is None:
            self._flush()
            raise _Dropped
        self._reply(fault.reply)
        return True

    def _reply(self, text: str) -> None:
        self._replies.append(text)
        if self._buffer and "PIPELINING" not in self._server.extensions:
            self._server.impatient += 1

    def _flush(self) -> None:
        if self._replies:
            self._socket.sendall("".join(f"{reply}\r\n" for reply in self._replies).encode())
            self._replies.clear()

    def _more(self) -> None:
        # Replies to pipelined commands go out together, once there is nothing left to read.
        self._flush()
        received = self._socket.recv(262_144)
        if not received:
            raise _Dropped
        self._buffer += received

    def _line(self) -> str:
        while (end := self._buffer.find(b"\r\n")) < 0:
            self._more()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line.decode("utf-8", "replace")

    def _ask(self, prompt: str) -> str:
        self._reply("334 " + base64.b64encode(prompt.encode()).decode())
        return base64.b64decode(self._line()).decode()

    def _body(self) -> bytes:
        if self._buffer.startswith(b".\r\n"):
            self._buffer = self._buffer[3:]
            return b""
        searched = 0
        while (end := self._buffer.find(b"\r\n.\r\n", searched)) < 0:
            if self._buffer and self._server.fault_at("body", self._recipients):
                raise _Dropped
            searched = max(0, len(self._buffer) - 4)
            self._more()
            if self._buffer.startswith(b".\r\n"):
                return self._body()
        content, self._buffer = self._buffer[: end + 2], self._buffer[end + 5 :]
        return content if self._server.quiet else content.replace(b"\r\n..", b"\r\n.").removeprefix(b".")


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


@contextmanager
def smtp_server(server: SmtpServer | None = None) -> Iterator[SmtpServer]:
    """A server that runs until the end of the block."""
    server = server or SmtpServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
