"""The contract of a HandoverChannel as a test suite: subclass it, say how to make yours, and pytest runs it.

class TestPager(HandoverChannelSuite):
    make = staticmethod(lambda folder: PagerChannel(folder))
    target = {"team": "sales", "email": "sanne@example.com"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from nurture.core.model import (
    Account,
    Contact,
    Dossier,
    Evidence,
    Finding,
    Lifecycle,
    RuleFinding,
    SalesPerson,
    Stage,
)
from nurture.plug.contracts import HandoverChannel, NoticeOutcome

_NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_ADDRESSED_TO_NOBODY = {"team": "sales", "name": "", "email": "", "url": "", "secret": ""}


def example_dossier(*, name: str = "An de Vries", note: str = "") -> Dossier:
    """A dossier in which everything is filled in; `note` is something that the lead wrote."""
    return Dossier(
        handover_id=12,
        team="sales",
        assignee=SalesPerson("Sanne", "sanne@example.com"),
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
    )


class HandoverChannelSuite:
    """What every channel must do. `make` gets an empty folder and returns a channel that works.

    `target` is whom it tells: what the channel needs of `team`, `name`, `email`, `url` and `secret`.
    """

    make: Callable[[Path], HandoverChannel]
    target: Mapping[str, str]

    @pytest.fixture
    def channel(self, tmp_path: Path) -> HandoverChannel:
        return type(self).make(tmp_path)

    def test_it_fulfils_the_contract(self, channel: HandoverChannel) -> None:
        assert isinstance(channel, HandoverChannel)
        assert channel.name

    def test_it_tells_of_a_hand_over(self, channel: HandoverChannel) -> None:
        outcome = channel.notify(example_dossier(), self.target, "handover-12-suite")
        assert outcome.done, outcome.reply

    def test_the_same_notice_may_come_twice(self, channel: HandoverChannel) -> None:
        first = channel.notify(example_dossier(), self.target, "handover-12-suite")
        again = channel.notify(example_dossier(), self.target, "handover-12-suite")
        assert (first.done, again.done) == (True, True)

    def test_a_target_with_nobody_in_it_is_answered_not_raised(self, channel: HandoverChannel) -> None:
        outcome = channel.notify(example_dossier(), _ADDRESSED_TO_NOBODY, "handover-12-suite")
        assert isinstance(outcome, NoticeOutcome)
        assert outcome.done or outcome.reply

    @pytest.mark.parametrize("nasty", ["", "A\r\nBcc: b@c.example", "\0\x1b[2J", "{{ 7 * 7 }}", "🧁" * 300])
    def test_whatever_a_lead_is_called_is_only_a_value(self, channel: HandoverChannel, nasty: str) -> None:
        outcome = channel.notify(example_dossier(name=nasty, note=nasty), self.target, "handover-12-suite")
        assert outcome.done, outcome.reply
