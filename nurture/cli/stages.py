"""`stage`: says by hand which stage of the journey a contact is in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say

if TYPE_CHECKING:
    from nurture.core.model import Stage


def stage(
    context: typer.Context,
    contact: Annotated[str, typer.Argument(help="An id, e-mail address, telephone number or name.")],
    name: Annotated[str, typer.Argument(metavar="STAGE", help="orientation, comparison or decision.")],
    because: Annotated[str, typer.Option(help="How you know; it stands in their story.")],
    until: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="How long it holds: 30d, or a date (2026-04-01). Else until they "
            "do something that leads further.",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "",
    json: Json = False,
) -> None:
    """Say which stage a contact is in, forward or back: you know more than the signals show.

    It holds until the time given with --until, or until what they do from now on leads to a later stage.

    Example: nurture stage an@example.com comparison --because "has asked for our prices at the fair"
    """
    with opened(context) as app:
        ready(app)
        told = app.stages.tell(contact, _stage(name), because, until=_until(until), by=by)
    if json:
        print_json(
            {
                "contact": {"id": told.contact.id, "name": told.contact.name, "email": told.contact.email},
                "before": told.before,
                "stage": told.stage,
                "until": told.until,
            }
        )
        return
    who = told.contact.name or told.contact.email or f"#{told.contact.id}"
    date = f"until {told.until:%Y-%m-%d %H:%M} UTC, or " if told.until else ""
    say(f"{who}: from {told.before} to {told.stage}")
    say(f"  holds {date}until what they do leads further")


def _stage(name: str) -> Stage:
    """Raised when it is none: UsageError of typer."""
    from nurture.core.model import Stage
    from nurture.errors import did_you_mean

    names = [each.value for each in Stage]
    if name not in names:
        raise typer.BadParameter(f"there is no stage {name!r}{did_you_mean(name, names)}")
    return Stage(name)


def _until(text: str | None) -> datetime | timedelta | None:
    from datetime import UTC

    from nurture.core.question import read_moment
    from nurture.errors import QuestionError
    from nurture.language.values import parse_duration

    if text is None:
        return None
    duration = parse_duration(text)
    if duration is not None:
        return duration
    try:
        return read_moment(text, UTC)
    except QuestionError as error:
        raise typer.BadParameter(f"--until: {error.message}; write 30d or 2026-04-01") from None
