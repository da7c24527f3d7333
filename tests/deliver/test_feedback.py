"""What came back, applied on both databases: it counts once, and for the right address."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.core.feedback import Feedback, FeedbackKind, Severity
from nurture.core.model import Signal
from nurture.deliver.feedback import Applied, apply_feedback
from nurture.setting_bounces import Bounces
from nurture.store import consents, schema
from nurture.store.engine import Store
from tests.deliver.people import NOW, SIGNER, add_messages, rows
from tests.store.people import StatementCounter

POLICY = Bounces(soft_limit=3, soft_within="30d")
DEAD = Feedback(
    FeedbackKind.BOUNCE,
    "reader1@example.com",
    NOW,
    "notice 1",
    outbox_id=1,
    reply="550 5.1.1 no such user here",
)
COMPLAINT = replace(DEAD, kind=FeedbackKind.COMPLAINT, key="complaint 1", reply="")
FULL = replace(DEAD, reply="552 5.2.2 mailbox full")


@pytest.fixture
def sent(store: Store) -> Store:
    """Three contacts, each with a mail that went out: contact and outbox ids are 1, 2, 3."""
    add_messages(store, 3, state="sent", reply="250 ok", done_at=NOW)
    with store.write() as connection:
        connection.execute(
            sa.insert(schema.identity),
            [{"kind": "email", "value": f"reader{n}@example.com", "contact_id": n} for n in (1, 2, 3)],
        )
    return store


def apply(store: Store, *batch: Feedback, vouched: bool = True, **later: int) -> Applied:
    with store.write() as connection:
        now = NOW + timedelta(**later)
        return apply_feedback(connection, batch, SIGNER, POLICY, now, vouched=vouched)


def kinds(store: Store) -> list[tuple[int, str, str]]:
    signal = schema.signal.c
    with store.read() as connection:
        query = sa.select(signal.contact_id, signal.kind, signal.classed).order_by(signal.id)
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def data(store: Store) -> Sequence[Any]:
    with store.read() as connection:
        return connection.scalars(sa.select(schema.signal.c.data).order_by(schema.signal.c.id)).all()


def suppressed(store: Store) -> list[str]:
    """Why each address is suppressed."""
    with store.read() as connection:
        return sorted(connection.scalars(sa.select(schema.suppression.c.reason)))


def is_suppressed(store: Store, address: str) -> bool:
    hashed = SIGNER.address_hash(address)
    with store.read() as connection:
        return hashed in consents.suppressed(connection, [hashed])


def granted(store: Store, contact_id: int) -> bool:
    with store.read() as connection:
        return contact_id in consents.consents_of(connection, [contact_id])


def test_a_hard_bounce_is_a_signal_and_ends_all_mail_to_the_address(sent: Store) -> None:
    apply(sent, DEAD)
    assert kinds(sent) == [(1, "bounced", "machine")]
    assert suppressed(sent) == ["bounced: userunknown"]
    assert is_suppressed(sent, "Reader1@example.com")


def test_a_bounce_says_which_mail_and_why(sent: Store) -> None:
    apply(sent, DEAD)
    assert data(sent) == [
        {
            "campaign": "new-website",
            "step": "welcome",
            "message": 1,
            "severity": "hard",
            "status": "5.1.1",
            "reason": "userunknown",
            "reply": "550 5.1.1 no such user here",
        }
    ]


def test_a_mail_is_found_by_its_message_id(sent: Store) -> None:
    message_id = rows(sent)[1]["message_id"].strip("<>")
    apply(sent, replace(DEAD, outbox_id=None, address="", message_id=message_id))
    assert kinds(sent) == [(2, "bounced", "machine")]
    assert is_suppressed(sent, "reader2@example.com")


def test_a_contact_is_found_by_the_address_alone(sent: Store) -> None:
    apply(sent, replace(DEAD, outbox_id=None, address="READER3@example.com"))
    assert kinds(sent) == [(3, "bounced", "machine")]


def test_a_stranger_cannot_have_an_address_suppressed(sent: Store) -> None:
    applied = apply(sent, replace(DEAD, outbox_id=None), replace(COMPLAINT, outbox_id=None), vouched=False)
    assert (kinds(sent), suppressed(sent), applied.unmatched) == ([], [], 2)


def test_an_address_that_a_provider_knows_to_be_dead_is_suppressed_though_we_do_not_know_it(
    sent: Store,
) -> None:
    apply(sent, replace(DEAD, outbox_id=None, address="nobody@example.org"))
    assert is_suppressed(sent, "nobody@example.org")


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(DEAD, id="hard"),
        pytest.param(FULL, id="soft"),
        pytest.param(COMPLAINT, id="complaint"),
        pytest.param(replace(DEAD, kind=FeedbackKind.REPLY), id="reply"),
        pytest.param(replace(DEAD, kind=FeedbackKind.AUTO_REPLY), id="auto-reply"),
        pytest.param(replace(DEAD, kind=FeedbackKind.UNSUBSCRIBE), id="unsubscribe"),
        pytest.param(replace(DEAD, outbox_id=None), id="by address"),
    ],
)
def test_the_same_feedback_twice_changes_nothing(sent: Store, told: Feedback) -> None:
    apply(sent, told)
    tables = (schema.signal, schema.suppression, schema.consent, schema.former_consent, schema.outbox)

    def everything() -> list[Any]:
        with sent.read() as connection:
            return [sorted(map(str, connection.execute(sa.select(table)))) for table in tables]

    before = everything()
    assert apply(sent, told, told, days=1).signals == ()
    assert everything() == before


def test_one_mail_bounces_once_whoever_tells_it(sent: Store) -> None:
    apply(sent, DEAD, replace(DEAD, key="the provider's word"))
    assert kinds(sent) == [(1, "bounced", "machine")]


def test_soft_bounces_end_the_mail_when_they_are_too_many(sent: Store) -> None:
    soft = [replace(FULL, outbox_id=None, key=f"soft {n}", at=NOW + timedelta(days=n)) for n in range(3)]
    apply(sent, soft[0])
    apply(sent, soft[1], days=1)
    assert suppressed(sent) == []
    apply(sent, soft[2], days=2)
    assert suppressed(sent) == ["bounced softly 3 times"]


def test_soft_bounces_of_long_ago_do_not_count(sent: Store) -> None:
    soft = [replace(FULL, outbox_id=None, key=f"soft {n}", at=NOW + timedelta(days=20 * n)) for n in range(3)]
    for number, one in enumerate(soft):
        apply(sent, one, days=20 * number)
    assert suppressed(sent) == []


@pytest.mark.parametrize(
    "reply", ["550 5.7.1 rejected by policy: listed in zen.spamhaus.org", "554 5.7.1 message looks like spam"]
)
def test_a_policy_block_says_nothing_about_the_address(sent: Store, reply: str) -> None:
    ours = [replace(DEAD, reply=reply, outbox_id=None, key=f"block {n}") for n in range(5)]
    apply(sent, *ours)
    assert suppressed(sent) == []
    assert {one["severity"] for one in data(sent)} == {"ours"}


def test_a_complaint_ends_all_mail_and_withdraws_every_consent(sent: Store) -> None:
    with sent.write() as connection:
        consents.grant(connection, 1, "events", "form", NOW)
    apply(sent, COMPLAINT)
    assert kinds(sent) == [(1, "complained", "machine")]
    assert suppressed(sent) == ["complained"]
    assert not granted(sent, 1)


def test_unsubscribing_at_the_provider_withdraws_what_the_mail_was_of(sent: Store) -> None:
    with sent.write() as connection:
        consents.grant(connection, 1, "events", "form", NOW)
    apply(sent, replace(DEAD, kind=FeedbackKind.UNSUBSCRIBE))
    with sent.read() as connection:
        assert consents.consents_of(connection, [1]) == {1: frozenset({"events"})}
    assert suppressed(sent) == []


def test_a_real_reply_is_a_humans_signal(sent: Store) -> None:
    apply(sent, replace(DEAD, kind=FeedbackKind.REPLY, reply="", subject="Re: your new website"))
    assert kinds(sent) == [(1, "replied", "human")]
    assert data(sent)[0]["subject"] == "Re: your new website"


def test_an_auto_reply_is_kept_and_changes_nothing_else(sent: Store) -> None:
    before = rows(sent)
    apply(sent, replace(DEAD, kind=FeedbackKind.AUTO_REPLY))
    assert kinds(sent) == [(1, "auto_replied", "machine")]
    assert (suppressed(sent), rows(sent), granted(sent, 1)) == ([], before, True)


def test_a_bounce_is_noted_at_its_mail(sent: Store) -> None:
    apply(sent, DEAD)
    assert rows(sent)[0]["reply"] == "bounced (userunknown): 550 5.1.1 no such user here"


def test_what_comes_back_proves_that_a_mail_of_unknown_fate_was_sent(store: Store) -> None:
    add_messages(store, 2, state="unknown", reply="its worker stopped")
    apply(store, replace(DEAD, kind=FeedbackKind.DELIVERED))
    assert [row["state"] for row in rows(store)] == ["sent", "unknown"]


def test_a_bounce_from_where_it_was_forwarded_to_counts_for_the_address_that_we_wrote_to(sent: Store) -> None:
    apply(sent, replace(DEAD, address="old-job@elsewhere.example"))
    assert is_suppressed(sent, "reader1@example.com")
    assert not is_suppressed(sent, "old-job@elsewhere.example")


def test_who_was_erased_meanwhile_leaves_only_the_suppression(sent: Store) -> None:
    with sent.write() as connection:
        connection.execute(sa.delete(schema.contact).where(schema.contact.c.id == 1))
    apply(sent, DEAD)
    assert kinds(sent) == []
    assert is_suppressed(sent, "reader1@example.com")


def test_what_a_server_says_can_always_be_stored(sent: Store) -> None:
    apply(sent, replace(DEAD, reply="550 no such user \0\ud800" + "x" * 10_000))
    assert len(data(sent)[0]["reply"]) <= 500


def test_the_number_of_statements_does_not_depend_on_the_batch(store: Store) -> None:
    add_messages(store, 60, state="sent")
    texts = {FeedbackKind.BOUNCE: "552 5.2.2 mailbox full", FeedbackKind.COMPLAINT: ""}

    def batch(ids: Sequence[int]) -> list[Feedback]:
        return [
            replace(DEAD, kind=kind, outbox_id=n, address=f"reader{n}@example.com", key=f"{n}", reply=reply)
            for n in ids
            for kind, reply in texts.items()
        ]

    apply(store, *batch([1, 2]))
    counter = StatementCounter(store)
    apply(store, *batch([3, 4]))
    few, counter.n = counter.n, 0
    apply(store, *batch(range(5, 60)))
    assert counter.n == few


def test_it_answers_with_the_new_signals(sent: Store) -> None:
    applied = apply(sent, DEAD)
    assert [(one.contact_id, one.kind) for one in applied.signals] == [(1, "bounced")]
    assert all(isinstance(one, Signal) for one in applied.signals)
    assert applied.suppressed == 1


def test_whoever_tells_the_severity_is_believed(sent: Store) -> None:
    apply(sent, replace(DEAD, severity=Severity.SOFT, reason="userunknown"))
    assert suppressed(sent) == []


@pytest.mark.parametrize("agreed", [True, False])
def test_many_who_tell_the_same_at_once_are_heard_once(store: Store, agreed: bool) -> None:
    add_messages(store, 60, state="sent", done_at=NOW)
    if not agreed:
        with store.write() as connection:
            connection.execute(sa.delete(schema.consent))
    batch = [
        replace(DEAD, kind=kind, outbox_id=n, address=f"reader{n}@example.com", key=f"{n}")
        for n in range(1, 61)
        for kind in (FeedbackKind.BOUNCE, FeedbackKind.COMPLAINT)
    ]
    orders = [batch, batch[::-1], batch[60:] + batch[:60], batch[::2] + batch[1::2]]
    with ThreadPoolExecutor(len(orders)) as pool:
        applied = list(pool.map(lambda order: apply(store, *order), orders))
    assert sum(len(one.signals) for one in applied) == 120
    assert (len(kinds(store)), len(suppressed(store))) == (120, 60)
