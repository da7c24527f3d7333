"""A desk with two salespeople, a campaign that hands over to them, and prospects to hand over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nurture.clock import VirtualClock
from nurture.core.campaign import Campaign, HandoverPolicy, Policy, RejectRule, SendStep
from nurture.core.expression import Literal
from nurture.core.model import (
    Account,
    Contact,
    Evidence,
    Finding,
    HandOver,
    Lifecycle,
    Notice,
    RuleFinding,
    Sent,
    Signal,
    Stage,
)
from nurture.core.predicate import Condition
from nurture.handover.desk import HandoverDesk, HandoverRequest, TemplateNote
from nurture.plug.contracts import NoticeOutcome
from nurture.setting_sales import Person, Team
from nurture.store.engine import Store
from nurture.tokens import Signer
from tests.store.people import NOW

SIGNER = Signer("a key for tests that is long enough to be taken")
TEAM = Team(
    members=(Person(name="Sanne", email="sanne@example.com"), Person(name="Daan", email="daan@example.com")),
    webhook="http://127.0.0.1:9/crm",
    webhook_secret="a secret of the team",
)
NOTES = {"orientation/welcome": TemplateNote("How a website comes about", "Ask what they miss now.")}


def campaign(**policy: Any) -> Campaign:
    settings = {"team": "sales", "notify": ("email",), "answer_within": timedelta(hours=4), **policy}
    return Campaign(
        name="new-website",
        profile="web-agency",
        purpose="marketing",
        locale="nl",
        timezone="Europe/Amsterdam",
        audience=Condition("true", Literal(True)),
        reenter=None,
        policy=Policy(),
        tracks={Stage.ORIENTATION: "welcome"},
        steps={"welcome": SendStep("welcome", "orientation/welcome")},
        handover=HandoverPolicy(**settings),
        version_id=1,
    )


def signal(kind: str, days_ago: float, **data: Any) -> Signal:
    return Signal(0, 1, kind, NOW - timedelta(days=days_ago), {"campaign": "new-website", **data})


def request(contact_id: int = 1, **changes: Any) -> HandoverRequest:
    given: dict[str, Any] = {
        "contact": Contact(
            contact_id,
            NOW - timedelta(days=30),
            email=f"an{contact_id}@bakkerij.example",
            name="An de Vries",
            answers={"budget": "5-10k", "wishes": ("shop", "blog")},
            lifecycle=Lifecycle.PROSPECT,
            stage=Stage.COMPARISON,
        ),
        "account": Account(3, name="Bakkerij De Vries", sector="food", employees=40, facts={"revenue": "1m"}),
        "effect": HandOver(
            "new-website",
            1,
            "sales",
            "asked for a quote",
            (Evidence(1, "quote", "submitted", NOW, 40.0, "sent the quote form", Stage.DECISION, True),),
        ),
        "fit": (
            RuleFinding("sme", Finding(True, "account.employees is 40"), 30),
            RuleFinding("budget", Finding(True, "answers.budget is 5-10k"), 40),
            RuleFinding("region", Finding(None, "account.country is unknown"), ask="region"),
        ),
        "campaign": campaign(),
        "signals": (signal("clicked", 2, step="welcome", url="https://example.com/portfolio?x=1"),),
        "sent": (Sent("new-website", "welcome", 1, NOW - timedelta(days=3), subject="Welkom"),),
        "prospect_at": 60,
    }
    return HandoverRequest(**{**given, **changes})


@dataclass
class RecordingChannel:
    """Answers what it is told to, the last answer for ever, and keeps what it was given."""

    name: str = "email"
    outcomes: list[NoticeOutcome] = field(default_factory=lambda: [NoticeOutcome(True)])
    told: list[Notice] = field(default_factory=list)

    def notify(self, notice: Notice) -> NoticeOutcome:
        self.told.append(notice)
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]


WHEN_REJECTED = {"not_now": RejectRule("recycle", timedelta(days=30)), "no_fit": RejectRule("disqualify")}


def desk_of(
    store: Store,
    clock: VirtualClock,
    *channels: Any,
    teams: Mapping[str, Team] | None = None,
    given: Campaign | None = None,
    **more: Any,
) -> HandoverDesk:
    """A desk for one team, and for one campaign: by default one that says where two reasons lead."""
    given = given or campaign(when_rejected=WHEN_REJECTED)
    return HandoverDesk(
        store,
        clock,
        teams={"sales": TEAM} if teams is None else teams,
        channels={channel.name: channel for channel in channels},
        signer=SIGNER,
        base_url="https://nurture.example/",
        template_note=lambda template, locale: NOTES.get(template),
        campaign_of=lambda _connection, _version: given,
        **more,
    )


def open_all(
    desk: HandoverDesk, store: Store, requests: Sequence[HandoverRequest], at: datetime = NOW
) -> list[int]:
    """Opens them and gives their ids."""
    with store.write() as connection:
        desk.open(connection, requests, at)
    return sorted(row.id for row in desk.list())
