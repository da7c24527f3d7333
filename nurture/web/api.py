"""The JSON API of the sales desk, for a CRM and other programs: `/api/handovers`.

Who asks shows a token (`Authorization: Bearer …`, RFC 6750) that stands hashed under `[api.NAME]`, and sees
the teams that are named there. Answers are JSON, errors too: `{"error": "…", "hint": "…"}`. There is no
cookie, so there is nothing that another website could borrow.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec
from litestar import MediaType, Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.exc import InterfaceError, OperationalError

from nurture.errors import NurtureError, StoreError
from nurture.handover.answers import Answer, check_answer
from nurture.handover.desk import HandoverDesk
from nurture.handover.render import as_json
from nurture.logs import Log
from nurture.setting_web import ApiAccess
from nurture.store.handovers import HandoverRow
from nurture.web.answering import AnyRequest
from nurture.web.services import PublicServices

API_PATH = "/api/"
AT_ONCE, MOST_AT_ONCE = 100, 500
"""How many hand-overs a page of the list holds, unless asked otherwise, and at most."""

_LARGEST_ID = 2**63 - 1
_GET = [HttpMethod.GET, HttpMethod.HEAD]
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}

log = Log(__name__)


class AnswerBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is posted as an answer; see `nurture.handover.answers.Answer`."""

    answer: str
    reason: str | None = None
    by: str | None = None
    note: str | None = None
    need: str | None = None
    until: date | None = None
    same_as: str | None = None


class _Refused(Exception):
    """What was asked cannot be done: the status, and why."""

    def __init__(self, status: int, error: str, hint: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.hint = hint


def api_handlers(services: PublicServices) -> list[HTTPRouteHandler]:
    """The handlers of `/api/handovers`, `/api/handovers/{id}` and `/api/handovers/{id}/answer`."""
    api = _Api(services.desk, services.api)

    @route("/api/handovers", http_method=_GET)
    async def list_(request: AnyRequest) -> Response[bytes]:
        return await _answered(lambda: api.list(request))

    @route("/api/handovers/{number:str}", http_method=_GET)
    async def show(request: AnyRequest) -> Response[bytes]:
        return await _answered(lambda: api.show(request))

    @post("/api/handovers/{number:str}/answer", status_code=200)
    async def answer(request: AnyRequest) -> Response[bytes]:
        body = await request.body()
        return await _answered(lambda: api.answer(request, body))

    return [list_, show, answer]


def api_errors(_request: AnyRequest, error: Exception) -> Response[bytes]:
    """What goes wrong before a handler is reached, as JSON."""
    if isinstance(error, HTTPException):
        return _json({"error": error.detail or "that cannot be done here", "hint": ""}, error.status_code)
    log.error("the API failed", exc_info=error)
    return _json({"error": "something went wrong on our side", "hint": "try again later"}, 500)


class _Api:
    def __init__(self, desk: HandoverDesk, access: Mapping[str, ApiAccess]) -> None:
        self._desk = desk
        self._access = access

    def list(self, request: AnyRequest) -> Any:
        """A page of hand-overs, the oldest first; `next` is what to give as `after` for the following one."""
        _, access = self._who(request)
        asked = request.query_params
        state = asked.get("state", "open")
        if state not in ("open", "all"):
            raise _Refused(400, f"state is {state!r}", "write state=open or state=all")
        team = asked.get("team")
        if team is not None and access.teams and team not in access.teams:
            raise _Refused(403, f"this token is not for the team {team!r}")
        limit = _whole(asked, "limit", AT_ONCE, MOST_AT_ONCE)
        rows = self._desk.page(
            open_only=state == "open",
            teams=[team] if team is not None else access.teams,
            after=_whole(asked, "after", 0, _LARGEST_ID),
            limit=limit,
        )
        more = rows[-1].id if rows and len(rows) == limit else None
        return {"handovers": [_told(row) for row in rows], "next": more}

    def show(self, request: AnyRequest) -> Any:
        """One hand-over with its dossier."""
        row = self._row(request, self._who(request)[1])
        return {"handover": _told(row), "dossier": as_json(self._desk.show(row.id))}

    def answer(self, request: AnyRequest, body: bytes) -> Any:
        """Takes an answer. The same one twice is one, and is told to be `repeated`."""
        name, access = self._who(request)
        row = self._row(request, access)
        given = _answer_of(body, name)
        try:
            check_answer(given)
        except NurtureError as error:
            raise _Refused(400, error.message, error.hint or "") from error
        try:
            result = self._desk.give(row.id, given)
        except StoreError:
            raise
        except NurtureError as error:
            raise _Refused(409, error.message, error.hint or "") from error
        return {"result": result.as_json(), "handover": _told(self._desk.row(row.id))}

    def _who(self, request: AnyRequest) -> tuple[str, ApiAccess]:
        """Whose token it is. All are compared, each in the same time."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
        found = [
            (name, access)
            for name, access in self._access.items()
            if hmac.compare_digest(access.token_sha256.lower(), digest)
        ]
        if kind.lower() != "bearer" or not found:
            raise _Refused(
                401, "no token of ours", "send Authorization: Bearer TOKEN; see nurture sales token"
            )
        return found[0]

    def _row(self, request: AnyRequest, access: ApiAccess) -> HandoverRow:
        text: str = request.path_params["number"]
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
        try:
            row = self._desk.row(number) if 0 < number <= _LARGEST_ID else None
        except StoreError:
            raise
        except NurtureError:
            row = None
        # A hand-over of another team is none: its numbers tell nothing.
        if row is None or (access.teams and row.team not in access.teams):
            raise _Refused(404, f"there is no hand-over {text!r}")
        return row


def _answer_of(body: bytes, name: str) -> Answer:
    try:
        read = msgspec.json.decode(body, type=AnswerBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _Refused(400, f"the answer could not be read: {error}", "send a JSON object") from error
    said = {
        key: value.replace("\0", "").strip()[:2_000] or None
        for key in ("reason", "by", "note", "need", "same_as")
        if isinstance(value := getattr(read, key), str)
    }
    said["by"] = said.get("by") or name
    return Answer(read.answer, until=read.until, **said)


def _told(row: HandoverRow) -> dict[str, Any]:
    return {**row.as_json(), "contact": row.contact, "state": row.state}


def _whole(asked: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = asked.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) > most:
        raise _Refused(400, f"{name} is {text!r}", f"write a whole number up to {most}")
    return int(text)


async def _answered(ask: Callable[[], Any]) -> Response[bytes]:
    try:
        return _json(await asyncio.to_thread(ask), 200)
    except _Refused as refused:
        return _json({"error": refused.error, "hint": refused.hint}, refused.status)
    except (StoreError, OperationalError, InterfaceError) as error:
        log.error("the database is away", error=str(error))
        return _json({"error": "this cannot be stored just now", "hint": "try again in a minute"}, 503)


def _json(value: Any, status: int) -> Response[bytes]:
    extra = {"www-authenticate": "Bearer"} if status == 401 else {}
    return Response(
        msgspec.json.encode(value, enc_hook=dict),
        status_code=status,
        media_type=MediaType.JSON,
        headers={**_HEADERS, **extra},
    )
