"""The channel `slack`: what it posts, that leads write no markup in it, and Slack's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from nurture import NoticeKind
from nurture.bundled import bundled
from nurture.errors import PluginError
from nurture.plug.discover import find_plugins
from nurture.plug.manager import load_plugins
from nurture.testing.suites_handover import HandoverChannelSuite, example_notice
from plugins.slack_notice import BLOCKS, HEADER, SECTION, Options, SlackNotice, fitted, message
from tests.plugins.http import Asked, Reply, WebServer, serving


@pytest.fixture(scope="module")
def slack() -> Iterator[WebServer]:
    """Takes what Slack takes: JSON with a text or blocks, within its limits."""
    with serving(_slack) as server:
        yield server


def _slack(asked: Asked) -> Reply:
    said = json.loads(asked.body)
    whole = said.get("text") and said["blocks"] and len(said["blocks"]) <= BLOCKS
    for block in said["blocks"]:
        limit = HEADER if block["type"] == "header" else SECTION
        whole = whole and all(0 < _units(text["text"]) <= limit for text in _texts(block))
    return Reply(200, b"ok") if whole else Reply(400, b"invalid_blocks")


def _texts(block: Any) -> list[dict[str, Any]]:
    return block["elements"] if block["type"] == "context" else [block["text"]]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def channel(server: WebServer) -> SlackNotice:
    return SlackNotice(Options(webhook=SecretStr(server.url + "services/T0/B0/xyz")))


class TestSlack(HandoverChannelSuite):
    @pytest.fixture
    def channel(self, slack: WebServer, tmp_path: Path) -> SlackNotice:
        return channel(slack)


def all_texts(posted: dict[str, Any]) -> list[dict[str, Any]]:
    return [text for block in posted["blocks"] for text in _texts(block)]


def test_the_message_tells_who_why_and_what_to_say() -> None:
    told = "\n".join(text["text"] for text in all_texts(message(example_notice())))
    for words in (
        "Hand-over 12: An de Vries",
        "asked for a quote",
        "Ask when the site must be live",
        "For Sanne",
    ):
        assert words in told


def test_its_answers_are_links_of_ours() -> None:
    (links,) = [text["text"] for text in all_texts(message(example_notice())) if text["type"] == "mrkdwn"]
    assert links.split(" · ")[0] == "<https://nurture.example/h/token#accept|Accept>"
    assert links.count("|") == 4


@pytest.mark.parametrize(
    "evil",
    [
        "<!channel>",
        "<@U012AB3CD>",
        "<https://evil.example|click me>",
        "*bold* _it_ `code` ~no~ > quote",
        "@channel @here",
        ":bomb:",
        "&lt;!here&gt;",
    ],
)
def test_what_a_lead_wrote_is_never_markup(evil: str) -> None:
    posted = message(example_notice(name=evil, note=evil))
    assert "<!" not in posted["text"] + json.dumps(posted["blocks"])
    assert "<@" not in posted["text"] + json.dumps(posted["blocks"])
    by_leads = [text for text in all_texts(posted) if "evil.example" in text["text"]]
    assert {text["type"] for text in by_leads} <= {"plain_text"}
    assert (posted["mrkdwn"], posted["link_names"], posted["unfurl_links"]) == (False, False, False)
    assert "@c" not in posted["text"]
    assert {text.get("emoji", False) for text in all_texts(posted)} == {False}


@given(st.text(max_size=400), st.integers(min_value=10, max_value=60))
def test_a_text_fits_and_nothing_in_it_is_half(text: str, limit: int) -> None:
    shown = fitted(text, limit)
    assert _units(shown) <= limit
    plain = shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set(plain) & set("&<>")


def test_a_dossier_without_end_is_cut_to_what_slack_takes(slack: WebServer) -> None:
    notice = example_notice(name="<" * 5_000, note="&" * 50_000)
    assert channel(slack).notify(notice).done
    assert sum(len(text["text"]) for text in all_texts(message(notice))) < 13_000


@pytest.mark.parametrize("kind", [NoticeKind.PASSED_ON, NoticeKind.WITHDRAWN])
def test_whoever_has_nothing_to_answer_gets_no_links(kind: NoticeKind) -> None:
    assert "mrkdwn" not in {text["type"] for text in all_texts(message(example_notice(kind)))}


def test_a_withdrawal_asks_to_delete_and_names_nobody() -> None:
    told = json.dumps(message(example_notice(NoticeKind.WITHDRAWN)))
    assert "Delete what was posted here of hand-over 12." in told
    assert "An de Vries" not in told


@pytest.mark.parametrize(
    ("status", "again"), [(400, False), (410, False), (403, True), (404, True), (429, True), (500, True)]
)
def test_a_refusal_is_tried_again_only_when_it_may_pass(status: int, again: bool) -> None:
    with serving(lambda _asked: Reply(status, b"no_service\n\x1b[0m")) as server:
        outcome = channel(server).notify(example_notice())
    assert (outcome.done, outcome.again) == (False, again)
    assert outcome.reply == f"127.0.0.1 answered {status}: no_service [0m"


def test_no_reply_tells_the_address_which_is_a_secret() -> None:
    away = SlackNotice(Options(webhook=SecretStr("http://127.0.0.1:1/services/T0/B0/xyz")))
    outcome = away.notify(example_notice())
    assert (outcome.done, outcome.again, "services" in outcome.reply) == (False, True, False)


def test_a_team_without_a_room_is_not_posted_to_and_that_is_told(slack: WebServer) -> None:
    rooms = Options(webhooks={"sales-nl": SecretStr(slack.url)})
    outcome = SlackNotice(rooms).notify(replace(example_notice(), team="sales-be"))
    assert (outcome.done, outcome.reply) == (
        True,
        "not posted: plugin.slack_notice has no webhook for sales-be",
    )


def load(**options: Any) -> None:
    teams = {"sales-nl": ["sanne@example.com"]}
    load_plugins(["slack_notice"], find_plugins([bundled("plugins")]), {"slack_notice": options}, teams=teams)


def test_a_room_of_a_team_that_is_not_there_stops_the_start() -> None:
    with pytest.raises(PluginError, match="there is no team 'sales-n'; did you mean sales-nl"):
        load(webhooks={"sales-n": "https://hooks.example/x"})


@pytest.mark.parametrize("address", ["http://hooks.slack.com/services/secret", "hooks.slack.com/secret", ""])
def test_an_address_that_is_wrong_stops_the_start_and_is_not_told(address: str) -> None:
    with pytest.raises(PluginError, match="no address that starts with https://") as refused:
        load(webhook=address)
    assert "secret" not in str(refused.value)
