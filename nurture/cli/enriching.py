"""`enrich`: asking enrichers now, about everybody who waits, about junk, or about one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.common import FOUND_PROBLEMS, Json, opened, print_json, ready, say, tell_started

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.ingest.lookups import Report


def enrich(
    context: typer.Context,
    contact: Annotated[
        str | None, typer.Argument(help="Only this one: an id, e-mail address, telephone number or name.")
    ] = None,
    retry_junk: Annotated[
        bool, typer.Option("--retry-junk", help="Ask anew about everybody who is junk.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask the remote enrichers what waits to be asked, now, and judge anew whom the answers are about.

    Workers do so by themselves. With CONTACT, or with --retry-junk, all of the profile's enrichers are asked
    anew: after one was added, or when a register knows more than it did.

    Example: nurture enrich --retry-junk
    """
    if contact and retry_junk:
        raise typer.BadParameter("give a CONTACT or --retry-junk, not both")
    with opened(context) as app:
        ready(app)
        tell_started(*app.publish_at_start(only_profile=True), only_profile=True)
        result = _enrich(app, contact, retry_junk=retry_junk)
    if json:
        print_json(result)
    else:
        for line in _lines(result):
            say(line)
    if result["failed"]:
        raise typer.Exit(FOUND_PROBLEMS)


def _enrich(app: App, contact: str | None, *, retry_junk: bool) -> dict[str, Any]:
    from nurture.ingest.lookups import Report
    from nurture.journey.picture import find_contact
    from nurture.store import lookups as store

    lookups, first, contact_id = app.lookups(), Report(), None
    if contact:
        with app.store.read() as connection:
            contact_id = find_contact(connection, contact)
        first = lookups.ask_about([contact_id])
    elif retry_junk:
        first = lookups.retry_junk()
    done = _drained(lookups.run_batch)
    result = {**asdict(done), "people": first.claimed, "contacts": first.contacts + done.contacts}
    with app.store.read() as connection:
        result["next"] = store.next_due(connection, lookups.remote_names)
        rows = [] if contact_id is None else store.of_contact(connection, contact_id)
    result["answers"] = [{"enricher": row.enricher, "state": row.state, "reply": row.reply} for row in rows]
    del result["claimed"]
    return result


def _drained(batch: Any) -> Report:
    from nurture.ingest.lookups import Report

    done = Report()
    while (report := batch()).claimed:
        done = done.plus(report)
    return done


def _lines(result: dict[str, Any]) -> Iterator[str]:
    if result["people"]:
        yield f"looked at {result['people']} people anew"
    yield (
        f"asked {result['asked']} question(s), {result['cached']} known already: something new for "
        f"{result['found']}, nothing for {result['nothing']}"
    )
    for name, words in (("later", "are asked again later"), ("failed", "were given up")):
        if result[name]:
            yield f"{result[name]} {words}; see: nurture explain CONTACT"
    yield from (f"  {one['enricher']}: {one['reply'] or one['state']}" for one in result["answers"])
    if result["contacts"]:
        yield f"{result['contacts']} were junk and are contacts now"
    if result["next"]:
        yield f"next: {result['next']:%Y-%m-%d %H:%M} UTC"
