"""Reports of every make are understood: what they are, whom they concern, and why."""

from __future__ import annotations

import pytest

from nurture.deliver.bounces.classify import classify
from tests.deliver.bounces.families import Family, families


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_a_report_is_understood(family: Family) -> None:
    returned = classify(family.raw)
    told = tuple((one.address, one.reason) for one in returned.concerned)
    assert (returned.kind, told) == (family.kind, family.told)
