"""`outbox`: what was sent, what waits, and what needs somebody to decide."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

outbox = typer.Typer(
    help="Mails: what was sent, what waits, what needs a decision.\n\nExample: nurture outbox list",
    no_args_is_help=True,
)


@outbox.command("list")
def list_(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="Only this state: ready, sent, failed, unknown, withheld…")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    json: Json = False,
) -> None:
    """List mails, with a count by state.

    Example: nurture outbox list --state unknown
    """
    from nurture.errors import NurtureError, did_you_mean
    from nurture.store import outbox_view as store
    from nurture.store.outbox import State

    states = [str(one) for one in State]
    if state and state not in states:
        raise NurtureError(f"there is no state {state!r}{did_you_mean(state, states)}")
    with opened(context) as app:
        ready(app)
        with app.store.read() as connection:
            counts = store.counts(connection)
            wanted = [State(state)] if state else []
            rows = [dict(row) for row in store.find(connection, wanted, limit=limit)]
    if json:
        print_json({"counts": counts, "mails": rows})
        return
    say(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "no mails yet")
    if rows:
        say()
        columns = ["id", "state", "email", "campaign", "step", "subject", "attempts", "reply"]
        table(columns, [[row[column] for column in columns] for row in rows])


@outbox.command("resolve")
def resolve(
    context: typer.Context,
    mail: Annotated[int, typer.Argument(help="The mail's id, from `nurture outbox list`.")],
    as_: Annotated[str, typer.Argument(metavar="sent|resend|drop", help="What to do with it.")],
    json: Json = False,
) -> None:
    """Decide on a mail of which nobody knows whether it arrived: it is never sent again by itself.

    Example: nurture outbox resolve 12 resend
    """
    from nurture.store import outbox_view as store

    with opened(context) as app:
        ready(app)
        with app.store.write() as connection:
            store.resolve(connection, mail, as_, app.clock.now())
    if json:
        print_json({"id": mail, "resolved": as_})
    else:
        say(f"mail {mail}: {as_}")
