"""Wrong input gets an answer, not a traceback: what is wrong, where, and what to do instead."""

from __future__ import annotations

import re
import socket
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from nurture.store.engine import Store
from tests.cli.conftest import Cli, Outcome

NOBODY_THERE = 1
"""A port on which nothing listens."""


def assert_told(outcome: Outcome, *words: str, hint: str = "") -> None:
    """A sentence with these words and hint on standard error, nothing on standard output, and status 1."""
    assert outcome.code == 1, outcome
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    told = outcome.err.partition("nurture: ")[2]
    for word in words:
        assert word in told
    assert hint in told.partition("hint: ")[2]


# --- files ------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there(cli: Cli) -> None:
    file = cli.folder / "leads.csv"
    outcome = cli("import", "csv", file)
    assert_told(outcome, f"{file} cannot be read: No such file")
    assert "hint" not in outcome.err


def test_a_folder_in_place_of_a_file(cli: Cli) -> None:
    assert_told(cli("import", "csv", cli.folder), "Is a directory", hint="leads/*.csv")


def test_one_file_of_several_that_is_not_there_stops_before_any_is_read(cli: Cli) -> None:
    there = cli.write("there.csv", "name,email\nAn,an@x.example.com\n")
    assert_told(cli("import", "csv", there, cli.folder / "other.csv"), "other.csv cannot be read")
    assert cli("inbox", "list", "--json").json["items"] == []


def test_an_empty_file(cli: Cli) -> None:
    assert_told(cli("import", "csv", cli.write("leads.csv", "")), "leads.csv is empty", hint="first row")


def test_a_file_that_is_no_workbook(cli: Cli) -> None:
    assert_told(cli("import", "xlsx", cli.write("leads.xlsx", "PK\x03\x04 no workbook")), "leads.xlsx")


def test_an_unknown_source(cli: Cli) -> None:
    file = cli.write("leads.csv", "name,email\nAn,an@x.example.com\n")
    assert_told(
        cli("import", "cvs", file), "there is no source 'cvs'; did you mean csv?", hint="plugins.load"
    )


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("fields:\n  emial: email\n", ":2:3: there is no field 'emial'; did you mean email?"),
        ("fields:\n  email: E-mal\n", ":2:3: leads.csv has no column 'E-mal'"),
        ("fields: [\n", ":2:1: not valid YAML"),
        ("", ":1:1: the mapping is empty"),
        ("feilds: {}\n", ":1:1: there is no part 'feilds'; did you mean fields?"),
    ],
)
def test_a_wrong_mapping_file(cli: Cli, mapping: str, told: str) -> None:
    file = cli.write("leads.csv", "name,email\nAn,an@x.example.com\n")
    map_file = cli.write("leads.map.yaml", mapping)
    assert_told(cli("import", "csv", file, "--map", map_file), f"{map_file}{told}")
    assert cli("inbox", "list", "--json").json["items"] == []


def test_a_mapping_file_that_is_not_there(cli: Cli) -> None:
    file = cli.write("leads.csv", "name,email\nAn,an@x.example.com\n")
    assert_told(cli("import", "csv", file, "--map", "none.yaml"), "there is no file none.yaml", hint="--map")


# --- the workspace and its settings -----------------------------------------------------------------


def test_no_workspace(run: Callable[..., Outcome], tmp_path: Path) -> None:
    outcome = run("-w", tmp_path, "check")
    assert_told(outcome, f"there is no nurture.toml in {tmp_path}", hint="nurture init DIR")


