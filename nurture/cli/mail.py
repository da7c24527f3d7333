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


@outbox.command("explain")
def explain(
    context: typer.Context,
    mail: Annotated[int, typer.Argument(metavar="ID", help="The mail's id, from `nurture outbox list`.")],
    json: Json = False,
) -> None:
    """Say what became of one mail, why, what happens next, and what you can do.

    Example: nurture outbox explain 12
    """
    from nurture.deliver.standing import standing

    with opened(context) as app:
        ready(app)
        with app.store.read() as connection:
            told = standing(connection, mail)
    if json:
        print_json(told)
        return
    say(f"mail {mail}, {told['campaign']}/{told['step']}, to {told['email']}: {told['state']}")
    for name in ("what", "because", "relay", "attempts", "next", "can"):
        if told[name]:
            say(f"  {name + ':':10}{told[name]}")


@outbox.command("resolve")
def resolve(
    context: typer.Context,
    mails: Annotated[
        list[int], typer.Argument(metavar="ID", help="The mails' ids, from `nurture outbox list`.")
    ],
    as_: Annotated[str, typer.Argument(metavar="sent|resend|drop", help="What to do with them.")],
    json: Json = False,
) -> None:
    """Decide on mails that stay where they are: nobody knows whether they arrived, or they failed.

    Neither is sent again by itself: `resend` sends an unknown, failed or withheld mail again, `sent` says
    that an unknown one arrived, `drop` leaves it. Of several mails all can be resolved that way, or none is.

    Example: nurture outbox resolve 12 13 resend
    """
    from nurture.store import outbox_view as store

    with opened(context) as app:
        ready(app)
        with app.store.write() as connection:
            store.resolve(connection, mails, as_, app.clock.now())
    if json:
        print_json({"ids": mails, "resolved": as_})
    else:
        for mail in mails:
            say(f"mail {mail}: {as_}")
