"""What providers post about our mails: applied durably before it is answered, so that nothing is lost.

Answers are for programs: 200 done; 403 not signed as it should be or not understood, with the reason for
whoever sets it up; 503 come again. A provider whose call is refused tries again for hours; what it posts
twice changes nothing the second time.
"""

from __future__ import annotations

import asyncio

import structlog
from litestar import MediaType, Response, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.exc import InterfaceError, OperationalError

from nurture.errors import FeedbackDelayed, FeedbackError, StoreError
from nurture.plug.contracts import FeedbackHook
from nurture.web.answering import AnyRequest
from nurture.web.services import PublicServices

HOOK_BODY_AT_MOST = 2 * 1024 * 1024
"""Bytes that a provider may post at once: it sends its events in batches."""

log = structlog.get_logger(__name__)


def hook_handlers(services: PublicServices) -> list[HTTPRouteHandler]:
    """The handler of `/hooks/{name}`."""

    def take(hook: FeedbackHook, headers: dict[str, str], body: bytes) -> None:
        batch = hook.read(headers, body)
        if batch:
            services.feedback.apply(batch)

    @post("/hooks/{name:str}", status_code=200, request_max_body_size=HOOK_BODY_AT_MOST)
    async def told(request: AnyRequest) -> Response[str]:
        hook = services.hooks.get(request.path_params["name"])
        if hook is None:
            raise NotFoundException
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            await asyncio.to_thread(take, hook, headers, body)
        except FeedbackError as error:
            log.warning("a call to a feedback hook was refused", hook=hook.name, reason=error.message)
            return _plain(f"refused: {error.message}", 403)
        except FeedbackDelayed as error:
            log.warning(
                "a call to a feedback hook could not be checked", hook=hook.name, reason=error.message
            )
            return _plain("come again", 503)
        except (StoreError, OperationalError, InterfaceError) as error:
            log.error("feedback could not be stored", hook=hook.name, error=str(error))
            return _plain("come again", 503)
        return _plain("thanks", 200)

    return [told]


def _plain(text: str, status: int) -> Response[str]:
    return Response(text, status_code=status, media_type=MediaType.TEXT)