def test_init_into_a_folder_with_something_in_it(run: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    assert_told(run("init", tmp_path), "is not an empty folder", hint="new folder")
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_init_where_nothing_can_be_made(run: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_told(run("init", tmp_path / "file" / "firm"), "cannot be made", hint="where you may write")


def test_broken_toml(cli: Cli) -> None:
    cli.replace("nurture.toml", "[mail]", "[mail")
    assert_told(cli("check"), f"{cli.folder / 'nurture.toml'}: not valid TOML", "at line ")


@pytest.mark.parametrize("value", ['"soon"', '"0d"', '"4 years"', '"-3d"', "400", "true", '"1d 12h"'])
def test_no_time_to_keep_records_for(cli: Cli, value: str) -> None:
    cli.replace("nurture.toml", "[leads]", f"[retention]\ndecisions = {value}\n\n[leads]")
    line = 1 + (cli.folder / "nurture.toml").read_text().split("decisions =")[0].count("\n")
    shown = repr(tomllib.loads(f"value = {value}")["value"])
    assert_told(
        cli("check"),
        f'nurture.toml:{line}:1: retention.decisions: write days or weeks, such as "400d" or "52w"',
        f"not {shown}",
    )


def test_a_misspelt_setting(cli: Cli) -> None:
    cli.replace("nurture.toml", "transport =", "transprt =")
    line = 1 + (cli.folder / "nurture.toml").read_text().split("transprt")[0].count("\n")
    assert_told(
        cli("check"),
        f"nurture.toml:{line}:1: there is no setting 'mail.transprt'; did you mean 'transport'?",
    )


def test_every_wrong_setting_is_told_at_once(cli: Cli) -> None:
    cli.replace("nurture.toml", "port = 8025", 'port = "many"')
    cli.replace("nurture.toml", "country =", "contry =")
    assert_told(cli("check"), "web.port", "not 'many'", "'leads.contry'; did you mean 'country'?")


def test_a_wrong_setting_in_the_environment(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NURTURE_WEB__PORT", "many")
    assert_told(cli("check"), "web.port", "not 'many'")


def test_an_unknown_plugin(cli: Cli) -> None:
    cli.replace("nurture.toml", '  "maildir",', '  "maildri",')
    outcome = cli("check")
    assert_told(outcome, "plugin maildri: not found; did you mean maildir?", hint="correct plugins.load")


def test_an_option_that_no_plugin_reads(cli: Cli) -> None:
    cli.replace("nurture.toml", "# [plugin.smtp]", "[plugin.smpt]")
    assert_told(cli("check"), "[plugin.smpt]: no loaded plugin reads this section; did you mean smtp?")


def test_a_plugin_that_cannot_be_imported(cli: Cli) -> None:
    cli.write("plugins/own.py", "import nothing_of_that_name\n")
    cli.replace("nurture.toml", '  "maildir",', '  "maildir", "own",')
    assert_told(cli("check"), "plugin own: cannot be imported", "nothing_of_that_name")


def test_an_unknown_transport_is_found_by_check(cli: Cli) -> None:
    cli.replace("nurture.toml", 'transport = "maildir"', 'transport = "maidir"')
    line = 1 + (cli.folder / "nurture.toml").read_text().split("maidir")[0].count("\n")
    outcome = cli("check", "--json")
    (found,) = outcome.json["findings"]
    assert (outcome.code, found["code"], found["file"], found["line"]) == (1, "N411", "nurture.toml", line)
    assert "there is no transport 'maidir'; did you mean maildir?" in found["message"]


def test_an_unknown_transport_stops_the_start(cli: Cli) -> None:
    cli.replace("nurture.toml", 'transport = "maildir"', 'transport = "maildri"')
    assert_told(
        cli("tick"), "mail.transport: there is no transport 'maildri'; did you mean maildir?", hint="plugin"
    )


@pytest.mark.parametrize("content", [None, b"", b"short", b"\xff\xfe"])
def test_a_key_that_is_missing_or_no_key(cli: Cli, content: bytes | None) -> None:
    key = cli.folder / ".nurture-secret"
    key.unlink() if content is None else key.write_bytes(content)
    assert_told(cli("tick"), "secret")


# --- campaigns and templates ------------------------------------------------------------------------


def test_a_yaml_error_in_a_campaign(cli: Cli) -> None:
    cli.replace("campaigns/greeting.yaml", "send: orientation/welcome}", "send: orientation/welcome")
    outcome = cli("check")
    assert (outcome.code, outcome.err) == (1, "")
    assert "campaigns/greeting.yaml:10:7: error N003" in outcome.out


@pytest.mark.parametrize("command", ["tick", "run"])
def test_campaigns_with_errors_are_not_published(cli: Cli, command: str) -> None:
    cli.replace("campaigns/greeting.yaml", "orientation/welcome", "orientation/wellcome")
    assert_told(
        cli(command),
        "campaigns/greeting.yaml:10:27: error N402 there is no template orientation/wellcome",
        "did you mean orientation/welcome?",
    )


def test_no_campaigns_at_all(cli: Cli) -> None:
    for file in (cli.folder / "campaigns").iterdir():
        file.unlink()
    assert_told(cli("tick"), "there is no profile", hint="kind: profile")


def test_a_template_with_an_undefined_name_fails_its_mails_and_no_others(cli: Cli) -> None:
    cli.replace("templates/nl/orientation/welcome.html", "{{ firm.website }}", "{{ frim.website }}")
    cli("import", "csv", cli.write("leads.csv", TWO_LANGUAGES))
    outcome = cli("tick")
    assert (outcome.code, "Traceback" in outcome.err) == (1, False)
    assert re.search(r"welcome\.html:\d+: there is no 'frim'; did you mean firm\?", outcome.out)
    assert cli("outbox", "list", "--json").json["counts"] == {"failed": 1, "sent": 1}


TWO_LANGUAGES = (
    "name,email,locale,interests,consent\n"
    "An Jansen,an@x.example.com,nl,website,marketing\n"
    "Bo Jansen,bo@x.example.com,en,website,marketing\n"
)


# --- servers that are away --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [["tick"], ["run"], ["web"], ["migrate"], ["inbox", "list"]], ids=" ".join
)
def test_an_unreachable_database(cli: Cli, command: list[str]) -> None:
    url = f"postgresql+psycopg://nurture:topsecret@127.0.0.1:{NOBODY_THERE}/nurture"
    cli.replace("nurture.toml", "sqlite:///nurture.db", url)
    outcome = cli(*command)
    assert_told(outcome, f"127.0.0.1:{NOBODY_THERE}", "cannot be reached", hint="database.url")
    assert "topsecret" not in outcome.err


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://localhost/nurture", "names a database that Nurture does not know: 'mysql'"),
        ("nurture.db", "is not an address of a database: 'nurture.db'"),
        ("sqlite:////no/such/folder/nurture.db", "cannot be reached: unable to open database file"),
    ],
)
def test_a_database_address_that_is_none(cli: Cli, url: str, told: str) -> None:
    cli.replace("nurture.toml", "sqlite:///nurture.db", url)
    assert_told(cli("tick"), told, hint="database.url" if "no/such" in url else "sqlite:///nurture.db")


