"""`nurture relays`: looking, pausing, letting go on."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli

RELAYS = """[mail.relays.main]
transport = "maildir"
per_day = 100
warm_up = {start = 2026-01-01, first = 20}

[mail.domains."gmail.com"]
per_minute = 30

[mail]"""


@pytest.fixture
def firm(cli: Cli) -> Cli:
    cli.replace("nurture.toml", "[mail]", RELAYS)
    return cli


def test_relays_and_domains_with_limits_are_listed(firm: Cli) -> None:
    ways = firm("relays", "list", "--json").json
    assert [(way["name"], way["limit"]) for way in ways] == [("main", 100), ("gmail.com", None)]


def test_nothing_goes_by_a_paused_relay_until_it_is_resumed(firm: Cli) -> None:
    firm.import_people("An Jansen;an@example.com")
    firm("relays", "pause", "main", "--why", "moving house")
    firm("tick")
    held = firm("outbox", "list", "--json").json["counts"]
    firm("relays", "resume", "main")
    firm("tick")
    assert (held, firm("outbox", "list", "--json").json["counts"]) == ({"ready": 1}, {"sent": 1})


def test_the_list_says_why_a_relay_is_paused(firm: Cli) -> None:
    firm("relays", "pause", "main", "--why", "moving house")
    assert "moving house" in firm("relays", "list").out


def test_to_pause_twice_changes_nothing(firm: Cli) -> None:
    firm("relays", "pause", "main")
    assert firm("relays", "pause", "main", "--json").json["changed"] is False


def test_a_relay_that_there_is_not_is_told_with_the_one_that_was_meant(firm: Cli) -> None:
    told = firm("relays", "pause", "mian")
    assert (told.code, "did you mean main" in told.err) == (1, True)


def test_check_finds_a_relay_whose_transport_is_not_loaded(firm: Cli) -> None:
    firm.replace("nurture.toml", 'transport = "maildir"\nper_day', 'transport = "maildri"\nper_day')
    (found,) = [each for each in firm("check", "--json").json["findings"] if each["severity"] == "error"]
    assert (found["file"], "mail.relays.main.transport" in found["message"]) == ("nurture.toml", True)


def test_a_name_that_a_relay_cannot_have_is_told_with_its_setting(firm: Cli) -> None:
    firm.replace("nurture.toml", "[mail.relays.main]", '[mail.relays."The Main"]')
    assert "mail.relays" in firm("relays", "list").err


def test_the_way_out_of_text_messages_is_a_relay_too(firm: Cli) -> None:
    firm.replace("nurture.toml", "load = [", 'load = ["sms_gateway", ')
    sms = '[sms]\ntransport = "sms_gateway"\n[plugin.sms_gateway]\nurl = "https://sms.example.com/"\n\n'
    firm.replace("nurture.toml", "[mail.relays.main]", f"{sms}[mail.relays.main]")
    assert [way["name"] for way in firm("relays", "list", "--json").json] == [
        "main",
        "gmail.com",
        "sms_gateway",
    ]
    assert firm("relays", "pause", "sms_gateway", "--json").json["changed"] is True
