"""`plan`, `publish` and `versions`: what would change, changing it, and what was changed when."""

from __future__ import annotations

import getpass
import subprocess
import sys
from collections.abc import Iterator
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

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.journey.preview import CampaignChange, Preview


def plan(context: typer.Context, json: Json = False) -> None:
    """Show what `publish` would change: steps, who goes on where, and how many mails that means.

    Example: nurture plan
    """
    with opened(context) as app:
        ready(app)
        preview = _preview(app)
    if json:
        print_json(asdict(preview))
    else:
        for line in _plan_lines(preview):
            say(line)
    if preview.stranded:
        raise typer.Exit(FOUND_PROBLEMS)


def publish(
    context: typer.Context,
    author: Annotated[str, typer.Option(help="Who publishes; else git's user, else yours.")] = "",
    note: Annotated[str, typer.Option(help="What changes, in a few words.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    allow_mails: Annotated[
        int, typer.Option(min=0, help="So many more mails in the first day are meant.")
    ] = 0,
    undo: Annotated[str, typer.Option(help="Take the last publication of this campaign back.")] = "",
    json: Json = False,
) -> None:
    """Make the campaigns of the files the live ones, and move those who are under way along.

    Refuses what would strand somebody, or send many more mails in a day than `publish.flood_limit`.

    Example: nurture publish --note "shorter welcome" --yes
    """
    from nurture.errors import CampaignError
    from nurture.journey.publishing import how_to_move
    from nurture.store.campaigns import Byline

    with opened(context) as app:
        ready(app)
        byline = Byline(author or _author(workspace(context)), note)
        if undo:
            done = app.publisher.undo(undo, byline)
            _tell(done.names, done.moved, json=json, verb="taken back")
            return
        preview = _preview(app)
        if preview.stranded:
            told = "\n".join(one.sentence() for one in preview.stranded)
            raise CampaignError(told, hint=how_to_move(preview.stranded))
        _refuse_flood(app, preview, allow_mails)
        if not json:
            _show(preview)
        if preview.campaigns and not yes:
            _ask()
        compiled = app.sound_documents()
        done = app.publisher.publish(compiled.the_profile(app.settings.profile), compiled, byline=byline)
        _tell(done.names, done.moved, json=json, verb="published")


def versions(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Only this campaign.")] = "",
    diff: Annotated[bool, typer.Option("--diff", help="With what changed in the text.")] = False,
    json: Json = False,
) -> None:
    """List what was published: when, by whom, and with --diff what changed.

    Example: nurture versions new-website --diff
    """
    from nurture.journey.history import history

    with opened(context) as app:
        ready(app)
        found = history(app.store, campaign or None)
    if json:
        print_json([asdict(one) for one in found])
        return
    columns = ["published", "campaign", "version", "by", "note"]
    if not diff:
        table(columns, [[one.at, one.campaign, one.version[:8], one.author, one.note] for one in found])
        return
    for one in found:
        head = f"{one.at:%Y-%m-%d %H:%M} UTC  {one.campaign}@{one.version[:8]}"
        say(f"{head}  {one.author}  {one.note}".rstrip())
        say(one.diff)


def _preview(app: App) -> Preview:
    from nurture.journey.preview import Previewer

    compiled = app.sound_documents()
    previewer = Previewer(app.store, app.clock, app.plans, app.signer)
    return previewer.preview(compiled, app.settings.profile, app.draft_plan(compiled))


def _show(preview: Preview) -> None:
    """Shows what is about to be published; that nobody reads it (`| head`) does not stop the work."""
    with suppress(OutputClosed):
        for line in _plan_lines(preview):
            say(line)


def _plan_lines(preview: Preview) -> Iterator[str]:
    if not preview.campaigns and preview.profile is None:
        yield "nothing changes: what is live is what the files say"
        return
    if preview.profile is not None:
        yield f"profile {preview.profile}: everybody is scored anew"
    for campaign in preview.campaigns:
        yield from _campaign_lines(campaign)
    forecast = preview.forecast
    if forecast is not None:
        sampled = f", from a sample of {forecast.sample}" if forecast.sample < forecast.people else ""
        yield (
            f"mails if nothing else happens: {forecast.first_day} in the first day "
            f"(now {forecast.first_day_now}), {forecast.first_week} in the first week "
            f"(now {forecast.first_week_now}); {forecast.people} contacts{sampled}"
        )


def _campaign_lines(campaign: CampaignChange) -> Iterator[str]:
    yield f"{campaign.name}: {campaign.kind}"
    marks = {"new": "+", "gone": "-", "moved": ">", "changed": "~"}
    yield from (f"  {marks[each.change]} {each.step}: {each.words}" for each in campaign.steps)
    yield from (f"  ~ {key.replace('_', ' ')}" for key in campaign.keys)
    for group in campaign.groups:
        here = f"at {group.step}" if group.step else "at the end of a track"
        onwards = f", go to {group.goes_to}" if group.goes_to not in ("", group.step) else ""
        yield f"  {group.people} {here}{onwards}: {group.then}"
    yield from (f"  STRANDED: {each.sentence()}" for each in campaign.stranded)


def _refuse_flood(app: App, preview: Preview, allowed: int) -> None:
    from nurture.errors import CampaignError

    forecast, limit = preview.forecast, app.settings.publish.flood_limit
    if forecast is None or forecast.more_in_a_day <= max(limit, allowed):
        return
    raise CampaignError(
        f"this would send {forecast.more_in_a_day} more mails in the first day than now; "
        f"publish.flood_limit is {limit}",
        hint=f"if that is what you want: nurture publish --allow-mails {forecast.more_in_a_day}",
    )


def _ask() -> None:
    from nurture.errors import CampaignError

    if not sys.stdin.isatty():
        raise CampaignError("nothing was published: nobody was there to ask", hint="add --yes")
    typer.confirm("Publish?", abort=True)


def _tell(names: list[str], moved: dict[str, int] | object, *, json: bool, verb: str) -> None:
    people = dict(moved) if isinstance(moved, dict) else {}
    if json:
        print_json({"published": names, "moved": people})
    elif not names:
        say("nothing to publish")
    else:
        say(f"{verb}: {', '.join(names)}")
        for name, count in people.items():
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
