"""What the handlers share: a page as a response, and reading a small form body without complaint."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from litestar import Request, Response
from litestar.datastructures import State
from litestar.enums import MediaType

from nurture.web.origins import spoken_for
from nurture.web.pages import HEADERS, Pages
from nurture.web.words import language_of

BODY_AT_MOST = 256 * 1024
"""Bytes that anybody may post; what is longer is refused with 413."""

AnyRequest = Request[None, None, State]


def html(page: str, status: int = 200) -> Response[str]:
    """A page, with the headers that every page has."""
    return Response(page, status_code=status, media_type=MediaType.HTML, headers=dict(HEADERS))


def message(pages: Pages, request: AnyRequest, key: str, status: int = 200) -> Response[str]:
    """A page that says one thing, in the browser's language."""
    return html(pages.message(browser_language(request), key), status)


def browser_language(request: AnyRequest) -> str:
    """The language that the browser asks for, of those that we speak."""
    return language_of(None, request.headers.get("accept-language", ""))


def origin(request: AnyRequest, proxies: Collection[str]) -> dict[str, str]:
    """Where a request came from, as proof of it: network address and browser."""
    forwarded = request.headers.get("x-forwarded-for", "")
    address = spoken_for(request.client.host if request.client else "", forwarded, proxies)
    return {"address": address[:100], "agent": request.headers.get("user-agent", "")[:300]}


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form-encoded body, the last of each name; damage gives odd values, never an error."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: value.replace("\0", "") for name, value in pairs}
