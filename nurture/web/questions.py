"""What a form of the firm's should ask who comes by a mail: the questions that are still open, and no more.

Nothing that is known of a person is answered, only names of fields. Who brings no token of ours, or an old
one, is asked what everybody is asked.
"""

from __future__ import annotations

import asyncio

import msgspec
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from nurture.errors import TokenError
from nurture.tokens import VISIT, VisitorFacts
from nurture.web.answering import AnyRequest
from nurture.web.beacon import readable_by
from nurture.web.forms import origins_of
from nurture.web.services import PublicServices


def question_handlers(services: PublicServices) -> list[HTTPRouteHandler]:
    """The handler of `/f/{form}/questions`."""
    sites = frozenset(origins_of(services.tracking.sites))

    def contact_of(token: str) -> int | None:
        try:
            facts = services.signer.read(VISIT, token, VisitorFacts)
        except TokenError:
            return None
        return facts.contact_id if facts.expires > services.clock.now().timestamp() else None

    @get("/f/{form:str}/questions")
    async def questions(request: AnyRequest) -> Response[bytes]:
        token = request.query_params.get("visitor", "")
        fields = await asyncio.to_thread(services.questions, contact_of(token))
        body = msgspec.json.encode({"ask": fields})
        return Response(body, media_type=MediaType.JSON, headers=readable_by(request, sites, "GET"))

    return [questions]
