"""`explain`: why the engine did what it did with one contact, and what it will do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.common import Json, opened, print_json, ready, say

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.app import App
    from nurture.core.assess import Assessment
    from nurture.core.model import Contact
    from nurture.journey.entry import Entry
    from nurture.journey.explain import Explanation


def explain(
    context: typer.Context,
    contact: Annotated[str, typer.Argument(help="An id, e-mail address, telephone number or name.")],
    at: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="As they were known then: 2026-03-02 (the end of that day) or 2026-03-02T10:00, on the "
            "contact's own clock. In the future: as it would be decided then on what is known now.",
        ),
    ] = None,
    why_not: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="Why something did not happen: send:STEP (any kind of step: wait:STEP, do:STEP, …), "
            "CAMPAIGN/send:STEP, enrol:CAMPAIGN, stage:NAME, promote, hand_over.",
        ),
    ] = None,
    why_stage: Annotated[
        bool, typer.Option("--why-stage", help="Why they are in their stage, and why fit and engagement.")
    ] = False,
    json: Json = False,
) -> None:
    """Tell a contact's whole story: what came in, what was decided and why, and what comes next.

    With --why-not, tell what stands before something that did not happen, and when it comes; with
    --why-stage why they stand where they stand, and what would change it. Both go with --at.

    Example: nurture explain an@example.com --why-not send:welcome
    """
    from nurture.errors import QuestionError

    with opened(context) as app:
        ready(app)
        try:
            if why_not is None and not why_stage:
                _tell(app, contact, at, json=json)
            else:
                _answer(app, contact, at, why_not, why_stage=why_stage, json=json)
        except QuestionError as error:
            raise typer.BadParameter(f"{error.message}. {error.hint.capitalize()}") from None


def _tell(app: App, contact: str, at: str | None, *, json: bool) -> None:
    from nurture.journey.explain import Explainer

    explanation = Explainer(app.store, app.clock, app.plans, app.signer).explain(contact, at=at)
    if explanation.junk_reason:
        explanation = replace(explanation, would_help=_remedies(app, explanation.junk_reason))
    if json:
        print_json(asdict(explanation))
        return
    for line in lines(explanation):
        say(line)


def _remedies(app: App, reason: str) -> list[str]:
    from nurture.ingest.chain import chain_of
    from nurture.ingest.remedies import remedies

    profile = app.profile()
    return remedies(reason, profile.require, chain_of(profile, app.registry.enrichers))


def _answer(
    app: App, contact: str, at: str | None, why_not: str | None, *, why_stage: bool, json: bool
) -> None:
    from nurture.cli import answers
    from nurture.journey.inquire import Inquirer

    inquirer = Inquirer(app.store, app.clock, app.plans, app.signer)
    inquiry = inquirer.ask(contact, why_not=why_not, why_stage=why_stage, at=at)
    if json:
        print_json(answers.as_json(inquiry))
        return
    for line in answers.lines(inquiry):
        say(line)


def lines(explanation: Explanation) -> Iterator[str]:
    """What `explain` prints."""
    from nurture.cli.answers import as_of_lines
    from nurture.core.consent import why_not
    from nurture.core.telling import STANDING
    from nurture.core.words import field_words

    person, account, now = explanation.contact, explanation.account, explanation.as_of.at
    called = (person.name, person.email, person.phone)
    yield " · ".join(part for part in called if part) or explanation.external_id or f"contact {person.id}"
    if account or person.company:
        yield (account.name if account and account.name else person.company) or ""
    stands = STANDING[person.lifecycle]
    if person.lifecycle == "recycled":
        stands += f", and the person {why_not(person, now)}"
    why = f": {explanation.junk_reason}" if explanation.junk_reason else ""
    between = ";" if ":" in stands else ","
    yield f"{stands}{between} in {person.stage}" if explanation.standing else f"{stands}{why}"
    yield from (f"  not as it should be: {one}" for one in explanation.unusable)
    yield from (f"  would help: {remedy}" for remedy in explanation.would_help)
    yield from as_of_lines(explanation.as_of)
    yield ""
    yield "The story (times in UTC)"
    for entry in explanation.story:
        yield from _entry(entry)
    if explanation.origins:
        yield ""
        yield "Where the data came from"
        for one in explanation.origins:
            yield f"  {field_words(one.field)}: {_shown(one.value)}; {one.words}"
    if explanation.standing:
        yield ""
        yield "How they stand"
        yield from _standing(explanation.standing, person, now)
        yield from (f"  {one.words}: {', '.join(one.people)}" for one in explanation.firm)
    yield ""
    yield "What comes next"
    yield from _next(explanation)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _entry(entry: Entry) -> Iterator[str]:
    yield f"  {entry.at:%Y-%m-%d %H:%M}  {entry.kind:<9} {entry.words}"
    yield from (f"{'':30}{one}" for one in entry.more)
    if "rule" in entry.details and entry.kind in ("decision", "handover"):
        yield from (f"{'':30}({source})" for source in _sources(entry.details))


def _sources(details: Mapping[str, Any]) -> Iterator[str]:
    """By which rule of which version it was decided; nothing for what no campaign or profile decided."""
    campaign, version = details["campaign"], details["version"]
    if not campaign and not version:
        return
    where = "/".join(part for part in (campaign or "profile", details["step"]) if part)
    rule = f", rule: {details['rule']}" if details["rule"] else ""
    yield f"{where}@{version[:8]}{rule}" if version else f"{where}{rule}"


def _standing(standing: Assessment, person: Contact, now: datetime) -> Iterator[str]:
    from nurture.core.consent import why_not

    verdict, lifecycle = standing.verdict, person.lifecycle
    yield f"  fit {verdict.points}; a buying signal makes a prospect from {standing.prospect_at} on"
    signs = {False: "0", None: "?"}
    for term in sorted(standing.terms, key=lambda term: (True, False, None).index(term.matched)):
        points = f"{term.points:+g}" if term.matched else signs[term.matched]
        yield f"    {points:>3} {f'{term.term}: {term.reason}' if term.matched else term.words}"
    if standing.ask and lifecycle not in ("disqualified", "lost"):
        yield f"    to ask next: {', '.join(question.field for question in standing.ask).replace('_', ' ')}"
    if verdict.disqualified:
        yield f"    disqualified by {verdict.disqualified.rule}: {verdict.disqualified.finding.reason}"
    yield f"  engagement {standing.engagement:.1f}; points halve in {standing.halves_after}"
    for evidence in standing.evidence[:10]:
        yield f"    {evidence.words}"
    yield from (f"    {words}" for words in (*standing.capped, *standing.waiting))
    yield f"  stage {standing.stage}: {standing.why_stage}"
    if standing.dormant_since is not None and lifecycle == "contact":
        yield f"  dormant since {standing.dormant_since:%Y-%m-%d}: nothing has come from them for a long time"
    if lifecycle != "contact":
        yield f"  a prospect? not asked: the person {why_not(person, now)}"
        return
    said, reason = {True: "yes", False: "not yet", None: "unknown"}[standing.promote.matched], ""
    if standing.promote.matched and standing.held_back:
        said, reason = "not now", f"{standing.held_back}; else yes: "
    yield f"  a prospect? {said}: {reason}{standing.promote.reason} (counting only what people surely did)"


def _next(explanation: Explanation) -> Iterator[str]:
    from nurture.core.telling import record_words
    from nurture.core.words import minute

    yield from (f"  {words}" for words in explanation.sales)
    yield from (f"  {place}" for place in explanation.places)
    upcoming = explanation.upcoming
    if explanation.stuck:
        yield "  set aside, because deciding failed again and again; whoever runs the engine must see why:"
        yield f"    {explanation.stuck}"
    elif upcoming is None or upcoming.at is None:
        yield "  nothing, until something happens or new data comes in"
    else:
        due = f"again on {minute(upcoming.at)}" if upcoming.at > explanation.as_of.at else "by the next run"
        yield f"  looked at {due}; if nothing happens before:"
        for record in upcoming.records:
            words, campaign = record_words(record), record.campaign
            yield f"    {words}" if campaign is None or campaign in words else f"    {campaign}: {words}"
        yield from (f"    {move}" for move in upcoming.moves)
        if not upcoming.records and not upcoming.moves:
            yield "    nothing changes"
