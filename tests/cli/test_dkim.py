"""`nurture dkim`, and the mails that the workspace then sends."""

from __future__ import annotations

import stat

import dkim

from tests.cli.conftest import Cli


def test_a_new_key_signs_what_the_workspace_sends(cli: Cli) -> None:
    made = cli("dkim", "new", "autumn26", "--kind", "ed25519", "--json").json
    key = f'[[mail.dkim]]\nselector = "autumn26"\nfile = "{made["file"]}"\n\n[mail]'
    cli.replace("nurture.toml", "[mail]", key)
    cli.import_people("An Jansen;an@example.com")
    cli("tick")
    (mail,) = (cli.folder / "mail" / "new").iterdir()
    record = {f"{made['dns']['name']}.".encode(): made["dns"]["text"].encode()}
    assert dkim.verify(mail.read_bytes(), dnsfunc=lambda name, timeout=5: record[name])


def test_a_key_can_be_read_by_its_owner_only(cli: Cli) -> None:
    cli("dkim", "new", "autumn26")
    assert stat.S_IMODE((cli.folder / "dkim-autumn26.pem").stat().st_mode) == 0o600


def test_a_key_is_never_written_over(cli: Cli) -> None:
    cli("dkim", "new", "autumn26")
    before = (cli.folder / "dkim-autumn26.pem").read_bytes()
    again = cli("dkim", "new", "autumn26")
    assert (again.code, (cli.folder / "dkim-autumn26.pem").read_bytes()) == (1, before)


def test_a_selector_that_no_host_name_can_have_is_refused(cli: Cli) -> None:
    assert "cannot be a selector" in cli("dkim", "new", "../key").err


def test_an_unknown_kind_of_key_is_refused(cli: Cli) -> None:
    assert "write rsa or ed25519" in cli("dkim", "new", "autumn26", "--kind", "dsa").err


def test_a_missing_key_is_told_before_anything_is_sent(cli: Cli) -> None:
    cli.replace("nurture.toml", "[mail]", '[[mail.dkim]]\nselector = "s"\nfile = "gone.pem"\n\n[mail]')
    assert "gone.pem cannot be read" in cli("dkim", "show").err
