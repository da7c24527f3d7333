"""Progressive forms: what is still unknown of a visitor is asked, and nothing that is known is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nurture.app import App
from nurture.core.consent import TRACKING
from nurture.store import consents
from nurture.tokens import CLICK, VISIT, LinkFacts, VisitorFacts
from nurture.web.public import public_app
from tests.web.world import Answer, Client, both_databases, serving_app
from tests.world import make_app, person, submit

SITE = "https://www.example.com"
EVERYTHING = ["budget", "start", "country", "employees", "role", "goal"]


@dataclass
class World:
    """The example firm, with An in it: of her budget, country and role we know."""

    app: App
    client: Client

    def token(self, *, contact_id: int = 1, expires: int | None = None) -> str:
        later = int(self.app.clock.now().timestamp()) + 60 if expires is None else expires
        return self.app.signer.sign(VISIT, VisitorFacts(contact_id, 1, "new-website", "welcome", later))

    def get(self, visitor: str = "", **headers: str) -> Answer:
        return self.client.get(f"/f/quote/questions?visitor={visitor}", **headers)

    def asked(self, visitor: str = "") -> Any:
        return json.loads(self.get(visitor).body)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    app = make_app(tmp_path / "workspace", database_url, tracking={"sites": (SITE,)})
    submit(app, person(1))
    with serving_app(public_app(app)) as client:
        yield World(app, client)
    app.close()


@both_databases
def test_whom_we_know_is_asked_what_is_still_unknown_the_most_telling_first(world: World) -> None:
    assert world.asked(world.token()) == {"ask": ["start", "employees", "goal"]}


def test_whom_we_do_not_know_is_asked_everything(world: World) -> None:
    assert world.asked() == {"ask": EVERYTHING}


def test_only_a_visitor_s_own_token_that_still_holds_is_one(world: World) -> None:
    click = world.app.signer.sign(CLICK, LinkFacts(1, 1, "new-website", "welcome", SITE))
    for token in (click, "x", world.token(expires=1), world.token(contact_id=99)):
        assert world.asked(token) == {"ask": EVERYTHING}


def test_who_refuses_to_be_followed_is_asked_what_everybody_is(world: World) -> None:
    with world.app.store.write() as connection:
        change = consents.ConsentChange(1, TRACKING, False, "said so", world.app.clock.now())
        consents.change(connection, [change])
    assert world.asked(world.token()) == {"ask": EVERYTHING}


@pytest.mark.parametrize(("origin", "allowed"), [(SITE, SITE), ("https://other.example", None)])
def test_only_pages_of_the_firm_s_own_can_read_the_answer(
    world: World, origin: str, allowed: str | None
) -> None:
    assert world.get(Origin=origin).headers["Access-Control-Allow-Origin"] == allowed


def test_the_answer_tells_nothing_that_is_known(world: World) -> None:
    body = world.get(world.token()).text
    assert not any(word in body for word in ("5-10k", "owner", "NL", "jansen", "bakkerij"))
