"""Two contacts that become one: what moves, what holds, and that nobody gets anything twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.errors import NurtureError
from nurture.store import consents, former, personal, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.merging import merge_contacts, merge_one
from nurture.store.merging_rounds import Merging
from nurture.store.merging_rows import LEFT_BEHIND, TABLES_OF_ITS_OWN, WITH_TIMES
from nurture.store.unmerging import Unmerged, unmerge
from tests.store.people import NOW, Held, StatementCounter, add_contacts, rows_of

LATER = NOW + timedelta(hours=1)
DAY = timedelta(days=1)


def hashed(address: str) -> bytes:
    return sha256(address.encode()).digest()


def merge(store: Store, gone: int = 2, kept: int = 1) -> None:
    with store.write() as connection:
        merge_one(connection, Merging(gone, kept, "review", ("same telephone",), 0.9), hashed, LATER)


def part(store: Store, former_id: int = 2) -> Unmerged:
    with store.write() as connection:
        return unmerge(connection, former_id, LATER + DAY)


def put(store: Store, table: sa.Table, *rows: Mapping[str, Any]) -> None:
    with store.write() as connection:
        for row in rows:
            insert_rows(connection, table, tuple(row), [tuple(row.values())])


def change(store: Store, contact_id: int, **values: Any) -> None:
    with store.write() as connection:
        contact = schema.contact
        connection.execute(sa.update(contact).where(contact.c.id == contact_id).values(values))


def only(store: Store, table: sa.Table) -> Any:
    (row,) = rows_of(store, table)
    return row


def version(store: Store) -> None:
    put(
        store,
        schema.campaign_version,
        {"id": 1, "name": "site", "hash": "h", "source": "", "file": "f", "published_at": NOW},
    )


def enrolment(contact_id: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": contact_id * 10,
        "contact_id": contact_id,
        "campaign": "site",
        "version_id": 1,
        "occurrence": 1,
        "track": "orientation",
        "step": "pause",
        "since": NOW,
        "entered_at": NOW,
        "done": ["welcome"],
        "state": "active",
    } | changes


def mail(contact_id: int, step: str = "welcome", **changes: Any) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "campaign": "site",
        "version_id": 1,
        "step": step,
        "occurrence": 1,
        "template": f"orientation/{step}",
        "purpose": "marketing",
        "locale": "nl",
        "message_id": f"<{contact_id}-{step}@firm.example>",
        "state": "sent",
        "created_at": NOW,
        "not_before": NOW,
    } | changes


def agreed(contact_id: int, *, granted: bool = True, **changes: Any) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "purpose": "marketing",
        "granted": granted,
        "basis": "consent",
        "evidence": f"form of {contact_id}",
        "at": NOW,
    } | changes


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All rows of people, but for when they were written and looked at, and what was said of the merge."""
    passing = {"updated_at", "due_at", "wakes"}
    told = {"decision", "review"}
    tables = {name: table for name, table in personal.OF_PEOPLE.items() if name not in told}
    return {
        name: [{k: v for k, v in row._mapping.items() if k not in passing} for row in rows_of(store, table)]
        for name, table in tables.items()
    }


def test_every_table_of_people_is_merged_by_a_rule() -> None:
    for name, table in personal.OF_PEOPLE.items():
        if name in {*TABLES_OF_ITS_OWN, *LEFT_BEHIND, *WITH_TIMES} or "contact_id" not in table.c:
            continue
        unique = [
            set(one.columns.keys()) for one in table.constraints if isinstance(one, sa.UniqueConstraint)
        ]
        assert [column.name for column in table.primary_key] == ["id"], name
        assert not any("contact_id" in columns for columns in unique), name


def test_the_one_is_gone_and_points_to_the_other(store: Store) -> None:
    add_contacts(store, 2)
    merge(store)
    assert [row.id for row in rows_of(store, schema.contact)] == [1]
    with store.read() as connection:
        assert former.now_known_as(connection, [1, 2]) == {2: 1}


