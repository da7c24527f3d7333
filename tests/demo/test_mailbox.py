from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from nurture.demo.mailbox import Mailbox, read_mail

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HTML = (
    '<p><a class="button" href="http://n.example/c/abc">Go</a> <a href="http://n.example/u/out">Stop</a></p>'
    '<img src="http://n.example/o/xyz.gif" alt="">'
)


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    put(tmp_path, "1.eml", "An@Example.com")
    return tmp_path


def put(maildir: Path, name: str, recipient: str) -> None:
    message = EmailMessage(policy=SMTP)
    message["To"] = recipient
    message["Subject"] = "Drie kleine bedrijven"
    message["List-Unsubscribe"] = "<mailto:stop@n.example>, <http://n.example/u/out>"
    message.set_content("Hallo")
    message.add_alternative(HTML, subtype="html")
    (maildir / "new" / name).write_bytes(message.as_bytes())


def test_a_mail_is_read_with_the_addresses_that_are_in_it(maildir: Path) -> None:
    mail = read_mail(maildir / "new" / "1.eml", NOW)
    assert (mail.recipient, mail.subject) == ("an@example.com", "Drie kleine bedrijven")
    assert mail.clicks == ("http://n.example/c/abc",)
    assert mail.opens == "http://n.example/o/xyz.gif"
    assert mail.unsubscribe == "http://n.example/u/out"


def test_a_mailbox_gives_every_mail_once(maildir: Path) -> None:
    mailbox = Mailbox(maildir)
    first = list(mailbox.new_mails(NOW))
    put(maildir, "2.eml", "bo@example.com")
    second = list(mailbox.new_mails(NOW))
    assert [mail.recipient for mail in (*first, *second)] == ["an@example.com", "bo@example.com"]


def test_a_mailbox_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert list(Mailbox(tmp_path / "mail").new_mails(NOW)) == []
