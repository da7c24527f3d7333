"""The public web application: what readers, mail programs, visitors and sales reach.

Opens and clicks are answered by `tracking` alone; everything else goes through Litestar. Whatever goes wrong,
the answer is a page with a kind sentence, never a traceback.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from nurture.errors import StoreError
from nurture.logs import Log
from nurture.store.engine import Store
from nurture.tokens import ANSWER_PATH
from nurture.web.answering import BODY_AT_MOST, AnyRequest, message
from nurture.web.answers import answer_handlers
from nurture.web.api import API_PATH, api_errors, api_handlers
from nurture.web.beacon import beacon_handlers
from nurture.web.confirm import confirm_handlers
from nurture.web.forms import form_handlers, origins_of
from nurture.web.hooks import hook_handlers
from nurture.web.hosts import ByHost
from nurture.web.origins import Origins
from nurture.web.pages import Pages
from nurture.web.patience import unhurried
from nurture.web.preferences import preference_handlers
from nurture.web.questions import question_handlers
from nurture.web.recorder import Recorder
from nurture.web.services import PublicServices
from nurture.web.tracking import Receive, Scope, Send, Tracking
from nurture.web.unsubscribe import unsubscribe_handlers

if TYPE_CHECKING:
    from nurture.app import App

log = Log(__name__)

ASGI: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
OnError: TypeAlias = Callable[[AnyRequest, Exception], Response[Any]]


def public_app(app: App) -> ASGI:
    """The application of a wired App, as ASGI."""
    return build_public(
        PublicServices(
            store=app.store,
            clock=app.clock,
            signer=app.signer,
            recorder=Recorder(app.store, app.clock, observe=app.registry.observe_signals),
            intake=app.intake,
            desk=app.desk,
            hooks=app.registry.feedback_hooks,
            feedback=app.feedback,
            outcome_hooks=app.registry.outcome_hooks,
            outcomes=app.outcomes,
            firm=app.settings.firm,
            web=app.settings.web,
            api=app.settings.api,
            consent=app.settings.consent,
            tracking=app.settings.tracking,
            questions=app.asker.ask,
        )
    )


def build_public(services: PublicServices) -> ASGI:
    """The application; what is for sales is one of its own. Its lifespan starts and stops the recorder."""
    pages = Pages(services.firm)
    keep = services.tracking.keep_addresses
    origins = Origins(services.signer, services.proxies, keep_addresses=keep)
    sites = frozenset(origins_of(services.tracking.sites))
    tracking = Tracking(services.signer, services.clock, services.recorder, pages, origins, sites)
    public = _application(
        [
            *unsubscribe_handlers(services, pages, origins),
            *confirm_handlers(services, pages),
            *preference_handlers(services, pages, origins),
            *form_handlers(services, pages),
            *question_handlers(services),
            *beacon_handlers(services, origins),
            *hook_handlers(services),
            _health(services.store),
        ],
        pages,
        on_startup=[services.recorder.start],
        on_shutdown=[services.recorder.stop],
    )
    answers = _application(answer_handlers(services, pages), pages)
    api = _application(api_handlers(services), pages, on_error=api_errors)

    async def sales(scope: Scope, receive: Receive, send: Send) -> None:
        await (api if scope["path"].startswith(API_PATH) else answers)(scope, receive, send)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and tracking.takes(scope["path"]):
            await tracking(scope, receive, send)
        else:
            await public(scope, receive, send)

    return ByHost(app, sales, (ANSWER_PATH.partition("{")[0], API_PATH), services.web)


def _application(
    handlers: Sequence[HTTPRouteHandler], pages: Pages, on_error: OnError | None = None, **events: Any
) -> ASGI:
    framework = Litestar(
        handlers,
        exception_handlers={Exception: on_error or _error_pages(pages)},
        request_max_body_size=BODY_AT_MOST,
        openapi_config=None,
        logging_config=None,
        **events,
    )
    # One shape of scope and messages, spelt differently by the framework.
    return unhurried(cast(ASGI, framework))


def _health(store: Store) -> HTTPRouteHandler:
    def ask() -> None:
        with store.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    @get("/healthz", media_type=MediaType.TEXT)
    async def health() -> Response[str]:
        """For whoever watches the process: 200 while the database answers, else 503."""
        try:
            await asyncio.to_thread(ask)
        except StoreError as error:
            log.error("the database is away", error=error.message)
            return Response("the database is away", status_code=503)
        return Response("ok")

    return health


def _error_pages(pages: Pages) -> Callable[[AnyRequest, Exception], Response[str]]:
    def page(request: AnyRequest, error: Exception) -> Response[str]:
        if isinstance(error, HTTPException):
            status = error.status_code
        elif isinstance(error, StoreError):
            status = 503
        else:
            log.error("a public page failed", path=request.url.path, exc_info=error)
            status = 500
        if not pages.knows(f"{status}.title"):
            status = 400 if status < 500 else 500
        return message(pages, request, str(status), status)

    return page