def test_the_reasons_and_the_score_are_kept(store: Store) -> None:
    add_contacts(store, 2)
    merge(store)
    row = only(store, schema.former_contact)
    assert (row.matched_by, row.score, row.reasons) == ("review", 0.9, ["same telephone"])


def test_what_the_one_knew_and_the_other_did_not_is_known(store: Store) -> None:
    add_contacts(store, 2)
    change(store, 1, phone="+31612345678", tags=["fair"], answers={"budget": "5k"}, updated_at=NOW + DAY)
    change(store, 2, city="Breda", tags=["vip", "fair"], answers={"budget": "1k", "role": "owner"})
    merge(store)
    row = only(store, schema.contact)
    assert (row.phone, row.city, row.tags) == ("+31612345678", "Breda", ["vip", "fair"])
    assert row.answers == {"budget": "5k", "role": "owner"}


def test_of_two_values_the_newer_holds(store: Store) -> None:
    add_contacts(store, 2)
    change(store, 2, job_title="director", email="an@new-firm.example", updated_at=NOW + DAY)
    change(store, 1, job_title="trainee")
    merge(store)
    row = only(store, schema.contact)
    assert (row.job_title, row.email) == ("director", "an@new-firm.example")


def test_an_address_that_was_mistyped_later_does_not_replace_the_good_one(store: Store) -> None:
    add_contacts(store, 2)
    change(store, 1, email="an@gmail.com")
    change(store, 2, email="an@gmial.com", updated_at=NOW + DAY)
    merge(store)
    assert only(store, schema.contact).email == "an@gmail.com"


def test_both_addresses_recognise_the_one_who_stays(store: Store) -> None:
    add_contacts(store, 2)
    given = [{"kind": "email", "value": f"an{n}@bakkerij.example", "contact_id": n} for n in (1, 2)]
    put(store, schema.identity, *given)
    merge(store)
    assert [row.contact_id for row in rows_of(store, schema.identity)] == [1, 1]


def test_signals_and_records_go_with_them(store: Store) -> None:
    add_contacts(store, 2)
    happened = {"kind": "clicked", "at": NOW, "received_at": NOW, "data": {}, "classed": "human"}
    put(store, schema.signal, {"contact_id": 2, **happened})
    merge(store)
    assert only(store, schema.signal).contact_id == 1


@pytest.mark.parametrize("says_no", [1, 2])
def test_a_withdrawal_stays_whoever_of_the_two_said_it(store: Store, says_no: int) -> None:
    add_contacts(store, 2)
    yes = 3 - says_no
    put(store, schema.consent, agreed(says_no, granted=False), agreed(yes, at=NOW + DAY))
    merge(store)
    assert only(store, schema.consent).granted is False


def test_the_statement_that_gave_way_is_kept(store: Store) -> None:
    add_contacts(store, 2)
    put(store, schema.consent, agreed(1), agreed(2, granted=False))
    merge(store)
    row = only(store, schema.former_consent)
    assert (row.contact_id, row.granted, row.evidence) == (1, True, "form of 1")


def test_who_wanted_no_mail_at_all_gets_none_at_the_other_address(store: Store) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        consents.suppress(connection, hashed("an2@bakkerij.example"), "asked for no mail at all", NOW)
    merge(store)
    with store.read() as connection:
        assert consents.suppressed(connection, [hashed("an1@bakkerij.example")])


def test_an_address_that_bounced_says_nothing_of_the_other(store: Store) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        consents.suppress(connection, hashed("an2@bakkerij.example"), "bounced: no such user", NOW)
    merge(store)
    with store.read() as connection:
        assert not consents.suppressed(connection, [hashed("an1@bakkerij.example")])


def test_who_is_with_sales_stays_with_sales(store: Store) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        prospect = sa.update(schema.journey).where(schema.journey.c.contact_id == 2)
        connection.execute(prospect.values(lifecycle="prospect", stage="decision"))
    merge(store)
    row = only(store, schema.journey)
    assert (row.contact_id, row.lifecycle, row.stage, row.due_at) == (1, "prospect", "decision", LATER)


