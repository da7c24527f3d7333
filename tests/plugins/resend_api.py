"""A server that speaks Resend's API as its documentation has it, with its errors and its memory for keys.

https://resend.com/docs/api-reference/emails/send-email, …/api-reference/errors, …/emails/idempotency-keys.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.plugins.http import Asked, Reply, WebServer, serving

API_KEY = "re_123"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next requests: `reply` instead of the usual answer, before the mail is taken
    or (`taken`) after it.
    """

    reply: Reply
    taken: bool = False
    times: int = 1


@dataclass
class ResendApi:
    """`mails` are those that were taken, in order; `faults` are shown first."""

    mails: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _answers: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            fault = self._next_fault()
            if fault is not None and not fault.taken:
                return fault.reply
            usual = self._take(asked)
            return usual if fault is None else fault.reply

    def forget_keys(self) -> None:
        """What happens after 24 hours."""
        self._answers.clear()

    def _next_fault(self) -> Fault | None:
        if not self.faults:
            return None
        fault = self.faults[0]
        self.faults[:1] = [Fault(fault.reply, fault.taken, fault.times - 1)] if fault.times > 1 else []
        return fault

    def _take(self, asked: Asked) -> Reply:
        if (asked.method, asked.path) != ("POST", "/emails"):
            return error(404, "not_found", "The requested endpoint does not exist.")
        if asked.headers.get("authorization") != f"Bearer {API_KEY}":
            return error(401, "validation_error", "API key is invalid")
        key = asked.headers.get("idempotency-key", "")
        if len(key) > 256:
            return error(400, "invalid_idempotency_key", "The key must be between 1-256 chars.")
        if key in self._answers:
            body, id_ = self._answers[key]
            if body != asked.body:
                words = "This idempotency key has been used on a request with a different payload."
                return error(409, "invalid_idempotent_request", words)
            return _said(200, {"id": id_})
        mail = json.loads(asked.body)
        missing = [name for name in ("from", "to", "subject") if not mail.get(name)]
        if missing or not (mail.get("html") or mail.get("text")):
            return error(422, "missing_required_field", f"Missing `{missing or 'html'}` field.")
        if not all("@" in address for address in mail["to"]):
            return error(422, "validation_error", "Invalid `to` field.")
        for tag in mail.get("tags", []):
            if not tag["value"].replace("-", "").replace("_", "").isalnum():
                return error(422, "validation_error", "Tags should only contain ASCII letters and numbers.")
        self.mails.append(mail)
        id_ = f"49a3999c-0ce1-4ea6-ab68-{len(self.mails):012}"
        if key:
            self._answers[key] = asked.body, id_
        return _said(200, {"id": id_})


def _said(status: int, body: object, **headers: str) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


def error(status: int, name: str, message: str = "", **headers: str) -> Reply:
    """An error as Resend writes it."""
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    return _said(status, {"statusCode": status, "name": name, "message": message}, **headers)


@contextmanager
def resend_api() -> Iterator[tuple[ResendApi, WebServer]]:
    """The API on a real server."""
    api = ResendApi()
    with serving(api.answer) as server:
        yield api, server
