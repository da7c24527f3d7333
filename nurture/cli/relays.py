"""`relays`: the ways out, what each has had, and which stand still."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

relays = typer.Typer(
    help="Ways out: what each has had today, and which rest or are paused.\n\nExample: nurture relays list",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="RELAY", help="A name from `nurture relays list`.")]


@relays.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List relays, and domains of recipients that have a limit or want us to come back later.

    Example: nurture relays list
    """
    from nurture.deliver.relays import overview

    with opened(context) as app:
        ready(app)
        with app.store.read() as connection:
            now = app.clock.now()
            ways = overview(connection, app.relays, now)
            if app.text_relays is not None:
                texts = overview(connection, app.text_relays, now)
                ways += [way for way in texts if way["kind"] == "relay"]
    if json:
        print_json(ways)
        return
    columns = ["name", "today", "limit", "this_minute", "rests_until", "paused"]
    table(columns, [[way[column] for column in columns] for way in ways])


@relays.command("pause")
def pause(
    context: typer.Context,
    relay: Name,
    why: Annotated[str, typer.Option(help="For whoever asks later.")] = "paused by hand",
    json: Json = False,
) -> None:
    """Let nothing more go by a relay; what is on the wire is ended.

    Example: nurture relays pause main --why "moving to another server"
    """
    _switch(context, relay, why, json)


@relays.command("resume")
def resume(context: typer.Context, relay: Name, json: Json = False) -> None:
    """Let mails go by a relay again, with a clean record.

    Example: nurture relays resume main
    """
    _switch(context, relay, None, json)


def _switch(context: typer.Context, relay: str, why: str | None, json: bool) -> None:
    from nurture.errors import NurtureError, did_you_mean
    from nurture.store import throttles

    with opened(context) as app:
        ready(app)
        there = [*app.relays.names, *(app.text_relays.names if app.text_relays is not None else ())]
        if relay not in there:
            raise NurtureError(
                f"there is no relay {relay!r}{did_you_mean(relay, there)}",
                hint="see: nurture relays list",
            )
        with app.store.write() as connection:
            changed = throttles.pause(connection, relay, why, app.clock.now())
    if json:
        print_json({"relay": relay, "paused": why, "changed": changed})
    elif changed:
        say(f"{relay} is paused" if why else f"{relay} goes on")
    else:
        say(f"{relay} was paused already" if why else f"{relay} was not paused")
