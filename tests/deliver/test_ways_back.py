"""Maildir, IMAP and the listener: each mail is applied before it is forgotten, and counts once."""

from __future__ import annotations

import imaplib
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.clock import VirtualClock
from nurture.deliver.imapbox import opened
from nurture.deliver.listener import SIZE_AT_MOST, listening
from nurture.deliver.maildirs import Maildir
from nurture.deliver.waysback import ASK_EVERY, WaysBack
from nurture.errors import FeedbackError, SettingsError
from nurture.setting_bounces import Bounces, Imap
from nurture.store.engine import Store
from nurture.testing import servers
from tests.deliver.people import NOW
from tests.deliver.returns import OURS, SIGNED, add_sent, bounce, inbound, signals
from tests.shared_database import create_tables

USER, PASSWORD = "bounces", "a secret"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what they do with the database is tested with `Inbound`."""
    url = f"sqlite:///{tmp_path / 'nurture.db'}"
    create_tables(url)
    return url


@pytest.fixture
def sent(store: Store) -> Store:
    add_sent(store)
    return store


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def maildir(tmp_path: Path) -> Maildir:
    maildir = Maildir(tmp_path / "back")
    maildir.make()
    return maildir


def ways(store: Store, folder: Path, clock: VirtualClock, settings: Bounces) -> WaysBack:
    return WaysBack(settings, folder, inbound(store), clock)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- Maildir ----------------------------------------------------------------------------------------


def test_a_mail_in_the_maildir_is_applied_and_filed(
    sent: Store, tmp_path: Path, clock: VirtualClock, maildir: Maildir
) -> None:
    maildir.keep(bounce(SIGNED.address(1)))
    back = ways(sent, tmp_path, clock, Bounces(maildir="back"))
    assert back.waiting(10) == 1
    assert back.take_batch() == {"bounce": 1}
    assert signals(sent) == [(1, "bounced")]
    assert (back.waiting(10), len(names(tmp_path / "back" / "cur"))) == (0, 1)
    assert back.take_batch() == {}


KILLED = """
import os, signal, sys
from pathlib import Path
from nurture.clock import VirtualClock
from nurture.deliver.maildirs import Maildir
from nurture.deliver.waysback import WaysBack
from nurture.setting_bounces import Bounces
from nurture.store.engine import Store
from tests.deliver.people import NOW
from tests.deliver.returns import inbound

