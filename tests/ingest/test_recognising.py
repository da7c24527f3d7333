"""People who come in under another spelling: merged when sure, listed when doubtful, never asked twice."""

from __future__ import annotations

from typing import Any

import pytest

from bench.matching import judge, judge_accounts, run
from bench.matching_records import labelled
from nurture.store import pairs, schema
from nurture.store.unmerging import unmerge
from tests.ingest.conftest import NOW, Desk
from tests.store.people import StatementCounter, rows_of

HEADER = "naam;e-mail;telefoon;bedrijf\n"


def names(desk: Desk) -> list[str]:
    return [row["name"] for row in desk.contacts()]


def reviewed(desk: Desk) -> list[Any]:
    return [(row.contact_id, row.other_id, row.state) for row in rows_of(desk.store, schema.review)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("An de Vries;an.devries@ziggo.nl;;", "de Vries, An;an.devries+news@ziggo.nl;;"),
        ("An de Vries;an.devries@gmail.com;;", "AN DE VRIES;andevries@googlemail.com;;"),
        ("An de Vries;an@bakker.nl;;Bakker BV", "An de Vries;an.devries@gmail.com;;Bakker B.V."),
        ("Jürgen Groß;juergen@gross.de;;Groß GmbH", "Juergen Gross;j.gross@web.de;;Gross G.m.b.H."),
        ("An de Vries;an@bakkerijvires.nl;;", "An de Vries;an@bakkerijvries.nl;;"),
        ("An de Vries;an@oud.nl;0612345678;Oud BV", "An de Vries;an@nieuw.nl;0612345678;Nieuw BV"),
        ("An de Vries;an@bakker.nl;;", "An de Vries;;0612345678;Bakker"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_who_is_surely_the_same_is_merged(desk: Desk, first: str, second: str, at_once: bool) -> None:
    if at_once:
        desk.bring(HEADER + first + "\n" + second)
    else:
        desk.bring(HEADER + first)
        desk.bring(HEADER + second)
    assert len(desk.contacts()) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Jan Bos;info@bakker.nl;;Bakker", "Piet Smit;info@bakker.nl;;Bakker"),
        ("Jan Bos;fam.bos@ziggo.nl;;", "Eva Bos;fam.bos@ziggo.nl;;"),
        ("Jan Jansen;jan@bakker.nl;;Bakker", "Jaap Jansen;jaap@bakker.nl;;Bakker"),
        ("Jan Bos;jan@bakker.nl;0201234567;Bakker", "Piet Smit;;0201234567;Bakker"),
        ("Jan Bos sr.;bos@ziggo.nl;;", "Jan Bos jr.;bos@ziggo.nl;;"),
    ],
)
def test_who_shares_an_address_or_a_number_stays_apart(desk: Desk, first: str, second: str) -> None:
    desk.bring(HEADER + first + "\n" + second)
    assert len(desk.contacts()) == 2


def test_a_name_alone_is_listed_and_not_merged(desk: Desk) -> None:
    desk.bring(HEADER + "An de Vries;an@oud.nl;;Oud\nAn de Vries;an@nieuw.nl;;Nieuw")
    assert (len(desk.contacts()), reviewed(desk)) == (2, [(1, 2, "open")])


def test_a_name_that_many_have_is_no_reason_to_ask(desk: Desk) -> None:
    rows = "".join(f"An de Vries;an@firma{chr(97 + n)}bouw.nl;;Firma{chr(97 + n)}\n" for n in range(8))
    desk.bring(HEADER + rows)
    assert reviewed(desk) == []


def test_a_name_that_many_have_is_asked_about_in_one_town(desk: Desk) -> None:
    header = "naam;e-mail;telefoon;bedrijf;plaats\n"
    rows = "".join(f"An de Vries;an@firma{chr(97 + n)}bouw.nl;;Firma{chr(97 + n)};\n" for n in range(8))
    towns = "An de Vries;an@kaas.nl;;Kaas;Gouda\nAn de Vries;an@siroop.nl;;Siroop;gouda\n"
    desk.bring(header + rows + towns)
    assert reviewed(desk) == [(9, 10, "open")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("J. Jansen;jan@ziggo.nl;;Nova Bakkerij", "Jan Jansen;jan.jansen@bakkerijnova.nl;;"),
        ("J. Jansen;jan@ziggo.nl;;Bakkrij Nova BV", "Jan Jansen;jan.j@gmail.com;;Bakkerij Nova"),
        ("An de Vries;an@ziggo.nl;;Acme Nederland", "An Maria de Vriez;an.v@gmail.com;;Acme"),
    ],
)
def test_whoever_may_work_at_one_firm_is_found_however_it_is_written(
    desk: Desk, first: str, second: str
) -> None:
    desk.bring(HEADER + first + "\n" + second)
    assert len(desk.contacts()) + len(reviewed(desk)) in (1, 3)


def test_an_initial_at_one_firm_is_listed(desk: Desk) -> None:
    desk.bring(HEADER + "Jan Jansen;jan@bakker.nl;;Bakker\nJ. Jansen;;0201234567;Bakker")
    assert reviewed(desk) == [(1, 2, "open")]


