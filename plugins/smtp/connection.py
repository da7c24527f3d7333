"""One connection to a relay: greeting, encryption, log-in, and reading answers in order."""

from __future__ import annotations

import base64
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from nurture import TransportError


class Server(BaseModel):
    """A mail server; `ca_file` is for one whose certificate no public authority has signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: SecretStr = SecretStr("")
    helo: str = ""
    timeout: float = Field(default=60, gt=0)
    ca_file: str = ""


class Options(Server):
    """[plugin.smtp]: the server of the transport `smtp`; each table [plugin.smtp.relays.NAME] makes another
    transport, `smtp.NAME`.
    """

    relays: dict[str, Server] = Field(default_factory=dict)


class Reply(NamedTuple):
    """A server's answer: its code and the whole text, on one line."""

    code: int
    text: str


class Broken(Exception):
    """Raised when a conversation cannot go on: closed, 421, or an answer that makes no sense."""


class Connection:
    """One connection to the relay, greeted, encrypted and logged in as the options say.

    Raised when any of that fails: TransportError.
    """

    def __init__(self, options: Server) -> None:
        self.new = True
        self._options = options
        self._buffer = b""
        where = f"the mail server at {options.host}:{options.port}"
        try:
            self._socket = socket.create_connection((options.host, options.port), options.timeout)
        except OSError as error:
            raise TransportError(
                f"{where} cannot be reached: {error}",
                hint="correct host and port in its table under [plugin.smtp]",
            ) from error
        try:
            self._set_up()
        except (OSError, Broken) as error:
            self.close()
            raise TransportError(f"{where} cannot be used: {error}") from error
        except TransportError:
            self.close()
            raise

    def write(self, ending: bytes, commands: Sequence[bytes]) -> None:
        """Writes what ends a transaction, and the next commands with it if the server allows it."""
        octets = b"".join((ending, *commands)) if self.pipelining else ending
        if octets:
            self._socket.sendall(octets)

    def answers(self, commands: Sequence[bytes]) -> list[Reply]:
        """The answers to `commands`; without pipelining each is only now sent, until one is refused."""
        if self.pipelining:
            return [self.read() for _ in commands]
        replies: list[Reply] = []
        for command in commands:
            replies.append(self._command(command))
            if replies[-1].code >= 400:
                break
        return replies

    def read(self) -> Reply:
        """The next answer, of however many lines. Raised when there is none: Broken or OSError."""
        lines: list[str] = []
        while True:
            line = self._line()
            lines.append(line[4:])
            if len(line) < 3 or not line[:3].isdecimal():
                raise Broken(f"no SMTP server speaks like this: {line[:100]!r}")
            if line[3:4] != "-":
                code = line[:3]
                return Reply(int(code), f"{code} {' '.join(lines)}"[:500])

    def quit(self) -> None:
        """Takes leave and closes."""
        with suppress(OSError, Broken):
            self._socket.settimeout(2)
            self._command(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        self._socket.close()

    # --- setting up -------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        options = self._options
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.security == "tls":
            self._encrypt()
        self._expect(self.read(), 220)
        extensions = self._hello()
        if options.security == "starttls":
            if "STARTTLS" not in extensions:
                raise Broken("it does not offer STARTTLS")
            self._expect(self._command(b"STARTTLS\r\n"), 220)
            if self._buffer:
                raise Broken("something was slipped in before the encryption began")
            self._encrypt()
            extensions = self._hello()
        if options.username:
            self._log_in(extensions.get("AUTH", "").split())
        self.pipelining = "PIPELINING" in extensions
        self.international = "SMTPUTF8" in extensions

    def _encrypt(self) -> None:
        context = ssl.create_default_context(cafile=self._options.ca_file or None)
        self._socket = context.wrap_socket(self._socket, server_hostname=self._options.host)

    def _hello(self) -> dict[str, str]:
        """Greets; returns the extensions that the server offers, with their parameters."""
        name = self._options.helo or _own_name(self._socket)
        self._socket.sendall(f"EHLO {name}\r\n".encode())
        lines = [self._line()]
        while lines[-1][3:4] == "-":
            lines.append(self._line())
        if not lines[-1].startswith("250"):
            self._expect(self._command(f"HELO {name}\r\n".encode()), 250)
            return {}
        words = (line[4:].upper().partition(" ") for line in lines[1:])
        return {word: parameters for word, _, parameters in words}

    def _log_in(self, methods: Sequence[str]) -> None:
        user, password = self._options.username, self._options.password.get_secret_value()
        if self._options.security == "none" and not self._socket.getpeername()[0].startswith(("127.", "::1")):
            raise TransportError(
                "the password would cross the network in the clear",
                hint='set security = "starttls" or "tls" in its table under [plugin.smtp]',
            )
        if "PLAIN" in methods:
            self._expect(self._command(b"AUTH PLAIN " + _base64(f"\0{user}\0{password}")), 235)
        elif "LOGIN" in methods:
            self._expect(self._command(b"AUTH LOGIN\r\n"), 334)
            self._expect(self._command(_base64(user)), 334)
            self._expect(self._command(_base64(password)), 235)
        else:
            raise Broken(f"it offers no way to log in that we know, only: {' '.join(methods) or 'none'}")

    def _expect(self, reply: Reply, code: int) -> None:
        if reply.code != code:
            raise Broken(reply.text)

    def _command(self, line: bytes) -> Reply:
        self._socket.sendall(line)
        return self.read()

    def _line(self) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            received = self._socket.recv(65_536)
            if not received or len(self._buffer) > 1_000_000:
                raise Broken("the server hung up")
            self._buffer += received
        line, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        return line.rstrip(b"\r").decode("utf-8", "replace")


def _base64(text: str) -> bytes:
    return base64.b64encode(text.encode()) + b"\r\n"


def _own_name(connection: socket.socket) -> str:
    """Our host name if it is a full one, else our address as a literal (RFC 5321, section 4.1.3)."""
    name = socket.gethostname()
    if "." in name:
        return name
    address = str(connection.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
