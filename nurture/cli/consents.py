"""`consent`: what people agreed to, with the proof of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.common import Json, opened, print_json, ready, say

if TYPE_CHECKING:
    from nurture.journey.statements import Statements

consent = typer.Typer(
    help="Consents and the proof of them.\n\nExample: nurture consent show an@example.com",
    no_args_is_help=True,
)


@consent.command("show")
def show(
    context: typer.Context,
    contact: Annotated[str, typer.Argument(help="An id, e-mail address, telephone number or name.")],
    json: Json = False,
) -> None:
    """Print everything that a person has said on each purpose, when, where, and what they saw.

    Example: nurture consent show an@example.com
    """
    from nurture.journey.statements import statements_of

    with opened(context) as app:
        ready(app)
        found = statements_of(app.store, app.signer, contact, app.clock.now())
    if json:
        print_json(asdict(found))
        return
    for line in _lines(found):
        say(line)


def _lines(found: Statements) -> Iterator[str]:
    for one in found.statements:
        holds = "holds" if one.holds else "no more"
        yield f"{one.at:%Y-%m-%d %H:%M:%S} UTC  {one.purpose}: {one.state} ({holds})"
        if one.evidence:
            yield f"    by {one.evidence}; basis: {one.basis}"
        yield from (f"    {line}" for line in _proof(one.proof))
    if not found.statements:
        yield "nothing was said on any purpose"
    if found.days_apart is not None:
        yield f"wants no more than one mail in {found.days_apart} days"
    if found.paused_until is not None:
        yield f"wants no mail until {found.paused_until:%Y-%m-%d %H:%M} UTC"
    if found.suppressed is not None:
        yield f"gets no mail at all: {found.suppressed}"


def _proof(proof: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in proof.items():
        if isinstance(value, Mapping):
            yield from _proof(value, f"{name}, ")
        else:
            told = "; ".join(map(str, value)) if isinstance(value, list | tuple) else value
            yield f"{before}{name}: {told}"
