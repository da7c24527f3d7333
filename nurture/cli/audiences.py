"""`audience`: who is in a campaign's audience now, or for whom any condition holds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, note, opened, print_json, ready, say, table

if TYPE_CHECKING:
    import sqlalchemy as sa

    from nurture.app import App
    from nurture.core.campaign import Campaign
    from nurture.core.predicate import Condition
    from nurture.journey.audience import Audience

_SAID = {
    "under_way": "under way in it",
    "had_it": "had it before",
    "not_yet": "not yet in it",
    "not_followed": "never in it, and no contact now (junk, with sales, a customer, …)",
}


def audience(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(help="Whose audience; as its file says now.")] = "",
    when: Annotated[
        str, typer.Option(metavar="CONDITION", help="Ask this in place of the campaign's audience.")
    ] = "",
    examples: Annotated[
        int, typer.Option("--list", metavar="N", min=0, max=100_000, help="Show so many of them.")
    ] = 5,
    json: Json = False,
) -> None:
    """Count who is in a campaign's audience now: under way, had it, not yet; or who any condition is about.

    Example: nurture audience new-website --list 10
    """
    from nurture.journey.audience import Survey

    if not campaign and not when:
        raise typer.BadParameter("name a campaign, or ask a condition: nurture audience --when 'fit >= 60'")
    with opened(context) as app:
        ready(app)
        condition = _parse(app, when) if when else None
        with app.store.read() as connection:
            asked = _campaign(app, connection, campaign) if campaign else None
            if asked is not None and condition is None:
                condition = asked.audience
                _tell_if_live_differs(app, connection, asked)
            assert condition is not None
            rules = {name: rule.answer for name, rule in app.registry.rules.items()}
            now = app.clock.now()
            profile = app.plans.profile(connection)
            survey = Survey(condition, now, campaign=asked, profile=profile, rules=rules, examples=examples)
            with _progress() as progress:
                found = survey.ask(connection, progress)
    if json:
        print_json({"campaign": campaign or None, "people": found.people, **asdict(found)})
    else:
        for line in _lines(found, campaign):
            say(line)
        if found.examples:
            say()
            rows = [[one.id, one.name or one.email, one.standing.replace("_", " ")] for one in found.examples]
            table(["id", "name", "standing"], rows)


def _lines(found: Audience, campaign: str) -> Iterator[str]:
    people = "1 person" if found.people == 1 else f"{found.people} people"
    yield f"{campaign}: {people}, by {found.condition}" if campaign else f"{people}: {found.condition}"
    names = _SAID if campaign else {name: name for name in sorted(found.standings)}
    width = len(str(found.people))
    for standing, words in names.items():
        if count := found.standings.get(standing):
            yield f"  {count:>{width}}  {words}"
    if found.in_python is not None:
        yield f"  asked in Python, as the database cannot be asked {found.in_python}"


def _campaign(app: App, connection: sa.Connection, name: str) -> Campaign:
    """The campaign as its file says; where there is no file, as it is live.

    Raised when it is neither, with what was probably meant: CampaignError.
    """
    from nurture.errors import CampaignError, did_you_mean
    from nurture.store import campaigns

    documents = app.documents()
    files = {each.campaign.name: each.campaign for each in documents.campaigns}
    if name in files:
        return app.plans.as_next(connection, files[name])
    live = campaigns.live_versions(connection)
    if name not in live:
        raise CampaignError(
            f"there is no campaign {name!r} without errors{did_you_mean(name, {*files, *live})}",
            hint="nurture check shows what is wrong in the files" if documents.errors else "",
        )
    return app.plans.as_next(connection, app.plans.version(connection, live[name]))


def _tell_if_live_differs(app: App, connection: sa.Connection, campaign: Campaign) -> None:
    from nurture.store import campaigns

    version = campaigns.live_versions(connection).get(campaign.name)
    if version is None:
        note(f"{campaign.name} is not live: nobody enters it yet")
    elif (live := app.plans.version(connection, version).audience.source) != campaign.audience.source:
        note(f"the live version has another audience: {live}; see nurture plan")


def _parse(app: App, text: str) -> Condition:
    """Raised when it cannot be understood, with the place: ConditionError."""
    from nurture.errors import ConditionError
    from nurture.language.conditions import parse

    try:
        return parse(text, rules=app.registry.rules)
    except ConditionError as error:
        start = max(0, error.column - 41)
        shown = "".join(" " if letter.isspace() else letter for letter in text[start : start + 80])
        raise ConditionError(
            f"--when, character {error.column}: {error.message}\n  {shown}\n  {'^':>{error.column - start}}",
            column=error.column,
            hint=error.hint,
        ) from error


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A line that grows on a terminal; nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda looked_at: None
        return
    from rich.console import Console

    with Console(stderr=True).status("asking the database") as status:
        yield lambda looked_at: status.update(f"looking at people: {looked_at:,}")
