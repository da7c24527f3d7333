"""The contract of a Transport as a test suite: subclass it, say how to make yours, and pytest runs it.

class TestPigeons(TransportSuite):
    make = staticmethod(lambda folder: PigeonTransport(loft=folder))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nurture.core.model import Delivery, DeliveryState, OutboundMail
from nurture.plug.contracts import Ticket, Transport


@dataclass(slots=True)
class FakeTicket:
    """A ticket that lets everything through, or all but `withheld`, and remembers what it was asked."""

    withheld: Collection[int] = ()
    asked: list[tuple[int, ...]] = field(default_factory=list)

    def begin(self, mails: Sequence[OutboundMail]) -> frozenset[int]:
        self.asked.append(tuple(mail.outbox_id for mail in mails))
        return frozenset(mail.outbox_id for mail in mails if mail.outbox_id not in self.withheld)


def sample_mail(number: int) -> OutboundMail:
    """A small, complete mail; `number` is its outbox id and stands in its address."""
    content = (
        "From: hello@example.com\r\n"
        f"To: reader{number}@example.com\r\n"
        f"Subject: Mail {number}\r\n"
        "Date: Mon, 2 Mar 2026 09:00:00 +0000\r\n"
        f"Message-ID: <{number}@example.com>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "\r\n"
        "Hello,\r\n.a line that starts with a dot\r\n.\r\nBye\r\n"
    )
    return OutboundMail(
        outbox_id=number,
        sender="hello@example.com",
        recipient=f"reader{number}@example.com",
        message_id=f"<{number}@example.com>",
        content=content.encode(),
    )


def sample_text(number: int) -> OutboundMail:
    """A text message; `number` is its outbox id and stands in its telephone number."""
    content = f"Hello {number}, your parcel is under way. Stop: https://example.com/u/{number}".encode()
    return OutboundMail(number, "", f"+3161234{number:04}", f"<{number}@example.com>", content)


class TransportSuite:
    """What every transport must do. `make` gets an empty folder and returns a transport that works.

    Say in `arrived` what the other side has, as the complete mails, and the suite looks at that too. A
    transport for text messages says `sample = staticmethod(sample_text)`.
    """

    make: Callable[[Path], Transport]
    sample: Callable[[int], OutboundMail] = staticmethod(sample_mail)

    def arrived(self) -> list[bytes] | None:
        """Every mail that the other side has taken; None where that cannot be known."""
        return None

    @pytest.fixture
    def transport(self, tmp_path: Path) -> Iterator[Transport]:
        transport = self.make(tmp_path)
        yield transport
        transport.close()

    def test_it_has_a_name_and_the_right_methods(self, transport: Transport) -> None:
        assert isinstance(transport, Transport)
        assert transport.name

    def test_every_mail_gets_exactly_one_answer(self, transport: Transport) -> None:
        answers = self._delivered(transport, range(5))
        assert sorted(answer.outbox_id for answer in answers) == [0, 1, 2, 3, 4]

    def test_a_mail_that_was_taken_is_sent(self, transport: Transport) -> None:
        assert {answer.state for answer in self._delivered(transport, range(3))} == {DeliveryState.SENT}

    def test_the_ticket_is_asked_once_for_all(self, transport: Transport) -> None:
        ticket = FakeTicket()
        self._delivered(transport, range(3), ticket)
        assert ticket.asked == [(0, 1, 2)]

    @pytest.mark.parametrize("withheld", [{0}, {1}, {2}, {0, 1, 2}])
    def test_what_the_ticket_holds_back_is_not_sent(self, transport: Transport, withheld: set[int]) -> None:
        answers = self._delivered(transport, range(3), FakeTicket(withheld))
        assert {answer.outbox_id for answer in answers if answer.state == DeliveryState.SENT} == {
            0,
            1,
            2,
        } - withheld
        self._check_arrived({0, 1, 2} - withheld)

    def test_what_was_held_back_counts_as_not_tried(self, transport: Transport) -> None:
        states = {
            answer.outbox_id: answer.state for answer in self._delivered(transport, range(2), FakeTicket({0}))
        }
        assert states[0] == DeliveryState.NOT_TRIED

    def test_a_mail_arrives_as_it_was_written(self, transport: Transport) -> None:
        self._delivered(transport, [7])
        self._check_arrived({7})

    def test_no_mails_are_no_work(self, transport: Transport) -> None:
        assert self._delivered(transport, []) == []

    def test_it_can_be_used_again(self, transport: Transport) -> None:
        self._delivered(transport, [1])
        assert [answer.state for answer in self._delivered(transport, [2])] == [DeliveryState.SENT]

    def test_several_threads_may_use_it_at_once(self, transport: Transport) -> None:
        batches = [range(start, start + 5) for start in range(0, 40, 5)]
        with ThreadPoolExecutor(4) as pool:
            answers = [
                one
                for many in pool.map(lambda batch: self._delivered(transport, batch), batches)
                for one in many
            ]
        assert sorted(one.outbox_id for one in answers if one.state == DeliveryState.SENT) == list(range(40))

    def test_it_can_be_closed_twice(self, transport: Transport) -> None:
        self._delivered(transport, [1])
        transport.close()
        transport.close()

    def _check_arrived(self, numbers: Collection[int]) -> None:
        arrived = self.arrived()
        if arrived is not None:
            assert sorted(arrived) == sorted(self.sample(number).content for number in numbers)

    def _delivered(
        self, transport: Transport, numbers: Sequence[int], ticket: Ticket | None = None
    ) -> list[Delivery]:
        mails = [self.sample(number) for number in numbers]
        return list(transport.deliver(mails, ticket or FakeTicket()))
