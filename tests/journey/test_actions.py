"""Actions of campaigns, from the decision to what they change and do outside."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.clock import VirtualClock
from nurture.core.model import Contact, Revise
from nurture.journey.errands import LEASE, MAX_ATTEMPTS, ErrandRunner
from nurture.journey.story import chronicle
from nurture.plug.contracts import Errand, NoticeOutcome
from nurture.store import errands, schema
from nurture.store.revisions import revise
from tests.world import MONDAY, make_app, person, submit

CAMPAIGN = """\
kind: campaign
name: acting
profile: web-agency
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
stages:
  orientation:
STEPS
handover: {team: sales-nl}
"""


class Receiver:
    """A web server of somebody else's: keeps what was posted, and answers as told."""

    def __init__(self) -> None:
        self.posts: list[tuple[Mapping[str, str], dict[str, Any]]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append((dict(self.headers), json.loads(body)))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def acting(folder: Path, url: str, *steps: str) -> App:
    """An app whose only campaign has these steps."""
    app = make_app(folder, url)
    for path in (folder / "campaigns").glob("*.yaml"):
        if path.name != "profile.yaml":
            path.unlink()
    track = "\n".join(f"    - {step}" for step in steps)
    (folder / "campaigns" / "acting.yaml").write_text(CAMPAIGN.replace("STEPS", track), encoding="utf-8")
    app.publish()
    return app


def decided(app: App, *people: dict[str, Any]) -> None:
    submit(app, *people)
    while app.advance_batch():
        pass


def contacts(app: App) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(schema.contact).order_by(schema.contact.c.id)))


def rows(app: App) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(schema.errand).order_by(schema.errand.c.id)))


def test_a_tag_is_stored(tmp_path: Path, database_url: str) -> None:
    app = acting(tmp_path / "w", database_url, "{id: mark, do: {tag: hot}}")
    decided(app, person(1))
    assert contacts(app)[0].tags == ["hot"]
    app.close()


def test_a_field_and_an_answer_are_set_beside_those_that_are_there(tmp_path: Path, database_url: str) -> None:
    steps = (
        "{id: a, do: {set_field: {field: answers.segment, value: gold}}}",
        "{id: b, do: {set_field: {field: contact.city, value: Gent}}}",
    )
    app = acting(tmp_path / "w", database_url, *steps)
    decided(app, person(1))
    (row,) = contacts(app)
    assert (row.city, row.answers["segment"], row.answers["budget"]) == ("Gent", "gold", "5-10k")
    app.close()


def test_an_answer_that_came_in_meanwhile_is_kept(tmp_path: Path, database_url: str) -> None:
    app = acting(tmp_path / "w", database_url, "{id: w, wait: 1d}")
    decided(app, person(1))
    old_picture = Contact(contacts(app)[0].id, MONDAY, answers={})
    with app.store.write() as connection:
        revise(connection, [(old_picture, Revise(("x",), {}, {"segment": "gold"}))], MONDAY)
    assert {"segment", "budget"} <= contacts(app)[0].answers.keys()
    app.close()