def test_a_file_that_is_no_database(cli: Cli) -> None:
    cli.write("nurture.db", "these are not the pages of a database")
    assert_told(cli("tick"), "nurture.db cannot be used: file is not a database", hint="move that file away")


def test_a_database_of_an_older_schema_is_not_touched_unasked(cli: Cli) -> None:
    store = Store(f"sqlite:///{cli.folder / 'nurture.db'}")
    with store.write() as connection:
        connection.execute(sa.text("CREATE TABLE contact (id INTEGER)"))
    store.close()
    assert_told(cli("tick"), "the database has schema None, but this version needs", hint="nurture migrate")


def test_a_database_of_a_newer_schema_is_not_touched(cli: Cli) -> None:
    assert cli("migrate").code == 0
    store = Store(f"sqlite:///{cli.folder / 'nurture.db'}")
    with store.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    assert_told(cli("run", "--migrate"), "'9999'", hint="update Nurture")


@pytest.mark.parametrize("command", ["scheduler", "worker", "run"])
def test_an_unreachable_broker(cli: Cli, command: str) -> None:
    cli.replace("nurture.toml", "memory://", f"redis://:topsecret@127.0.0.1:{NOBODY_THERE}/0")
    outcome = cli(command)
    assert_told(outcome, f"redis://127.0.0.1:{NOBODY_THERE}/0 cannot be reached", hint="broker.url")
    assert "topsecret" not in outcome.err


@pytest.mark.parametrize("command", ["scheduler", "worker"])
def test_a_broker_that_other_processes_cannot_reach(cli: Cli, command: str) -> None:
    assert_told(cli(command), "broker.url is memory://", hint="redis://host:6379/0")


def test_an_unreachable_mail_server_defers_the_mails(cli: Cli) -> None:
    cli.replace("nurture.toml", 'transport = "maildir"', 'transport = "smtp"')
    cli.replace("nurture.toml", "# [plugin.smtp]", f"[plugin.smtp]\nport = {NOBODY_THERE}")
    cli.import_people("An Jansen;an@x.example.com")
    outcome = cli("tick", "--json")
    assert (outcome.code, "Traceback" in outcome.err) == (1, False)
    assert (outcome.json["sent"], outcome.json["deferred"]) == (0, 1)
    assert f"localhost:{NOBODY_THERE} cannot be reached" in outcome.json["problems"][0]
    (mail,) = cli("outbox", "list", "--json").json["mails"]
    assert (mail["state"], mail["attempts"]) == ("ready", 0)


