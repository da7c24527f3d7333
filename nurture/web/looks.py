"""Looks at the ways out of the mails: a person looks to choose, a scanner because every link is looked at."""

from __future__ import annotations

from nurture.tokens import UnsubscribeFacts
from nurture.web.answering import AnyRequest
from nurture.web.hits import Looked
from nurture.web.origins import Origins
from nurture.web.services import PublicServices


def notice_look(
    request: AnyRequest, services: PublicServices, origins: Origins, facts: UnsubscribeFacts, way: str
) -> None:
    """Tells the recorder, which stores it only beside clicks on the same mail."""
    forwarded = request.headers.get("x-forwarded-for", "")
    origin = origins.of(request.client.host if request.client else "", forwarded)
    services.recorder.notice(Looked(facts, services.clock.now(), way, origin))
