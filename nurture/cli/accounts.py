"""`accounts`: firms, their people, and what these do together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

if TYPE_CHECKING:
    from nurture.journey.firm import Firm
    from nurture.journey.same_firms import SameFirms

accounts = typer.Typer(
    help="Firms: who works there, what they do together, and which are one.\n\n"
    "Example: nurture accounts show jansen.nl",
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


Named = Annotated[str, typer.Argument(metavar="NAME|DOMAIN", help="A name, a domain or an id.")]
By = Annotated[str, typer.Option(help="Who says so.")]


@accounts.command("merge")
def merge(context: typer.Context, kept: Named, gone: Named, by: By = "", json: Json = False) -> None:
    """Two accounts are one company: everybody of the second works for the first, whose values hold.

    Example: nurture accounts merge jansen.nl 40 --by an
    """
    with _same_firms(context) as firms:
        done = firms.merge(kept, gone, by)
    into, from_, people = done.joining.kept, done.joining.gone, len(done.contacts)
    if json:
        print_json({"account": into, "merged": from_, "people": people})
        return
    say(f"account {from_} is part of account {into} now, with {people:,} people")
    say(f"to take it back: nurture accounts unmerge {from_}")


@accounts.command("unmerge")
def unmerge(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="The number that the merged account had.")],
    json: Json = False,
) -> None:
    """Take a merge back: both accounts are as they were, and what came since is told.

    Example: nurture accounts unmerge 40
    """
    with _same_firms(context) as firms:
        done = firms.unmerge(number)
    if json:
        print_json(asdict(done))
        return
    say(f"account {done.account_id} is a company of its own again, with {done.people:,} people")
    if done.stays:
        say(f"came since, and stays with {done.kept}: {done.stays:,} people")
    if done.newer:
        say(f"changed since, and stays as it is at {done.kept}: {', '.join(done.newer)}")


@accounts.command("apart")
def apart(context: typer.Context, one: Named, other: Named, by: By = "", json: Json = False) -> None:
    """Two accounts are two companies: they are never merged by likeness, and not asked about again.

    Example: nurture accounts apart 12 40
    """
    with _same_firms(context) as firms:
        first, second = firms.keep_apart(one, other, by)
    if json:
        print_json({"account": first, "other": second, "state": "apart"})
    else:
        say(f"accounts {first} and {second} are two companies")


@contextmanager
def _same_firms(context: typer.Context) -> Iterator[SameFirms]:
    from nurture.journey.same_firms import SameFirms

    with opened(context) as app:
        ready(app)
        yield SameFirms(app.store, app.clock)


def _lines(firm: Firm) -> Iterator[str]:
    yield from (f"  {one.field.partition('.')[2]}: {one.value} ({one.words})" for one in firm.origins)
    for part in firm.merged:
        called = " · ".join(known for known in (part.name, part.domain) if known) or "no name"
        why = "; ".join(part.reasons)
        yield f"  part of it since {part.at:%Y-%m-%d}: {called} (account {part.id}; {why})"
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
