"""Logs: an event goes to standard error as it is set up, and structlog waits for the first one."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from nurture.logs import Log, reset_logs, set_up_logs

log = Log("tests")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    reset_logs()


def test_an_event_is_a_line_of_json_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    log.error("it failed", job="send")
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["level"], told["job"]) == ("it failed", "error", "send")


def test_what_is_less_than_the_level_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(logging.ERROR)
    log.warning("it may fail")
    assert capsys.readouterr().err == ""


def test_the_last_set_up_counts(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    log.info("unheard")
    set_up_logs(logging.INFO)
    log.info("heard")
    assert json.loads(capsys.readouterr().err)["event"] == "heard"


def test_an_exception_brings_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs()
    try:
        raise ValueError("odd")
    except ValueError:
        log.exception("it failed")
    assert "ValueError: odd" in json.loads(capsys.readouterr().err)["exception"]


def test_structlog_is_imported_at_the_first_event() -> None:
    code = (
        "import sys, nurture.plug.manager; from nurture.logs import Log, set_up_logs; set_up_logs();"
        "print('structlog' in sys.modules); Log('x').error('now'); print('structlog' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "True"]
