"""Leads whose truth is known: made by lot, from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nurture.core.model import Value
from nurture.learn.table import Deeds, Filling, Floats, Table

BUDGETS = ("<2k", "2-5k", "5-10k", "10k+")
SECTORS = ("bakery", "retail", "care", "education")


@dataclass(frozen=True)
class MadeUp:
    """The leads, and the share of each that would be won if fate were asked a thousand times."""

    table: Table
    truth: Floats


def make_leads(count: int, seed: int = 1, more: Mapping[str, Any] | None = None) -> MadeUp:
    """A larger budget and 20 employees or more help, retail helps; the city says nothing.

    Of a quarter the budget is unknown, which is neither good nor bad. `more` are further columns: subject →
    a function of (number, won), which may know what became of the lead.
    """
    lots = np.random.default_rng(seed)
    budgets, sectors = lots.integers(0, 4, count), lots.integers(0, 4, count)
    employees, cities = lots.integers(1, 100, count), lots.integers(0, 5, count)
    unknown = lots.random(count) < 0.25
    visits = lots.poisson(0.7, count).astype(np.float64)
    odds = np.where(unknown, 0.0, (budgets - 1.5) * 1.2)
    odds += np.where(employees >= 20, 0.8, -0.8) + np.where(sectors == 1, 1.0, -0.3) + 0.5 * visits - 0.6
    truth: Floats = 1 / (1 + np.exp(-odds))
    won = lots.random(count) < truth
    rows: list[dict[str, Value]] = [
        {
            "answers.budget": None if unknown[n] else BUDGETS[budgets[n]],
            "account.employees": int(employees[n]),
            "account.sector": SECTORS[sectors[n]],
            "contact.city": f"city {cities[n]}",
            **{subject: fill(n, bool(won[n])) for subject, fill in (more or {}).items()},
        }
        for n in range(count)
    ]
    table = table_of(rows, won.tolist())
    deeds = (Deeds("looks-at-prices", visits),)
    return MadeUp(Table(table.columns, table.won, np.arange(count) * 3600.0, deeds), truth)


def table_of(rows: list[dict[str, Value]], won: list[bool]) -> Table:
    """A table from rows of subject → value."""
    subjects = list(rows[0])
    fillings = {subject: Filling() for subject in subjects}
    for row in rows:
        for subject in subjects:
            fillings[subject].add(row[subject])
    columns = tuple(filling.column(subject) for subject, filling in fillings.items())
    return Table(columns, np.array(won, dtype=bool))
