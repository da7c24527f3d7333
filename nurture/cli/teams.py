"""`sales`: the teams, who is away, whose an account is, and the tokens of programs that answer for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table
from nurture.cli.sales import day_of

sales = typer.Typer(
    help="Sales' teams: members, absences, owners, tokens.\n\nExample: nurture sales list",
    no_args_is_help=True,
)
Member = Annotated[str, typer.Argument(metavar="NAME", help="A member's name or e-mail address.")]


@sales.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the members of the teams: how many hand-overs wait for them, and who is away.

    Example: nurture sales list
    """
    with opened(context) as app:
        ready(app)
        found = app.team_book.standings()
    if json:
        print_json([asdict(one) for one in found])
    elif not found:
        say("no team has members: they stand under [teams.NAME] in nurture.toml")
    else:
        columns = ["team", "name", "email", "weight", "open", "had", "away until"]
        table(columns, [list(asdict(one).values()) for one in found])


@sales.command("away")
def away(
    context: typer.Context,
    name: Member,
    until: Annotated[str, typer.Option(metavar="DATE", help="The last day: 2027-01-04.")],
    begin: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day; today if empty.")] = "",
    json: Json = False,
) -> None:
    """Say that a member is away: new hand-overs go to the others of the team.

    Example: nurture sales away sanne@example.com --until 2027-01-04
    """
    last = day_of(until)
    with opened(context) as app:
        ready(app)
        person = app.team_book.away(name, day_of(begin) if begin else None, last)
    if json:
        print_json({"name": person.name, "email": person.email, "until": last})
    else:
        say(f"{person.name} gets no hand-overs until {last}, that day included")


@sales.command("back")
def back(context: typer.Context, name: Member, json: Json = False) -> None:
    """Say that a member is there again, before their absence was over; or is not away later after all.

    Example: nurture sales back sanne@example.com
    """
    with opened(context) as app:
        ready(app)
        changed = app.team_book.back(name)
    if json:
        print_json({"name": name, "changed": changed})
    else:
        say(f"{name} gets hand-overs again" if changed else f"nothing said by command that {name} is away")


@sales.command("owner")
def owner(
    context: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its domain, its name, or its id.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="A member's name or e-mail address.")] = "",
    nobody: Annotated[bool, typer.Option("--nobody", help="It is nobody's any more.")] = False,
    json: Json = False,
) -> None:
    """Give an account to a member: with `assign: owner`, its people go to them.

    Example: nurture sales owner jansen.nl sanne@example.com
    """
    from nurture.errors import NurtureError

    if bool(name) == nobody:
        raise NurtureError("whose is it?", hint="give a member's name, or --nobody")
    with opened(context) as app:
        ready(app)
        owned = app.team_book.own(account, name or None)
    if json:
        print_json(asdict(owned))
    else:
        say(f"{owned.account}: {owned.owner or 'nobody'}")


@sales.command("token")
def token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which program it is for: crm.")],
    team: Annotated[list[str] | None, typer.Option(help="For this team only; may be repeated.")] = None,
    json: Json = False,
) -> None:
    """Make a token for a program that uses the API. It is shown once; nurture.toml gets its hash.

    Example: nurture sales token crm --team sales-nl
    """
    import hashlib
    import re
    import secrets

    from nurture.errors import NurtureError, did_you_mean

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise NurtureError(f"{name!r} is no name", hint="use small letters, digits, - and _")
    with opened(context) as app:
        there = app.settings.teams
    for one in team or ():
        if one not in there:
            raise NurtureError(f"there is no team {one!r}{did_you_mean(one, there)}")
    made = secrets.token_urlsafe(32)
    digest = hashlib.sha256(made.encode()).hexdigest()
    if json:
        print_json({"name": name, "token": made, "token_sha256": digest, "teams": team or []})
        return
    say(f"the token, shown this once: {made}")
    say("write into nurture.toml:")
    say(f'\n[api.{name}]\ntoken_sha256 = "{digest}"')
    if team:
        say(f"teams = {_listed(team)}")


def _listed(names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"[{quoted}]"
