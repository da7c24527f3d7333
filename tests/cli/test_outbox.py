"""`nurture outbox explain`: one mail in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nurture.testing.smtp import Fault, SmtpServer, smtp_server
from tests.cli.conftest import Cli


@pytest.fixture
def server(cli: Cli) -> Iterator[SmtpServer]:
    with smtp_server() as server:
        cli.replace("nurture.toml", 'transport = "maildir"', 'transport = "smtp"')
        text = (cli.folder / "nurture.toml").read_text(encoding="utf-8")
        cli.write("nurture.toml", f'{text}\n[plugin.smtp]\nhost = "127.0.0.1"\nport = {server.port}\n')
        yield server


def explained(cli: Cli) -> dict[str, str]:
    cli.import_people("An Jansen;an@example.com")
    cli("tick")
    found: dict[str, str] = cli("outbox", "explain", "1", "--json").json
    return found


def test_a_refusal_says_whose_fault_it_was(cli: Cli, server: SmtpServer) -> None:
    server.fail(Fault("rcpt", "550 5.1.1 no such user"))
    told = explained(cli)
    assert (told["state"], "takes no mail: userunknown" in told["because"]) == ("failed", True)


def test_one_that_was_put_off_says_when_it_is_tried_again(cli: Cli, server: SmtpServer) -> None:
    server.fail(Fault("rcpt", "451 4.2.2 mailbox full"))
    told = explained(cli)
    assert (told["attempts"], told["next"].startswith("tried from 20")) == ("1 of 8", True)


def test_an_unknown_one_says_what_to_do(cli: Cli, server: SmtpServer) -> None:
    server.fail(Fault("dot"))
    assert "nurture outbox resolve 1 sent, resend or drop" in explained(cli)["can"]


def test_a_mail_says_by_which_relay_it_went(cli: Cli, server: SmtpServer) -> None:
    assert explained(cli)["relay"] == "smtp"


def test_a_mail_that_there_is_not_is_told(cli: Cli) -> None:
    assert "there is no mail 7" in cli("outbox", "explain", "7").err
