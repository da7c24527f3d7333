"""`accounts`: firms, their people, and what these do together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

if TYPE_CHECKING:
    from nurture.journey.firm import Firm

accounts = typer.Typer(
    help="Firms: who works there, and what they do together.\n\nExample: nurture accounts show jansen.nl",
    no_args_is_help=True,
)


@accounts.command("show")
def show(
    context: typer.Context,
    firm: Annotated[str, typer.Argument(metavar="NAME|DOMAIN", help="A name, a domain or an id.")],
    json: Json = False,
) -> None:
    """Tell who is known at a firm, how they stand, and which rules about several people the firm meets.

    Example: nurture accounts show jansen.nl
    """
    from nurture.journey.firm import show_firm

    with opened(context) as app:
        ready(app)
        found = show_firm(app.store, app.clock, app.plans, firm)
    if json:
        print_json(asdict(found))
        return
    say(" · ".join(part for part in (found.name, found.domain) if part) or f"#{found.id}")
    for line in _lines(found):
        say(line)
    columns = ["id", "name", "lifecycle", "stage", "fit", "engagement", "last_seen"]
    rows = [[_cell(getattr(one, column)) for column in columns] for one in found.people]
    table(columns, rows)


def _lines(firm: Firm) -> Iterator[str]:
    yield from (f"  {one.field.partition('.')[2]}: {one.value} ({one.words})" for one in firm.origins)
    yield ""
    for one in firm.pictures:
        means = [
            f"{one.points:.1f} of {one.worth} points for each",
            one.stage,
            one.buying and "buying signal",
        ]
        yield f"{one.words}, {one.at:%Y-%m-%d}: {', '.join(str(part) for part in means if part)}"
        yield f"  {', '.join(one.people)}"
    if firm.pictures:
        yield ""


def _cell(value: object) -> object:
    return round(value, 1) if isinstance(value, float) else value
