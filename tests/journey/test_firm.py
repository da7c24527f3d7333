"""What colleagues do together: seen by everybody of the firm, told in words, and kept of nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.core.model import SignalClass
from nurture.errors import NurtureError
from nurture.journey.explain import Explainer, Explanation
from nurture.journey.firm import Firm, show_firm
from nurture.journey.inquire import Inquirer
from nurture.store import erasure, records, schema
from nurture.store.migrate import upgrade
from nurture.store.signals import NewSignal, record_signals
from tests.world import MONDAY, make_settings, person, submit

RULE = (
    '  - {id: together, on: visited, where: url.path == "/prices", stage: comparison, points: 15, '
    "people: 3, within: 7d}\n"
)
WORDS = "3 people of the firm visited /prices within 7 days"


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[App]:
    """Four colleagues, and one person of another firm; the profile has a rule about three people."""
    settings = make_settings(tmp_path / "w", database_url)
    profile = tmp_path / "w" / "campaigns" / "profile.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("signals:\n", f"signals:\n{RULE}", 1), encoding="utf-8")
    with closing(build_app(settings, VirtualClock(MONDAY))) as app:
        upgrade(app.store)
        app.publish()
        submit(app, *(person(n, name=f"An {n}", email=f"an{n}@jansen.nl") for n in range(1, 5)), person(5))
        app.tick()
        yield app


def visit(app: App, *people: int, classed: SignalClass = SignalClass.HUMAN) -> None:
    now = app.clock.now()
    data = {"url": "https://www.example.com/prices"}
    with app.store.write() as connection:
        record_signals(connection, [NewSignal(one, "visited", now, data, classed) for one in people], now)


def later(app: App, **time: Any) -> None:
    assert isinstance(app.clock, VirtualClock)
    app.clock.advance(timedelta(**time))


def advance(app: App) -> int:
    done = 0
    while count := app.advance_batch():
        done += count
    return done


def stages(app: App) -> list[str]:
    with app.store.read() as connection:
        return list(
            connection.scalars(sa.select(schema.journey.c.stage).order_by(schema.journey.c.contact_id))
        )


def explained(app: App, who: str, at: str | None = None) -> Explanation:
    return Explainer(app.store, app.clock, app.plans, app.signer).explain(who, at=at)


def firm(app: App, wanted: str) -> Firm:
    return show_firm(app.store, app.clock, app.plans, wanted)


def settle(app: App) -> None:
    """Until what was done counts, whatever waits for that."""
    later(app, hours=1)
    advance(app)


@pytest.fixture
def together(app: App) -> App:
    visit(app, 1, 2)
    settle(app)
    visit(app, 3)
    settle(app)
    return app


def test_two_colleagues_are_no_picture(app: App) -> None:
    visit(app, 1, 2)
    settle(app)
    assert firm(app, "jansen.nl").pictures == []


def test_the_third_one_moves_everybody_of_the_firm_also_who_did_nothing(together: App) -> None:
    assert stages(together) == [*["comparison"] * 4, "orientation"]


def test_colleagues_are_woken_once(together: App) -> None:
    visit(together, 1)
    assert advance(together) <= 2


def test_a_picture_that_machines_made_moves_nobody(app: App) -> None:
    visit(app, 1, 2, 3, classed=SignalClass.PROBABLE)
    settle(app)
    assert stages(app)[3] == "orientation"


def test_when_a_signal_turns_out_to_be_a_machines_the_picture_is_gone_for_all(together: App) -> None:
    with together.store.write() as connection:
        third = sa.and_(schema.signal.c.contact_id == 3, schema.signal.c.kind == "visited")
        connection.execute(sa.update(schema.signal).where(third).values(classed=SignalClass.MACHINE))
    visit(together, 3, classed=SignalClass.PROBABLE)
    settle(together)
    with together.store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.account_picture)) == 0
        engagement = connection.scalar(
            sa.select(schema.journey.c.engagement).where(schema.journey.c.contact_id == 4)
        )
    assert engagement is not None
    assert engagement < 15


def test_the_reason_is_kept_in_words_that_name_nobody(together: App) -> None:
    with together.store.read() as connection:
        told = [one.record for one in records.told(connection, [4])]
    (moved,) = [one for one in told if one.what == "stage_changed"]
    assert WORDS in moved.reason
    assert not any(f"An {n}" in json.dumps([moved.reason, dict(moved.evidence)]) for n in (1, 2, 3))


def test_explain_tells_who_they_are(together: App) -> None:
    (picture,) = explained(together, "an4@jansen.nl").firm
    assert (picture.words, picture.people) == (WORDS, ("An 1", "An 2", "An 3"))


def test_of_the_firm_of_others_nothing_is_told(together: App) -> None:
    assert explained(together, "5").firm == []


def test_the_past_is_told_as_it_was(together: App) -> None:
    later(together, days=2)
    assert explained(together, "an4@jansen.nl", at="2026-03-02T11:30").firm == []


def test_the_points_fade_from_then(together: App) -> None:
    later(together, days=21)
    (picture,) = firm(together, "jansen.nl").pictures
    assert picture.points == pytest.approx(7.5, rel=0.01)


def test_who_is_erased_is_in_no_picture(together: App) -> None:
    with together.store.write() as connection:
        erasure.erase(connection, [3], {}, together.clock.now())
    assert firm(together, "jansen.nl").pictures == []


def test_a_firm_is_found_by_domain_name_and_id(app: App) -> None:
    by_domain = firm(app, "Jansen.nl")
    assert firm(app, by_domain.name or "").id == by_domain.id == firm(app, str(by_domain.id)).id


def test_a_firm_shows_its_people_the_most_engaged_first(together: App) -> None:
    people = firm(together, "jansen.nl").people
    assert [one.name for one in people][-1] == "An 4"
    assert (people[0].stage, people[0].last_seen is not None) == ("comparison", True)


@pytest.mark.parametrize(
    ("wanted", "problem"), [("nowhere", "no firm is known"), ("a", "may be any of these")]
)
def test_a_name_that_is_none_or_several_is_told(app: App, wanted: str, problem: str) -> None:
    with pytest.raises(NurtureError, match=problem):
        firm(app, wanted)


def test_what_a_customer_does_counts_for_the_firm_once_it_has_settled(app: App) -> None:
    with app.store.write() as connection:
        customer = sa.update(schema.journey).where(schema.journey.c.contact_id == 3)
        connection.execute(customer.values(lifecycle="customer"))
    visit(app, 1, 2)
    settle(app)
    visit(app, 3)
    advance(app)
    before = stages(app)[3]
    settle(app)
    assert (before, stages(app)[3]) == ("orientation", "comparison")


def test_another_profile_is_put_to_everybody_of_a_firm_that_may_meet_it(together: App) -> None:
    profile = together.settings.folder / "campaigns" / "profile.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("points: 15, people: 3", "points: 35, people: 3"), encoding="utf-8")
    together.publish()
    settle(together)
    with together.store.read() as connection:
        rows = connection.execute(sa.select(schema.journey.c.contact_id, schema.journey.c.engagement))
        engagement = {row.contact_id: row.engagement for row in rows}
    # Beside the form with which both came in.
    assert engagement[4] - engagement[5] == pytest.approx(35, rel=0.01)


def test_why_somebody_is_in_their_stage_is_told_by_the_picture(together: App) -> None:
    inquirer = Inquirer(together.store, together.clock, together.plans, together.signer)
    why = inquirer.ask("an4@jansen.nl", why_stage=True).why_stage
    assert why is not None
    assert any(WORDS in one.words for each in why.evidence for one in each.signals)


def test_what_is_lacking_is_told_in_people(app: App) -> None:
    inquirer = Inquirer(app.store, app.clock, app.plans, app.signer)
    answer = inquirer.ask("an4@jansen.nl", why_not="stage:comparison").why_not
    assert answer is not None
    assert any("by 3 people of the firm within 7 days" in one.words for one in answer.obstacles)
