"""The preview in the browser: every mail, for any contact, at two widths, light and dark, with what is wrong
with it. For the machine that it runs on, and nobody else.

No script runs here, neither ours nor a mail's: the mail stands in a frame that may do nothing but look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from nurture.core.model import Stage
from nurture.errors import NurtureError
from nurture.proofs import MADE_UP, SPARSE, Proof, Proofs

_FOLDER = Path(__file__).parent / "preview_pages"
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_PAGE_HEADERS = _HEADERS | {
    "content-security-policy": "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
}
_MAIL_HEADERS = _HEADERS | {
    "content-security-policy": "sandbox; default-src 'none'; img-src https: http: data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'"
}
_DARK = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)")
_ALWAYS, _NEVER = "(min-width:0)", "(max-width:0)"

AnyRequest = Request[None, None, State]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page is asked to show."""

    template: str
    locale: str
    who: str
    stage: str
    scheme: str

    def query(self, **changes: str) -> str:
        """The same, but for `changes`, as the query of an address."""
        values = {name: getattr(self, name) for name in self.__slots__} | changes
        return urlencode({name: value for name, value in values.items() if value})


def preview_app(proofs: Proofs, port: int) -> Litestar:
    """The application. `port` is where it is served: other names of this machine are refused."""
    pages = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    return Litestar(
        [_index(proofs, pages), _mail(proofs), _style()],
        before_request=_only_here(port),
        openapi_config=None,
        logging_config=None,
    )


def _only_here(port: int) -> Any:
    """Refuses a page elsewhere that gave its own name this machine's address (DNS rebinding)."""
    names = {f"127.0.0.1:{port}", f"localhost:{port}"}

    def refuse(request: AnyRequest) -> Response[str] | None:
        if request.headers.get("host", "") in names:
            return None
        return Response("for this machine only", status_code=403, media_type=MediaType.TEXT)

    return refuse


Text = Annotated[str, Parameter(max_length=200)]


def _index(proofs: Proofs, pages: Environment) -> HTTPRouteHandler:
    @get("/", sync_to_thread=True)
    def index(
        template: Text = "", locale: Text = "", who: Text = MADE_UP, stage: Text = "", scheme: Text = "light"
    ) -> Response[str]:
        index = proofs.templates()
        wanted = Wanted(template or next(iter(index), ""), locale, who or MADE_UP, stage, scheme)
        proof = _proof(proofs, wanted)
        page = pages.get_template("index.html").render(
            wanted=wanted,
            groups=_groups(index),
            locales=sorted(index.get(wanted.template, ())),
            stages=list(Stage),
            people=proofs.people(),
            always=((MADE_UP, "made up, all is known"), (SPARSE, "made up, hardly known")),
            proof=proof,
            mail=proof.mail,
        )
        return Response(page, media_type=MediaType.HTML, headers=_PAGE_HEADERS)

    return index


def _mail(proofs: Proofs) -> HTTPRouteHandler:
    @get("/mail", sync_to_thread=True)
    def mail(
        template: Text = "", locale: Text = "", who: Text = MADE_UP, stage: Text = "", scheme: Text = "light"
    ) -> Response[str]:
        wanted = Wanted(template, locale, who, stage, scheme)
        proof = _proof(proofs, wanted)
        html = _in_scheme(proof.mail.html, scheme) if proof.mail else ""
        return Response(html, media_type=MediaType.HTML, headers=_MAIL_HEADERS)

    return mail


def _style() -> HTTPRouteHandler:
    @get("/style.css", sync_to_thread=True)
    def style() -> Response[str]:
        text = (_FOLDER / "style.css").read_text(encoding="utf-8")
        return Response(text, media_type="text/css", headers=_HEADERS)

    return style


def _proof(proofs: Proofs, wanted: Wanted) -> Proof:
    if not wanted.template:
        return Proof(None, problem="there are no templates", hint="nurture init makes some")
    try:
        return proofs.proof(wanted.template, wanted.locale, wanted.who, wanted.stage)
    except NurtureError as error:
        return Proof(None, problem=error.message, hint=error.hint)


def _in_scheme(html: str, scheme: str) -> str:
    """The mail as a program in that scheme shows it, whatever this browser is set to."""
    return _DARK.sub(lambda found: _ALWAYS if found[1] == scheme else _NEVER, html)


def _groups(index: Mapping[str, frozenset[str]]) -> Mapping[str, list[str]]:
    """The templates by their folder."""
    found: dict[str, list[str]] = {}
    for name in index:
        found.setdefault(name.rpartition("/")[0], []).append(name)
    return found
