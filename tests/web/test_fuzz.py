"""Malformed requests to every kind of public address: never an error of ours, and the server goes on."""

from __future__ import annotations

import pytest

from bench.fuzz_public import attack, drawn, healthy, kinds
from nurture.store.engine import Store
from tests.handover.world import SIGNER
from tests.store.people import add_contacts
from tests.web.world import Client

EACH = 150


@pytest.mark.parametrize(("seed", "kind"), list(enumerate(kinds(SIGNER))))
def test_no_malformed_request_is_an_error_of_ours(client: Client, store: Store, seed: int, kind: str) -> None:
    add_contacts(store)
    port = int(client.address.rpartition(":")[2])
    seen = attack(port, drawn(seed, kinds(SIGNER)[kind], EACH))
    assert not seen.failures
    assert healthy(port)
