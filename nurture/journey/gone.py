"""Steps that people stand on and that the files lack: what `publish` would refuse, as findings of `check`."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from nurture.core.moving import moves_between
from nurture.errors import NurtureError
from nurture.journey.plans import PlanBook
from nurture.language.findings import CheckFinding, Report
from nurture.language.foresight import STEP_GONE
from nurture.language.workspace import Compiled, CompiledCampaign
from nurture.store import campaigns, places
from nurture.store.engine import Store, is_there
from nurture.store.places import Standing

CONNECT_SECONDS = 3
"""A check does not wait longer than this for a database that does not answer (PostgreSQL)."""


def gone_steps(url: str, compiled: Compiled) -> list[CheckFinding]:
    """A finding for each step that people stand on in the database at `url` and that its campaign lacks.

    None where that database is not there, does not answer, or has the tables of another version: a check
    works without any.
    """
    if not is_there(url):
        return []
    store = Store(_patient(url))
    try:
        with store.read() as connection:
            return [found for each in compiled.campaigns for found in _of_campaign(connection, store, each)]
    except (NurtureError, sa.exc.DBAPIError):
        return []
    finally:
        store.close()


def _patient(url: str) -> str:
    """The address, with the longest that one waits for it."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return url
    patient = {"connect_timeout": str(CONNECT_SECONDS), **parsed.query}
    return parsed.set(query=patient).render_as_string(hide_password=False)


def _of_campaign(connection: sa.Connection, store: Store, each: CompiledCampaign) -> Iterator[CheckFinding]:
    new, report = each.campaign, Report(each.text.file)
    standing = [one for one in places.standings(connection, [new.name]) if _is_gone(one, each)]
    if not standing:
        return
    live = campaigns.live_versions(connection).get(new.name)
    moves = new.moved if live is None else moves_between(PlanBook(store, {}).version(connection, live), new)
    for one in standing:
        if one.step not in moves:
            who = "1 person stands" if one.people == 1 else f"{one.people} people stand"
            report.add(
                STEP_GONE,
                each.place,
                f"{who} on the step {one.step}, which is gone",
                f"say where they go on: moved: {{{one.step}: STEP}}, or {{{one.step}: end}}",
            )
    yield from report.findings


def _is_gone(one: Standing, each: CompiledCampaign) -> bool:
    return one.people > 0 and one.step is not None and one.step not in each.campaign.steps
