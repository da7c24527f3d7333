"""`nurture simulate`, as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.cli.conftest import Cli
from tests.simulate.world import write_leads
from tests.system.world import NURTURE

FROM = ("--from", "2026-03-02", "--days", 5)


def leads(cli: Cli) -> Path:
    return write_leads(cli.folder / "leads.csv", 30)


def test_simulate_answers_in_words(cli: Cli) -> None:
    shown = cli("simulate", "greeting", "--leads", leads(cli), *FROM)
    assert shown.code == 0
    for answer in ("leads ", "mails ", "promoted ", "sales ", "people by stage", "who gets nothing, and why"):
        assert answer in shown.out


def test_simulate_tells_nothing_beside_the_result_when_piped(cli: Cli) -> None:
    assert cli("simulate", "greeting", "--leads", leads(cli), *FROM).err == ""


def test_simulate_gives_the_same_bytes_twice(cli: Cli) -> None:
    arguments = ("simulate", "greeting", "--leads", leads(cli), *FROM, "--seed", 3, "--json")
    assert cli(*arguments).out == cli(*arguments).out


def test_simulate_gives_the_same_bytes_in_another_process_and_on_one_core(cli: Cli) -> None:
    file = write_leads(cli.folder / "leads.csv", 300)
    # So long a list is given to several processes where there are several cores.
    file.write_text(
        file.read_text(encoding="utf-8").replace("website", "website".ljust(500)), encoding="utf-8"
    )
    command = [NURTURE, "-w", cli.folder, "simulate", "greeting", "--leads", file, *map(str, FROM), "--json"]

    def bytes_of(number: int, core: Sequence[str] = ()) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": str(number)}
        return subprocess.run([*core, *command], check=True, capture_output=True, env=environment).stdout

    first = bytes_of(1)
    assert json.loads(first)["mails"] > 100
    assert bytes_of(2) == first
    assert bytes_of(3, ["taskset", "-c", "0"]) == first


def test_simulate_leaves_the_workspace_alone(cli: Cli) -> None:
    before = {path: path.stat().st_mtime_ns for path in cli.folder.rglob("*") if path.is_file()}
    file = leads(cli)
    cli("simulate", "greeting", "--leads", file, *FROM)
    after = {path: path.stat().st_mtime_ns for path in cli.folder.rglob("*") if path.is_file()}
    after.pop(file)
    assert after == before


def test_simulate_compares_the_peak_with_the_limit(cli: Cli) -> None:
    settings = (cli.folder / "nurture.toml").read_text(encoding="utf-8")
    cli.write("nurture.toml", settings.replace("[mail]\n", "[mail]\ndaily_limit = 2\n"))
    shown = cli("simulate", "greeting", "--leads", leads(cli), *FROM)
    assert "over the limit of 2 on " in shown.out


def test_simulate_refuses_a_date_that_is_none(cli: Cli) -> None:
    refused = cli("simulate", "greeting", "--leads", leads(cli), "--from", "tomorrow")
    assert (refused.code, "is no date" in refused.err) == (1, True)
