"""The contract of a HandoverChannel as a test suite: subclass it, say how to make yours, and pytest runs it.

class TestPager(HandoverChannelSuite):
    make = staticmethod(lambda folder: PagerChannel(folder))
    aim = {"webhook": "https://pager.example/sales", "secret": "what it is signed with"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from nurture.core.model import (
    Account,
    Contact,
    Dossier,
    Evidence,
    Finding,
    Lifecycle,
    Notice,
    NoticeKind,
    RuleFinding,
    SalesPerson,
    Stage,
)
from nurture.plug.contracts import HandoverChannel, NoticeOutcome

_NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SANNE = SalesPerson("Sanne", "sanne@example.com")
_WHY = MappingProxyType(
    {
        NoticeKind.OPENED: "",
        NoticeKind.REMINDER: "No answer yet.",
        NoticeKind.ESCALATED: "Sanne has not answered in time.",
        NoticeKind.REASSIGNED: "An has not answered in time.",
        NoticeKind.PASSED_ON: "Sanne has it now: you have not answered in time.",
        NoticeKind.RESUMED: "Known now: budget.",
        NoticeKind.WITHDRAWN: "The person of hand-over 12 was erased. Erase what you hold of them.",
    }
)


def example_dossier(*, name: str = "An de Vries", note: str = "") -> Dossier:
    """A dossier in which everything is filled in; `note` is something that the lead wrote."""
    return Dossier(
        handover_id=12,
        team="sales",
        assignee=SANNE,
        contact=Contact(
            7,
            _NOW - timedelta(days=30),
            email="an@bakkerij.example",
            phone="+31201234567",
            name=name,
            company="Bakkerij De Vries",
            interests=("website",),
            answers=MappingProxyType({"budget": "5-10k", "remark": note}),
            lifecycle=Lifecycle.PROSPECT,
            stage=Stage.DECISION,
            fit=90,
        ),
        account=Account(3, name="Bakkerij De Vries", sector="food", employees=40),
        because="asked for a quote",
        fit=(
            RuleFinding("budget", Finding(True, "answers.budget is 5-10k"), 40),
            RuleFinding("region", Finding(None, "account.country is unknown")),
        ),
        evidence=(
            Evidence(
                31, "submitted quote", "submitted", _NOW, 40.0, "sent the quote form", Stage.DECISION, True
            ),
        ),
        read=("What a website costs (clicked, 1 Mar 2026)",),
        say_next="Ask when the site must be live.",
        answer_by=_NOW + timedelta(hours=4),
        accept_url="https://nurture.example/h/token#accept",
        reject_url="https://nurture.example/h/token#reject",
        created_at=_NOW,
        facts=MappingProxyType({"timezone": "Europe/Amsterdam", "fit_points": 40, "fit_needed": 60}),
        assigned_because="Sanne: speaks nl, serves NL, 2 hand-overs open",
        ask_url="https://nurture.example/h/token#ask",
        hand_back_url="https://nurture.example/h/token#hand-back",
    )


def example_notice(
    kind: NoticeKind = NoticeKind.OPENED,
    *,
    key: str = "handover-12-suite",
    name: str = "An de Vries",
    note: str = "",
    to: SalesPerson | None = SANNE,
    webhook: str = "",
    secret: str = "",
) -> Notice:
    """A notice of that kind, about the example dossier; about nothing where the hand-over was withdrawn."""
    dossier = example_dossier(name=name, note=note)
    return Notice(
        key=key,
        kind=kind,
        handover_id=12,
        team="sales",
        to=to,
        dossier=None if kind is NoticeKind.WITHDRAWN else dossier,
        why=_WHY[kind],
        at=_NOW,
        webhook=webhook,
        secret=secret,
    )


class HandoverChannelSuite:
    """What every channel must do. `make` gets an empty folder and returns a channel that works.

    `aim` is what a notice must carry to reach it: `webhook` and `secret`, where the channel uses them.
    """

    make: Callable[[Path], HandoverChannel]
    aim: Mapping[str, str] = MappingProxyType({})

    @pytest.fixture
    def channel(self, tmp_path: Path) -> HandoverChannel:
        return type(self).make(tmp_path)

    def notice(self, kind: NoticeKind = NoticeKind.OPENED, **changes: Any) -> Notice:
        """A notice that reaches this channel."""
        return example_notice(kind, **{**self.aim, **changes})

    def test_it_fulfils_the_contract(self, channel: HandoverChannel) -> None:
        assert isinstance(channel, HandoverChannel)
        assert channel.name

    @pytest.mark.parametrize("kind", list(NoticeKind))
    def test_it_tells_every_kind_of_notice(self, channel: HandoverChannel, kind: NoticeKind) -> None:
        outcome = channel.notify(self.notice(kind))
        assert outcome.done, outcome.reply

    def test_the_same_notice_may_come_twice(self, channel: HandoverChannel) -> None:
        outcomes = [channel.notify(self.notice()) for _ in range(2)]
        assert [outcome.done for outcome in outcomes] == [True, True]

    def test_what_was_told_can_be_withdrawn(self, channel: HandoverChannel) -> None:
        channel.notify(self.notice())
        outcome = channel.notify(self.notice(NoticeKind.WITHDRAWN, key="handover-12-withdrawn"))
        assert outcome.done, outcome.reply

    def test_a_notice_to_nobody_is_answered_not_raised(self, channel: HandoverChannel) -> None:
        outcome = channel.notify(example_notice(to=None))
        assert isinstance(outcome, NoticeOutcome)
        assert outcome.done or outcome.reply

    @pytest.mark.parametrize("nasty", ["", "A\r\nBcc: b@c.example", "\0\x1b[2J", "{{ 7 * 7 }}", "🧁" * 300])
    def test_whatever_a_lead_is_called_is_only_a_value(self, channel: HandoverChannel, nasty: str) -> None:
        outcome = channel.notify(self.notice(name=nasty, note=nasty))
        assert outcome.done, outcome.reply
