"""The server: in any thread, stopped on request, and plain about a port that is taken."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from nurture.errors import NurtureError
from nurture.store.engine import Store
from nurture.web.public import build_public
from nurture.web.server import serve
from nurture.web.services import PublicServices
from tests.web.world import Client, serving


def test_the_health_page_answers(client: Client) -> None:
    assert (client.get("/healthz").status, client.get("/healthz").text) == (200, "ok")


def test_health_is_denied_when_the_database_is_away(services: PublicServices, tmp_path: Path) -> None:
    away = Store(f"sqlite:///{tmp_path}/no such folder/nurture.db")
    with serving(replace(services, store=away)) as client:
        assert client.get("/healthz").status == 503


@pytest.mark.parametrize("path", ["/", "/admin", "/c", "/u/", "/h/", "/f/", "/.env", "/%2e%2e/"])
def test_an_unknown_address_is_a_kind_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status in (404, 405), "<h1>" in answer.text) == (True, True)


def test_a_wrong_method_is_a_kind_page(client: Client) -> None:
    answer = client.ask("DELETE", "/f/quote")
    assert (answer.status, "That cannot be done here" in answer.text) == (405, True)


def test_a_port_that_is_taken_is_named(services: PublicServices) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(NurtureError, match=f"port {port} on 127.0.0.1 cannot be used") as caught:
            serve(build_public(services), "127.0.0.1", port)
    assert "web.port" in caught.value.hint


def test_a_host_that_is_not_ours_is_named(services: PublicServices) -> None:
    with pytest.raises(NurtureError, match=r"port 8025 on 203\.0\.113\.1 cannot be used"):
        serve(build_public(services), "203.0.113.1", 8025)


def test_the_port_is_free_again_after_a_stop(services: PublicServices) -> None:
    with serving(services) as client:
        port = int(client.address.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize("sent", [b"", b"P", b"POST /u/x HTTP/1.1\r\nHost:"])
def test_who_stops_short_of_a_request_does_not_keep_a_connection(
    services: PublicServices, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr("nurture.web.server._HEADERS_WITHIN_MS", 200)
    with serving(services) as client:
        port = int(client.address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(sent)
            while connection.recv(1_000):
                pass
