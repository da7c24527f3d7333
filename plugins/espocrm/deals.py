"""The outcome source `espocrm`: opportunities that were closed, as won or lost deals of the people we gave.

Asked for in the order of their last change, from the last one seen on; the same second again, since several
may fall into one. The person is found by the lead that was converted into the opportunity
(`createdOpportunityId`), or by the contacts that hang on it; by our key, else by the e-mail address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from nurture import OutcomePage, Result, SourceError, ToldOutcome

from .api import Crm, CrmError, Record, talking
from .options import Options

PAGE = 100
_A_DAY = timedelta(days=1) - timedelta(microseconds=1)
_DEAL = ("id", "stage", "amount", "amountCurrency", "closeDate", "modifiedAt")


class EspoDeals:
    """Pages of closed opportunities. A position is a time, and how many of that second were seen."""

    name = "espocrm"

    def __init__(self, options: Options) -> None:
        self._options = options

    def ask(self, position: str) -> OutcomePage:
        since, _, seen = position.partition("|")
        offset = int(seen) if seen.isdecimal() else 0
        options = self._options
        try:
            with talking(options.url, options.api_key.get_secret_value(), options.timeout) as crm:
                deals = self._closed(crm, since, offset)
                people = self._people(crm, [str(deal["id"]) for deal in deals])
        except CrmError as error:
            raise SourceError(error.message) from error
        told = [outcome for deal in deals for outcome in self._told(deal, people.get(str(deal["id"]), ()))]
        more = len(deals) == PAGE
        return OutcomePage(told, _position(deals, since, offset, more=more), more)

    def _closed(self, crm: Crm, since: str, offset: int) -> Sequence[Record]:
        stages = [*self._options.won, *self._options.lost]
        where: list[Mapping[str, Any]] = [{"type": "in", "attribute": "stage", "value": stages}]
        if since:
            where.append({"type": "greaterThanOrEquals", "attribute": "modifiedAt", "value": since})
        return crm.list("Opportunity", where, _DEAL, order_by="modifiedAt", most=PAGE, offset=offset)

    def _people(self, crm: Crm, deals: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Opportunity → the records of the people whose deal it is."""
        if not deals:
            return {}
        select = ["id", self._options.key_field, "emailAddress"]
        if self._options.record == "Contact":
            return {
                deal: crm.list(f"Opportunity/{deal}/contacts", [], select, order_by="createdAt", most=20)
                for deal in deals
            }
        where = [{"type": "in", "attribute": "createdOpportunityId", "value": list(deals)}]
        select.append("createdOpportunityId")
        leads = crm.list("Lead", where, select, order_by="createdAt", most=2 * PAGE)
        found: dict[str, list[Record]] = {}
        for lead in leads:
            found.setdefault(str(lead.get("createdOpportunityId")), []).append(lead)
        return found

    def _told(self, deal: Record, people: Sequence[Record]) -> Iterator[ToldOutcome]:
        result = Result.WON if deal.get("stage") in self._options.won else Result.LOST
        value, currency = _worth(deal)
        for person in people:
            who = self._who(person)
            if who:
                at = _closed_at(deal, ZoneInfo(self._options.timezone))
                yield ToldOutcome(result, at, who, str(deal["id"]), value, currency)

    def _who(self, person: Record) -> tuple[tuple[str, str], ...]:
        kind, _, number = str(person.get(self._options.key_field) or "").partition("-")
        if kind == "contact" and number.isdecimal():
            return (("contact", number),)
        email = person.get("emailAddress")
        return (("email", str(email)),) if email else ()


def _position(deals: Sequence[Record], since: str, offset: int, *, more: bool) -> str:
    """From where on to ask: the last change seen. While a page is full of one second, further into it."""
    last = str(deals[-1].get("modifiedAt") or since) if deals else since
    if not more:
        return last
    if last == since:
        return f"{since}|{offset + len(deals)}"
    return last


def _closed_at(deal: Record, zone: ZoneInfo) -> datetime:
    """The end of the day on which it was closed; or its last change, where that day is still a plan."""
    changed = datetime.fromisoformat(str(deal["modifiedAt"])).replace(tzinfo=UTC)
    try:
        day = datetime.fromisoformat(str(deal.get("closeDate"))).replace(tzinfo=zone)
    except ValueError:
        return changed
    return (day + _A_DAY).astimezone(UTC) if day <= changed else changed


def _worth(deal: Record) -> tuple[Decimal | None, str | None]:
    amount, currency = deal.get("amount"), deal.get("amountCurrency")
    if amount is None or not currency:
        return None, None
    try:
        return Decimal(str(amount)).quantize(Decimal("0.01")), str(currency)
    except InvalidOperation:
        return None, None
