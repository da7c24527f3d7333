"""`learn`: a points card from what became of people, as a profile for a person to publish."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, day, note, opened, print_json, ready, say, write_file

if TYPE_CHECKING:
    from nurture.learn.report import Report


def learn(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="DATE", help="Only leads that sales got on this day (UTC) or later.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the profile there, as YAML.")
    ] = None,
    rules: Annotated[int, typer.Option(min=1, max=25, help="At most so many rules, fit and signals.")] = 25,
    monotone: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD:up|down", help="More of it never takes points (up), or never gives any."),
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(metavar="FIELD", help="Do not learn from this field.")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Learn from it though it seems to be filled after the talk."),
    ] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="Where no outcome is known, take sales' answer for one.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the report as an HTML page.")
    ] = None,
    json: Json = False,
) -> None:
    """Learn from what became of people: which points would have put those first who were won.

    Nothing changes by it: it proposes a profile, which a person compares and publishes.
    Example: nurture learn --since 2026-01-01 --monotone answers.budget:up --out learned.yaml
    """
    from nurture.learn.extra import check_installed

    check_installed()
    from nurture.learn.page import render_page
    from nurture.learn.report import as_json
    from nurture.learn.session import Request, propose

    request = Request(
        day("--since", since) if since else None,
        rules,
        tuple(monotone or ()),
        tuple(leave_out or ()),
        tuple(keep or ()),
        answers,
    )
    with opened(context) as app:
        ready(app)
        compiled = app.sound_documents()
        text = compiled.the_profile(app.settings.profile)
        profile = next(each.profile for each in compiled.profiles if each.text.hash == text.hash)
        plugin_rules = {name: rule.answer for name, rule in app.registry.rules.items()}
        with app.store.read() as connection, _progress() as progress:
            proposal = propose(connection, profile, text.source, plugin_rules, request, progress)
    if out is not None:
        write_file("--out", out, proposal.text)
    if html is not None:
        write_file("--html", html, render_page(proposal.report, app.clock.now()))
    if json:
        print_json({**as_json(proposal.report), "profile": proposal.text})
    else:
        _print(proposal.report, out)


def _print(report: Report, out: Path | None) -> None:
    from nurture.learn.report import band_lines, quality_lines, rule_lines, summary_line, suspicion_lines

    say(summary_line(report))
    say()
    for part in (rule_lines, quality_lines, band_lines, suspicion_lines):
        for line in part(report):
            say(line)
        say()
    say(f"promote: {report.thresholds.promote}")
    if out is None:
        say("nothing was written; with --out FILE it is a profile")
    else:
        note(f"wrote {out}; compare it: nurture backtest --profile {out}")


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line that changes on a terminal; nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading leads") as status:
        yield status.update
