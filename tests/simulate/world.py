"""A workspace and a list of leads for simulations in tests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

from nurture.settings import Settings, load_settings
from nurture.simulate.behaviour import Behaviour
from nurture.simulate.lists import Leads
from nurture.simulate.run import Order
from nurture.workspace import create_workspace

MONDAY = datetime(2026, 3, 2)
NAMELESS = 3
"""So many of the leads are junk."""


def workspace(folder: Path) -> Settings:
    """The settings of a new example workspace."""
    create_workspace(folder)
    return load_settings(folder)


def write_leads(file: Path, n: int) -> Path:
    """`n` leads of many kinds, the same ones each time; the last ones have no name."""
    chance = Random(f"leads {n}")
    lines = ["name,email,interests,consent,country,budget,role"]
    for number in range(n):
        name = "" if number >= n - NAMELESS else f"An Jansen-{number}"
        interests = chance.choice(("website", "website", "website", "webshop", ""))
        consent = "marketing" if chance.random() < 0.9 else ""
        country, budget = chance.choice(("NL", "BE", "DE")), chance.choice(("<2k", "2-5k", "5-10k", ""))
        role = chance.choice(("owner", "manager", "employee", "student", ""))
        email = f"an{number}@bakkerij{number % 50}.example.com"
        lines.append(f"{name},{email},{interests},{consent},{country},{budget},{role}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def order(leads: Path, *, days: int = 30, seed: int = 1, behaviour: Behaviour | None = None) -> Order:
    """A simulation of the example campaign from that Monday on, with people who behave as by default."""
    return Order("new-website", [Leads(leads)], MONDAY, days, seed, behaviour or Behaviour())
