"""An EspoCRM in memory, behind a real web server: the part of its documented REST API that is used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.plugins.http import Asked, Reply, WebServer, serving

KEY = "an api key"
Record = dict[str, Any]
_WHERE = re.compile(r"where\[(\d+)\]\[(type|attribute|value)\](?:\[(\d+)\])?")
_REQUIRED = {"Lead": "lastName", "Contact": "lastName", "Account": "name", "Task": "name"}


@dataclass
class Espo:
    """Its records by kind and id, in the order in which they were made; `fail` answers instead where set."""

    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    fail: Reply | None = None
    url: str = ""
    server: WebServer | None = None

    def add(self, kind: str, **values: Any) -> str:
        """A record that sales has made."""
        return str(self._created(kind, values)["id"])

    def all(self, kind: str) -> list[Record]:
        return list(self.records.get(kind, {}).values())

    def answer(self, asked: Asked) -> Reply:
        if self.fail is not None:
            return self.fail
        if asked.headers.get("x-api-key") != KEY:
            return Reply(401)
        parts = urlsplit(asked.path)
        path = parts.path.removeprefix("/api/v1/").split("/")
        body = json.loads(asked.body) if asked.body else {}
        match asked.method, path:
            case "GET", [kind]:
                return _json(self._list(self.all(kind), parts.query))
            case "GET", [kind, id_, link]:
                linked = [
                    self.records["Contact"][each] for each in self.links.get(f"{kind}/{id_}/{link}", [])
                ]
                return _json(self._list(linked, parts.query))
            case "POST", [kind]:
                return self._post(kind, body)
            case (("PUT" | "DELETE"), [kind, id_]) if id_ not in self.records.get(kind, {}):
                return Reply(404)
            case "PUT", [kind, id_]:
                self.records[kind][id_] |= body
                return _json(self.records[kind][id_])
            case "DELETE", [kind, id_]:
                del self.records[kind][id_]
                return _json(True)
        return Reply(405)

    def _post(self, kind: str, body: Record) -> Reply:
        if not body.get(_REQUIRED[kind]):
            return Reply(400, headers={"X-Status-Reason": f"{_REQUIRED[kind]} is required"})
        for name in ("title", "accountName", "name", "lastName", "firstName"):
            value = body.get(name, "")
            if re.search("[<>=]", value) or len(value) > 255:
                return Reply(400, headers={"X-Status-Reason": f"{name} is not valid"})
        return _json(self._created(kind, body))

    def _created(self, kind: str, values: Record) -> Record:
        of_kind = self.records.setdefault(kind, {})
        number = sum(map(len, self.records.values())) + 1
        record = {
            "id": f"{kind.lower()}{number:010d}",
            "createdAt": f"2026-03-02 09:{number:02d}:00",
            **values,
        }
        of_kind[record["id"]] = record
        return record

    @staticmethod
    def _list(records: list[Record], query: str) -> Record:
        given = dict(parse_qsl(query, keep_blank_values=True))
        filters: dict[str, dict[str, Any]] = {}
        for name, value in given.items():
            if found := _WHERE.fullmatch(name):
                one = filters.setdefault(found[1], {})
                if found[3] is None:
                    one[found[2]] = value
                else:
                    one.setdefault(found[2], []).append(value)
        kept = [record for record in records if all(_fits(record, one) for one in filters.values())]
        kept.sort(key=lambda record: str(record.get(given["orderBy"], "")))
        start = int(given["offset"])
        wanted = given["select"].split(",")
        page = kept[start : start + int(given["maxSize"])]
        return {"list": [{name: record.get(name) for name in wanted} for record in page], "total": -1}


def _fits(record: Record, one: dict[str, Any]) -> bool:
    has = record.get(one["attribute"])
    match one["type"]:
        case "equals":
            return has == one["value"]
        case "in":
            return has in one["value"]
        case "greaterThanOrEquals":
            return has is not None and has >= one["value"]
    raise AssertionError(f"no filter {one['type']}")


def _json(value: Any) -> Reply:
    return Reply(200, json.dumps(value).encode(), {"Content-Type": "application/json"})


@contextmanager
def espo_server() -> Iterator[Espo]:
    """A running one."""
    espo = Espo()
    with serving(espo.answer) as server:
        espo.url, espo.server = server.url, server
        yield espo
