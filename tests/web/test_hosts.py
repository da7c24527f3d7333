"""One host for the public, one for sales, and neither answers for the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from nurture.settings import Web
from nurture.web.services import PublicServices
from tests.web.test_tracking import CLICKED
from tests.web.world import Client, serving

APART = Web(
    base_url="https://mail.example.com",
    public_hosts=("mail.example.com",),
    sales_url="https://sales.example.com:8443",
)


@pytest.fixture
def client(services: PublicServices) -> Iterator[Client]:
    with serving(replace(services, web=APART)) as client:
        yield client


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("mail.example.com", CLICKED, 302),
        ("MAIL.example.com:443", CLICKED, 302),
        ("mail.example.com", "/h/nonsense", 421),
        ("sales.example.com:8443", "/h/nonsense", 404),
        ("sales.example.com", CLICKED, 421),
        ("sales.example.com", "/f/quote", 421),
        ("evil.example", CLICKED, 421),
        ("mail.example.com.evil.example", CLICKED, 421),
        ("", CLICKED, 421),
        ("[::1]:80", CLICKED, 421),
        ("10.0.0.1", "/healthz", 200),
    ],
)
def test_each_host_answers_its_own_pages_alone(client: Client, host: str, path: str, status: int) -> None:
    assert client.get(path, Host=host).status == status


def test_without_names_any_host_is_answered(services: PublicServices) -> None:
    with serving(services) as client:
        assert client.get(CLICKED, Host="whatever.example").status == 302


def test_a_refusal_tells_nothing_and_is_not_kept(client: Client) -> None:
    answer = client.get(CLICKED, Host="evil.example")
    assert (answer.body, answer.headers["Cache-Control"]) == (b"", "no-store")
