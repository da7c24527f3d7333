"""Malformed requests to every kind of public address: never an error of ours, and the server goes on."""

from __future__ import annotations

import pytest

from bench.fuzz_client import attack, healthy
from bench.fuzz_requests import drawn, kinds
from tests.handover.world import SIGNER
from tests.web.world import Client

EACH = 400
KINDS = kinds(SIGNER, 3)


@pytest.mark.parametrize(("seed", "kind"), list(enumerate(KINDS)))
def test_no_malformed_request_is_an_error_of_ours(peopled: Client, seed: int, kind: str) -> None:
    port = int(peopled.address.rpartition(":")[2])
    seen = attack(port, {kind: drawn(seed, KINDS[kind], EACH, lingers=0)})[kind]
    assert not seen.failures
    assert not seen.stuck
    assert healthy(port)


@pytest.mark.parametrize("kind", ["click", "open", "trap", "unsubscribe", "preferences", "confirm", "answer"])
def test_an_address_that_is_attacked_is_one_that_leads_somewhere(peopled: Client, kind: str) -> None:
    assert peopled.get(KINDS[kind].paths[0].decode()).status in (200, 204, 302)