def test_whoever_shares_a_mailbox_is_found_again_by_name(desk: Desk) -> None:
    desk.bring(HEADER + "Jan Bos;fam.bos@ziggo.nl;;\nEva Bos;fam.bos@ziggo.nl;;")
    desk.bring(HEADER + "Eva Bos;FAM.BOS@ziggo.nl;0612345678;")
    assert [(row["name"], row["phone"]) for row in desk.contacts()] == [
        ("Jan Bos", None),
        ("Eva Bos", "+31612345678"),
    ]


def test_the_merge_keeps_the_reasons_and_the_score(desk: Desk) -> None:
    desk.bring(HEADER + "An de Vries;an@bakker.nl;;Bakker\nAn de Vries;an.devries@gmail.com;;Bakker")
    (row,) = rows_of(desk.store, schema.former_contact)
    assert (row.matched_by, row.reasons) == (
        "likeness",
        ["the same name", "different addresses", "the same company"],
    )
    assert 0.5 < row.score <= 1


def test_a_merge_by_likeness_can_be_taken_back(desk: Desk) -> None:
    desk.bring(HEADER + "An de Vries;an@bakker.nl;;Bakker\nAn de Vries;an.devries@gmail.com;;Bakker")
    with desk.store.write() as connection:
        unmerge(connection, 2, NOW)
    assert [row["email"] for row in desk.contacts()] == ["an@bakker.nl", "an.devries@gmail.com"]


def test_who_was_parted_is_not_merged_again(desk: Desk) -> None:
    desk.bring(HEADER + "An de Vries;an@bakker.nl;;Bakker\nAn de Vries;an.devries@gmail.com;;Bakker")
    with desk.store.write() as connection:
        unmerge(connection, 2, NOW)
    desk.bring(HEADER + "An de Vries;an.devries@gmail.com;0612345678;Bakker")
    assert (len(desk.contacts()), reviewed(desk)) == (2, [(1, 2, "apart")])


def test_a_pair_that_was_kept_apart_is_not_listed_again(desk: Desk) -> None:
    desk.bring(HEADER + "Jan Jansen;jan@bakker.nl;;Bakker\nJ. Jansen;;0201234567;Bakker")
    with desk.store.write() as connection:
        pairs.PEOPLE.keep_apart(connection, (1, 2), "an", NOW)
    desk.bring(HEADER + "Jan Jansen;jan@bakker.nl;0612345678;Bakker")
    assert reviewed(desk) == [(1, 2, "apart")]


def test_somebody_who_gained_a_number_is_recognised_by_it(desk: Desk) -> None:
    desk.bring(HEADER + "An de Vries;an@oud.nl;;Oud\nAn de Vries;an@nieuw.nl;0612345678;Nieuw")
    assert len(desk.contacts()) == 2
    desk.bring(HEADER + "An de Vries;an@oud.nl;0612345678;Oud")
    assert len(desk.contacts()) == 1


def test_junk_that_joins_a_contact_is_junk_no_more(desk: Desk) -> None:
    desk.bring(HEADER + "An de Vries;an@bakker.nl;;Bakker\nAn de Vries;;;Bakker")
    assert (len(desk.contacts()), desk.states()) == (1, ["contact", "merged"])


def test_two_who_contradict_are_not_joined_by_a_third(desk: Desk) -> None:
    desk.bring(HEADER + "Jan Jansen;j.jansen@gmail.com;;\nJaap Jansen;jaap@bakker.nl;0612345678;")
    desk.bring(HEADER + "J. Jansen;j.jansen@gmail.com;0612345678;")
    assert {"Jan Jansen", "Jaap Jansen"} <= set(names(desk))


def test_the_statements_do_not_depend_on_how_many_are_merged(desk: Desk) -> None:
    counts = []
    for start, n in ((0, 3), (100, 90)):
        rows = "".join(
            f"An {chr(97 + i % 26)}{chr(97 + i // 26)}ster;an@firma{start + i}.nl;;F{start + i}\n"
            f"An {chr(97 + i % 26)}{chr(97 + i // 26)}ster;an{start + i}x@gmail.com;;F{start + i}\n"
            for i in range(n)
        )
        desk.receive(HEADER + rows)
        counter = StatementCounter(desk.store)
        desk.sort()
        counts.append(counter.n)
    assert counts[1] <= counts[0] + 6


def test_of_labelled_records_hardly_any_are_merged_wrongly(database_url: str) -> None:
    records = labelled(1_500, seed=7)
    found = judge(records, run(database_url, records))
    assert found.precision >= 0.995


def test_of_labelled_records_most_are_recognised(database_url: str) -> None:
    records = labelled(1_500, seed=8)
    found = judge(records, run(database_url, records))
    assert found.recall >= 0.9
    assert found.listed >= found.missed * 2 / 3


def test_of_labelled_records_companies_are_told_apart_and_recognised(database_url: str) -> None:
    records = labelled(1_500, seed=9)
    found = judge_accounts(records, run(database_url, records))
    assert found.precision >= 0.995
    assert found.recall >= 0.9