Maildir.{at} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
store = Store(sys.argv[1])
WaysBack(Bounces(maildir="back"), Path(sys.argv[2]), inbound(store), VirtualClock(NOW)).take_batch()
"""


@pytest.mark.parametrize(("at", "applied"), [("done", 1), ("new_mails", 0)])
def test_a_reader_that_is_killed_loses_nothing_and_doubles_nothing(
    sent: Store, tmp_path: Path, clock: VirtualClock, maildir: Maildir, at: str, applied: int
) -> None:
    maildir.keep(bounce(SIGNED.address(1)))
    program = [sys.executable, "-c", KILLED.format(at=at), sent.url, str(tmp_path)]
    assert subprocess.run(program, check=False).returncode == -signal.SIGKILL
    assert len(signals(sent)) == applied
    ways(sent, tmp_path, clock, Bounces(maildir="back")).take_batch()
    assert signals(sent) == [(1, "bounced")]


def test_while_the_database_is_away_mails_wait(tmp_path: Path, clock: VirtualClock, maildir: Maildir) -> None:
    maildir.keep(bounce(SIGNED.address(1)))
    away = Store("postgresql+psycopg://nobody:x@127.0.0.1:1/none")
    back = ways(away, tmp_path, clock, Bounces(maildir="back"))
    with pytest.raises(Exception, match="cannot be reached"):
        back.take_batch()
    assert back.waiting(10) == 1


def test_a_mail_that_cannot_be_read_holds_up_nobody(
    sent: Store, tmp_path: Path, clock: VirtualClock, maildir: Maildir
) -> None:
    (tmp_path / "back" / "new" / "0-a-folder").mkdir()
    maildir.keep(bounce(SIGNED.address(1)))
    ways(sent, tmp_path, clock, Bounces(maildir="back")).take_batch()
    assert signals(sent) == [(1, "bounced")]


def test_mails_are_kept_under_names_of_their_own(tmp_path: Path, maildir: Maildir) -> None:
    for _ in range(20):
        maildir.keep(b"the same")
    assert len(maildir.new_mails(100)) == 20
    assert not names(tmp_path / "back" / "tmp")


def test_a_maildir_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match=r"bounces\.maildir"):
        Maildir(tmp_path / "file").make()


# --- IMAP -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[True, False], ids=["keeps keywords", "keeps none"])
def imap_port(request: pytest.FixtureRequest) -> Iterator[int]:
    with servers.imap(USER, PASSWORD, keywords=request.param) as port:
        yield port


@pytest.fixture
def mailbox(imap_port: int) -> Iterator[imaplib.IMAP4]:
    """The mailbox as its owner sees it, emptied."""
    with imaplib.IMAP4("127.0.0.1", imap_port) as owner:
        owner.login(USER, PASSWORD)
        owner.select()
        owner.store("1:*", "+FLAGS", r"\Deleted")
        owner.expunge()
        yield owner


def over_imap(at: int, **changes: object) -> Bounces:
    settings = {"host": "127.0.0.1", "port": at, "tls": "none", "user": USER, "password": PASSWORD}
    return Bounces(imap=Imap(**{**settings, **changes}))  # type: ignore[arg-type]


def put(mailbox: imaplib.IMAP4, *mails: bytes) -> None:
    for mail in mails:
        mailbox.append("INBOX", "", "", mail)


def test_mails_in_the_mailbox_are_applied_and_marked(
    sent: Store, tmp_path: Path, clock: VirtualClock, imap_port: int, mailbox: imaplib.IMAP4
) -> None:
    put(mailbox, bounce(SIGNED.address(1)), bounce(SIGNED.address(2), key="2"))
    back = ways(sent, tmp_path, clock, over_imap(imap_port))
    assert back.take_batch() == {"bounce": 2}
    assert signals(sent) == [(1, "bounced"), (2, "bounced")]
    assert back.take_batch(ask_now=True) == {}


def test_the_doctor_counts_without_reading(imap_port: int, mailbox: imaplib.IMAP4) -> None:
    put(mailbox, bounce(SIGNED.address(1)))
    for _ in range(2):
        with opened(over_imap(imap_port).imap) as box:
            assert box.waiting() == 1


def test_a_mail_that_somebody_has_read_already_is_taken_all_the_same(
    sent: Store, tmp_path: Path, clock: VirtualClock, imap_port: int, mailbox: imaplib.IMAP4
) -> None:
    put(mailbox, bounce(SIGNED.address(1)))
    mailbox.select()
    if rb"\*" not in mailbox.response("PERMANENTFLAGS")[1][0]:  # type: ignore[operator]
        pytest.skip("this server keeps no keywords, so that read and taken are one")
    mailbox.store("1:*", "+FLAGS", r"\Seen")
    ways(sent, tmp_path, clock, over_imap(imap_port)).take_batch()
    assert signals(sent) == [(1, "bounced")]


def test_nothing_is_deleted_from_the_mailbox(
    sent: Store, tmp_path: Path, clock: VirtualClock, imap_port: int, mailbox: imaplib.IMAP4
) -> None:
    put(mailbox, bounce(SIGNED.address(1)))
    ways(sent, tmp_path, clock, over_imap(imap_port)).take_batch()
    assert mailbox.select()[1] == [b"1"]


def test_the_mailbox_is_asked_once_a_minute(
    sent: Store, tmp_path: Path, clock: VirtualClock, imap_port: int, mailbox: imaplib.IMAP4
) -> None:
    back = ways(sent, tmp_path, clock, over_imap(imap_port))
    assert back.waiting(10) == 1
    assert back.waiting(10) == 0
    back.take_batch()
    put(mailbox, bounce(SIGNED.address(1)))
    assert back.take_batch() == {}
    clock.advance(ASK_EVERY)
    assert back.waiting(10) == 1
    assert back.take_batch() == {"bounce": 1}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": "wrong"}, "cannot be used"),
        ({"folder": 'No "such"'}, "no folder"),
        ({"port": 1}, "cannot be"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told_of(
    sent: Store, tmp_path: Path, clock: VirtualClock, imap_port: int, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(FeedbackError, match=says):
        ways(sent, tmp_path, clock, over_imap(imap_port, **changes)).take_batch()


# --- the listener -----------------------------------------------------------------------------------


@pytest.fixture(params=["lmtp", "smtp"])
def client(request: pytest.FixtureRequest, maildir: Maildir) -> Iterator[smtplib.SMTP]:
    settings = Bounces(listen="127.0.0.1:0", protocol=request.param)
    kind = smtplib.LMTP if request.param == "lmtp" else smtplib.SMTP
    with listening(settings, maildir, SIGNED, [OURS]) as (host, port), kind(host, port) as client:
        yield client


def test_a_mail_is_kept_before_it_is_answered(client: smtplib.SMTP, maildir: Maildir) -> None:
    client.sendmail("", [SIGNED.address(1)], bounce("undisclosed"))
    assert len(maildir.new_mails(10)) == 1


def test_a_kept_mail_is_matched_by_the_envelope_that_it_came_in(
    client: smtplib.SMTP, sent: Store, tmp_path: Path, clock: VirtualClock
) -> None:
    client.sendmail("", [SIGNED.address(3)], bounce("undisclosed"))
    ways(sent, tmp_path, clock, Bounces(maildir="back")).take_batch()
    assert signals(sent) == [(3, "bounced")]


@pytest.mark.parametrize("address", ["somebody@example.org", f"bounce+{'a' * 24}@bounces.webmakers.example"])
def test_mail_to_others_is_refused(client: smtplib.SMTP, maildir: Maildir, address: str) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("x@example.org", [address], b"Subject: x\r\n\r\nx")
    assert not maildir.new_mails(10)


def test_replies_to_our_own_address_are_kept(client: smtplib.SMTP, maildir: Maildir) -> None:
    client.sendmail("reader1@example.com", [OURS.title()], b"Subject: Re\r\n\r\nyes")
    assert b"Return-Path: <reader1@example.com>" in next(iter(maildir.new_mails(10).values()))


def test_a_mail_for_several_is_answered_and_kept_once(client: smtplib.SMTP, maildir: Maildir) -> None:
    client.sendmail("", [SIGNED.address(1), OURS], b"Subject: x\r\n\r\nx")
    if isinstance(client, smtplib.LMTP):
        # The second answer, which Python's client does not wait for (RFC 2033, section 4.2).
        assert client.getreply()[0] == 250
    assert len(maildir.new_mails(10)) == 1


def test_a_mail_that_cannot_be_kept_is_not_answered_for(
    client: smtplib.SMTP, tmp_path: Path, maildir: Maildir
) -> None:
    (tmp_path / "back" / "tmp").rmdir()
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused)):
        client.sendmail("", [SIGNED.address(1)], b"Subject: x\r\n\r\nx")


def test_a_mail_that_is_too_long_is_refused(client: smtplib.SMTP, maildir: Maildir) -> None:
    with pytest.raises(smtplib.SMTPException):
        client.sendmail("", [SIGNED.address(1)], b"x" * 70 + b"\r\n" + b"y\r\n" * (SIZE_AT_MOST // 3 + 1))
    assert not maildir.new_mails(10)


def test_a_port_that_is_taken_is_named(maildir: Maildir) -> None:
    with (
        listening(Bounces(listen="127.0.0.1:0"), maildir, SIGNED, []) as (host, port),
        pytest.raises(SettingsError, match=r"bounces\.listen"),
        listening(Bounces(listen=f"{host}:{port}"), maildir, SIGNED, []),
    ):
        pytest.fail("it listens where somebody else does")
