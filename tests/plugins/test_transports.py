"""The bundled transports: their contract, and real SMTP conversations that go wrong."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nurture import DeliveryState, Transport, TransportError
from nurture.testing.smtp import Fault, SmtpServer, smtp_server
from nurture.testing.suites_deliver import FakeTicket, TransportSuite, sample_mail
from plugins import maildir, smtp
from plugins.smtp.connection import Options

SENT, DEFERRED, FAILED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.FAILED
UNKNOWN, NOT_TRIED = DeliveryState.UNKNOWN, DeliveryState.NOT_TRIED


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


made: list[Transport] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while made:
        made.pop().close()


def transport_for(server: SmtpServer, **options: Any) -> Transport:
    """A transport to `server` that is closed at the end of the test."""
    made.append(smtp.SmtpTransport(Options(host=server.host, port=server.port, timeout=5, **options)))
    return made[-1]


def states(transport: Transport, numbers: range, ticket: FakeTicket | None = None) -> list[DeliveryState]:
    mails = [sample_mail(number) for number in numbers]
    answers = {one.outbox_id: one for one in transport.deliver(mails, ticket or FakeTicket())}
    return [answers[number].state for number in numbers]


# --- the contract -----------------------------------------------------------------------------------


class TestMaildir(TransportSuite):
    def make(self, folder: Path) -> Transport:
        self.folder = folder
        return maildir.MaildirTransport(folder)

    def arrived(self) -> list[bytes]:
        return [path.read_bytes() for path in (self.folder / "new").glob("*.eml")]


class SmtpContract(TransportSuite):
    extensions: tuple[str, ...]

    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        with smtp_server(SmtpServer(extensions=self.extensions)) as self.server:
            yield
            assert self.server.impatient == 0

    def make(self, folder: Path) -> Transport:
        return transport_for(self.server)

    def arrived(self) -> list[bytes]:
        return [mail.content for mail in self.server.journal]


class TestSmtpPipelined(SmtpContract):
    extensions = ("PIPELINING",)


class TestSmtpStepByStep(SmtpContract):
    extensions = ()


@pytest.mark.parametrize("plugin", [maildir, smtp])
def test_a_transport_is_registered_under_its_own_name(plugin: ModuleType) -> None:
    class Config:
        workspace = Path()

        def options(self, section: str, model: type[Any]) -> Any:
            return model()

    (transport,) = plugin.register_transports(Config())
    assert transport.name == plugin.__name__.rpartition(".")[2]


# --- what goes wrong with one mail -------------------------------------------------------------------


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelined", "step by step"])
@pytest.mark.parametrize("refused", [0, 1, 2])
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("rcpt", "550 5.1.1 no such user"), FAILED),
        (Fault("rcpt", "451 4.7.1 greylisted"), DEFERRED),
        (Fault("data", "554 5.7.1 no"), FAILED),
        (Fault("data", "451 4.3.0 later"), DEFERRED),
        (Fault("dot", "554 5.6.0 looks like spam"), FAILED),
        (Fault("dot", "452 4.2.2 full"), DEFERRED),
    ],
    ids=lambda value: f"{value.point} {value.reply[:3]}" if isinstance(value, Fault) else str(value),
)
def test_a_refused_mail_fails_alone(
    fault: Fault, outcome: DeliveryState, refused: int, extensions: tuple[str, ...]
) -> None:
    with smtp_server(SmtpServer(extensions=extensions)) as server:
        server.fail(Fault(fault.point, fault.reply, recipient=sample_mail(refused).recipient))
        expected = [SENT, SENT, SENT]
        expected[refused] = outcome
        assert states(transport_for(server), range(3)) == expected
        others = [sample_mail(number).recipient for number in range(3) if number != refused]
        assert server.recipients() == others


def test_the_servers_own_words_are_kept(server: SmtpServer) -> None:
    server.fail(Fault("rcpt", "550-5.1.1 no such user\r\n550 here"))
    (answer,) = transport_for(server).deliver([sample_mail(1)], FakeTicket())
    assert answer.reply == "550 5.1.1 no such user here"


def test_no_body_follows_a_refused_recipient_even_if_data_is_answered() -> None:
    with smtp_server(SmtpServer(eager=True)) as server:
        server.fail(Fault("rcpt", "550 5.1.1 no such user", recipient=sample_mail(1).recipient))
        assert states(transport_for(server), range(3)) == [SENT, FAILED, SENT]
        assert [mail.content for mail in server.journal] == [sample_mail(0).content, sample_mail(2).content]


def test_a_refused_sender_is_not_the_readers_fault(server: SmtpServer) -> None:
    server.fail(Fault("mail", "550 5.7.1 who are you"))
    assert states(transport_for(server), range(2)) == [DEFERRED, DEFERRED]


def test_a_mail_whose_recipient_is_refused_first_is_not_marked(server: SmtpServer) -> None:
    server.fail(Fault("rcpt", "550 5.1.1 no such user", recipient=sample_mail(0).recipient))
    ticket = FakeTicket()
    states(transport_for(server), range(3), ticket)
    assert ticket.asked == [(1, 2)]


def test_nothing_is_marked_before_the_server_takes_a_recipient(server: SmtpServer) -> None:
    server.fail(Fault("rcpt", "451 4.7.1 greylisted"))
    ticket = FakeTicket()
    assert states(transport_for(server), range(3), ticket) == [DEFERRED] * 3
    assert ticket.asked == []


# --- what goes wrong with the connection -------------------------------------------------------------


def test_a_server_that_is_not_there_is_a_transport_error(server: SmtpServer) -> None:
    server.stop()
    with pytest.raises(TransportError, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        transport_for(server).deliver([sample_mail(1)], FakeTicket())


def test_a_server_that_will_not_talk_is_a_transport_error(server: SmtpServer) -> None:
    server.fail(Fault("connect", "554 5.3.2 closed for you"))
    with pytest.raises(TransportError, match="closed for you"):
        transport_for(server).deliver([sample_mail(1)], FakeTicket())


def test_a_server_without_extensions_is_spoken_to_plainly(server: SmtpServer) -> None:
    server.fail(Fault("ehlo", "502 5.5.1 what is EHLO?"))
    assert states(transport_for(server), range(2)) == [SENT, SENT]


def test_a_drop_after_the_dot_leaves_one_mail_unknown(server: SmtpServer) -> None:
    server.fail(Fault("dot", None, recipient=sample_mail(1).recipient, keep=True))
    assert states(transport_for(server), range(4)) == [SENT, UNKNOWN, SENT, SENT]


def test_a_mail_of_unknown_fate_is_not_sent_again(server: SmtpServer) -> None:
    server.fail(Fault("dot", None, recipient=sample_mail(1).recipient, times=1, keep=True))
    states(transport_for(server), range(3))
    assert server.recipients() == [sample_mail(number).recipient for number in range(3)]


def test_a_drop_inside_the_body_leaves_the_mail_unknown(server: SmtpServer) -> None:
    large = sample_mail(0)
    content = large.content + b"and so on\r\n" * 500_000
    server.fail(Fault("body"))
    (answer,) = transport_for(server).deliver(
        [type(large)(0, large.sender, large.recipient, large.message_id, content)], FakeTicket()
    )
    assert (answer.state, server.recipients()) == (UNKNOWN, [])


def test_a_drop_before_the_body_means_not_tried(server: SmtpServer) -> None:
    server.fail(Fault("data"))
    assert states(transport_for(server), range(2)) == [NOT_TRIED, NOT_TRIED]


def test_a_drop_at_a_later_mail_goes_on_over_another_connection(server: SmtpServer) -> None:
    server.fail(Fault("rcpt", None, recipient=sample_mail(2).recipient, times=1))
    assert (states(transport_for(server), range(4)), server.connections) == ([SENT] * 4, 2)


def test_a_server_that_closes_after_some_mails_gets_the_rest_on_a_new_connection(server: SmtpServer) -> None:
    server.fail(Fault("mail", "421 4.7.0 too many", times=0))
    transport = transport_for(server)
    assert states(transport, range(2)) == [SENT, SENT]
    server.fail(Fault("mail", "421 4.7.0 too many for one connection", times=1))
    assert (states(transport, range(3)), server.connections) == ([SENT] * 3, 2)


def test_the_ticket_is_not_asked_again_after_a_broken_connection(server: SmtpServer) -> None:
    server.fail(Fault("rcpt", None, recipient=sample_mail(2).recipient, times=1))
    ticket = FakeTicket()
    states(transport_for(server), range(4), ticket)
    assert ticket.asked == [(0, 1, 2, 3)]


# --- connections -------------------------------------------------------------------------------------


def test_a_connection_is_used_again(server: SmtpServer) -> None:
    transport = transport_for(server)
    for number in range(3):
        states(transport, range(number, number + 1))
    assert server.connections == 1


def test_a_connection_that_has_grown_old_is_replaced_unseen(server: SmtpServer) -> None:
    transport = transport_for(server)
    states(transport, range(1))
    server.fail(Fault("mail", None, times=1))
    assert states(transport, range(1, 2)) == [SENT]


def test_closing_takes_leave(server: SmtpServer) -> None:
    transport = transport_for(server)
    states(transport, range(1))
    transport.close()
    assert server.commands[-1] == "QUIT"


def test_a_first_mail_that_is_withheld_costs_no_connection(server: SmtpServer) -> None:
    states(transport_for(server), range(3), FakeTicket(withheld={0}))
    assert server.connections == 1


# --- encryption and log-in ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=10))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize(("security", "at_once"), [("starttls", False), ("tls", True)])
def test_mail_goes_out_encrypted(
    tls: ssl.SSLContext, certificate: Path, security: str, at_once: bool
) -> None:
    with smtp_server(SmtpServer(tls=tls, tls_at_once=at_once)) as server:
        transport = transport_for(server, security=security, ca_file=str(certificate))
        assert states(transport, range(2)) == [SENT, SENT]
        transport.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(tls: ssl.SSLContext) -> None:
    with smtp_server(SmtpServer(tls=tls)) as server, pytest.raises(TransportError, match="certificate"):
        transport_for(server, security="starttls").deliver([sample_mail(1)], FakeTicket())


def test_without_starttls_nothing_is_sent_in_the_clear(server: SmtpServer) -> None:
    with pytest.raises(TransportError, match="does not offer STARTTLS"):
        transport_for(server, security="starttls").deliver([sample_mail(1)], FakeTicket())


@pytest.mark.parametrize("method", ["PLAIN LOGIN", "LOGIN"])
def test_it_logs_in(method: str) -> None:
    with smtp_server(SmtpServer(users={"ann": "pass"}, methods=method)) as server:
        assert states(transport_for(server, username="ann", password="pass"), range(1)) == [SENT]


def test_a_refused_log_in_is_a_transport_error() -> None:
    with smtp_server(SmtpServer(users={"ann": "pass"})) as server:
        with pytest.raises(TransportError, match="wrong name or password"):
            transport_for(server, username="ann", password="guess").deliver([sample_mail(1)], FakeTicket())
        assert server.recipients() == []


# --- the maildir -------------------------------------------------------------------------------------


def test_a_repeated_delivery_replaces_its_file(tmp_path: Path) -> None:
    transport = maildir.MaildirTransport(tmp_path / "mail")
    for _ in range(2):
        transport.deliver([sample_mail(1)], FakeTicket())
    assert [path.name for path in (tmp_path / "mail" / "new").iterdir()] == ["1@example.com.eml"]


def test_a_message_id_leads_to_no_other_folder(tmp_path: Path) -> None:
    mail = sample_mail(1)
    nasty = type(mail)(1, mail.sender, mail.recipient, "<../../x@example.com>", mail.content)
    maildir.MaildirTransport(tmp_path / "mail").deliver([nasty], FakeTicket())
    assert [path.parent.name for path in tmp_path.rglob("*.eml")] == ["new"]


def test_a_folder_that_cannot_be_made_is_a_transport_error(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(TransportError, match="no mail can be written"):
        maildir.MaildirTransport(tmp_path / "mail").deliver([sample_mail(1)], FakeTicket())
