from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from nurture.core.channels import Channel
from nurture.core.consent import may_send, why_not
from nurture.core.model import Lifecycle
from tests.core.make import DAY, MONDAY, contact, snapshot


@pytest.mark.parametrize(
    ("recycle_at", "words"),
    [
        (None, "is back from sales, and goes on at the next look"),
        (MONDAY, "is back from sales, and goes on at the next look"),
        (MONDAY + DAY, "is left alone until 2026-03-03 10:00 UTC"),
    ],
    ids=["without a date", "on the date", "before the date"],
)
def test_only_who_has_a_date_ahead_is_left_alone(recycle_at: datetime | None, words: str) -> None:
    assert why_not(contact(lifecycle=Lifecycle.RECYCLED, recycle_at=recycle_at), MONDAY) == words


def test_a_contact_who_consents_may_be_sent_to() -> None:
    assert may_send(snapshot(), "marketing", Lifecycle.CONTACT).allowed


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"suppressed": True}, "suppressed"),
        ({"contact": contact(email=None)}, "no_address"),
        ({"contact": contact(email="")}, "no_address"),
        ({"consents": frozenset({"news"})}, "consent"),
    ],
)
def test_the_gate_stays_shut_and_says_why(fields: dict[str, Any], rule: str) -> None:
    permission = may_send(snapshot(**fields), "marketing", Lifecycle.CONTACT)
    assert (permission.allowed, permission.rule) == (False, rule)
    assert permission.reason


@pytest.mark.parametrize(
    ("known", "channel", "rule"),
    [
        ({"email": None, "phone": "+31612345678"}, Channel.SMS, "consent"),
        ({"phone": None}, Channel.SMS, "no_phone"),
        ({"phone": ""}, Channel.SMS, "no_phone"),
        ({"phone": None}, Channel.MAIL, "consent"),
        ({"email": None, "phone": "+31612345678"}, Channel.MAIL, "no_address"),
    ],
)
def test_each_channel_asks_for_its_own_address(known: dict[str, Any], channel: Channel, rule: str) -> None:
    permission = may_send(snapshot(contact=contact(**known)), "marketing", Lifecycle.CONTACT, channel)
    assert (permission.rule, permission.allowed) == (rule, rule == "consent")


@pytest.mark.parametrize("state", sorted(set(Lifecycle) - {Lifecycle.CONTACT}))
def test_only_contacts_get_campaign_messages(state: Lifecycle) -> None:
    assert may_send(snapshot(), "marketing", state).rule == "lifecycle"
