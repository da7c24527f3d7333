"""`nurture bounces`: what mails are, and reading what came back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Cli, Outcome
from tests.deliver.bounces.families import families
from tests.deliver.returns import bounce, mail

REPORTS = {family.name: family.raw for family in families()}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = []
    for name in ("qmail", "feedback report", "out of office", "a real reply"):
        made.append(tmp_path / f"{name}.eml")
        made[-1].write_bytes(REPORTS[name])
    return made


def test_classify_prints_what_each_mail_is(run: Callable[..., Outcome], files: list[Path]) -> None:
    found = run("bounces", "classify", *files, "--json").json
    assert [one["kind"] for one in found] == ["bounce", "complaint", "auto_reply", "other"]
    assert found[0] == {
        "file": str(files[0]),
        "kind": "bounce",
        "recipients": [
            {
                "address": "an@example.com",
                "status": "5.1.1",
                "reply": "550",
                "hard": True,
                "reason": "userunknown",
            }
        ],
    }


def test_classify_prints_a_table_for_people(run: Callable[..., Outcome], files: list[Path]) -> None:
    outcome = run("bounces", "classify", *files)
    assert outcome.code == 0
    assert "an@example.com  userunknown  yes" in outcome.out


def test_classify_takes_all_mails_of_an_mbox(run: Callable[..., Outcome], tmp_path: Path) -> None:
    postmark = b"From MAILER-DAEMON Mon Mar  2 09:00:00 2026\n"
    box = tmp_path / "box"
    box.write_bytes(postmark + REPORTS["qmail"] + b"\n" + postmark + REPORTS["x1"])
    assert len(run("bounces", "classify", box, "--json").json[0]["recipients"]) == 2


def test_classify_names_a_file_that_is_not_there(run: Callable[..., Outcome], tmp_path: Path) -> None:
    outcome = run("bounces", "classify", tmp_path / "none.eml")
    assert outcome.code == 1
    assert "none.eml cannot be read: No such file or directory" in outcome.err


def test_read_says_what_to_set_up_where_there_is_nothing_to_read(cli: Cli) -> None:
    outcome = cli("bounces", "read")
    assert outcome.code == 1
    assert "write maildir under [bounces]" in outcome.err


def test_read_takes_what_lies_in_the_maildir(cli: Cli) -> None:
    with_maildir(cli)
    new = cli.folder / "back" / "new"
    new.mkdir(parents=True)
    (new / "1").write_bytes(bounce("hello@example.com"))
    (new / "2").write_bytes(mail("Hi", From="an@example.org"))
    assert cli("bounces", "read", "--json").json == {"bounce": 1, "other": 1}
    assert json.loads(cli("bounces", "read", "--json").out) == {}
    assert not list(new.iterdir())


def test_tick_takes_what_came_back(cli: Cli) -> None:
    with_maildir(cli)
    new = cli.folder / "back" / "new"
    new.mkdir(parents=True)
    (new / "1").write_bytes(bounce("hello@example.com"))
    assert cli("tick", "--json").json["returned"] == 1


def test_listen_says_what_to_set_where_it_is_not(cli: Cli) -> None:
    outcome = cli("bounces", "listen")
    assert outcome.code == 1
    assert "bounces.listen is not set" in outcome.err


def with_maildir(cli: Cli) -> None:
    settings = (cli.folder / "nurture.toml").read_text(encoding="utf-8")
    cli.write("nurture.toml", f'{settings}\n[bounces]\nmaildir = "back"\n')
