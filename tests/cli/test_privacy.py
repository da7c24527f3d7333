"""`export`, `erase` and `retention` as people type them."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.conftest import Cli

AN = "an@x.example.com"


@pytest.fixture
def known(cli: Cli) -> Cli:
    assert cli.import_people(f"An Jansen;{AN}").code == 0
    return cli


def test_export_prints_what_every_table_keeps(known: Cli) -> None:
    shown = known("export", AN).json
    assert shown["tables"]["contact"][0]["email"] == AN
    assert shown["tables"]["consent"][0]["purpose"] == "marketing"
    assert shown["tables"]["inbox"][0]["fields"]["name"] == "An Jansen"


def test_consent_shows_what_was_said_and_where(known: Cli) -> None:
    shown = known("consent", "show", AN)
    assert "marketing: granted (holds)" in shown.out
    assert "by import leads.csv line 2; basis: consent" in shown.out
    (said,) = known("consent", "show", AN, "--json").json["statements"]
    assert (said["purpose"], said["state"], said["holds"]) == ("marketing", "granted", True)


def test_asking_by_mail_without_a_template_to_ask_with_is_told(cli: Cli) -> None:
    cli.replace("nurture.toml", "# double_opt_in = true", "double_opt_in = true")
    assert cli("check").code == 0
    for locale in ("nl", "en"):
        (cli.folder / f"templates/{locale}/consent/confirm.html").unlink()
    checked = cli("check")
    assert (checked.code, "there is no template consent/confirm" in checked.out) == (1, True)


def test_export_as_csv_has_a_value_a_line(known: Cli) -> None:
    lines = list(csv.reader(io.StringIO(known("export", AN, "--format", "csv").out)))
    assert lines[0] == ["table", "row", "column", "value"]
    assert ["contact", "1", "email", AN] in lines


def test_an_export_holds_no_formula_for_a_spreadsheet(cli: Cli) -> None:
    cli("import", "csv", cli.write("leads.csv", f"name,email,job title\nBo,{AN},=1+1\n"))
    values = [line[3] for line in csv.reader(io.StringIO(cli("export", AN, "--format", "csv").out))]
    assert "'=1+1" in values
    assert not [value for value in values if value.startswith("=")]


def test_export_of_nobody_says_so(known: Cli) -> None:
    outcome = known("export", "nobody@x.example.com")
    assert (outcome.code, "no contact is known as" in outcome.err) == (1, True)


def test_erase_asks_before_it_does(known: Cli) -> None:
    outcome = known("erase", AN)
    assert (outcome.code, "--yes" in outcome.err) == (2, True)
    assert known("export", AN).code == 0


def test_a_dry_run_erases_nothing(known: Cli) -> None:
    outcome = known("erase", AN, "--dry-run", "--json")
    assert (outcome.json["erased"], outcome.json["rows"]["contact"]) == (False, 1)
    assert known("export", AN).code == 0


def test_what_is_erased_is_gone_and_what_stays_outside_is_told(known: Cli) -> None:
    outcome = known("erase", AN, "--yes")
    assert (outcome.code, "not reached: backups" in outcome.err) == (0, True)
    assert known("export", AN).code == 1


def test_retention_says_that_nothing_is_set(known: Cli) -> None:
    assert "there is no line under [retention]" in known("retention", "--dry-run").out


def test_retention_says_how_many_rows_would_go(known: Cli) -> None:
    known.replace("nurture.toml", "# [retention]", '[retention]\nraw = "1d"\ninactive = "52w"')
    assert known("retention", "--dry-run", "--json").json == {
        "dry_run": True,
        "rows": {"raw": 0, "unmatched": 0, "inactive": 0},
    }
    assert known("retention", "--json").json["rows"] == {"raw": 0, "unmatched": 0, "inactive": 0}