def test_of_two_places_in_a_campaign_the_further_one_goes_on(store: Store) -> None:
    add_contacts(store, 2)
    version(store)
    put(store, schema.enrolment, enrolment(1), enrolment(2, done=["welcome", "pause", "cases"], step="proof"))
    merge(store)
    rows = rows_of(store, schema.enrolment)
    assert [(row.state, row.step, row.occurrence) for row in rows] == [
        ("exited", "pause", 1),
        ("active", "proof", 2),
    ]


def test_the_place_that_goes_on_counts_what_the_other_person_had(store: Store) -> None:
    add_contacts(store, 2)
    version(store)
    put(store, schema.enrolment, enrolment(1, done=["welcome", "pause"]), enrolment(2, done=["cases"]))
    merge(store)
    assert rows_of(store, schema.enrolment)[0].done == ["welcome", "pause", "cases"]


def test_a_place_that_goes_on_is_the_latest_time_even_if_it_began_first(store: Store) -> None:
    add_contacts(store, 2)
    version(store)
    ended = enrolment(2, state="finished", entered_at=NOW + DAY, ended_at=NOW + 2 * DAY)
    put(store, schema.enrolment, enrolment(1), ended)
    merge(store)
    assert [(row.state, row.occurrence) for row in rows_of(store, schema.enrolment)] == [
        ("active", 2),
        ("finished", 1),
    ]


def test_mails_keep_to_the_time_that_they_were_of(store: Store) -> None:
    add_contacts(store, 2)
    version(store)
    put(store, schema.enrolment, enrolment(1, done=["welcome", "pause"]), enrolment(2))
    put(store, schema.outbox, mail(1), mail(2))
    merge(store)
    rows = rows_of(store, schema.outbox)
    assert [(row.contact_id, row.occurrence) for row in rows] == [(1, 2), (1, 1)]


def test_a_mail_that_waits_and_that_the_other_has_had_does_not_go(store: Store) -> None:
    add_contacts(store, 2)
    put(store, schema.outbox, mail(1), mail(2, state="ready"))
    merge(store)
    assert [row.state for row in rows_of(store, schema.outbox)] == ["sent", "withheld"]


def test_of_the_same_mail_that_waits_for_both_one_goes(store: Store) -> None:
    add_contacts(store, 2)
    put(store, schema.outbox, mail(1, state="ready"), mail(2, state="ready"))
    merge(store)
    assert [row.state for row in rows_of(store, schema.outbox)] == ["ready", "withheld"]


def test_a_mail_that_the_other_never_got_goes(store: Store) -> None:
    add_contacts(store, 2)
    put(store, schema.outbox, mail(1, state="withheld"), mail(2, state="ready"))
    merge(store)
    assert [row.state for row in rows_of(store, schema.outbox)] == ["withheld", "ready"]


def test_whoever_holds_a_mail_to_send_does_not_hold_it_any_more(store: Store) -> None:
    add_contacts(store, 2)
    put(store, schema.outbox, mail(2, state="claimed", token=7, lease_until=LATER))
    merge(store)
    row = only(store, schema.outbox)
    assert (row.state, row.token, row.contact_id) == ("ready", None, 1)


def test_a_contact_that_was_merged_before_counts_as_the_one_it_is_now(store: Store) -> None:
    add_contacts(store, 3)
    merge(store, 3, 2)
    merge(store, 3, 1)
    with store.read() as connection:
        assert former.now_known_as(connection, [2, 3]) == {2: 1, 3: 1}


def test_a_whole_group_becomes_one_at_once(store: Store) -> None:
    add_contacts(store, 5)
    pairs = [Merging(n + 1, n, "likeness") for n in range(1, 5)]
    with store.write() as connection:
        done = merge_contacts(connection, pairs, hashed, LATER)
    assert ([row.id for row in rows_of(store, schema.contact)], len(done)) == ([1], 4)


