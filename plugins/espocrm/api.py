"""EspoCRM's REST API, as far as it is used: finding, making, changing and deleting records.

https://docs.espocrm.com/development/api: JSON at `api/v1/`, with the header `X-Api-Key`; the reason of a
refusal stands in the header `X-Status-Reason`. Lists take filters as `where[0][type]=equals` and so on
(https://docs.espocrm.com/development/api-search-params). Times are UTC, `YYYY-MM-DD HH:mm:ss`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx

from nurture import Meaning, NurtureError, meaning_of

Record = Mapping[str, Any]


class CrmError(NurtureError):
    """Raised when the CRM did not do what it was asked; `again`: trying later can help.

    `status` is what it answered; 0 where that was no refusal.
    """

    def __init__(self, message: str, *, again: bool, status: int = 0) -> None:
        super().__init__(message)
        self.again = again
        self.status = status


class Crm:
    """One conversation with a CRM. Raised by all when it refuses or is away: CrmError."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def find(self, kind: str, attribute: str, value: str, select: Sequence[str]) -> Record | None:
        """The oldest record of a kind whose attribute is `value`."""
        where = [{"type": "equals", "attribute": attribute, "value": value}]
        found = self.list(kind, where, select, order_by="createdAt", most=1)
        return found[0] if found else None

    def list(
        self,
        kind: str,
        where: Sequence[Mapping[str, Any]],
        select: Sequence[str],
        *,
        order_by: str,
        most: int,
        offset: int = 0,
    ) -> Sequence[Record]:
        """Records that fit every filter; `kind` may be a link: `Opportunity/ID/contacts`."""
        query = {
            "select": ",".join(select),
            "orderBy": order_by,
            "order": "asc",
            "maxSize": str(most),
            "offset": str(offset),
            **dict(_pairs("where", list(where))),
        }
        # Counting all of them would take the CRM longer than finding these.
        answer = self._ask("GET", kind, params=query, headers={"X-No-Total": "true"})
        if not isinstance(answer, dict) or not isinstance(answer.get("list"), list):
            raise CrmError(f"{kind}: the answer is no list", again=False)
        found: Sequence[Record] = answer["list"]
        return found

    def create(self, kind: str, values: Mapping[str, Any]) -> Record:
        """A new record. Whether there is one like it has been looked for: the CRM need not."""
        answer = self._ask("POST", kind, json=values, headers={"X-Skip-Duplicate-Check": "true"})
        if not isinstance(answer, dict) or "id" not in answer:
            raise CrmError(f"{kind}: the answer is no record", again=False)
        return answer

    def update(self, kind: str, id_: str, values: Mapping[str, Any]) -> None:
        self._ask("PUT", f"{kind}/{quote(id_, safe='')}", json=values)

    def delete(self, kind: str, id_: str) -> None:
        """Deletes a record; one that is gone already is no problem."""
        try:
            self._ask("DELETE", f"{kind}/{quote(id_, safe='')}")
        except CrmError as error:
            if error.status != 404:
                raise

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = self._client.request(method, path, **more)
        except httpx.TransportError as error:
            raise CrmError(
                f"{self._client.base_url.host}: {error or type(error).__name__}", again=True
            ) from error
        meaning = meaning_of(answer.status_code)
        if meaning is not Meaning.TAKEN:
            again = meaning is not Meaning.REFUSED
            reason = _readable(answer.headers.get("X-Status-Reason", ""))
            words = f"{method} {path} was answered {answer.status_code}"
            raise CrmError(f"{words}: {reason}" if reason else words, again=again, status=answer.status_code)
        try:
            return answer.json()
        except ValueError as error:
            raise CrmError(f"{method} {path}: the answer is no JSON", again=False) from error


@contextmanager
def talking(url: str, api_key: str, timeout: float) -> Iterator[Crm]:
    """A conversation, over one connection; no redirect is followed."""
    base = f"{url.rstrip('/')}/api/v1/"
    headers = {"X-Api-Key": api_key, "User-Agent": "nurture"}
    with httpx.Client(base_url=base, headers=headers, timeout=timeout) as client:
        yield Crm(client)


def written(at: datetime) -> str:
    """A time as the CRM writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Nested values as the pairs of a query: `where[0][type]`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _pairs(f"{name}[{number}]", inner)
    else:
        yield name, str(value)


def _readable(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text[:200]).split())
