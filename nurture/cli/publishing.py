"""`plan`, `publish` and `versions`: what would change, changing it, and what was changed when."""

from __future__ import annotations

import getpass
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import (
    FOUND_PROBLEMS,
    Json,
    OutputClosed,
    opened,
    print_json,
    ready,
    say,
    table,
    workspace,
)
from nurture.cli.plan_lines import plan_lines

if TYPE_CHECKING:
    import sqlalchemy as sa

    from nurture.app import App
    from nurture.journey.preview import Preview
    from nurture.journey.publishing import Published
    from nurture.language.workspace import Compiled

Campaigns = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CAMPAIGN]...", help="Only these campaigns; else all, and the profile."),
]


def plan(context: typer.Context, campaigns: Campaigns = None, json: Json = False) -> None:
    """Show what `publish` would change: steps, who goes on where, and how many mails that means.

    Example: nurture plan new-website
    """
    from nurture.journey.preview import Previewer

    with opened(context) as app:
        ready(app)
        compiled = app.sound_documents()
        look = _look(app, compiled, campaigns or ())
        with app.store.read() as connection:
            preview = look(connection)
            previewer = Previewer(app.clock, app.plans, app.signer)
            newcomers = previewer.newcomers(connection, preview, app.draft_plan(compiled))
    if json:
        print_json({**asdict(preview), "newcomers": newcomers})
    else:
        for line in plan_lines(preview, newcomers):
            say(line)
    if preview.stranded:
        raise typer.Exit(FOUND_PROBLEMS)


