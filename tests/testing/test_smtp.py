"""The SMTP server for tests, spoken to by the standard library."""

from __future__ import annotations

import smtplib
from pathlib import Path

import pytest

from nurture.testing.smtp import Accepted, Fault, SmtpServer, smtp_server

CONTENT = b"Subject: x\r\n\r\n.hidden\r\n..\r\n"


def mail(server: SmtpServer) -> None:
    with smtplib.SMTP(server.host, server.port, timeout=5) as client:
        client.sendmail("a@example.com", ["b@example.com", "c@example.com"], CONTENT)


def test_a_mail_is_kept_as_it_was_sent() -> None:
    with smtp_server() as server:
        mail(server)
    assert server.journal == [Accepted("a@example.com", ("b@example.com", "c@example.com"), CONTENT)]


def test_a_mail_is_written_to_the_maildir(tmp_path: Path) -> None:
    with smtp_server(SmtpServer(maildir=tmp_path)) as server:
        mail(server)
    (file,) = (tmp_path / "new").iterdir()
    assert (file.suffix, file.read_bytes()) == (".eml", CONTENT)


def test_a_quiet_server_keeps_nothing() -> None:
    with smtp_server(SmtpServer(quiet=True)) as server:
        mail(server)
    assert (server.journal, server.commands) == ([], [])


def test_a_fault_shows_as_often_as_it_was_asked_for() -> None:
    with smtp_server() as server:
        server.fail(Fault("dot", "452 4.2.2 full", times=1))
        with pytest.raises(smtplib.SMTPDataError, match="full"):
            mail(server)
        mail(server)
    assert len(server.journal) == 1


def test_a_healed_server_has_no_faults() -> None:
    with smtp_server() as server:
        server.fail(Fault("mail"))
        server.heal()
        mail(server)
    assert len(server.journal) == 1


def test_a_stopped_server_is_gone() -> None:
    with smtp_server() as server:
        pass
    with pytest.raises(OSError, match="refused"):
        mail(server)
