"""What providers post, over real HTTP to the real public pages: it is applied, or refused in words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.store import schema
from nurture.store.engine import Store
from nurture.web.services import PublicServices
from tests.deliver.people import add_messages
from tests.plugins.providers import (
    NOW,
    Call,
    Sns,
    mailgun_call,
    mailgun_event,
    mailgun_hook,
    postmark_bounce,
    postmark_call,
    postmark_hook,
    resend_bounce,
    resend_call,
    resend_hook,
    sendgrid_call,
    sendgrid_event,
    sendgrid_hook,
    ses_bounce,
)
from tests.store.people import rows_of
from tests.web.world import Answer, Client, both_databases, serving

SNS = Sns()
DEAD = "550 5.1.1 no such user here"
CALLS: dict[str, Callable[[], Call]] = {
    "ses": lambda: SNS.call(ses_bounce(status="5.1.1", diagnosticCode=DEAD)),
    "postmark": lambda: postmark_call(postmark_bounce()),
    "sendgrid": lambda: sendgrid_call([sendgrid_event(reason=DEAD), sendgrid_event("open")]),
    "mailgun": lambda: mailgun_call(mailgun_event()),
    "resend": lambda: resend_call(resend_bounce("Permanent", "General", DEAD)),
}


@pytest.fixture
def client(services: PublicServices) -> Iterator[Client]:
    hooks = [SNS.hook(), postmark_hook(), sendgrid_hook(), mailgun_hook(), resend_hook()]
    with serving(replace(services, hooks={hook.name: hook for hook in hooks})) as client:
        yield client


@pytest.fixture
def sent(store: Store) -> Store:
    """A mail to reader1@example.com has gone out."""
    add_messages(store, 1, state="sent", reply="250 ok", done_at=NOW)
    with store.write() as connection:
        outbox, identity = schema.outbox, schema.identity
        connection.execute(sa.update(outbox).values(message_id="<1@example.com>"))
        connection.execute(
            sa.insert(identity), {"kind": "email", "value": "reader1@example.com", "contact_id": 1}
        )
    return store


def post(client: Client, name: str, call: Call) -> Answer:
    headers, body = call
    return client.ask("POST", f"/hooks/{name}", body, **headers)


@both_databases
@pytest.mark.parametrize("name", CALLS)
def test_a_dead_address_is_told_by_each_provider_and_gets_no_more_mail(
    client: Client, sent: Store, name: str
) -> None:
    for _ in range(2):
        assert post(client, name, CALLS[name]()).status == 200
    (suppressed,) = rows_of(sent, schema.suppression)
    (signal,) = rows_of(sent, schema.signal)
    assert (suppressed.reason, signal.kind) == ("bounced: userunknown", "bounced")


@pytest.mark.parametrize(
    ("name", "call", "reason"),
    [
        ("ses", lambda: SNS.call(ses_bounce(), TopicArn="arn:aws:sns:eu-west-1:1:x"), "the topic is none of"),
        (
            "ses",
            lambda: SNS.call(ses_bounce(), Timestamp="2026-01-01T00:00:00Z"),
            "the message is of 2026-01",
        ),
        ("postmark", lambda: postmark_call(postmark_bounce(), password="guess"), "wrong name or password"),
        ("sendgrid", lambda: sendgrid_call([], at=NOW - timedelta(days=3)), "the call is of 17"),
        ("mailgun", lambda: mailgun_call(mailgun_event(), key="guess"), "the signature is wrong"),
        ("mailgun", lambda: ({}, b"event=failed"), "Invalid JSON"),
    ],
)
def test_what_is_refused_is_told_why(
    client: Client, sent: Store, name: str, call: Callable[[], Call], reason: str
) -> None:
    answer = post(client, name, call())
    assert answer.status == 403
    assert answer.text.startswith(f"refused: {reason}")
    assert not rows_of(sent, schema.suppression)


def test_while_amazon_cannot_be_asked_it_is_told_to_come_again(services: PublicServices) -> None:
    with serving(replace(services, hooks={"ses": Sns(away=True).hook()})) as client:
        assert post(client, "ses", CALLS["ses"]()).status == 503


ODD = (None, "", 0, -1, 1e308, True, [], {}, [[]], "\x00", "\ud800", "x" * 5000, "🙂@\r\nexample.com", 10**30)


def bent(document: Any, chance: random.Random) -> Any:
    """The document with one value somewhere in it replaced by something odd, or left out."""
    places = list(_places(document))
    holder, key = chance.choice(places)
    if chance.random() < 0.2:
        del holder[key]
    else:
        holder[key] = chance.choice(ODD)
    return document


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(items):
        yield document, key
        if isinstance(value, dict | list):
            yield from _places(value)


BENT: dict[str, Callable[[random.Random], Call]] = {
    "ses": lambda chance: SNS.call(bent(ses_bounce(status="5.1.1", diagnosticCode=DEAD), chance)),
    "postmark": lambda chance: postmark_call(bent(postmark_bounce(), chance)),
    "sendgrid": lambda chance: sendgrid_call(bent([sendgrid_event(reason=DEAD)], chance)),
    "mailgun": lambda chance: mailgun_call(bent(mailgun_event(), chance), token=chance.randbytes(8).hex()),
    "resend": lambda chance: resend_call(bent(resend_bounce("Permanent", "General", DEAD), chance)),
}


@both_databases
@pytest.mark.parametrize("name", BENT)
def test_whatever_a_provider_signs_is_taken_or_refused_and_never_an_error_of_ours(
    client: Client, sent: Store, name: str
) -> None:
    chance = random.Random(name)
    statuses = {post(client, name, BENT[name](chance)).status for _ in range(150)}
    assert statuses == {200, 403}


def test_a_deeply_nested_body_is_refused(client: Client) -> None:
    body = b"[" * 100_000 + b"]" * 100_000
    assert {post(client, name, ({}, body)).status for name in CALLS} == {403}
    assert post(client, "postmark", (postmark_call(None)[0], body)).status == 403


def test_json_of_the_wrong_shape_is_refused(client: Client) -> None:
    for junk in ([], {}, None, 1, "x", [[1]], {"signature": {}}, {"Type": []}):
        body = json.dumps(junk).encode()
        assert {post(client, name, ({}, body)).status for name in CALLS} == {403}
