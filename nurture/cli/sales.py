"""`handover`: what sales has been given, and its answers."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

handover = typer.Typer(
    help="Hand-overs to sales: list, read, accept, reject.\n\nExample: nurture handover list",
    no_args_is_help=True,
)
Id = Annotated[int, typer.Argument(metavar="ID", help="The hand-over's id, from `nurture handover list`.")]


@handover.command("list")
def list_(
    context: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Answered ones too.")] = False,
    team: Annotated[str, typer.Option(help="Only this team.")] = "",
    json: Json = False,
) -> None:
    """List hand-overs that wait for an answer.

    Example: nurture handover list --team sales-nl
    """
    from nurture.errors import NurtureError, did_you_mean

    with opened(context) as app:
        ready(app)
        rows = app.desk.list(open_only=not all_, team=team or None)
        teams = app.settings.teams
    # Hand-overs of a team that was removed from the settings are still there to see.
    if team and not rows and team not in teams:
        raise NurtureError(f"there is no team {team!r}{did_you_mean(team, teams)}")
    if json:
        print_json([row.as_json() for row in rows])
    elif not rows:
        say("no hand-over waits for an answer" if not all_ else "no hand-overs yet")
    else:
        columns = ["id", "contact", "team", "for", "because", "answer by", "answer"]
        table(
            columns,
            [
                [row.id, row.contact, row.team, row.assignee, row.because, row.answer_by, row.answer]
                for row in rows
            ],
        )


@handover.command("show")
def show(context: typer.Context, number: Id, json: Json = False) -> None:
    """Print the dossier of one hand-over.

    Example: nurture handover show 3
    """
    from nurture.handover.render import as_json, render_dossier

    with opened(context) as app:
        ready(app)
        dossier = app.desk.show(number)
    if json:
        print_json(as_json(dossier))
    else:
        say(render_dossier(dossier))


@handover.command("accept")
def accept(
    context: typer.Context,
    number: Id,
    by: Annotated[str, typer.Option(help="Who answers.")] = "",
    json: Json = False,
) -> None:
    """Accept a hand-over: sales takes it from here.

    Example: nurture handover accept 3 --by sanne@example.com
    """
    _answer(context, number, "accepted", None, by, "", json)


@handover.command("reject")
def reject(
    context: typer.Context,
    number: Id,
    reason: Annotated[str, typer.Option(help="A code: not_now, no_fit, no_budget, unreachable…")],
    by: Annotated[str, typer.Option(help="Who answers.")] = "",
    note: Annotated[str, typer.Option(help="Anything worth remembering.")] = "",
    json: Json = False,
) -> None:
    """Reject a hand-over with a reason; the campaign says where the contact goes.

    Example: nurture handover reject 3 --reason not_now
    """
    _answer(context, number, "rejected", reason, by, note, json)


def _answer(
    context: typer.Context, number: int, answer: str, reason: str | None, by: str, note: str, json: bool
) -> None:
    with opened(context) as app:
        ready(app)
        app.desk.answer(number, answer, reason=reason, by=by or None, note=note or None)
    if json:
        print_json({"id": number, "answer": answer, "reason": reason})
    else:
        say(f"hand-over {number}: {answer}")
