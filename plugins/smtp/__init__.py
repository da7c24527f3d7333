"""The transport `smtp`: hands mails to a relay, with pipelining and connections that are used again.

    [plugin.smtp]
    host = "smtp.example.com"
    port = 587
    security = "starttls"        # none, starttls or tls
    username = "hello"
    password = "…"               # better: NURTURE_PLUGIN__SMTP__PASSWORD in the environment

The order for a batch: MAIL and RCPT of the first mail, then `ticket.begin` for all of them, then DATA. To ask
after the 354 would be later by one round trip, but a first mail that is withheld could then only be left by
breaking the connection, since nothing but a body ends DATA. What the order is for holds either way: no octet
of a body is written before the mark is committed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from nurture import (
    Delivery,
    DeliveryState,
    OutboundMail,
    PluginConfig,
    Ticket,
    Transport,
    TransportError,
    hookimpl,
)

from .connection import Broken, Connection, Options, Reply, Server

API_VERSION = 1


@hookimpl
def register_transports(config: PluginConfig) -> Iterable[Transport]:
    options = config.options("smtp", Options)
    others = [SmtpTransport(server, f"smtp.{name}") for name, server in options.relays.items()]
    return [SmtpTransport(options), *others]


class SmtpTransport:
    """Delivers over SMTP (RFC 5321). Each thread that delivers has a connection of its own meanwhile."""

    def __init__(self, server: Server, name: str = "smtp") -> None:
        self.name = name
        self._server = server
        self._idle: deque[Connection] = deque()

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterable[Delivery]:
        batch = _Batch(mails, ticket)
        while batch.waiting:
            before = len(batch.outcomes)
            try:
                connection = self._connection()
            except TransportError as error:
                if not batch.outcomes:
                    raise
                batch.give_up(error.message)
                break
            try:
                batch.send_over(connection)
            except (OSError, Broken) as error:
                connection.close()
                # A connection that served before may simply have grown old: another one is tried. One that
                # got nothing done although it was new will not do better.
                if connection.new and len(batch.outcomes) == before:
                    batch.give_up(f"the connection broke: {error}")
            except BaseException:
                connection.close()
                raise
            else:
                connection.new = False
                self._idle.append(connection)
        return batch.outcomes.values()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().quit()

    def _connection(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return Connection(self._server)


class _Batch:
    """The mails of one call: which wait, whose body is on its way, and what became of the others."""

    def __init__(self, mails: Sequence[OutboundMail], ticket: Ticket) -> None:
        self.waiting = deque(mails)
        self.outcomes: dict[int, Delivery] = {}
        self._ticket = ticket
        self._begun = False
        self._in_flight: OutboundMail | None = None

    def send_over(self, connection: Connection) -> None:
        """Sends until nothing waits. Raised when the connection breaks: Broken or OSError."""
        if not connection.international:
            self._refuse_international()
        try:
            ending = b"" if self._begun else self._begin(connection)
            while ending or self.waiting:
                ending = self._step(connection, ending)
        except (OSError, Broken) as error:
            if self._in_flight is not None:
                reason = f"the connection broke before the answer: {error}"
                self._settle(self._in_flight, DeliveryState.UNKNOWN, reason)
            raise
        finally:
            self._in_flight = None

    def give_up(self, reason: str) -> None:
        """Whatever still waits was not tried."""
        while self.waiting:
            self._settle(self.waiting.popleft(), DeliveryState.NOT_TRIED, reason)

    def _refuse_international(self) -> None:
        for mail in [mail for mail in self.waiting if not mail.recipient.isascii()]:
            self.waiting.remove(mail)
            self._settle(mail, DeliveryState.FAILED, _NOT_OFFERED)

    def _begin(self, connection: Connection) -> bytes:
        """Finds a mail that the server takes, asks what may go out; returns what ends its transaction."""
        ending = b""
        while self.waiting:
            mail = self.waiting[0]
            commands = _envelope(mail)
            connection.write(ending, commands[:2])
            if ending:
                connection.read()
            replies = connection.answers(commands[:2])
            if any(reply.code >= 400 for reply in replies):
                ending = self._judge(mail, replies)
                continue
            allowed = self._ticket.begin(tuple(self.waiting))
            self._begun = True
            for other in [other for other in self.waiting if other.outbox_id not in allowed]:
                self.waiting.remove(other)
                self._settle(other, DeliveryState.NOT_TRIED, "withheld")
            if mail.outbox_id not in allowed:
                return _RESET
            connection.write(b"", commands[2:])
            return self._judge(mail, replies + connection.answers(commands[2:]))
        return ending

    def _step(self, connection: Connection, ending: bytes) -> bytes:
        """Ends one transaction and opens the next, in one write where that is allowed."""
        mail = self.waiting[0] if self.waiting else None
        commands = _envelope(mail) if mail is not None else []
        connection.write(ending, commands)
        if ending:
            self._ended(connection.read())
        return b"" if mail is None else self._judge(mail, connection.answers(commands))

    def _judge(self, mail: OutboundMail, replies: Sequence[Reply]) -> bytes:
        """Notes a refused envelope; returns what ends the transaction: the body, or how to leave it."""
        refusal = next((reply for reply in replies if reply.code >= 400), None)
        if refusal is None:
            if replies[-1].code != 354:
                raise Broken(f"an answer to DATA that makes no sense: {replies[-1].text}")
            self._in_flight = self.waiting.popleft()
            return _stuffed(mail.content)
        if refusal.code == 421:
            raise Broken(refusal.text)
        # A refused MAIL is about us, not about whom we write to: it may be put right.
        final = refusal.code >= 500 and refusal is not replies[0]
        state = DeliveryState.FAILED if final else DeliveryState.DEFERRED
        self._settle(self.waiting.popleft(), state, refusal.text)
        if replies[-1].code == 354:
            # DATA was taken though nobody is there to get it: an empty body, never the mail (RFC 2920, 3.1).
            return _EMPTY_BODY
        return _RESET if replies[0].code < 400 else b""

    def _ended(self, reply: Reply) -> None:
        """The answer to a body, or to having left."""
        mail, self._in_flight = self._in_flight, None
        if mail is not None:
            self._settle(mail, _BY_CLASS.get(reply.code // 100, DeliveryState.UNKNOWN), reply.text)

    def _settle(self, mail: OutboundMail, state: DeliveryState, reply: str) -> None:
        self.outcomes[mail.outbox_id] = Delivery(mail.outbox_id, state, reply)


_NOT_OFFERED = "553 5.6.7 the address has letters outside ASCII, and the mail server offers no SMTPUTF8"
"""The code is that of RFC 6531, section 3.5."""

_RESET = b"RSET\r\n"
_EMPTY_BODY = b".\r\n"
_BY_CLASS = {2: DeliveryState.SENT, 4: DeliveryState.DEFERRED, 5: DeliveryState.FAILED}


def _envelope(mail: OutboundMail) -> list[bytes]:
    # RFC 6531, section 3.4: the parameter says that the mail needs it, so that only such a mail has it.
    parameters = "" if mail.recipient.isascii() else " SMTPUTF8"
    return [
        f"MAIL FROM:<{mail.sender}>{parameters}\r\n".encode(),
        f"RCPT TO:<{mail.recipient}>\r\n".encode(),
        b"DATA\r\n",
    ]


def _stuffed(content: bytes) -> bytes:
    """The body as it goes over the wire: dots doubled, the end marked (RFC 5321, section 4.5.2)."""
    if content.startswith(b"."):
        content = b"." + content
    end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    return content.replace(b"\r\n.", b"\r\n..") + end
