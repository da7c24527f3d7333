"""The outbox: claimed once, marked only when it may go, and never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.core.channels import Channel
from nurture.errors import NurtureError
from nurture.store import outbox, outbox_view, schema
from nurture.store.engine import Store
from nurture.store.outbox import MAX_ATTEMPTS, Outcome, State
from tests.deliver.people import DOMAIN, NOW, SIGNER, add_contacts, add_messages, rows, send, states

LEASE = timedelta(minutes=5)
LATER = NOW + timedelta(minutes=1)
TOO_LATE = NOW + timedelta(minutes=5)


def claim(store: Store, limit: int = 100, now: Any = NOW) -> tuple[int, list[int]]:
    with store.write() as connection:
        token, messages = outbox.claim(connection, now, limit, LEASE)
    return token, [message.id for message in messages]


def begin(store: Store, token: int, ids: list[int], now: Any = LATER) -> frozenset[int]:
    return mark(store, token, ids, now).allowed


def mark(store: Store, token: int, ids: list[int], now: Any = LATER) -> outbox.Marked:
    with store.write() as connection:
        hashes = {
            row["id"]: SIGNER.address_hash(f"reader{row['contact_id']}@example.com") for row in rows(store)
        }
        return outbox.begin_transmitting(connection, token, {one: hashes[one] for one in ids}, now, LEASE)


def finish(store: Store, token: int, outcomes: list[Outcome]) -> int:
    with store.write() as connection:
        return outbox.finish(connection, token, outcomes)


# --- adding ------------------------------------------------------------------------------------------


def test_a_message_is_added_once_for_its_key(store: Store) -> None:
    with store.write() as connection:
        add_contacts(connection, [1])
        sends = [(1, send()), (1, send("second")), (1, send(occurrence=2))]
        assert outbox.add(connection, sends, SIGNER, DOMAIN, NOW) == 3
        assert outbox.add(connection, [*sends, (1, send("third"))], SIGNER, DOMAIN, LATER) == 1


def test_nothing_to_add_is_no_work(store: Store) -> None:
    with store.write() as connection:
        assert outbox.add(connection, [], SIGNER, DOMAIN, NOW) == 0


def test_a_new_message_is_due_at_once(store: Store) -> None:
    add_messages(store, 1)
    (row,) = rows(store)
    assert (row["state"], row["not_before"], row["created_at"], row["attempts"]) == ("ready", NOW, NOW, 0)


def test_a_message_id_is_always_the_same_for_its_key() -> None:
    first, again, other = (outbox.message_id(SIGNER, contact, send(), DOMAIN) for contact in (1, 1, 2))
    assert first == again != other
    assert first.endswith("@webmakers.example>")


# --- claiming ----------------------------------------------------------------------------------------


def test_a_claim_takes_the_longest_due_first(store: Store) -> None:
    add_messages(store, 3)
    with store.write() as connection:
        connection.execute(sa.update(schema.outbox).where(schema.outbox.c.contact_id == 3).values(
            not_before=NOW - timedelta(hours=1)
        ))  # fmt: skip
    taken = claim(store, limit=1)[1]
    assert [row["contact_id"] for row in rows(store) if row["id"] in taken] == [3]


def test_what_is_not_due_is_not_claimed(store: Store) -> None:
    add_messages(store, 1, not_before=LATER)
    assert claim(store)[1] == []


def test_a_claimed_message_is_not_claimed_again(store: Store) -> None:
    add_messages(store, 3)
    assert (len(claim(store, limit=2)[1]), len(claim(store)[1]), len(claim(store)[1])) == (2, 1, 0)


def test_claims_at_the_same_time_share_the_work(store: Store) -> None:
    add_messages(store, 60)
    taken: list[int] = []
    threads = [threading.Thread(target=lambda: taken.extend(claim(store, limit=20)[1])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(row["id"] for row in rows(store))


# --- the mark ----------------------------------------------------------------------------------------


def test_what_may_go_is_marked(store: Store) -> None:
    add_messages(store, 2)
    token, ids = claim(store)
    assert begin(store, token, ids) == frozenset(ids)
    assert states(store) == ["transmitting", "transmitting"]


SUPPRESSION = {"address_hash": SIGNER.address_hash("Reader1@example.com"), "reason": "bounced", "at": NOW}
CONSENT, JOURNEY, OUTBOX = schema.consent, schema.journey, schema.outbox


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            sa.update(CONSENT).where(CONSENT.c.contact_id == 1).values(granted=False),
            "no consent for marketing",
        ),
        (sa.delete(CONSENT).where(CONSENT.c.contact_id == 1), "no consent for marketing"),
        (sa.insert(schema.suppression).values(SUPPRESSION), "the address is on the suppression list"),
        (sa.update(JOURNEY).where(JOURNEY.c.contact_id == 1).values(lifecycle="lost"), "the contact is lost"),
        (sa.update(OUTBOX).where(OUTBOX.c.contact_id == 1).values(campaign="x"), "the campaign is not live"),
    ],
    ids=["unsubscribed", "never asked", "suppressed", "lost", "stopped"],
)
def test_who_must_not_get_it_any_more_is_left_out_with_the_reason(
    store: Store, statement: sa.Executable, reason: str
) -> None:
    add_messages(store, 2)
    token, ids = claim(store)
    with store.write() as connection:
        connection.execute(statement)
    marked = mark(store, token, ids)
    assert [len(marked.withheld), len(marked.allowed)] == [1, 1]
    assert states(store) == ["withheld", "transmitting"]
    assert rows(store)[0]["reply"].endswith(reason)


def test_a_stale_token_marks_nothing(store: Store) -> None:
    add_messages(store, 1)
    token, ids = claim(store)
    assert mark(store, token + 1, ids) == outbox.Marked(frozenset(), frozenset())
    assert states(store) == ["claimed"]


def test_a_lease_that_ran_out_is_renewed_while_nobody_took_over(store: Store) -> None:
    add_messages(store, 1)
    token, ids = claim(store)
    assert begin(store, token, ids, TOO_LATE) == frozenset(ids)
    assert (sweep(store), rows(store)[0]["lease_until"]) == (outbox.Swept(), TOO_LATE + LEASE)


def test_what_the_sweeper_took_over_is_not_marked(store: Store) -> None:
    add_messages(store, 1)
    token, ids = claim(store)
    sweep(store)
    assert begin(store, token, ids, TOO_LATE) == frozenset()


def test_a_message_is_marked_once(store: Store) -> None:
    add_messages(store, 1)
    token, ids = claim(store)
    begin(store, token, ids)
    assert begin(store, token, ids) == frozenset()


def test_no_mark_is_committed_after_an_unsubscribe_that_it_did_not_see(store: Store) -> None:
    add_messages(store, 1)
    token, ids = claim(store)
    asked, marked = threading.Event(), []

    def mark() -> None:
        asked.set()
        marked.append(begin(store, token, ids))

    marker = threading.Thread(target=mark)
    with store.write() as connection:
        connection.execute(sa.update(schema.consent).values(granted=False))
        marker.start()
        asked.wait()
        marker.join(0.2)
        assert marked == []
    marker.join()
    assert marked == [frozenset()]


# --- outcomes ----------------------------------------------------------------------------------------


def test_outcomes_are_written_each_to_its_row(store: Store) -> None:
    add_messages(store, 3)
    token, (one, two, three) = claim(store)
    begin(store, token, [one, two, three])
    outcomes = [
        Outcome(one, State.SENT, "250 ok", "Welkom één", done_at=LATER),
        Outcome(two, State.READY, "451 later", not_before=LATER),
        Outcome(three, State.UNKNOWN, 'gone "away"', "Welkom"),
    ]
    assert finish(store, token, outcomes) == 3
    fields = ("state", "reply", "subject", "done_at", "not_before", "lease_until")
    assert [tuple(row[name] for name in fields) for row in rows(store)] == [
        ("sent", "250 ok", "Welkom één", LATER, NOW, None),
        ("ready", "451 later", None, None, LATER, None),
        ("unknown", 'gone "away"', "Welkom", None, NOW, None),
    ]


def test_a_stale_token_writes_no_outcome(store: Store) -> None:
    add_messages(store, 1)
    token, (one,) = claim(store)
    assert finish(store, token + 1, [Outcome(one, State.SENT)]) == 0


HANDOVER = {"contact_id": 1, "campaign": "c", "version_id": 1, "team": "t", "because": "b", "dossier": {}}


def hand_over(store: Store, at: datetime) -> None:
    """The first contact is a prospect, and sales has had them since `at`."""
    with store.write() as connection:
        connection.execute(sa.insert(schema.handover).values({**HANDOVER, "created_at": at}))
        connection.execute(sa.update(JOURNEY).where(JOURNEY.c.contact_id == 1).values(lifecycle="prospect"))


def test_who_has_gone_to_sales_since_a_mail_was_decided_on_does_not_get_it(store: Store) -> None:
    add_messages(store, 1)
    hand_over(store, NOW + timedelta(minutes=1))
    token, ids = claim(store)
    assert (mark(store, token, ids).allowed, rows(store)[0]["reply"]) == (
        frozenset(),
        "the contact had gone to sales",
    )


def test_a_mail_that_was_decided_on_together_with_a_hand_over_goes(store: Store) -> None:
    add_messages(store, 1)
    hand_over(store, NOW)
    token, ids = claim(store)
    assert mark(store, token, ids).withheld == frozenset()


def test_who_has_become_a_customer_without_a_hand_over_gets_no_campaign_mail(store: Store) -> None:
    add_messages(store, 1)
    with store.write() as connection:
        connection.execute(sa.update(JOURNEY).where(JOURNEY.c.contact_id == 1).values(lifecycle="customer"))
    token, ids = claim(store)
    assert (mark(store, token, ids).allowed, rows(store)[0]["reply"]) == (
        frozenset(),
        "the contact is a customer",
    )


def test_what_was_withheld_stays_so(store: Store) -> None:
    add_messages(store, 1)
    token, (one,) = claim(store)
    with store.write() as connection:
        connection.execute(sa.update(schema.campaign).values(live=False))
    begin(store, token, [one])
    finish(store, token, [Outcome(one, State.READY, not_before=LATER)])
    assert states(store) == ["withheld"]


def not_tried(one: int) -> Outcome:
    return Outcome(one, State.READY, "away", not_before=LATER, tried=False)


@pytest.mark.parametrize(
    ("outcome", "attempts"), [(not_tried, 3), (lambda one: Outcome(one, State.READY), 4)]
)
def test_only_what_was_tried_counts_as_an_attempt(
    store: Store, outcome: Callable[[int], Outcome], attempts: int
) -> None:
    add_messages(store, 1, attempts=3)
    token, (one,) = claim(store)
    finish(store, token, [outcome(one)])
    assert rows(store)[0]["attempts"] == attempts


def test_attempts_never_fall_below_none(store: Store) -> None:
    add_messages(store, 1)
    token, (one,) = claim(store)
    for _ in range(2):
        finish(store, token, [not_tried(one)])
    assert rows(store)[0]["attempts"] == 0


def test_a_claim_that_ran_out_while_the_server_was_away_counts_for_nothing(store: Store) -> None:
    add_messages(store, 1)
    token, (one,) = claim(store)
    sweep(store)
    claim(store, now=TOO_LATE)
    finish(store, token, [not_tried(one)])
    assert (states(store), rows(store)[0]["attempts"]) == (["claimed"], 1)


def test_a_message_that_the_sweeper_gave_up_too_soon_is_ready_again(store: Store) -> None:
    add_messages(store, 1, attempts=MAX_ATTEMPTS - 1)
    token, (one,) = claim(store)
    sweep(store)
    finish(store, token, [not_tried(one)])
    assert (states(store), rows(store)[0]["attempts"]) == (["ready"], MAX_ATTEMPTS - 1)


# --- sweeping ----------------------------------------------------------------------------------------


def sweep(store: Store, now: Any = TOO_LATE) -> outbox.Swept:
    with store.write() as connection:
        return outbox.sweep(connection, now)


def test_a_claim_that_ran_out_is_ready_again(store: Store) -> None:
    add_messages(store, 1)
    claim(store)
    assert (sweep(store), states(store)) == (outbox.Swept(ready=1), ["ready"])


def test_a_mark_that_ran_out_is_unknown_and_stays_so(store: Store) -> None:
    add_messages(store, 1)
    token, ids = claim(store)
    begin(store, token, ids)
    assert sweep(store, LATER + LEASE) == outbox.Swept(unknown=1)
    assert claim(store, now=LATER + LEASE)[1] == []


def test_a_message_that_may_go_twice_is_ready_again(store: Store) -> None:
    add_messages(store, 1, guarantee="at_least_once")
    token, ids = claim(store)
    begin(store, token, ids)
    assert sweep(store, LATER + LEASE) == outbox.Swept(ready=1)


def test_a_lease_that_runs_is_left_alone(store: Store) -> None:
    add_messages(store, 1)
    claim(store)
    assert sweep(store, LATER) == outbox.Swept()


def test_a_message_that_kills_every_worker_fails_at_last(store: Store) -> None:
    add_messages(store, 1, attempts=MAX_ATTEMPTS - 1)
    claim(store)
    assert (sweep(store), states(store)) == (outbox.Swept(failed=1), ["failed"])


def test_a_sender_that_was_only_slow_still_says_what_happened(store: Store) -> None:
    add_messages(store, 1)
    token, (one,) = claim(store)
    begin(store, token, [one])
    sweep(store, LATER + LEASE)
    finish(store, token, [Outcome(one, State.SENT, done_at=LATER)])
    assert states(store) == ["sent"]


# --- looking and resolving -------------------------------------------------------------------------------


def test_messages_are_counted_by_state(store: Store) -> None:
    add_messages(store, 3)
    claim(store, limit=1)
    with store.read() as connection:
        assert outbox_view.counts(connection) == {State.READY: 2, State.CLAIMED: 1}


def test_what_is_due_is_counted_no_further_than_asked(store: Store) -> None:
    add_messages(store, 3)
    with store.read() as connection:
        assert [outbox_view.count_ready(connection, NOW, most) for most in (2, 10)] == [2, 3]
        assert outbox_view.next_ready(connection) == NOW


def test_messages_are_listed_with_their_address(store: Store) -> None:
    add_messages(store, 3)
    ids = claim(store, limit=1)[1]
    with store.read() as connection:
        (row,) = outbox_view.find(connection, [State.CLAIMED])
        assert (row["id"], row["email"]) == (ids[0], f"reader{row['contact_id']}@example.com")
        assert len(outbox_view.find(connection, limit=2)) == 2


@pytest.mark.parametrize(
    ("state", "how", "after"),
    [
        ("unknown", "sent", "sent"),
        ("unknown", "resend", "ready"),
        ("failed", "resend", "ready"),
        ("ready", "drop", "withheld"),
    ],
)
def test_a_message_can_be_resolved_by_hand(store: Store, state: str, how: str, after: str) -> None:
    add_messages(store, 1, state=state, attempts=MAX_ATTEMPTS)
    with store.write() as connection:
        outbox_view.resolve(connection, [rows(store)[0]["id"]], how, LATER)
    assert states(store) == [after]


@pytest.mark.parametrize(("state", "how"), [("sent", "resend"), ("transmitting", "drop"), ("ready", "sent")])
def test_a_message_cannot_be_resolved_against_what_is_known(store: Store, state: str, how: str) -> None:
    add_messages(store, 1, state=state)
    with store.write() as connection, pytest.raises(NurtureError, match=f"is {state}: {how} is for one that"):
        outbox_view.resolve(connection, [rows(store)[0]["id"]], how, LATER)


def test_a_message_that_does_not_exist_cannot_be_resolved(store: Store) -> None:
    with store.write() as connection, pytest.raises(NurtureError, match="no message 5"):
        outbox_view.resolve(connection, [5], "resend", NOW)


def test_of_several_messages_all_are_resolved_or_none(store: Store) -> None:
    add_messages(store, 2, state="failed")
    ids = [row["id"] for row in rows(store)]
    with pytest.raises(NurtureError, match="no message 99"), store.write() as connection:
        outbox_view.resolve(connection, [*ids, 99], "resend", LATER)
    assert states(store) == ["failed", "failed"]
    with store.write() as connection:
        outbox_view.resolve(connection, [*ids, ids[0]], "resend", LATER)
    assert states(store) == ["ready", "ready"]


# --- channels, and what may be repeated --------------------------------------------------------------


def claimed(store: Store, now: datetime = NOW, **wanted: Any) -> list[int]:
    """The contacts whose messages are claimed."""
    with store.write() as connection:
        _, messages = outbox.claim(connection, now, 100, LEASE, **wanted)
    return [message.contact_id for message in messages]


def test_each_channel_claims_its_own_messages(store: Store) -> None:
    with store.write() as connection:
        add_contacts(connection, [1, 2, 3])
        sends = [(1, send()), (2, send(template="hi/welcome.sms")), (3, send(template="hi/welcomeXsms"))]
        outbox.add(connection, sends, SIGNER, DOMAIN, NOW)
    assert claimed(store, channel=Channel.SMS) == [2]
    assert claimed(store, channel=Channel.MAIL) == [1, 3]


def may_have_arrived(store: Store, relay: str = "resend") -> tuple[int, int]:
    """A message that `relay` may have delivered, ready again since NOW: its id, and the token it had."""
    add_messages(store, 1)
    token, (one,) = claim(store)
    begin(store, token, [one])
    until = NOW + timedelta(hours=23)
    outcome = Outcome(one, State.READY, "no answer came", not_before=NOW, relay=relay, repeat_until=until)
    finish(store, token, [outcome])
    return one, token


def test_what_may_have_arrived_goes_by_its_own_relay_only(store: Store) -> None:
    may_have_arrived(store)
    assert claimed(store) == claimed(store, relay="postmark") == []
    assert claimed(store, relay="resend") == [1]


def test_what_may_have_arrived_is_unknown_when_its_relay_has_forgotten_it(store: Store) -> None:
    may_have_arrived(store)
    with store.write() as connection:
        assert outbox.sweep(connection, NOW + timedelta(hours=22)).unknown == 0
        assert outbox.sweep(connection, NOW + timedelta(hours=23)).unknown == 1
    (row,) = rows(store)
    assert (row["state"], row["reply"]) == ("unknown", "no answer came")
    assert claimed(store, NOW + timedelta(hours=23), relay="resend") == []


def test_a_later_attempt_gives_what_may_have_arrived_no_more_time(store: Store) -> None:
    one, _ = may_have_arrived(store)
    with store.write() as connection:
        token, _ = outbox.claim(connection, LATER, 1, LEASE, relay="resend")
    begin(store, token, [one])
    later = NOW + timedelta(hours=40)
    finish(store, token, [Outcome(one, State.READY, not_before=LATER, relay="resend", repeat_until=later)])
    assert rows(store)[0]["repeat_until"] == NOW + timedelta(hours=23)


def test_what_a_person_sends_again_may_go_by_any_relay(store: Store) -> None:
    one, _ = may_have_arrived(store)
    with store.write() as connection:
        outbox.sweep(connection, NOW + timedelta(hours=23))
        outbox_view.resolve(connection, [one], "resend", LATER)
    assert claimed(store, LATER, relay="postmark") == [1]