def test_the_number_of_statements_does_not_depend_on_the_number_of_pairs(store: Store) -> None:
    add_contacts(store, 44)
    counts = []
    for pairs in ([(2, 1)], [(n, n + 20) for n in range(3, 23)]):
        counter = StatementCounter(store)
        with store.write() as connection:
            merge_contacts(connection, [Merging(*pair, "likeness") for pair in pairs], hashed, LATER)
        counts.append(counter.n)
    assert counts[1] <= counts[0] + 5


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("act", [merge, part])
def test_hand_overs_are_held_before_people_as_whoever_answers_one_does(
    store: Store, act: Callable[[Store], object]
) -> None:
    add_contacts(store, 2)
    if act is part:
        merge(store)
    held = Held(store)
    act(store)
    assert held.tables.index("handover") < held.tables.index("contact")


def test_one_contact_is_not_merged_with_itself(store: Store) -> None:
    add_contacts(store, 2)
    merge(store)
    with pytest.raises(NurtureError, match="one and the same"):
        merge(store)


def test_a_contact_that_is_not_there_is_not_merged(store: Store) -> None:
    add_contacts(store, 1)
    with pytest.raises(NurtureError, match="is not there"):
        merge(store, 9, 1)


def test_the_id_of_one_who_was_merged_is_never_given_to_somebody_else(store: Store) -> None:
    from nurture.store.people import new_ids

    add_contacts(store, 2)
    merge(store)
    if not store.is_postgresql:
        with store.write() as connection:
            assert new_ids(connection, 2) == [3, 4]


# --- taking it back ---------------------------------------------------------------------------------


def full(store: Store) -> None:
    """Two contacts with something in every table that a merge has a rule for."""
    add_contacts(store, 2)
    version(store)
    change(store, 1, phone="+31612345678", tags=["fair"])
    change(store, 2, city="Breda", name="An Vries", updated_at=NOW + DAY)
    put(store, schema.consent, agreed(1), agreed(2, granted=False), agreed(2, purpose="news"))
    put(store, schema.preference, {"contact_id": 2, "days_apart": 7, "at": NOW})
    given = [{"kind": "email", "value": f"an{n}@bakkerij.example", "contact_id": n} for n in (1, 2)]
    put(store, schema.identity, *given)
    put(store, schema.enrolment, enrolment(1), enrolment(2, done=["welcome", "pause"], step="cases"))
    put(store, schema.outbox, mail(1), mail(2), mail(2, "cases", state="ready"), mail(1, "cases"))
    happened = {"kind": "clicked", "at": NOW, "received_at": NOW, "data": {}, "classed": "human"}
    put(store, schema.signal, {"contact_id": 1, **happened}, {"contact_id": 2, **happened})


def test_taken_back_both_are_as_they_were(store: Store) -> None:
    full(store)
    before = everything(store)
    merge(store)
    assert everything(store) != before
    part(store)
    assert everything(store) == before


def test_merging_and_taking_back_can_be_repeated(store: Store) -> None:
    full(store)
    before = everything(store)
    for _ in range(3):
        merge(store)
        part(store)
    assert everything(store) == before


def test_what_came_since_stays_and_is_told(store: Store) -> None:
    full(store)
    merge(store)
    clicked = {
        "kind": "clicked",
        "at": LATER + DAY,
        "received_at": LATER + DAY,
        "data": {},
        "classed": "human",
    }
    put(store, schema.signal, {"contact_id": 1, **clicked})
    assert part(store).stays == {"signals": 1}
    assert [row.contact_id for row in rows_of(store, schema.signal)] == [1, 2, 1]


def test_a_value_that_is_newer_than_the_merge_stays_and_is_told(store: Store) -> None:
    full(store)
    merge(store)
    change(store, 1, city="Gouda")
    assert part(store).newer == ("city",)
    assert [row.city for row in rows_of(store, schema.contact)] == ["Gouda", "Breda"]


