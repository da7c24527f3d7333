"""Accounts that are one company: found apart from sorting, merged when sure, listed when doubtful."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from nurture.ingest.same_accounts import compare_a_little, look_through_accounts
from nurture.store import pairs, schema
from nurture.store.merging_accounts import merge_one_account
from nurture.store.merging_rounds import Merging
from tests.ingest.conftest import NOW, Desk
from tests.store.people import rows_of

HEADER = "naam;e-mail;telefoon;bedrijf\n"
TWICE = "An de Vries;;0612345678;Bäckerei Müller\nBo Smit;bo@baeckerei-mueller.de;;\n"


def listed(desk: Desk) -> list[Any]:
    return [(row.account_id, row.other_id, row.state) for row in rows_of(desk.store, schema.account_review)]


def accounts(desk: Desk) -> list[Any]:
    return [(row.name, row.domain) for row in rows_of(desk.store, schema.account)]


def test_one_company_under_two_names_is_listed(desk: Desk) -> None:
    desk.bring(HEADER + TWICE)
    assert look_through_accounts(desk.store, NOW) == (2, 0, 1)
    assert listed(desk) == [(1, 2, "open")]


def test_what_is_kept_apart_is_not_listed_again(desk: Desk) -> None:
    desk.bring(HEADER + TWICE)
    with desk.store.write() as connection:
        pairs.ACCOUNTS.keep_apart(connection, (1, 2), "an", NOW)
    look_through_accounts(desk.store, NOW)
    assert listed(desk) == [(1, 2, "apart")]


def test_free_mail_makes_no_company_one(desk: Desk) -> None:
    desk.bring(HEADER + "An;an@gmail.com;;Bakker Oost\nBo;bo@gmail.com;;Slager West")
    assert look_through_accounts(desk.store, NOW) == (2, 0, 0)


def test_a_sub_domain_is_the_same_company(desk: Desk) -> None:
    desk.bring(HEADER + "An;an@jansenbouw.nl;;\nBo;bo@slagerwest.nl;;")
    with desk.store.write() as connection:
        table = schema.account
        moved = sa.update(table).where(table.c.id == 2).values(domain="shop.jansenbouw.nl")
        connection.execute(moved)
    assert look_through_accounts(desk.store, NOW)[1] == 1
    assert [row.account_id for row in rows_of(desk.store, schema.contact)] == [1, 1]


def test_of_two_that_are_one_the_one_with_more_people_stays(desk: Desk) -> None:
    rows = "An;an@bakkerijjnasen.nl;;Bakkerij Jansen\nBo;bo@bakkerijjansen.nl;;Bakkerij Jansen\n"
    desk.bring(HEADER + rows + "Cé;ce@bakkerijjansen.nl;;Bakkerij Jansen\n")
    look_through_accounts(desk.store, NOW)
    assert accounts(desk) == [("Bakkerij Jansen", "bakkerijjansen.nl")]


def test_an_account_that_may_be_either_of_two_is_listed_twice(desk: Desk) -> None:
    header, rows = "naam;e-mail;bedrijf;land\n", "An;an@jansenbouw.nl;Bouw Jansen;NL\n"
    rows += "Bo;bo@jansen-bouw.nl;Bouw Jansen;NL\nCé;ce@gmail.com;Jansen Bouw;NL\n"
    desk.bring(header + rows)
    look_through_accounts(desk.store, NOW)
    assert listed(desk) == [(1, 2, "open"), (1, 3, "open"), (2, 3, "open")]


def test_a_round_is_made_once_a_day(desk: Desk) -> None:
    desk.bring(HEADER + TWICE)
    with desk.store.write() as connection:
        assert (compare_a_little(connection, NOW), compare_a_little(connection, NOW)) == (2, 0)
    assert len(listed(desk)) == 1


def test_who_comes_by_the_old_name_or_domain_works_for_the_merged_account(desk: Desk) -> None:
    desk.bring(HEADER + "An;an@oudbakker.nl;;Oud Bakker\nBo;bo@nieuwslager.nl;;Nieuw Slager")
    with desk.store.write() as connection:
        merge_one_account(connection, Merging(1, 2, "hand"), NOW)
    desk.bring(HEADER + "Cas;cas@oudbakker.nl;;\nDirk;;0612345678;Oud Bakker B.V.")
    assert [row.account_id for row in rows_of(desk.store, schema.contact)] == [2, 2, 2, 2]
    assert accounts(desk) == [("Nieuw Slager", "nieuwslager.nl")]


def test_a_new_account_never_has_the_number_of_a_merged_one(desk: Desk) -> None:
    desk.bring(HEADER + "An;an@oudbakker.nl;;Oud Bakker\nBo;bo@nieuwslager.nl;;Nieuw Slager")
    with desk.store.write() as connection:
        merge_one_account(connection, Merging(2, 1, "hand"), NOW)
    desk.bring(HEADER + "Cas;cas@groenteman.nl;;Groenteman")
    assert [row.id for row in rows_of(desk.store, schema.account)] == [1, 3]
