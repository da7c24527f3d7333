"""How fast an audience is counted, the way `nurture audience` does: `python -m bench.audience`.

Each contact has a company, answers, consent, five visits and a place in the example campaign. The condition
asks of all of these, and everybody is told apart by how they stand to the campaign. The limit is a bare
aggregate over the same rows, written by hand for this one question and database, in the same run.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from bench.advance import NOW, open_app, populate
from bench.common import Result, database, parser, peak_rss_mb, report
from nurture.app import App
from nurture.journey.audience import Survey
from nurture.language.conditions import parse
from nurture.store.migrate import upgrade
from nurture.workspace import create_workspace

CAMPAIGN = "new-website"
CONDITION = (
    'account.employees > 50 and "website" in contact.interests and answers.budget in ["2-5k", "5-10k"] '
    'and consent.marketing and contact.name.lower().startswith("an ") '
    'and visited("/portfolio/3") and not submitted("quote")'
)
BARE = """
SELECT count(*), sum(CASE WHEN enrolment.state = 'active' AND enrolment.step IS NOT NULL THEN 1 END)
FROM contact
JOIN account ON account.id = contact.account_id
JOIN consent ON consent.contact_id = contact.id AND consent.purpose = 'marketing' AND consent.granted
JOIN enrolment ON enrolment.contact_id = contact.id AND enrolment.campaign = 'new-website'
WHERE account.employees > 50
  AND lower(contact.name) LIKE 'an %'
  AND {interested}
  AND contact.answers ->> 'budget' IN ('2-5k', '5-10k')
  AND contact.id IN (
    SELECT contact_id FROM signal
    WHERE kind = 'visited' AND classed <> 'machine' AND (path = '/portfolio/3' OR path LIKE '/portfolio/3/%'))
  AND contact.id NOT IN (
    SELECT contact_id FROM signal
    WHERE kind = 'submitted' AND classed <> 'machine' AND data ->> 'form' = 'quote')
"""
INTERESTED = {
    "postgresql": "contact.interests @> '[\"website\"]'",
    "sqlite": "EXISTS (SELECT 1 FROM json_each(contact.interests) AS one WHERE one.value = 'website')",
}
CHECK = "a count that differs from the bare one is not what is measured"


def counted(app: App) -> int:
    with app.store.read() as connection:
        campaign = next(
            each for each in app.plans.current(connection).live_campaigns if each.name == CAMPAIGN
        )
        survey = Survey(parse(CONDITION), NOW, campaign=campaign, examples=5)
        found = survey.ask(connection, lambda looked_at: None)
    assert found.in_python is None
    return found.people


def bare(app: App) -> int:
    statement = BARE.format(interested=INTERESTED[app.store.engine.dialect.name])
    with app.store.read() as connection:
        # As text: the driver must not take the % of LIKE for its own.
        return connection.execute(sa.text(statement)).one()[0] or 0


def quickest(count: Callable[[App], int], app: App) -> tuple[int, float]:
    """What was counted, and the least seconds of three times: the first one warms up."""
    found, least = 0, float("inf")
    for _ in range(3):
        began = time.perf_counter()
        found = count(app)
        least = min(least, time.perf_counter() - began)
    return found, least


def main() -> None:
    args = parser("audience", n=100_000, about=__doc__).parse_args()
    with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-bench-") as folder:
        create_workspace(Path(folder) / "w")
        app = open_app(Path(folder) / "w", url)
        upgrade(app.store)
        app.publish()
        populate(app, args.n)
        with app.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE" if app.store.is_postgresql else "ANALYZE")
        people, took = quickest(counted, app)
        same, least = quickest(bare, app)
        app.close()
    assert people == same, CHECK
    limit = args.n / least
    result = Result("audience", args.n / took, "contacts/s", limit, least / took, peak_rss_mb(), args.n)
    report(result, args.json, [f"{people:,} people in {took:.2f} s; the bare aggregate: {least:.2f} s"])


if __name__ == "__main__":
    main()
