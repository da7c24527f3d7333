"""`outcome`: won and lost, told by hand or read from a file, and what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, note, opened, print_json, ready, say
from nurture.cli.leads import progress, reading
from nurture.cli.outcome_lists import tell_imported, tell_outcomes, tell_unmatched

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from nurture.app import App
    from nurture.core.model import Result
    from nurture.plug.contracts import Source

outcome = typer.Typer(
    help="What became of people: won or lost.\n\nExample: nurture outcome won an@example.com --value 2400 "
    "--currency EUR",
    no_args_is_help=True,
)

Contact = Annotated[str, typer.Argument(help="An id, e-mail address, telephone number, external id or name.")]
Handover = Annotated[
    int | None, typer.Option("--handover", metavar="N", help="The hand-over, instead of the contact.")
]
Value = Annotated[str, typer.Option(help="What it is worth: 2400 or 2400.50.")]
Currency = Annotated[str, typer.Option(help="The currency of the value: EUR, USD, …")]
At = Annotated[
    str,
    typer.Option(
        metavar="DATE",
        help="When: 2026-03-02 (the end of that day) or 2026-03-02T10:00, on the contact's own clock. "
        "Left out: now.",
    ),
]
Reason = Annotated[str, typer.Option(help="Sales' own word for why.")]
By = Annotated[str, typer.Option(help="Who tells it.")]


@outcome.command("won")
def won(
    context: typer.Context,
    contact: Contact = "",
    handover: Handover = None,
    value: Value = "",
    currency: Currency = "",
    at: At = "",
    reason: Reason = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Tell that somebody was won: they are a customer from now on, and no campaign writes to them.

    What was told before stays; of several outcomes the last one by its date holds.

    Example: nurture outcome won an@example.com --value 2400 --currency EUR
    """
    _tell(context, Said("won", contact, handover, value, currency, at, reason, by), json=json)