def publish(
    context: typer.Context,
    campaigns: Campaigns = None,
    author: Annotated[str, typer.Option(help="Who publishes; else git's user, else yours.")] = "",
    note: Annotated[str, typer.Option(help="What changes, in a few words.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    allow_mails: Annotated[
        int, typer.Option(min=0, help="So many more mails in the first day are meant.")
    ] = 0,
    undo: Annotated[
        str,
        typer.Option(
            metavar="CAMPAIGN",
            help="Take this campaign's last publication back; once more: the one before it.",
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Make the campaigns of the files the live ones, and move those who are under way along.

    Shows the plan and asks. Refuses what would strand somebody, or send many more mails in a day than
    `publish.flood_limit`; taking back is refused in the same way.

    Example: nurture publish --note "shorter welcome" --yes
    """
    from nurture.store.campaigns import Byline

    if undo and campaigns:
        raise typer.BadParameter("--undo names its campaign itself: nurture publish --undo CAMPAIGN")
    with opened(context) as app:
        ready(app)
        byline = Byline(author or _author(workspace(context)), note)
        if undo:
            _known([undo], _published(app))
            look = _look_back(app, undo)
            check = _agreed(app, look, allow_mails, "Take it back?", asks=not yes, json=json)
            _tell(app.publisher.undo(undo, byline, check), json=json, verb="taken back")
            return
        compiled = app.sound_documents()
        look = _look(app, compiled, campaigns or ())
        check = _agreed(app, look, allow_mails, "Publish?", asks=not yes, json=json)
        profile = compiled.the_profile(app.settings.profile)
        done = app.publisher.publish(profile, compiled, names=campaigns or (), byline=byline, check=check)
        _tell(done, json=json, verb="published")


def versions(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Only this campaign.")] = "",
    a: Annotated[str, typer.Argument(help="With --diff: the version to compare from.")] = "",
    b: Annotated[str, typer.Argument(help="With --diff: the one to compare with; else the live one.")] = "",
    diff: Annotated[
        bool,
        typer.Option("--diff", help="What changed in the text: between A and B, else the last two versions."),
    ] = False,
    json: Json = False,
) -> None:
    """List what was published: when, by whom, what was taken back, and with --diff what changed.

    Example: nurture versions new-website --diff
    """
    from nurture.journey.history import compare, history

    if a and not diff:
        raise typer.BadParameter(f"{a}: versions are compared with --diff")
    with opened(context) as app:
        ready(app)
        if campaign:
            _known([campaign], _published(app))
        if campaign and diff and not json:
            say(compare(app.store, campaign, a, b))
            return
        found = history(app.store, campaign or None)
    if json:
        print_json([asdict(one) for one in found])
        return
    if not diff:
        columns = ["published", "campaign", "version", "now", "by", "note"]
        table(columns, [[e.at, e.campaign, e.version[:8], e.standing, e.author, e.note] for e in found])
        return
    for one in found:
        head = f"{one.at:%Y-%m-%d %H:%M} UTC  {one.campaign}@{one.version[:8]}"
        say(f"{head}  {one.author}  {one.note}".rstrip())
        say(one.diff)


def _look(app: App, compiled: Compiled, names: Iterable[str]) -> Callable[[sa.Connection], Preview]:
    """What publishing these documents would change, whenever it is asked."""
    from nurture.journey.preview import Previewer

    wanted = frozenset(names)
    _known(wanted, {*_published(app), *(text.name for text in compiled.campaign_texts)})
    previewer = Previewer(app.clock, app.plans, app.signer)
    draft, profile = app.draft_plan(compiled), app.settings.profile
    return lambda connection: previewer.preview(connection, compiled, profile, draft, wanted)


def _look_back(app: App, name: str) -> Callable[[sa.Connection], Preview]:
    """What taking a publication of this campaign back would change, whenever it is asked."""
    from nurture.journey.preview import Previewer

    previewer = Previewer(app.clock, app.plans, app.signer)
    return lambda connection: previewer.preview_undo(connection, name)


def _agreed(
    app: App,
    look: Callable[[sa.Connection], Preview],
    allowed: int,
    question: str,
    *,
    asks: bool,
    json: bool,
) -> Callable[[sa.Connection], None]:
    """Shows the plan and asks; answers with what makes sure, within the publication, that it still is so."""
    from nurture.errors import CampaignError

    limit = app.settings.publish.flood_limit
    with app.store.read() as connection:
        shown = look(connection)
    shown.refuse(limit=limit, allowed=allowed)
    if not json:
        _show(shown)
    asked = asks and bool(shown.campaigns or shown.profile)
    if asked:
        _ask(question)

    def check(connection: sa.Connection) -> None:
        now = look(connection)
        now.refuse(limit=limit, allowed=allowed)
        if asked and now.texts != shown.texts:
            raise CampaignError(
                "nothing was published: somebody else published while you looked at the plan",
                hint="look again: nurture plan",
            )

    return check


def _show(preview: Preview) -> None:
    """Shows what is about to be published; that nobody reads it (`| head`) does not stop the work."""
    with suppress(OutputClosed):
        for line in plan_lines(preview):
            say(line)


def _ask(question: str) -> None:
    from nurture.errors import CampaignError

    if not sys.stdin.isatty():
        raise CampaignError("nothing was published: nobody was there to ask", hint="add --yes")
    typer.confirm(question, abort=True)


def _published(app: App) -> set[str]:
    from nurture.store import campaigns

    with app.store.read() as connection:
        return {row.campaign for row in campaigns.history_of(connection)}


def _known(names: Iterable[str], there: Iterable[str]) -> None:
    """Raised when a campaign is not there, with what was probably meant: CampaignError."""
    from nurture.errors import CampaignError, did_you_mean

    known = set(there)
    for name in names:
        if name not in known:
            raise CampaignError(f"there is no campaign {name!r}{did_you_mean(name, known)}")


def _tell(done: Published, *, json: bool, verb: str) -> None:
    if json:
        print_json({"published": done.names, "moved": dict(done.moved)})
    elif not done.names:
        say("nothing to publish")
    else:
        say(f"{verb}: {', '.join(done.names)}")
        for name, count in done.moved.items():
            if count:
                say(f"  {count} under way in {name} moved along")


def _author(folder: Path) -> str:
    """Git's user of that folder, else whoever is logged in."""
    call = ["git", "-C", str(folder), "config", "user.name"]
    try:
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip()
    except OSError:
        pass  # there is no git
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
