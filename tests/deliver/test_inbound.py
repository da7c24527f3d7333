"""A mail that came back is understood, matched with ours, and applied once."""

from __future__ import annotations

import pytest

from nurture.errors import StoreError
from nurture.store import schema
from nurture.store.consents import consents_of
from nurture.store.engine import Store
from tests.deliver.people import rows
from tests.deliver.returns import (
    OURS,
    PLAIN,
    SIGNED,
    add_sent,
    bounce,
    inbound,
    mail,
    message_id,
    signals,
    suppressed,
)


@pytest.fixture
def sent(store: Store) -> Store:
    add_sent(store)
    return store


def test_a_bounce_is_matched_by_its_return_path(sent: Store) -> None:
    assert inbound(sent).take([bounce(SIGNED.address(2))]) == {"bounce": 1}
    assert signals(sent) == [(2, "bounced")]
    assert suppressed(sent) == 1


def test_a_bounce_is_matched_by_the_message_id_that_it_returns(sent: Store) -> None:
    inbound(sent).take([bounce(OURS, quoted=f"Message-ID: {message_id(sent, 3)}\nSubject: x\n")])
    assert signals(sent) == [(3, "bounced")]


def test_a_bounce_without_either_is_not_believed_where_return_paths_are_signed(sent: Store) -> None:
    inbound(sent).take([bounce(OURS)])
    assert (signals(sent), suppressed(sent)) == ([], 0)


def test_a_bounce_without_either_is_matched_by_its_address_where_they_are_not(sent: Store) -> None:
    inbound(sent, PLAIN).take([bounce(OURS)])
    assert signals(sent) == [(1, "bounced")]


def test_a_made_up_return_path_changes_nothing(sent: Store) -> None:
    made_up = SIGNED.address(2).replace("bounce+a", "bounce+b")
    inbound(sent).take([bounce(made_up)])
    assert (signals(sent), suppressed(sent)) == ([], 0)


def test_the_same_mail_twice_changes_nothing(sent: Store) -> None:
    for _ in range(2):
        inbound(sent).take([bounce(SIGNED.address(2))] * 2)
    assert signals(sent) == [(2, "bounced")]


def test_a_full_mailbox_suppresses_nobody(sent: Store) -> None:
    inbound(sent).take([bounce(SIGNED.address(1), words="552 5.2.2 mailbox full")])
    assert (signals(sent), suppressed(sent)) == ([(1, "bounced")], 0)


def test_a_real_reply_is_a_humans_signal(sent: Store) -> None:
    reply = mail("Call me!", From="Reader <reader1@example.com>", In_Reply_To=message_id(sent))
    assert inbound(sent).take([reply]) == {"reply": 1}
    assert signals(sent) == [(1, "replied")]


def test_a_mail_to_the_address_of_list_unsubscribe_takes_the_consent_back(sent: Store) -> None:
    asked, _, subject = SIGNED.unsubscribe_mail(1).partition("?subject=")
    inbound(sent).take([mail("", From="reader1@example.com", To=asked, Subject=subject)])
    assert signals(sent) == [(1, "unsubscribed")]
    with sent.read() as connection:
        assert consents_of(connection, [1, 2]) == {2: frozenset({"marketing"})}


def test_a_mail_that_asks_to_leave_for_nobody_in_particular_changes_nothing(sent: Store) -> None:
    made_up = SIGNED.address(2).replace("bounce+a", "bounce+b")
    inbound(sent).take([mail("", From="reader1@example.com", To=made_up, Subject="unsubscribe")])
    assert signals(sent) == []


def test_a_reply_is_matched_by_its_references_too(sent: Store) -> None:
    references = f"<a@example.org> {message_id(sent, 2)} <b@example.org>"
    inbound(sent).take([mail("Yes", From="somebody@example.org", References=references)])
    assert signals(sent) == [(2, "replied")]


def test_two_replies_to_one_mail_are_two_signals(sent: Store) -> None:
    replies = [
        mail("Yes", From="reader1@example.com", In_Reply_To=message_id(sent), Message_ID=f"<{n}@x.example>")
        for n in range(2)
    ]
    inbound(sent).take(replies)
    assert signals(sent) == [(1, "replied")] * 2


def test_an_auto_reply_is_no_reply(sent: Store) -> None:
    away = mail(
        "I am away",
        From="reader1@example.com",
        Subject="Out of office",
        Auto_Submitted="auto-replied",
        In_Reply_To=message_id(sent),
    )
    assert inbound(sent).take([away]) == {"auto_reply": 1}
    assert signals(sent) == [(1, "auto_replied")]


def test_a_delay_is_no_bounce(sent: Store) -> None:
    report = mail(
        "THIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n"
        "     reader1@example.com\n\nMessage will be retried for 2 more day(s)",
        From="Mail Delivery Subsystem <mailer-daemon@example.com>",
        Subject="Delivery Status Notification (Delay)",
        To=SIGNED.address(1),
    )
    inbound(sent).take([report])
    assert signals(sent) == [(1, "auto_replied")]


def test_a_copy_of_our_own_mail_is_no_reply(sent: Store) -> None:
    copy = mail("Hello", From=f"Firm <{OURS}>", Message_ID=message_id(sent), To="reader1@example.com")
    inbound(sent).take([copy])
    assert signals(sent) == []


def test_a_strangers_mail_changes_nothing(sent: Store) -> None:
    assert inbound(sent).take([mail("Buy!", From="spam@example.org", Subject="Hi")]) == {"other": 1}
    assert signals(sent) == []


REPORT = """Content-Type: multipart/report; report-type=feedback-report; boundary=b
From: abuse@provider.example

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
Original-Rcpt-To: reader1@example.com

--b
Content-Type: message/rfc822

Message-ID: {message_id}
To: reader1@example.com

x
--b--
"""


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("abuse", [(1, "complained")]),
        ("opt-out", [(1, "unsubscribed")]),
        ("not-spam", []),
        ("auth-failure", []),
    ],
)
def test_a_feedback_report_counts_for_what_it_says(
    sent: Store, kind: str, left: list[tuple[int, str]]
) -> None:
    inbound(sent).take([REPORT.format(kind=kind, message_id=message_id(sent)).encode()])
    assert signals(sent) == left


def test_a_report_of_success_proves_that_a_mail_of_unknown_fate_arrived(store: Store) -> None:
    add_sent(store, 1)
    with store.write() as connection:
        connection.execute(schema.outbox.update().values(state="unknown"))
    report = (
        f"From: mailer-daemon@example.com\nTo: {SIGNED.address(1)}\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
        "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; reader1@example.com\n"
        "Action: delivered\nStatus: 2.0.0\n\n--b--\n"
    )
    inbound(store).take([report.encode()])
    assert rows(store)[0]["state"] == "sent"


def test_while_the_database_is_away_nothing_is_taken(sent: Store) -> None:
    away = Store("postgresql+psycopg://nobody:x@127.0.0.1:1/none")
    with pytest.raises(StoreError):
        inbound(away).take([bounce(SIGNED.address(1))])


def test_a_mail_that_the_database_refuses_takes_no_other_along(
    sent: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = inbound(sent)
    take = ways.take

    def picky(mails: list[bytes]) -> object:
        if any(b"poison" in one for one in mails):
            raise ValueError("no")
        return take(mails)

    monkeypatch.setattr(ways, "take", picky)
    mails = {"a": bounce(SIGNED.address(1)), "b": b"poison", "c": bounce(SIGNED.address(2), key="2")}
    assert ways.take_each(mails)[1] == ["a", "c"]
    assert signals(sent) == [(1, "bounced"), (2, "bounced")]
