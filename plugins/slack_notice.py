"""The hand-over channel `slack`: a message in a room of the team, by an incoming webhook of Slack.

    [plugin.slack_notice.webhooks]
    sales-nl = "https://hooks.slack.com/services/…"
    # for all teams: [plugin.slack_notice] webhook, or NURTURE_PLUGIN__SLACK_NOTICE__WEBHOOK

The message is made of blocks (https://docs.slack.dev/reference/block-kit/blocks), with a plain `text` for
notifications and for programs that know no blocks. What leads wrote stands in texts of the kind `plain_text`,
in which nothing is a link, a mention or a format, and with `&`, `<` and `>` escaped
(https://docs.slack.dev/messaging/formatting-message-text#escaping). Slack's own limits are kept to: 150
characters in a header, 3,000 in a section, 50 blocks; of all blocks together about 13,000, so that a long
dossier is cut.

A webhook cannot change a message, so a reminder or a new assignee is a message of its own, and a withdrawal
asks the readers to delete what stands above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nurture import (
    Dossier,
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

HEADER, SECTION, BLOCKS = 150, 3_000, 50
"""Slack's limits: characters in a header and in a section, blocks in a message."""

ROOM = 9_000
"""Characters of a dossier: Slack takes about 13,000 in all blocks together."""

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Options(TeamRooms):
    """[plugin.slack_notice]: `webhooks` are the addresses of each team's room, `webhook` that of all others.

    `timeout` is in seconds.
    """


class SlackNotice:
    """One post a notice."""

    name = "slack"

    def __init__(self, options: Options) -> None:
        self._options = options

    def notify(self, notice: Notice) -> NoticeOutcome:
        return self._options.post("slack_notice", notice, message(notice))


def message(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    subject = notice_subject(notice)
    return {
        # Some programs look for mentions in it, whatever Slack does: an @ must not begin one.
        "text": fitted(subject.replace("@", "@\u2060"), SECTION),
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": list(_blocks(notice, subject))[:BLOCKS],
    }


def _blocks(notice: Notice, subject: str) -> Iterator[dict[str, Any]]:
    yield {"type": "header", "text": _plain(subject, HEADER)}
    if reasons := "\n".join(notice_reasons(notice)):
        yield {"type": "section", "text": _plain(reasons, SECTION)}
    dossier = notice.dossier
    if dossier is not None:
        yield from _told(dossier)
        yield {"type": "section", "text": _plain("\n".join(answer_words(dossier)), SECTION)}
        # The only links, and of ours alone; a GET of them changes nothing, whoever looks them up.
        links = " · ".join(f"<{url}|{words}>" for words, url in answer_urls(dossier).items())
        if links and notice.kind is not NoticeKind.PASSED_ON:
            yield {"type": "section", "text": {"type": "mrkdwn", "text": links}}
    elif notice.kind is NoticeKind.WITHDRAWN:
        words = f"Delete what was posted here of hand-over {notice.handover_id}."
        yield {"type": "section", "text": _plain(words, SECTION)}
    yield {"type": "context", "elements": [_plain(notice.key, HEADER)]}


def _told(dossier: Dossier) -> Iterator[dict[str, Any]]:
    room = ROOM
    for heading, entries in dossier_sections(dossier):
        text = _plain("\n".join((heading, *entries)), min(SECTION, room))
        room -= len(text["text"])
        if room <= 0:
            return
        yield {"type": "section", "text": text}


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": fitted(text, limit) or "-", "emoji": False}


def fitted(text: str, limit: int) -> str:
    """The text escaped, and cut where it is longer than that: never within a character that was escaped."""
    pieces = [_ESCAPED.get(c, c if c.isprintable() or c == "\n" else " ") for c in text]
    # Counted as JavaScript does: an emoji is two.
    sizes = [len(piece.encode("utf-16-le", "replace")) // 2 for piece in pieces]
    if sum(sizes) <= limit:
        return "".join(pieces).strip()
    room, kept = limit - 1, []
    for piece, size in zip(pieces, sizes, strict=True):
        room -= size
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).strip() + "…"


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    options = config.options("slack_notice", Options)
    options.check_teams("slack_notice", config.teams)
    return [SlackNotice(options)]