def test_a_webhook_is_posted_with_who_and_where(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    step = f"{{id: tell, do: {{webhook: {{url: '{receiver.url}', data: {{plan: gold}}}}}}}}"
    app = acting(tmp_path / "w", database_url, step)
    decided(app, person(1))
    app.errand_batch()
    ((_, posted),) = receiver.posts
    assert (posted["contact"]["name"], posted["step"], posted["data"]) == (
        "An Jansen-1",
        "tell",
        {"plan": "gold"},
    )
    app.close()


def test_an_errand_that_failed_is_tried_again_with_the_same_key(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    app = acting(tmp_path / "w", database_url, f"{{id: tell, do: {{webhook: '{receiver.url}'}}}}")
    decided(app, person(1))
    receiver.status = 503
    app.errand_batch()
    receiver.status = 200
    assert isinstance(app.clock, VirtualClock)
    app.clock.sleep(61)
    app.errand_batch()
    keys = {headers["Idempotency-Key"] for headers, _ in receiver.posts}
    assert (len(receiver.posts), len(keys), rows(app)[0].state) == (2, 1, "done")
    app.close()


def test_an_errand_that_was_refused_has_failed(tmp_path: Path, database_url: str, receiver: Receiver) -> None:
    app = acting(tmp_path / "w", database_url, f"{{id: tell, do: {{webhook: '{receiver.url}'}}}}")
    decided(app, person(1))
    receiver.status = 404
    app.errand_batch()
    assert (rows(app)[0].state, rows(app)[0].reply) == ("failed", "answered 404")
    app.close()


def test_an_errand_of_a_dead_worker_is_run_by_another(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    app = acting(tmp_path / "w", database_url, f"{{id: tell, do: {{webhook: '{receiver.url}'}}}}")
    decided(app, person(1))
    with app.store.write() as connection:
        errands.claim(connection, MONDAY, limit=10, lease=LEASE, max_attempts=8)
    assert isinstance(app.clock, VirtualClock)
    app.clock.sleep(LEASE.total_seconds() + 1)
    app.errand_batch()
    assert rows(app)[0].state == "done"
    app.close()


class Moody:
    """The webhook's stand-in that fails for one contact, whatever it is given with."""

    def __init__(self, app: App, reply: str = "") -> None:
        self.kind, self.bad, self.reply = app.registry.actions["webhook"], 2, reply
        self.keys: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kind, name)

    def run(self, errands: Sequence[Errand]) -> Iterable[NoticeOutcome]:
        for errand in errands:
            if errand.contact.id == self.bad:
                raise RuntimeError("out of luck\0")
            self.keys.append(errand.key)
            yield NoticeOutcome(True, reply=self.reply)


def test_an_errand_that_raises_holds_up_no_other(tmp_path: Path, database_url: str) -> None:
    app = acting(tmp_path / "w", database_url, "{id: tell, do: {webhook: 'https://x'}}")
    decided(app, person(1), person(2), person(3))
    moody = Moody(app)
    ErrandRunner(app.store, app.clock, {"webhook": moody}).run_batch()
    assert [row.state for row in rows(app)] == ["done", "ready", "done"]
    assert len(moody.keys) == len(set(moody.keys)) == 2
    app.close()


def test_a_reply_may_hold_anything(tmp_path: Path, database_url: str) -> None:
    app = acting(tmp_path / "w", database_url, "{id: tell, do: {webhook: 'https://x'}}")
    decided(app, person(1))
    ErrandRunner(app.store, app.clock, {"webhook": Moody(app, "a\0b\ud800" + "c" * 999)}).run_batch()
    assert rows(app)[0].reply == "a b " + "c" * 496
    app.close()


def test_an_errand_is_given_up_after_its_last_attempt(tmp_path: Path, database_url: str) -> None:
    app = acting(tmp_path / "w", database_url, "{id: tell, do: {webhook: 'http://127.0.0.1:9/x'}}")
    decided(app, person(1))
    assert isinstance(app.clock, VirtualClock)
    for _ in range(MAX_ATTEMPTS):
        app.errand_batch()
        app.clock.sleep(86_400)
    assert (rows(app)[0].state, rows(app)[0].attempts, app.errand_batch()) == ("failed", MAX_ATTEMPTS, 0)
    app.close()


def test_two_workers_never_hold_one_errand(tmp_path: Path, database_url: str) -> None:
    app = acting(tmp_path / "w", database_url, "{id: tell, do: {webhook: 'https://x'}}")
    decided(app, *(person(number) for number in range(4)))
    held = [claimed(app, 2), claimed(app, 2), claimed(app, 2)]
    assert [len(ids) for _, ids in held] == [2, 2, 0]
    assert not held[0][1] & held[1][1]
    app.close()


def test_who_lost_the_lease_writes_nothing(tmp_path: Path, database_url: str) -> None:
    app = acting(tmp_path / "w", database_url, "{id: tell, do: {webhook: 'https://x'}}")
    decided(app, person(1))
    token, (errand_id,) = claimed(app, 1)
    assert isinstance(app.clock, VirtualClock)
    app.clock.sleep(LEASE.total_seconds() + 1)
    claimed(app, 1)
    late = errands.ErrandResult(errand_id, "done", MONDAY, "late", MONDAY)
    with app.store.write() as connection:
        errands.finish(connection, token, [late])
    assert rows(app)[0].state == "claimed"
    app.close()


def claimed(app: App, limit: int) -> tuple[int, set[int]]:
    with app.store.write() as connection:
        now = app.clock.now()
        token, found = errands.claim(connection, now, limit=limit, lease=LEASE, max_attempts=MAX_ATTEMPTS)
    return token, {row.id for row in found}


def test_the_story_tells_what_an_action_came_to(
    tmp_path: Path, database_url: str, receiver: Receiver
) -> None:
    app = acting(tmp_path / "w", database_url, f"{{id: tell, do: {{webhook: '{receiver.url}'}}}}")
    decided(app, person(1))
    receiver.status = 404
    app.errand_batch()
    with app.store.read() as connection:
        told = [entry.words for entry in chronicle(connection, rows(app)[0].contact_id)]
    assert "webhook, at tell of acting, was given up: answered 404" in told
    app.close()


def test_a_task_reaches_the_colleague(tmp_path: Path, database_url: str) -> None:
    step = "{id: call, do: {task: {to: sanne@example.com, title: 'Call {name}', due: within two days}}}"
    app = acting(tmp_path / "w", database_url, step)
    decided(app, person(1))
    app.errand_batch()
    (mail,) = (tmp_path / "w" / "notices").glob("task-*.eml")
    assert "Subject: Task: Call An Jansen-1" in mail.read_text()
    app.close()


def test_the_statements_of_a_batch_do_not_grow_with_its_contacts(tmp_path: Path, database_url: str) -> None:
    app = acting(
        tmp_path / "w", database_url, "{id: mark, do: {tag: hot}}", "{id: tell, do: {webhook: 'https://x'}}"
    )
    counts = []
    for start, number in ((0, 3), (100, 60)):
        submit(app, *(person(start + each) for each in range(number)))
        statements: list[str] = []

        def heard(_c: Any, _cursor: Any, text: str, *_: Any, into: list[str] = statements) -> None:
            into.append(text)

        sa.event.listen(app.store.engine, "before_cursor_execute", heard)
        app.advance_batch()
        sa.event.remove(app.store.engine, "before_cursor_execute", heard)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    app.close()
