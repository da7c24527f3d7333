"""Where a request came from: told apart, and not told."""

from __future__ import annotations

from typing import Any

import pytest

from nurture.store import schema
from nurture.store.engine import Store
from nurture.tokens import Signer
from nurture.web.origins import Origins, spoken_for
from tests.handover.world import SIGNER
from tests.store.people import add_contacts, rows_of
from tests.web.test_tracking import CLICKED
from tests.web.world import Client

ORIGINS = Origins(SIGNER, (), keep_addresses=False)


def network(address: str, origins: Origins = ORIGINS) -> Any:
    return origins.of(address, "").get("network")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.200"),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9"),
        ("::ffff:203.0.113.7", "203.0.113.8"),
    ],
)
def test_neighbours_are_of_one_network_and_two_origins(one: str, other: str) -> None:
    assert network(one) == network(other)
    assert ORIGINS.of(one, "")["origin"] != ORIGINS.of(other, "")["origin"]


@pytest.mark.parametrize(
    ("one", "other"), [("203.0.113.7", "203.0.114.7"), ("2001:db8:1::1", "2001:db8:2::1")]
)
def test_strangers_are_of_two(one: str, other: str) -> None:
    assert network(one) != network(other)


def test_another_key_makes_another_hash() -> None:
    assert network("203.0.113.7") != network(
        "203.0.113.7", Origins(Signer("K" * 32), (), keep_addresses=False)
    )


@pytest.mark.parametrize("address", ["", "nonsense", "unix:/run/x", "203.0.113.7:80", "1" * 5_000])
def test_what_is_no_address_has_no_origin(address: str) -> None:
    assert ORIGINS.of(address, "") == {}


@pytest.mark.parametrize(
    ("address", "forwarded", "speaker"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_our_own_proxies_are_believed_and_nobody_else(address: str, forwarded: str, speaker: str) -> None:
    assert spoken_for(address, forwarded, ("10.0.0.1", "10.0.0.2")) == speaker


def test_an_address_is_stored_as_a_hash_only(client: Client, store: Store) -> None:
    add_contacts(store)
    client.get(CLICKED)
    (signal,) = rows_of(store, schema.signal)
    assert "address" not in signal.data
    assert (signal.data["network"], "127.0.0.1" in str(signal.data)) == (network("127.0.0.1"), False)


def test_an_address_is_kept_where_the_settings_say_so() -> None:
    kept = Origins(SIGNER, (), keep_addresses=True).of("203.0.113.7", "")
    assert kept["address"] == "203.0.113.7"
