"""The channel `teams`: a card that Teams takes, in which leads write no markup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from nurture import NoticeKind
from nurture.testing.suites_handover import HandoverChannelSuite, example_notice
from plugins.teams_notice import Options, TeamsNotice, message
from tests.plugins.http import Asked, Reply, WebServer, serving

MOST = 28 * 1024


@pytest.fixture(scope="module")
def workflow() -> Iterator[WebServer]:
    """Takes what a workflow takes: one card of version 1.4 in a message of at most 28 KB."""
    with serving(_workflow) as server:
        yield server


def _workflow(asked: Asked) -> Reply:
    if len(asked.body) > MOST:
        return Reply(413)
    said = json.loads(asked.body)
    (attachment,) = said["attachments"]
    card = attachment["content"]
    kind = (said["type"], attachment["contentType"], card["type"], card["version"])
    whole = kind == ("message", "application/vnd.microsoft.card.adaptive", "AdaptiveCard", "1.4")
    whole = whole and all(run["text"] for block in card["body"] for run in block["inlines"])
    return Reply(202 if whole else 400)


def channel(server: WebServer) -> TeamsNotice:
    return TeamsNotice(Options(webhook=SecretStr(server.url + "invoke?sig=xyz")))


class TestTeams(HandoverChannelSuite):
    @pytest.fixture
    def channel(self, workflow: WebServer, tmp_path: Path) -> TeamsNotice:
        return channel(workflow)


def card(notice: Any) -> Any:
    return message(notice)["attachments"][0]["content"]


def lines(notice: Any) -> list[str]:
    return [block["inlines"][0]["text"] for block in card(notice)["body"]]


def test_the_card_tells_who_why_and_what_to_say() -> None:
    told = lines(example_notice())
    assert told[0] == "Hand-over 12: An de Vries, Bakkerij De Vries"
    assert {"asked for a quote", "Ask when the site must be live."} <= set(told)


def test_its_buttons_lead_to_our_pages() -> None:
    buttons = [(action["title"], action["url"]) for action in card(example_notice())["actions"]]
    assert buttons[0] == ("Accept", "https://nurture.example/h/token#accept")
    assert [title for title, _ in buttons] == ["Accept", "Reject", "Ask for more", "Hand back later"]


@pytest.mark.parametrize("evil", ["[click](https://evil.example)", "**bold**", "<at>Everyone</at>", "# head"])
def test_what_a_lead_wrote_stands_in_runs_that_know_no_markdown(evil: str) -> None:
    posted = card(example_notice(name=evil, note=evil))
    assert {block["type"] for block in posted["body"]} == {"RichTextBlock"}
    assert "entities" not in posted["msteams"]


def test_no_date_function_can_be_called_by_a_lead() -> None:
    told = json.dumps(card(example_notice(name="{{DATE(2026-03-02T10:00:00Z)}}")), ensure_ascii=False)
    assert "{{" not in told


def test_a_dossier_without_end_is_cut_to_what_teams_takes(workflow: WebServer) -> None:
    notice = example_notice(name="é" * 5_000, note="🧁" * 50_000)
    assert channel(workflow).notify(notice).done
    assert lines(notice)[-1] == notice.key


@pytest.mark.parametrize("kind", [NoticeKind.PASSED_ON, NoticeKind.WITHDRAWN])
def test_whoever_has_nothing_to_answer_gets_no_buttons(kind: NoticeKind) -> None:
    assert card(example_notice(kind))["actions"] == []


def test_a_withdrawal_asks_to_delete_and_names_nobody() -> None:
    told = lines(example_notice(NoticeKind.WITHDRAWN))
    assert "Delete what was posted here of hand-over 12." in told
    assert "An de Vries" not in " ".join(told)


@pytest.mark.parametrize(
    ("status", "again"), [(400, False), (410, False), (401, True), (404, True), (429, True), (502, True)]
)
def test_a_refusal_is_tried_again_only_when_it_may_pass(status: int, again: bool) -> None:
    with serving(lambda _asked: Reply(status)) as server:
        outcome = channel(server).notify(example_notice())
    assert (outcome.done, outcome.again, "sig=" in outcome.reply) == (False, again, False)


def test_a_team_without_a_channel_is_not_posted_to_and_that_is_told() -> None:
    outcome = TeamsNotice(Options()).notify(example_notice())
    assert (outcome.done, outcome.reply) == (True, "not posted: plugin.teams_notice has no webhook for sales")