def test_a_withdrawal_that_came_since_is_believed_of_both(store: Store) -> None:
    add_contacts(store, 2)
    put(store, schema.consent, agreed(1), agreed(2))
    merge(store)
    with store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "one-click", LATER + timedelta(minutes=1))
    part(store)
    assert [row.granted for row in rows_of(store, schema.consent)] == [False, False]


def test_nobody_who_is_parted_again_gets_a_step_that_came_since_once_more(store: Store) -> None:
    full(store)
    merge(store)
    with store.write() as connection:
        table = schema.enrolment
        further = ["welcome", "pause", "cases", "proof"]
        connection.execute(sa.update(table).where(table.c.state == "active").values(done=further))
    part(store)
    stays = next(row for row in rows_of(store, schema.enrolment) if row.contact_id == 1)
    assert (stays.state, stays.done) == ("active", ["welcome", "cases", "proof"])


def test_mails_that_came_since_fit_the_times_that_are_told_again(store: Store) -> None:
    add_contacts(store, 2)
    version(store)
    put(store, schema.enrolment, enrolment(1, done=["welcome", "pause"]), enrolment(2))
    put(store, schema.outbox, mail(1), mail(2))
    merge(store)
    put(store, schema.outbox, mail(1, "cases", occurrence=2, created_at=LATER))
    part(store)
    rows = rows_of(store, schema.outbox)
    assert [(row.contact_id, row.step, row.occurrence) for row in rows] == [
        (1, "welcome", 1),
        (2, "welcome", 1),
        (1, "cases", 1),
    ]


def test_a_stop_that_spread_to_the_other_address_is_lifted_from_it(store: Store) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        consents.suppress(connection, hashed("an2@bakkerij.example"), "asked for no mail at all", NOW)
    merge(store)
    part(store)
    assert [bytes(row.address_hash) for row in rows_of(store, schema.suppression)] == [
        hashed("an2@bakkerij.example")
    ]


def test_merges_are_taken_back_from_the_last_one(store: Store) -> None:
    add_contacts(store, 3)
    merge(store, 3, 2)
    merge(store, 2, 1)
    with pytest.raises(NurtureError, match="merged into 1 since") as raised:
        part(store, 3)
    assert raised.value.hint == "take that back first: nurture contacts unmerge 2"


def test_in_that_order_all_come_back(store: Store) -> None:
    add_contacts(store, 3)
    before = everything(store)
    merge(store, 3, 2)
    merge(store, 2, 1)
    part(store, 2)
    part(store, 3)
    assert everything(store) == before


def test_two_merges_into_one_contact_can_be_taken_back_in_any_order(store: Store) -> None:
    add_contacts(store, 3)
    change(store, 2, city="Breda")
    change(store, 3, city="Gouda", updated_at=NOW + DAY)
    before = everything(store)["contact"]
    merge(store, 2, 1)
    merge(store, 3, 1)
    part(store, 3)
    part(store, 2)
    assert everything(store)["contact"] == before


def test_what_was_never_merged_cannot_be_taken_back(store: Store) -> None:
    add_contacts(store, 1)
    with pytest.raises(NurtureError, match="contact 1 was not merged"):
        part(store, 1)


def records_of(store: Store) -> Sequence[str]:
    from nurture.store import records

    with store.read() as connection:
        return [told.record.reason for told in records.told(connection, [1, 2])]


def test_merging_is_told(store: Store) -> None:
    add_contacts(store, 2)
    merge(store)
    assert records_of(store) == [
        "contact 2 (An de Vries, an2@bakkerij.example) is the same person: same telephone"
    ]


def test_taking_back_is_told_to_both(store: Store) -> None:
    add_contacts(store, 2)
    merge(store)
    part(store)
    assert records_of(store)[1:] == ["contacts 1 and 2 are two people after all"] * 2
