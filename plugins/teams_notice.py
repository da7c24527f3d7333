"""The hand-over channel `teams`: a card in a channel of Microsoft Teams, by a workflow's webhook.

    [plugin.teams_notice.webhooks]
    sales-nl = "https://….powerplatform.com/…/triggers/manual/paths/invoke?…&sig=…"
    # for all teams: [plugin.teams_notice] webhook, or NURTURE_PLUGIN__TEAMS_NOTICE__WEBHOOK

In Teams: *Workflows*, template "Send webhook alerts to a channel"
(https://support.microsoft.com/office/8ae491c7-0394-4861-ba59-055e33f75498). It takes a message with an
Adaptive Card (https://adaptivecards.io/explorer/, version 1.4) of at most 28 KB, and answers 202.

What leads wrote stands in `RichTextBlock`s: their `TextRun`s know no Markdown, unlike a `TextBlock`. A
mention needs an entity in the message, and there is none. Double braces, by which cards put in dates, are
parted.

A workflow cannot change its card, so a reminder or a new assignee is a card of its own, and a withdrawal asks
the readers to delete the earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nurture import (
    HandoverChannel,
    Notice,
    NoticeKind,
    NoticeOutcome,
    PluginConfig,
    TeamRooms,
    answer_urls,
    answer_words,
    dossier_sections,
    hookimpl,
    notice_reasons,
    notice_subject,
)

API_VERSION = 1

LARGEST = 25_000
"""Bytes of a message: Teams refuses those of more than 28 KB."""

LONGEST = 1_000
"""Characters of one line."""

_ATTENTION = {NoticeKind.REMINDER, NoticeKind.ESCALATED, NoticeKind.WITHDRAWN}


class Options(TeamRooms):
    """[plugin.teams_notice]: `webhooks` are the addresses of each team's channel, `webhook` that of all
    others. `timeout` is in seconds.
    """


class TeamsNotice:
    """One post a notice."""

    name = "teams"

    def __init__(self, options: Options) -> None:
        self._options = options

    def notify(self, notice: Notice) -> NoticeOutcome:
        return self._options.post("teams_notice", notice, message(notice))


def message(notice: Notice) -> dict[str, Any]:
    """What is posted: as much of the dossier as there is room for."""
    body = list(_body(notice))
    while len(json.dumps(posted := _message(notice, body))) > LARGEST:
        # The last parts are the least: what they read, what did not apply.
        body.pop(-2)
    return posted


def _message(notice: Notice, body: list[dict[str, Any]]) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": list(_actions(notice)),
        "msteams": {"width": "Full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _body(notice: Notice) -> Iterator[dict[str, Any]]:
    colour = {"color": "Attention"} if notice.kind in _ATTENTION else {}
    yield _text(_run(notice_subject(notice), size="Large", weight="Bolder", **colour))
    for reason in notice_reasons(notice):
        yield _text(_run(reason))
    dossier = notice.dossier
    if dossier is not None:
        for line in answer_words(dossier):
            yield _text(_run(line, weight="Bolder"))
        for heading, entries in dossier_sections(dossier):
            yield _text(_run(heading, weight="Bolder"), separator=True)
            for entry in entries:
                yield _text(_run(entry))
    elif notice.kind is NoticeKind.WITHDRAWN:
        yield _text(_run(f"Delete what was posted here of hand-over {notice.handover_id}."))
    yield _text(_run(notice.key, size="Small", isSubtle=True))


def _actions(notice: Notice) -> Iterator[dict[str, Any]]:
    # Each leads to a page that changes nothing until its button is pressed.
    if notice.dossier is not None and notice.kind is not NoticeKind.PASSED_ON:
        for words, url in answer_urls(notice.dossier).items():
            yield {"type": "Action.OpenUrl", "title": words, "url": url}


def _text(run: dict[str, Any], **looks: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [run], **looks}


def _run(text: str, **looks: Any) -> dict[str, Any]:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    plain = plain.replace("{{", "{\u2060{").replace("}}", "}\u2060}")
    shown = plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
    return {"type": "TextRun", "text": shown or "-", **looks}


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    options = config.options("teams_notice", Options)
    options.check_teams("teams_notice", config.teams)
    return [TeamsNotice(options)]
