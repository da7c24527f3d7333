"""Servers' own words give the reason, and with it whether the address is dead."""

from __future__ import annotations

import pytest

from nurture.core.feedback import HARD_REASONS, OUR_REASONS, Severity
from nurture.deliver.bounces.stages import Stage, stage_of
from nurture.deliver.bounces.verdict import judge
from tests.deliver.bounces.said import replies


@pytest.mark.parametrize(("words", "reason"), replies())
def test_words_give_the_reason(words: str, reason: str) -> None:
    assert judge(words).reason == reason


def test_a_reason_is_either_hard_or_ours() -> None:
    assert not HARD_REASONS & OUR_REASONS


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ("550 5.1.1 no such user", Severity.HARD),
        ("552 5.2.2 mailbox full", Severity.SOFT),
        ("554 5.7.1 blocked by our policy", Severity.OURS),
        ("421 4.3.2 host does not accept mail", Severity.SOFT),
        ("554 nothing that we understand", Severity.SOFT),
    ],
)
def test_a_refusal_is_hard_soft_or_our_fault(words: str, severity: Severity) -> None:
    assert judge(words).severity is severity


def test_a_status_decides_where_the_words_say_nothing() -> None:
    assert judge("550 5.1.1 computer says no").reason == "userunknown"


@pytest.mark.parametrize(
    ("words", "status", "reply"),
    [
        ("550 5.1.1 no", "5.1.1", "550"),
        ("550-5.1.1 no", "5.1.1", "550"),
        ("no (#5.7.17)", "5.7.17", ""),
        ("host 192.0.2.5 said: 452-4.2.2 full", "4.2.2", "452"),
        ("rejected by 10.5.1.1 at 12:34:56", "", ""),
        ("554 delivery error", "", "554"),
    ],
)
def test_codes_are_found_in_words(words: str, status: str, reply: str) -> None:
    verdict = judge(words)
    assert (verdict.status, verdict.reply) == (status, reply)


def test_words_decide_against_the_status() -> None:
    assert judge("550 5.1.1 too many recipients this hour").reason == "ratelimited"


def test_a_recipients_name_says_nothing() -> None:
    assert judge("554 <spam.blacklist@virus.example>: mailbox full").reason == "mailboxfull"


def test_the_address_of_an_explanation_says_nothing() -> None:
    assert judge("550 5.1.1 no such user, see https://example.com/spam/blocked").reason == "userunknown"


@pytest.mark.parametrize(
    ("report", "stage"),
    [
        ("said: 550 no (in reply to RCPT TO command)", Stage.RCPT),
        ("said: 550 no (in reply\n    to end of DATA command)", Stage.DATA),
        (">>> MAIL FROM:<x>\n<<< 550 no", Stage.MAIL),
        (">>> DATA\n<<< 550 no\n554 5.0.0 Service unavailable", Stage.DATA),
        (">>> DATA\n<<< 550 no\n<<< 503 5.0.0 Need RCPT (recipient)", Stage.TOGETHER),
        ("Sent <<< RCPT TO:<x>\nReceived >>> 550 no", Stage.RCPT),
        ("remote mail server after pipelined RCPT TO:<x>: 550 no", Stage.RCPT),
        ("remote mail server after pipelined end of data: 550 no", Stage.DATA),
        ("SMTP error from remote server for TEXT command, reason: 550 no", Stage.DATA),
        ("Connected to 192.0.2.1 but sender was rejected.", Stage.MAIL),
        ("Connected to 192.0.2.1 but my name was rejected.", Stage.CONNECT),
        ("550 no", Stage.NOT_TOLD),
    ],
)
def test_a_report_tells_which_command_was_refused(report: str, stage: Stage) -> None:
    assert stage_of(report) is stage


def test_who_knows_nobody_after_the_data_is_a_filter() -> None:
    assert judge("550 unknown user", stage=Stage.DATA).reason == "filtered"


@pytest.mark.parametrize(
    "words",
    [
        "552 1 Requested mail action aborted, mailbox not found",
        "554 delivery error: dd This user doesn't have a yahoo.com account (an@yahoo.com) [0]",
        "550 5.4.1 <an@example.com>: Recipient address rejected: Access denied",
    ],
)
def test_some_know_for_certain_even_after_the_data(words: str) -> None:
    assert judge(words, stage=Stage.DATA).reason == "userunknown"


def test_something_about_the_address_after_the_data_is_a_filter() -> None:
    assert judge("550 #5.1.0 Address rejected", stage=Stage.DATA).reason == "filtered"


@pytest.mark.parametrize("words", ["550 no such user", "no such user", "542 that one"])
def test_who_is_said_to_know_nobody_may_have_filtered(words: str) -> None:
    assert judge(words, hearsay=True).severity is not Severity.HARD


@pytest.mark.parametrize(
    "words",
    [
        "Unknown user: an@example.com",
        "User an not listed in Domino Directory",
        "MSEXCH:IMS:FIRM:SITE:MX 0 (000C05A6) Unknown Recipient",
        "Sorry, no mailbox here by that name.",
        "550 No such user - psmtp",
        "542 an@example.com Rejected",
        "mail.local: /var/mail/an: user unknown",
    ],
)
def test_who_speaks_of_its_own_users_is_believed(words: str) -> None:
    assert judge(words, hearsay=True).reason == "userunknown"


def test_silence_means_what_is_given() -> None:
    assert judge("550 sorry", otherwise="userunknown").reason == "userunknown"


def test_any_words_count_for_more_than_silence() -> None:
    assert judge("552 mailbox full", otherwise="userunknown").reason == "mailboxfull"


@pytest.mark.parametrize(
    ("words", "status", "stage"),
    [
        ("550 no such user", "", Stage.RCPT),
        ("550 no such user", "5.1.1", Stage.NOT_TOLD),
        ("550 <an@example.com>: User unknown", "5.0.0", Stage.NOT_TOLD),
        ("550 RCPT TO:<an@example.com> User unknown", "", Stage.NOT_TOLD),
        ("550 Requested action not taken: mailbox unavailable", "5.5.0", Stage.NOT_TOLD),
    ],
)
def test_who_is_said_to_know_nobody_is_believed_where_something_else_says_so_too(
    words: str, status: str, stage: Stage
) -> None:
    assert judge(words, status, stage=stage, hearsay=True).reason == "userunknown"


@pytest.mark.parametrize("status", ["4.1.1", "4.1.2", "4.4.4"])
def test_a_status_of_what_may_pass_kills_no_address(status: str) -> None:
    assert judge("450 not now", status).severity is not Severity.HARD


def test_who_does_not_know_the_sender_says_nothing_of_the_recipient() -> None:
    assert judge("550 unknown user", stage=Stage.MAIL).reason == "rejected"
