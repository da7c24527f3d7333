"""`nurture enrich` and what is told of junk, with the bundled enricher over HTTP on a server of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from nurture.app import build_app
from nurture.settings import load_settings
from tests.cli.conftest import Cli
from tests.plugins.http import Asked, Reply, WebServer, serving

JUNK = "name;company;interests\nAn Wit;Bakkerij Wit;website\n"


@pytest.fixture
def register() -> Iterator[WebServer]:
    """Knows a telephone number of every firm."""

    def answer(_asked: Asked) -> Reply:
        return Reply(body=json.dumps({"telephone": "0612345678"}).encode())

    with serving(answer) as server:
        yield server


@pytest.fixture
def asking(cli: Cli, register: WebServer) -> Cli:
    """A workspace whose profile asks the register, with one person in it who is junk."""
    settings = cli.folder / "nurture.toml"
    with settings.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[plugin.http_enricher.register]\nurl = "{register.url}{{company}}"\n'
            'fields = {phone = "telephone"}\n'
        )
    cli.replace("nurture.toml", '"business_email",', '"business_email", "http_enricher",')
    cli.replace("campaigns/profile.yaml", "enrich: [", "enrich: [register, ")
    assert cli("import", "csv", cli.write("junk.csv", JUNK)).code == 0
    return cli


def test_what_waits_is_asked_and_junk_becomes_a_contact(asking: Cli) -> None:
    told = asking("enrich", "--json").json
    assert (told["asked"], told["found"], told["contacts"]) == (1, 1, 1)


def test_a_worker_asks_by_itself(asking: Cli) -> None:
    assert asking("tick", "--json").json["lookups"] == 1


def test_what_was_asked_of_one_person_is_told(asking: Cli) -> None:
    told = asking("enrich", "An Wit")
    assert "register: found phone (70% sure: 127.0.0.1 says so, asked with company)" in told.out


def test_what_failed_is_found_to_be_a_problem(asking: Cli, register: WebServer) -> None:
    register.answer = lambda _asked: Reply(400)
    assert asking("enrich").code == 1


def test_junk_is_asked_about_anew(asking: Cli, register: WebServer) -> None:
    good, register.answer = register.answer, lambda _asked: Reply(400)
    asking("enrich")
    register.answer = good
    assert asking("enrich", "--retry-junk", "--json").json["contacts"] == 1


def test_one_person_and_all_junk_are_not_asked_for_together(asking: Cli) -> None:
    assert asking("enrich", "An Wit", "--retry-junk").code == 2


def test_junk_is_told_with_what_would_help(asking: Cli) -> None:
    (told,) = asking("inbox", "junk", "--json").json
    assert (told["reason"], told["number"]) == ("no email or phone", 1)
    assert told["would_help"] == [
        "email or phone: a record or a form that says it; register may find phone, where company is known"
    ]


def test_explain_tells_what_would_help_and_what_was_asked(asking: Cli) -> None:
    before = asking("explain", "An Wit").out
    asking("enrich")
    after = asking("explain", "An Wit").out
    assert "would help: email or phone" in before
    assert "lookup    register: is not asked yet" in before
    assert "phone: +31612345678; found by register, 70% sure" in after


def test_however_slow_an_enricher_is_it_takes_one_thread_of_a_process(asking: Cli) -> None:
    with closing(build_app(load_settings(asking.folder))) as app:
        with app.asking:
            assert app.lookup_batch() == 0
        assert app.lookup_batch() == 1
