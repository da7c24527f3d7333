"""`handover`: what sales has been given, and its answers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

if TYPE_CHECKING:
    from nurture.handover.answers import Answer

handover = typer.Typer(
    help="Hand-overs to sales: list, read, accept, reject, ask, hand back.\n\nExample: nurture handover list",
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
        columns = ["id", "contact", "team", "for", "because", "answer by", "state"]
        table(
            columns,
            [
                [row.id, row.contact, row.team, row.assignee, row.because, row.answer_by, row.state]
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


By = Annotated[str, typer.Option(help="Who answers.")]
Note = Annotated[str, typer.Option(help="Anything worth remembering.")]
Reason = Annotated[str, typer.Option(help="A code: not_now, no_fit, no_budget, unreachable…")]
Until = Annotated[str, typer.Option(metavar="DATE", help="Left alone until that day: 2027-01-04.")]


@handover.command("accept")
def accept(context: typer.Context, number: Id, by: By = "", json: Json = False) -> None:
    """Accept a hand-over: sales takes it from here.

    Example: nurture handover accept 3 --by sanne@example.com
    """
    from nurture.handover.answers import ACCEPTED, Answer

    _give(context, number, Answer(ACCEPTED, by=by or None), json)


@handover.command("reject")
def reject(
    context: typer.Context,
    number: Id,
    reason: Reason,
    by: By = "",
    note: Note = "",
    until: Until = "",
    same_as: Annotated[str, typer.Option(metavar="CONTACT", help="The contact that a duplicate is.")] = "",
    json: Json = False,
) -> None:
    """Reject a hand-over with a reason; the campaign says where the contact goes.

    Example: nurture handover reject 3 --reason not_now --until 2027-01-04
    """
    from nurture.handover.answers import REJECTED, Answer

    day = day_of(until) if until else None
    given = Answer(REJECTED, reason, by or None, note or None, until=day, same_as=same_as or None)
    _give(context, number, given, json)


@handover.command("ask")
def ask(
    context: typer.Context,
    number: Id,
    need: Annotated[str, typer.Option(help="A field, such as budget; or what you need to know, in words.")],
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Ask for more: the contact is nurtured meanwhile, and the hand-over comes back when it is known.

    Example: nurture handover ask 3 --need budget
    """
    from nurture.handover.answers import ASKED, Answer

    _give(context, number, Answer(ASKED, by=by or None, note=note or None, need=need), json)


@handover.command("hand-back")
def hand_back(
    context: typer.Context,
    number: Id,
    reason: Reason,
    by: By = "",
    note: Note = "",
    until: Until = "",
    json: Json = False,
) -> None:
    """Give back what was accepted: to nurture at once, or where the campaign says for the reason.

    Example: nurture handover hand-back 3 --reason unreachable
    """
    from nurture.handover.answers import HANDED_BACK, Answer

    day = day_of(until) if until else None
    _give(context, number, Answer(HANDED_BACK, reason, by or None, note or None, until=day), json)


def _give(context: typer.Context, number: int, given: Answer, json: bool) -> None:
    with opened(context) as app:
        ready(app)
        result = app.desk.give(number, given)
    if json:
        print_json(result.as_json())
    else:
        say(f"hand-over {number}: {given.answer.replace('_', ' ')}")


def day_of(text: str) -> date:
    """The day that is written. Raised when it is none: NurtureError."""
    from nurture.core.written import parse_date
    from nurture.errors import NurtureError

    day = parse_date(text)
    if day is None:
        raise NurtureError(f"{text!r} is no date", hint="write 2027-01-04")
    return day
