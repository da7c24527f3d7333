"""Tells what came of the demo, to a marketer and to a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from nurture.demo.figures import Figures
from nurture.demo.run import START, DemoResult

_WIDTH = 78
_STAGES = ("orientation", "comparison", "decision")


def as_json(result: DemoResult) -> dict[str, Any]:
    """The same numbers for the same seed; the dossiers hold links that are signed anew each time."""
    return {
        "folder": str(result.folder),
        "days": result.days,
        "figures": asdict(result.figures),
        "dossiers": list(result.dossiers),
    }


def render_summary(result: DemoResult, command: str = "nurture") -> str:
    """The way of the leads from top to bottom, three dossiers, and where to look next.

    `command` is how the reader calls Nurture.
    """
    lines = [
        _heading(f"Nurture demo: {result.days} days at a small web agency"),
        *_funnel(result.figures),
        "",
        _heading("Three hand-overs, as sales gets them"),
        *("\n" + dossier for dossier in result.dossiers),
        _heading("Where to look next"),
        *_next(result, command),
    ]
    return "\n".join(lines)


def _heading(text: str) -> str:
    return f"{text}\n{'═' * min(len(text), _WIDTH)}"


def _funnel(figures: Figures) -> Iterator[str]:
    yield _row(
        "Records in the inbox", sum(figures.inbox.values()), "from four files and a web form; none is lost"
    )
    yield _row("  could not be read", figures.inbox.get("unreadable", 0), "kept with line and reason")
    yield _row(
        "  known already", figures.inbox.get("merged", 0), "merged by e-mail or telephone; second forms too"
    )
    yield _row("People left out: junk", sum(figures.junk.values()), "kept, can be tried again")
    for reason, number in figures.junk.items():
        yield _row(f"  {reason}", number)
    people = {name: number for name, number in figures.people.items() if name not in ("junk", "lead")}
    yield _row("Contacts", sum(people.values()), "reachable people who meet the data standard")
    yield _row("  ruled out", people.get("disqualified", 0), "a student, a competitor, a no from sales")
    for stage in _STAGES:
        yield _row(f"  now in {stage}", figures.stages.get(stage, 0))
    yield ""
    sent = figures.mails.get("sent", 0)
    yield _row("Mails delivered", sent, "over SMTP, into a Maildir; none twice")
    for state, number in figures.mails.items():
        if state != "sent":
            yield _row(f"  {state}", number)
    yield _row("Opens by people", figures.opens, _share(figures.opens, sent))
    yield _row("Clicks by people", figures.clicks, _share(figures.clicks, sent))
    yield _row("Opens and clicks by programs", figures.machine, "seen through, counted for nothing")
    yield _row("Pages visited afterwards", figures.visits)
    yield _row("Forms sent in", figures.forms)
    yield _row("Unsubscribed", figures.unsubscribes, _share(figures.unsubscribes, sent))
    yield ""
    yield _row("Prospects", figures.prospects, "who fit, and whose intentions are clear")
    yield _row("Hand-overs to sales", figures.handovers)
    yield _row("  accepted", figures.accepted)
    for reason, number in figures.rejected.items():
        yield _row(f"  rejected: {reason.replace('_', ' ')}", number, _CONSEQUENCES.get(reason, ""))
    yield _row("  not answered yet", figures.unanswered)


_CONSEQUENCES: Mapping[str, str] = {
    "not_now": "comes back after 90 days",
    "no_fit": "ruled out",
}


def _row(label: str, number: int, words: str = "") -> str:
    return f"{label:<38}{number:>6,}   {words}".rstrip()


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} for every 100 mails" if whole else ""


def _next(result: DemoResult, command: str) -> Iterator[str]:
    folder = result.folder
    then = f"{START + timedelta(days=result.days):%Y-%m-%d}"
    yield f"The mails as they arrived      {folder / 'mail' / 'new'}   (any mail program opens them)"
    yield f"What sales was sent            {folder / 'notices'}"
    yield f"The messy files it began with  {folder / 'leads'}"
    yield f"The campaigns, to read         {folder / 'campaigns'}   (the next demo replaces this folder)"
    yield ""
    if result.shown:
        yield "The whole story of one person, each decision with its reason:"
        yield f"    {command} --workspace {folder} explain {result.shown} --at {then}"
    yield "Junk with its reasons, hand-overs, a check of the campaigns:"
    yield f"    {command} --workspace {folder} inbox list --state junk"
    yield f"    {command} --workspace {folder} handover list"
    yield f"    {command} --workspace {folder} check"
    yield "A workspace of your own, with the same campaigns, where you can change them:"
    yield f"    {command} init my-firm"
