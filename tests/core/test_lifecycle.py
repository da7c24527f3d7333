from __future__ import annotations

from itertools import pairwise

import pytest

from nurture.core.lifecycle import LEGAL, transition, way
from nurture.core.model import Lifecycle
from nurture.errors import TransitionError


def test_the_main_way_is_legal_step_by_step() -> None:
    way = [Lifecycle.LEAD, Lifecycle.CONTACT, Lifecycle.PROSPECT, Lifecycle.ACCEPTED, Lifecycle.CUSTOMER]
    assert [transition(before, after) for before, after in pairwise(way)] == way[1:]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Lifecycle.LEAD, Lifecycle.PROSPECT),
        (Lifecycle.CONTACT, Lifecycle.ACCEPTED),
        (Lifecycle.JUNK, Lifecycle.PROSPECT),
        (Lifecycle.DISQUALIFIED, Lifecycle.PROSPECT),
        (Lifecycle.RECYCLED, Lifecycle.PROSPECT),
        (Lifecycle.CUSTOMER, Lifecycle.LEAD),
    ],
)
def test_no_step_of_the_way_can_be_left_out(before: Lifecycle, after: Lifecycle) -> None:
    with pytest.raises(TransitionError):
        transition(before, after)


def test_a_refused_change_says_what_is_legal() -> None:
    with pytest.raises(TransitionError) as refused:
        transition(Lifecycle.JUNK, Lifecycle.CUSTOMER)
    assert refused.value.hint == "from junk it can go to: lead, contact"


@pytest.mark.parametrize("state", Lifecycle)
def test_staying_is_always_legal(state: Lifecycle) -> None:
    assert transition(state, state) is state


def test_from_everywhere_there_is_a_way_on() -> None:
    assert set(LEGAL) == set(Lifecycle)
    assert all(LEGAL.values())


@pytest.mark.parametrize("before", Lifecycle)
@pytest.mark.parametrize("after", Lifecycle)
def test_every_step_of_a_way_is_legal(before: Lifecycle, after: Lifecycle) -> None:
    try:
        steps = way(before, after)
    except TransitionError:
        assert after is Lifecycle.LEAD
        return
    assert [transition(one, next_one) for one, next_one in pairwise((before, *steps))] == list(steps)
    assert (before, *steps)[-1] is after


def test_a_contact_becomes_a_customer_past_prospect_and_accepted() -> None:
    wanted = (Lifecycle.PROSPECT, Lifecycle.ACCEPTED, Lifecycle.CUSTOMER)
    assert way(Lifecycle.CONTACT, Lifecycle.CUSTOMER) == wanted
