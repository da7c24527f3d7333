"""A firm at work on a virtual clock, whose past can then be replayed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from nurture.app import App
from nurture.backtest.candidates import promoting_rules, published_candidate, read_candidate
from nurture.backtest.result import Backtest, Line
from nurture.backtest.run import Order, backtest
from nurture.core.model import DecisionRecord, Result, SignalClass
from nurture.store import journey, outcomes, records, signals
from tests.world import MONDAY, make_app, person, submit

NAMES = (
    *("Kees Visser", "Eva Mulder", "Tom de Boer", "Ina Kok", "Piet Hendriks", "Fatima Bakkali", "Joost Smit"),
    *("Lotte Peeters", "Murat Yildiz", "Greet Claes", "Hugo Dekker", "Saskia Vermeer", "Bram Willems"),
    *("Noor Jacobs", "Stijn Maes"),
)
"""Nobody is taken for somebody else."""

HOUR = timedelta(hours=1)
PRICES = "https://www.example.com/prices"


class Firm:
    """An app with people whom things happen to; each is decided on at once, as a worker would."""

    def __init__(self, folder: Path, url: str, settle: str = "0m") -> None:
        self.app: App = make_app(folder, url)
        self.folder = folder
        file = folder / "campaigns" / "profile.yaml"
        text = file.read_text(encoding="utf-8")
        self.profile = re.sub(
            r"engagement: {[^}]*}", f"engagement: {{half_life: 21d, settle: {settle}}}", text
        )
        assert self.profile != text
        file.write_text(self.profile, encoding="utf-8")
        self.app.publish()

    def come(self, number: int, form: str = "brochure", **changes: Any) -> None:
        """Somebody sends a form: the first one is contact 1, and so on; or sends another one."""
        name = NAMES[number % len(NAMES)]
        submit(self.app, person(number, **({"name": name} | changes)), form=form)
        self.decide()

    def happen(self, who: int, kind: str, classed: SignalClass = SignalClass.HUMAN, **data: Any) -> None:
        now = self.app.clock.now()
        with self.app.store.write() as connection:
            signals.record_signals(connection, [signals.NewSignal(who, kind, now, data, classed)], now)
        self.decide()

    def past(self, who: int, kind: str, at: datetime, **data: Any) -> None:
        """Something that is only recorded now."""
        with self.app.store.write() as connection:
            new = signals.NewSignal(who, kind, at, data)
            signals.record_signals(connection, [new], self.app.clock.now())

    def win(
        self, who: int, value: str | None = None, result: Result = Result.WON, reason: str | None = None
    ) -> None:
        now = self.app.clock.now()
        money = None if value is None else Decimal(value)
        new = outcomes.NewOutcome(who, result, now, "test", money, "EUR", reason)
        with self.app.store.write() as connection:
            outcomes.record_outcomes(connection, [new], now)

    def by_hand(self, who: int, step: str) -> None:
        """A campaign's step gives them to sales, whatever their points."""
        record = DecisionRecord("promoted", "a step says so", version=self.version(), rule=step)
        with self.app.store.write() as connection:
            records.add_records(connection, [(who, record)], self.app.clock.now())

    def wait(self, days: float) -> None:
        """Time passes, and what falls due meanwhile is done when it does."""
        end = self.app.clock.now() + timedelta(days=days)
        while True:
            with self.app.store.read() as connection:
                due = journey.next_due(connection)
            if due is None or due > end:
                break
            self.app.clock.sleep((due - self.app.clock.now()).total_seconds())
            self.decide()
        self.app.clock.sleep((end - self.app.clock.now()).total_seconds())

    def decide(self) -> None:
        while self.app.advance_batch():
            pass

    def promotions(self, since: datetime = MONDAY) -> Mapping[int, tuple[datetime, str, str]]:
        """The first promotion of each from `since` on, as it was decided."""
        found: dict[int, tuple[datetime, str, str]] = {}
        with self.app.store.read() as connection:
            for told in records.told(connection, range(1, 200), ["promoted"]):
                if told.at >= since:
                    decided = told.at, told.record.rule or "", told.record.reason
                    found.setdefault(told.contact_id, decided)
        return found

    def version(self) -> str:
        with self.app.store.read() as connection:
            return published_candidate(connection).version

    def edited(self, *changes: tuple[str, str]) -> Path:
        """A file with the firm's profile, in which some texts are others."""
        text = self.profile
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        path = self.folder / "new.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def replay(
        self,
        *changes: tuple[str, str],
        since: datetime = MONDAY,
        until: datetime | None = None,
        processes: int = 1,
    ) -> Backtest:
        """The published profile against itself with `changes`."""
        new = read_candidate(self.edited(*changes), self.app.registry.rules)
        with self.app.store.read() as connection:
            old, rules = published_candidate(connection), promoting_rules(connection)
        order = Order(old, new, since, until or self.app.clock.now() + HOUR, rules)
        return backtest(self.app.settings, order, processes=processes)

    def lines(self, *changes: tuple[str, str], **options: Any) -> dict[int, Line]:
        """The lines of a replay, by contact."""
        return {line.contact_id: line for line in self.replay(*changes, **options).lines}
