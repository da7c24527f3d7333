"""Both deployments as real processes: `nurture run` alone, and scheduler, workers and web apart."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa

from nurture.store import schema
from nurture.testing import servers
from nurture.testing.smtp import SmtpServer, smtp_server
from tests.system.world import Process, World, eventually, journal_ids, parsed, world

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PEOPLE = 300


def ask(url: str, body: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and `Location` of a GET, or of a POST of a form. Redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    headers = {"User-Agent": BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("GET" if body is None else "POST", parts.path, urlencode(body or {}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")
    finally:
        connection.close()


def fill_in(world: World, email: str) -> int:
    """Somebody asks for the brochure on the firm's website; the status of the answer."""
    fields = {"name": "An Jansen", "email": email, "interests": "website", "consent": "marketing"}
    return ask(f"http://127.0.0.1:{world.port}/f/brochure", fields)[0]


def mail_for(world: World, email: str) -> EmailMessage:
    """The one mail to `email` in the Maildir, once it is there."""
    found: list[EmailMessage] = []

    def look() -> bool:
        mails = (parsed(file.read_bytes()) for file in (world.folder / "mail" / "new").glob("*.eml"))
        found[:] = [mail for mail in mails if email in str(mail["To"])]
        return bool(found)

    assert eventually(look, 20), world.processes[-1].said()
    (mail,) = found
    return mail


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """`nurture run`, ready."""
    with world(tmp_path_factory.mktemp("embedded") / "workspace") as made:
        made.start("run").expect("web: http://")
        yield made


def test_a_form_becomes_a_mail_in_the_maildir(embedded: World) -> None:
    assert fill_in(embedded, "an@bakkerij.example.com") == 200
    assert "website" in str(mail_for(embedded, "an@bakkerij.example.com")["Subject"])


def test_the_link_in_a_mail_leads_to_the_right_place(embedded: World) -> None:
    fill_in(embedded, "bo@bakkerij.example.com")
    links = re.findall(r'href="([^"]+/c/[^"]+)"', html_of(mail_for(embedded, "bo@bakkerij.example.com")))
    answers = {ask(link) for link in links}
    assert (302, "https://www.example.com/how-it-works") in answers
    assert {status for status, _ in answers} == {302}


def test_one_click_in_the_mail_program_unsubscribes(embedded: World) -> None:
    fill_in(embedded, "cas@bakkerij.example.com")
    mail = mail_for(embedded, "cas@bakkerij.example.com")
    (url,) = re.findall(r"<(http[^>]+)>", str(mail["List-Unsubscribe"]))
    assert ask(url, {"List-Unsubscribe": "One-Click"})[0] == 200
    granted = (
        sa.select(schema.consent.c.granted)
        .join(schema.contact, schema.contact.c.id == schema.consent.c.contact_id)
        .where(schema.contact.c.email == "cas@bakkerij.example.com")
    )
    with embedded.store.read() as connection:
        assert connection.scalars(granted).all() == [False]


def test_asked_to_stop_it_ends_in_order_and_loses_nothing(tmp_path: Path) -> None:
    addresses = [f"an{number}@bakkerij.example.com" for number in range(20)]
    with world(tmp_path / "workspace") as made:
        process = made.start("run")
        process.expect("web: http://")
        assert {fill_in(made, address) for address in addresses} == {200}
        assert (process.stop(), "Traceback" in process.said()) == (0, False)
        assert made.run("tick").returncode == 0
        for address in addresses:
            mail_for(made, address)


@pytest.mark.empty_database
def test_processes_started_at_once_share_a_new_database(database_url: str, tmp_path: Path) -> None:
    with world(tmp_path / "workspace", database=database_url) as made:
        processes = [made.start("tick") for _ in range(4)]
        ended = [process.popen.wait(60) for process in processes]
        assert ended == [0] * 4, [process.said() for process in processes]


@pytest.fixture
def sink() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def scaled_out(
    sink: SmtpServer, postgresql_url: str, redis_url: str, tmp_path: Path
) -> Iterator[tuple[World, list[Process]]]:
    """PostgreSQL, a Redis-protocol server, and four processes, ready."""
    with (
        servers.database(postgresql_url) as database,
        world(tmp_path / "workspace", database=database, broker=redis_url, smtp=sink.port) as made,
    ):
        made.import_people(PEOPLE)
        commands = [("scheduler",), ("worker", "--threads=2"), ("worker", "--threads=2"), ("web",)]
        processes = [made.start(*command) for command in commands]
        for process, words in zip(processes, ["scheduler:", "worker:", "worker:", "web:"], strict=True):
            process.expect(words)
        yield made, processes


def test_many_processes_send_each_mail_once(
    scaled_out: tuple[World, list[Process]], sink: SmtpServer
) -> None:
    made, processes = scaled_out
    assert eventually(lambda: made.outbox() == {"sent": PEOPLE}, 60), made.outbox()
    assert sorted(journal_ids(sink.journal)) == sorted(made.message_ids())
    assert len(set(sink.recipients())) == len(sink.journal) == PEOPLE
    assert ask(f"http://127.0.0.1:{made.port}/healthz")[0] == 200
    assert [process.stop() for process in processes] == [0, 0, 0, 0]
