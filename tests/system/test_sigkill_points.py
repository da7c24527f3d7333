"""A worker dies at every named point of the sending protocol. `python -m bench.sigkill`: 20 times."""

from __future__ import annotations

from pathlib import Path

from bench.sigkill import POINTS, rounds
from nurture.store.engine import Store


def test_no_death_loses_or_doubles_a_mail_and_what_is_unknown_was_in_flight(
    store: Store, tmp_path: Path
) -> None:
    found = list(rounds(store, tmp_path, POINTS, 1))
    assert [one for one in found if not one.is_well] == []
