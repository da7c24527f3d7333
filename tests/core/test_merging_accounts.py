"""Whose values hold when two accounts become one, and what is left when they part again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from nurture.core.merging_accounts import merged_account, parted_account

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FOUND = ["register", 0.6, 1_770_000_000, "by its number"]
SURER = ["trade", 0.9, 1_770_000_000, "by its domain"]


def row(id_: int = 1, **values: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("name", "name_key", "domain", "country", "region", "sector", "employees"))
    return {"id": id_, **empty, "facts": None, "origins": None, "created_at": NOW, "updated_at": NOW} | values


def merged(kept: dict[str, Any], gone: dict[str, Any]) -> dict[str, Any]:
    return merged_account(row(1, **kept), row(2, **gone), NOW)


def test_of_two_that_are_as_sure_the_one_that_stays_holds() -> None:
    both = merged({"facts": {"owner": "sanne@x.nl"}}, {"facts": {"owner": "daan@x.nl"}})
    assert both["facts"] == {"owner": "sanne@x.nl"}


def test_what_is_known_is_lost_to_nothing() -> None:
    both = merged({"facts": {"erp": "SAP"}}, {"sector": "bakery", "facts": {"fleet": 4}})
    assert (both["sector"], both["facts"]) == ("bakery", {"erp": "SAP", "fleet": 4})


def test_what_was_said_holds_against_what_was_found() -> None:
    both = merged({"employees": 10, "origins": {"employees": FOUND}}, {"employees": 40, "origins": {"*": 7}})
    assert (both["employees"], both["origins"]) == (40, {"employees": 7})


def test_of_two_finds_the_surer_one_holds_with_its_source() -> None:
    both = merged(
        {"sector": "food", "origins": {"sector": FOUND}}, {"sector": "bakery", "origins": {"sector": SURER}}
    )
    assert (both["sector"], both["origins"]) == ("bakery", {"sector": SURER})


def test_the_domain_of_the_one_that_stays_is_its_own() -> None:
    both = merged({"domain": "a.nl", "origins": {"domain": FOUND}}, {"domain": "b.nl"})
    assert both["domain"] == "a.nl"


def test_a_name_is_found_by_where_it_came_from() -> None:
    guess = {"name": "Jansen", "origins": {"name": FOUND}}
    both = merged(guess, {"name": "Bakkerij Jansen", "name_key": "bakkerij jansen"})
    assert (both["name"], both["name_key"]) == ("Bakkerij Jansen", "bakkerij jansen")


def test_parted_it_has_its_own_again_and_keeps_what_is_newer() -> None:
    before = row(facts={"erp": "SAP"}, origins={"*": 1})
    became = merged_account(before, row(2, sector="bakery", country="NL", facts={"fleet": 4}), NOW)
    now_is = {**became, "country": "BE"}
    parted, newer = parted_account(now_is, before, became, NOW + timedelta(days=1))
    assert (parted["sector"], parted["facts"], parted["country"]) == (None, {"erp": "SAP"}, "BE")
    assert newer == ["country"]