def test_a_mail_folder_that_cannot_be_written_defers_the_mails(cli: Cli) -> None:
    cli.write("mail", "a file where the folder should be")
    cli.import_people("An Jansen;an@x.example.com")
    outcome = cli("tick")
    assert outcome.code == 1
    assert f"no mail can be written to {cli.folder / 'mail'}" in outcome.out
    assert cli("outbox", "list", "--json").json["counts"] == {"ready": 1}


@pytest.mark.parametrize("command", ["web", "run"])
def test_a_port_in_use(cli: Cli, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        cli.replace("nurture.toml", "port = 8025", f"port = {port}")
        assert_told(cli(command), f"port {port} on 127.0.0.1 cannot be used", hint="web.port")


# --- asking for what is not there -------------------------------------------------------------------


def test_an_unknown_contact(cli: Cli) -> None:
    assert_told(cli("explain", "nobody@x.example.com"), "'nobody@x.example.com'", hint="an e-mail address")


def test_a_name_that_several_have(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com", "Bo Jansen;bo@x.example.com")
    assert_told(cli("explain", "Jansen"), "1  An Jansen  an@x", "2  Bo Jansen  bo@x", hint="give the id")


@pytest.mark.parametrize(
    ("asked", "words", "hint"),
    [
        ("send:welcoem", "'welcoem'; did you mean welcome?", ""),
        ("wait:welcome", "welcome is a send step of greeting", "greeting/send:welcome"),
        ("enrol:greetign", "did you mean greeting?", ""),
        ("stage:compare", "did you mean comparison?", ""),
    ],
)
def test_a_question_after_what_is_not_there(cli: Cli, asked: str, words: str, hint: str) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    assert_told(cli("explain", "Jansen", "--why-not", asked), words, hint=hint)


def test_a_question_before_anything_is_published(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    assert_told(cli("explain", "Jansen", "--why-not", "welcome"), "no campaign has been published")


@pytest.mark.parametrize("date", ["yesterday", "2026-02-30", "2026-13-01", ""])
def test_what_is_no_date_is_wrong_usage(cli: Cli, date: str) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    outcome = cli("explain", "Jansen", "--at", date)
    assert (outcome.code, outcome.out) == (2, "")
    assert "is no date" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_day_on_which_they_were_not_known_yet(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    cli("tick")
    assert_told(cli("explain", "Jansen", "--at", "2020-01-01"), "was not known yet", hint="later --at")


def test_what_is_no_question_is_wrong_usage(cli: Cli) -> None:
    cli.import_people("An Jansen;an@x.example.com")
    outcome = cli("explain", "Jansen", "--why-not", "sned:welcome")
    assert (outcome.code, outcome.out) == (2, "")
    assert "did you mean send?" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("command", [["show"], ["accept"], ["reject", "--reason", "no_fit"]], ids=" ".join)
def test_a_hand_over_that_does_not_exist(cli: Cli, command: list[str]) -> None:
    outcome = cli("handover", *command, 99)
    assert_told(outcome, "there is no hand-over 99", hint="nurture handover list")


def test_a_second_answer_is_refused(handed_over: Cli) -> None:
    assert handed_over("handover", "accept", 1).code == 0
    assert_told(handed_over("handover", "reject", 1, "--reason", "no_fit"), "hand-over 1", "accepted")
    (row,) = handed_over("handover", "list", "--all", "--json").json
    assert row["answer"] == "accepted"


def test_a_reason_that_is_none(handed_over: Cli) -> None:
    outcome = handed_over("handover", "reject", 1, "--reason", "nofit")
    assert_told(outcome, "'nofit' is no reason", hint="no_fit")


def test_a_team_that_is_none(cli: Cli) -> None:
    told = "there is no team 'sales-n'; did you mean sales-nl?"
    assert_told(cli("handover", "list", "--team", "sales-n"), told)


@pytest.mark.parametrize("what", ["inbox", "outbox"])
def test_a_state_that_is_none(cli: Cli, what: str) -> None:
    assert_told(cli(what, "list", "--state", "lost"), "there is no state 'lost'")


def test_a_mail_that_does_not_exist(cli: Cli) -> None:
    assert_told(cli("outbox", "resolve", 99, "resend"), "there is no message 99", hint="nurture outbox")


def test_a_way_to_resolve_that_is_none(cli: Cli) -> None:
    assert_told(cli("outbox", "resolve", 1, "forget"), "'forget'", hint="sent, resend or drop")