@outcome.command("lost")
def lost(
    context: typer.Context,
    contact: Contact = "",
    handover: Handover = None,
    value: Value = "",
    currency: Currency = "",
    at: At = "",
    reason: Reason = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Tell that somebody was lost to somebody else, or for good: no campaign writes to them.

    Who only wants to be left alone for a while is rejected with `not_now` instead: nurture handover reject.

    Example: nurture outcome lost --handover 12 --reason "too expensive" --at 2026-03-02
    """
    _tell(context, Said("lost", contact, handover, value, currency, at, reason, by), json=json)


@outcome.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, or what another source reads.")],
    map_: Annotated[
        Path, typer.Option("--map", metavar="FILE.yaml", help="Which column holds what; see the guide.")
    ],
    json: Json = False,
) -> None:
    """Read outcomes from a file. The same file again changes nothing.

    Rows that name nobody we know are listed with their line, and kept: nurture outcome retry.

    Example: nurture outcome import deals.csv --map deals.map.yaml
    """
    from nurture.ingest.outcomes.mapping_file import load_outcome_mapping
    from nurture.ingest.outcomes.reading import import_outcomes
    from nurture.plug.contracts import Payload

    mapping = load_outcome_mapping(map_)
    with opened(context) as app, reading(file) as stream, progress(file) as told:
        ready(app)
        source = _source_for(app, file)
        found = import_outcomes(app.outcomes, source, Payload(stream, file.name), mapping, told)
    if json:
        print_json(found.as_json())
        return
    if not found.received:
        note(f"{file} has no rows")
    tell_imported(found)


@outcome.command("retry")
def retry(context: typer.Context, json: Json = False) -> None:
    """Try again to find the contacts of outcomes that were nobody's.

    Example: nurture outcome retry
    """
    with opened(context) as app:
        ready(app)
        applied = app.outcomes.retry()
    if json:
        print_json({"matched": len(applied.outcomes) + applied.known, "unmatched": len(applied.unmatched)})
    else:
        say(f"found the contacts of {len(applied.outcomes) + applied.known}; {len(applied.unmatched)} stay")


@outcome.command("fetch")
def fetch(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Which system, such as espocrm.")],
    json: Json = False,
) -> None:
    """Ask another system now what became of people; the scheduler does so every five minutes.

    Example: nurture outcome fetch espocrm
    """
    with opened(context) as app:
        ready(app)
        applied = app.outcome_asker.ask(source)
    counts = {
        "new": len(applied.outcomes),
        "known": applied.known,
        "unmatched": len(applied.unmatched),
    }
    if json:
        print_json(counts)
    else:
        say(", ".join(f"{count} {name}" for name, count in counts.items()))


@outcome.command("list")
def list_(
    context: typer.Context,
    contact: Annotated[str, typer.Option(help="Only of this contact.")] = "",
    result: Annotated[str, typer.Option(help="Only won, or only lost.")] = "",
    unmatched: Annotated[bool, typer.Option("--unmatched", help="Those that are nobody's.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    json: Json = False,
) -> None:
    """List outcomes, those told last first; or with --unmatched those whose contact nobody knows.

    Example: nurture outcome list --result won
    """
    from nurture.journey.picture import find_contact
    from nurture.store import outcomes
    from nurture.store import unmatched as nobodys

    wanted = _result(result) if result else None
    with opened(context) as app:
        ready(app)
        with app.store.read() as connection:
            if unmatched:
                rows = nobodys.newest(connection, limit)
            else:
                of = find_contact(connection, contact) if contact else None
                found = outcomes.listing(connection, contact_id=of, result=wanted, limit=limit)
    if unmatched:
        tell_unmatched(rows, json=json)
    else:
        tell_outcomes(found, json=json)


@dataclass(frozen=True, slots=True)
class Said:
    """An outcome as it was typed."""

    result: str
    contact: str
    handover: int | None
    value: str
    currency: str
    at: str
    reason: str
    by: str


def _tell(context: typer.Context, said: Said, *, json: bool) -> None:
    from nurture.core.model import Result
    from nurture.core.outcomes import OWN_HANDOVER, OWN_NUMBER, ToldOutcome, problem_with
    from nurture.errors import NurtureError
    from nurture.store import stories

    if bool(said.contact) == (said.handover is not None):
        raise typer.BadParameter("name a contact, or a hand-over with --handover N")
    worth = _amount(said.value) if said.value else None
    with opened(context) as app:
        ready(app)
        contact_id, zone = _whom(app, said)
        who = [(OWN_NUMBER, contact_id), *([(OWN_HANDOVER, said.handover)] if said.handover else [])]
        told = ToldOutcome(
            Result(said.result),
            _moment(app, said.at, zone),
            tuple((kind, str(number)) for kind, number in who),
            value=worth,
            currency=said.currency.upper() or None,
            reason=said.reason or None,
        )
        if problem := problem_with(told, app.clock.now()):
            raise NurtureError(problem)
        is_new = bool(app.outcomes.apply([told], said.by or "the command line").outcomes)
        with app.store.read() as connection:
            lifecycle = str(stories.journey_of(connection, contact_id).lifecycle)
    if json:
        shown = {"contact": contact_id, "result": said.result, "new": is_new, "lifecycle": lifecycle}
        print_json(shown)
    else:
        known = "" if is_new else " (told before)"
        say(f"contact {contact_id}: {said.result}{known}; {lifecycle} now")


def _whom(app: App, said: Said) -> tuple[int, tzinfo]:
    """The contact, and the clock that dates are told on."""
    from nurture.core.schedule import find_zone
    from nurture.journey.picture import find_contact
    from nurture.store import snapshots

    with app.store.read() as connection:
        if said.handover is not None:
            contact_id = app.desk.row(said.handover).contact_id
        else:
            contact_id = find_contact(connection, said.contact)
        ((person, _),) = snapshots.contacts_of(connection, [contact_id])
    return contact_id, find_zone(person.timezone or "UTC")


def _moment(app: App, at: str, zone: tzinfo) -> datetime:
    from nurture.core.question import read_moment
    from nurture.errors import QuestionError

    if not at:
        return app.clock.now()
    try:
        return read_moment(at, zone)
    except QuestionError as error:
        raise typer.BadParameter(f"{error.message}: {error.hint}") from None


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no amount: write 2400 or 2400.50") from None


def _result(text: str) -> Result:
    from nurture.core.model import Result
    from nurture.errors import did_you_mean

    if text not in list(Result):
        raise typer.BadParameter(f"there is no result {text!r}{did_you_mean(text, Result)}")
    return Result(text)


def _source_for(app: App, file: Path) -> Source:
    from nurture.errors import SourceError

    sources = app.registry.sources
    found = next((one for one in sources.values() if file.suffix.lower() in one.extensions), None)
    if found is None:
        known = ", ".join(sorted({ending for one in sources.values() for ending in one.extensions}))
        raise SourceError(
            f"no source reads files like {file.name}",
            hint=f"they end in: {known}; a source is there when its plugin is in plugins.load",
        )
    return found
