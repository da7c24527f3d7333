"""What providers post about our mails, and other systems about won and lost deals: applied durably before it
is answered, so that nothing is lost.

Answers are for programs: 200 done, of outcomes with how many were new, as JSON; 403 not signed as it should
be or not understood, with the reason for whoever sets it up; 503 come again. A sender whose call is refused
tries again for hours; what is posted twice changes nothing the second time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial

from litestar import MediaType, Response, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.exc import InterfaceError, OperationalError

from nurture.errors import FeedbackDelayed, FeedbackError, StoreError
from nurture.ingest.outcomes.book import Applied
from nurture.logs import Log
from nurture.plug.contracts import FeedbackHook, OutcomeHook
from nurture.web.answering import AnyRequest
from nurture.web.services import PublicServices

HOOK_BODY_AT_MOST = 2 * 1024 * 1024
"""Bytes that a provider may post at once: it sends its events in batches."""

log = Log(__name__)


def hook_handlers(services: PublicServices) -> list[HTTPRouteHandler]:
    """The handler of `/hooks/{name}`."""

    def take(hook: FeedbackHook, headers: dict[str, str], body: bytes) -> str:
        batch = hook.read(headers, body)
        if batch:
            services.feedback.apply(batch)
        return "thanks"

    def take_outcomes(hook: OutcomeHook, headers: dict[str, str], body: bytes) -> str:
        batch = hook.read(headers, body)
        return _counted(services.outcomes.apply(batch, f"the hook {hook.name}") if batch else Applied())

    def taking(name: str, headers: dict[str, str], body: bytes) -> Callable[[], str]:
        if name in services.hooks:
            return partial(take, services.hooks[name], headers, body)
        if name in services.outcome_hooks:
            return partial(take_outcomes, services.outcome_hooks[name], headers, body)
        raise NotFoundException

    @post("/hooks/{name:str}", status_code=200, request_max_body_size=HOOK_BODY_AT_MOST)
    async def told(request: AnyRequest) -> Response[str]:
        name: str = request.path_params["name"]
        headers = {name.lower(): value for name, value in request.headers.items()}
        take_it = taking(name, headers, await request.body())
        try:
            answer = await asyncio.to_thread(take_it)
        except FeedbackError as error:
            log.warning("a call to a hook was refused", hook=name, reason=error.message)
            return _plain(f"refused: {error.message}", 403)
        except FeedbackDelayed as error:
            log.warning("a call to a hook could not be checked", hook=name, reason=error.message)
            return _plain("come again", 503)
        except (StoreError, OperationalError, InterfaceError) as error:
            log.error("what a hook was told could not be stored", hook=name, error=str(error))
            return _plain("come again", 503)
        return _plain(answer, 200)

    return [told]


def _counted(applied: Applied) -> str:
    counts = {"new": len(applied.outcomes), "known": applied.known, "unmatched": len(applied.unmatched)}
    return json.dumps(counts)


def _plain(text: str, status: int) -> Response[str]:
    return Response(text, status_code=status, media_type=MediaType.TEXT)
