"""`review` and `contacts`: who may be the same person, and what you say about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

if TYPE_CHECKING:
    from nurture.journey.duplicates import Duplicates

review = typer.Typer(
    help="Contacts that may be one person, and accounts that may be one company.\n\n"
    "Example: nurture review list",
    no_args_is_help=True,
)
contacts = typer.Typer(
    help="Merge two contacts, or take a merge back.\n\nExample: nurture contacts merge 12 40",
    no_args_is_help=True,
)

Pair = Annotated[int, typer.Argument(metavar="ID", help="The pair's number, from `nurture review list`.")]
By = Annotated[str, typer.Option(help="Who says so.")]


@review.command("list")
def list_(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="open, or apart: those that are two people.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    json: Json = False,
) -> None:
    """List pairs of contacts that may be one person, the likeliest first, with the reasons.

    Example: nurture review list --limit 20
    """
    from nurture.store.pairs import OPEN

    _check_state(state)
    with _duplicates(context) as duplicates:
        number, pairs = duplicates.listed(state, limit)
    if json:
        print_json({"number": number, "pairs": [asdict(pair) for pair in pairs]})
        return
    if not pairs:
        say("nobody is in doubt" if state == OPEN else "no pair was kept apart")
        return
    rows = [
        [one.id, one.score, _called(one.contact_id, one.name, one.email),
         _called(one.other_id, one.other_name, one.other_email), "; ".join(one.reasons)]
        for one in pairs
    ]  # fmt: skip
    table(["id", "score", "contact", "or the same as", "because"], rows)
    if number > len(pairs):
        say(f"{number - len(pairs):,} more; see --limit")


@review.command("accounts")
def accounts(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="open, or apart: those that are two companies.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    json: Json = False,
) -> None:
    """List pairs of accounts that may be one company, the likeliest first, with the reasons.

    They are found once a day, and by `nurture review search`; `nurture accounts merge` or `apart` decides.

    Example: nurture review accounts --limit 20
    """
    from nurture.journey.same_firms import SameFirms

    _check_state(state)
    with opened(context) as app:
        ready(app)
        number, pairs = SameFirms(app.store, app.clock).listed(state, limit)
    if json:
        print_json({"number": number, "pairs": [asdict(pair) for pair in pairs]})
        return
    if not pairs:
        say("no account is in doubt" if state == "open" else "no pair was kept apart")
        return
    rows = [
        [one.score, _called(one.account_id, one.name, one.domain), one.people,
         _called(one.other_id, one.other_name, one.other_domain), one.other_people, "; ".join(one.reasons)]
        for one in pairs
    ]  # fmt: skip
    table(["score", "account", "people", "or the same as", "people there", "because"], rows)
    if number > len(pairs):
        say(f"{number - len(pairs):,} more; see --limit")


@review.command("show")
def show(context: typer.Context, number: Pair, json: Json = False) -> None:
    """Show the two contacts of a pair side by side.

    Example: nurture review show 3
    """
    with _duplicates(context) as duplicates:
        compared = duplicates.show(number)
    pair = compared.pair
    if json:
        print_json({**asdict(pair), "fields": compared.fields})
        return
    rows = [[name, one, other] for name, (one, other) in compared.fields.items() if one or other]
    table(["", f"contact {pair.contact_id}", f"contact {pair.other_id}"], rows)
    say()
    say(f"likeness {pair.score}: {'; '.join(pair.reasons)}")
    say(f"one person: nurture review merge {number}; two: nurture review apart {number}")


@review.command("merge")
def merge_pair(context: typer.Context, number: Pair, by: By = "", json: Json = False) -> None:
    """The two are one person: merge them. `nurture contacts unmerge` takes it back.

    Example: nurture review merge 3 --by sanne@example.com
    """
    with _duplicates(context) as duplicates:
        one = duplicates.merge_pair(number, by)
    _tell_merged(one.kept, one.gone, json=json)


@review.command("apart")
def apart(context: typer.Context, number: Pair, by: By = "", json: Json = False) -> None:
    """The two are two people: they are never merged by likeness, and not asked about again.

    Example: nurture review apart 3
    """
    with _duplicates(context) as duplicates:
        pair = duplicates.keep_apart(number, by)
    if json:
        print_json({"id": pair.id, "contact": pair.contact_id, "other": pair.other_id, "state": pair.state})
    else:
        say(f"contacts {pair.contact_id} and {pair.other_id} are two people")


@review.command("search")
def search(context: typer.Context, json: Json = False) -> None:
    """Compare the contacts that were there before likeness was looked at, and all accounts, now.

    Contacts need it once, after an upgrade; accounts are compared once a day anyway.

    Example: nurture review search
    """
    from nurture.ingest.recognise import look_through
    from nurture.ingest.same_accounts import look_through_accounts

    with opened(context) as app:
        ready(app)
        now = app.clock.now()
        looked, merged, doubtful = look_through(app.store, app.signer.address_hash, now)
        firms = look_through_accounts(app.store, now)
    if json:
        found = {"looked_at": looked, "merged": merged, "doubtful": doubtful}
        print_json(found | {"accounts": dict(zip(found, firms, strict=True))})
        return
    say(f"looked at {looked:,} contacts: merged {merged:,}, in doubt {doubtful:,} pairs")
    say(f"looked at {firms[0]:,} accounts: merged {firms[1]:,}, in doubt {firms[2]:,} new pairs")


@contacts.command("merge")
def merge(
    context: typer.Context,
    kept: Annotated[
        str, typer.Argument(metavar="CONTACT", help="Who stays: an id, address, number or name.")
    ],
    gone: Annotated[str, typer.Argument(metavar="OTHER", help="Who becomes part of it.")],
    by: By = "",
    json: Json = False,
) -> None:
    """Merge two contacts: everything of the other goes to the first, and nothing is sent twice.

    Example: nurture contacts merge 12 40
    """
    with _duplicates(context) as duplicates:
        one = duplicates.merge(kept, gone, by)
    _tell_merged(one.kept, one.gone, json=json)


@contacts.command("unmerge")
def unmerge(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="The number that the merged contact had.")],
    json: Json = False,
) -> None:
    """Take a merge back: both are as they were, and what came since is told.

    Example: nurture contacts unmerge 40
    """
    with _duplicates(context) as duplicates:
        done = duplicates.unmerge(number)
    if json:
        print_json(asdict(done))
        return
    say(f"contact {done.contact_id} is a contact of its own again, apart from {done.kept}")
    if done.stays:
        what = ", ".join(f"{n} {called}" for called, n in done.stays.items())
        say(f"came since, and stays with {done.kept}: {what}")
    if done.newer:
        say(f"changed since, and stays as it is at {done.kept}: {', '.join(done.newer)}")


def _tell_merged(kept: int, gone: int, *, json: bool) -> None:
    if json:
        print_json({"contact": kept, "merged": gone})
    else:
        say(f"contact {gone} is part of contact {kept} now; to take it back: nurture contacts unmerge {gone}")


def _check_state(state: str) -> None:
    from nurture.errors import NurtureError, did_you_mean
    from nurture.store.pairs import APART, OPEN

    if state not in (OPEN, APART):
        raise NurtureError(f"there is no state {state!r}{did_you_mean(state, (OPEN, APART))}")


def _called(contact_id: int, name: str | None, email: str | None) -> str:
    return " ".join(str(each) for each in (contact_id, name, email) if each)


@contextmanager
def _duplicates(context: typer.Context) -> Iterator[Duplicates]:
    from nurture.journey.duplicates import Duplicates

    with opened(context) as app:
        ready(app)
        yield Duplicates(app.store, app.clock, app.signer.address_hash)
