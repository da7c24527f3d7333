"""Real mails that came back, where NURTURE_BOUNCES names a folder with them and their `expected.json`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nurture.deliver.bounces.results import result_of

REAL = Path(os.environ.get("NURTURE_BOUNCES", "no-such-folder"))
KINDS = {"feedback": "complaint", "vacation": "auto_reply", "delivered": "other"}

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the real mails are not part of the project")


def test_hard_is_told_from_not_hard_for_at_least_98_percent_of_the_recipients() -> None:
    expected = json.loads((REAL / "expected.json").read_text())
    right = total = 0
    for name, recipients in expected.items():
        found = result_of(name, (REAL / name).read_bytes())["recipients"]
        hard = [each["hard"] for each in found] + [None] * len(recipients)
        right += sum(each["hard"] == one for each, one in zip(recipients, hard, strict=False))
        total += len(recipients)
    assert right >= 0.98 * total


def test_every_mail_is_of_the_kind_that_it_is() -> None:
    expected = json.loads((REAL / "expected.json").read_text())
    kinds = {name: result_of(name, (REAL / name).read_bytes())["kind"] for name in expected}
    assert kinds == {name: KINDS.get(one[0]["reason"], "bounce") for name, one in expected.items()}
