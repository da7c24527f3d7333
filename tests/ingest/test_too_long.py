"""What is longer than any name or id is not used; whoever wrote it is sorted, and so is everybody else."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.ingest.mapping import from_document
from nurture.ingest.mapping_file import read_mapping
from nurture.ingest.normalise import Origin, normalise
from nurture.ingest.plan import make_plan
from nurture.store import schema
from tests.ingest.conftest import NOW, Desk

Records = Sequence[Mapping[str, str]]
Bring = Callable[[Desk, Records], None]

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
NEIGHBOUR = {"name": "Bo Rood", "email": "bo@rood.nl"}
FIELDS = (
    *(
        "email",
        "phone",
        "name",
        "first name",
        "infix",
        "last name",
        "company",
        "website",
        "job title",
        "city",
    ),
    *("country", "language", "timezone", "external id", "consent", "interests", "employees", "sector"),
    "what is your budget",
)


def noise(length: int, letters: str = LETTERS, seed: int = 1) -> str:
    """Text that no database can make smaller."""
    return "".join(random.Random(seed).choices(letters, k=length))


def post(desk: Desk, records: Records) -> None:
    desk.receive(json.dumps(records), source="webform", name="quote", media_type="application/json")


def import_file(desk: Desk, records: Records) -> None:
    columns = list(dict.fromkeys(column for record in records for column in record))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    desk.receive(file.getvalue().encode("utf-8", "replace"))


bring_in = pytest.mark.parametrize("bring", [post, import_file])


@bring_in
def test_who_writes_too_much_is_a_contact_without_it(desk: Desk, bring: Bring) -> None:
    long = {
        **{field: noise(3_000) for field in ("company", "job title", "city", "external id", "consent")},
        "website": f"https://{noise(3_000)}.nl/",
    }
    bring(desk, [{"name": "An Wit", "email": "an@gmail.com", **long}, NEIGHBOUR])
    desk.sort()
    an, bo = desk.contacts()
    assert an["problems"] == dict.fromkeys(
        ("company", "job_title", "city", "external_id", "consent", "website"), "too_long"
    )
    assert [an[field] for field in ("company", "job_title", "city", "website")] == [None] * 4
    assert (bo["name"], desk.states()) == ("Bo Rood", ["contact", "contact"])


@bring_in
def test_what_was_too_long_to_use_is_kept_as_it_came(desk: Desk, bring: Bring) -> None:
    bring(desk, [{"email": "an@gmail.com", "name": noise(3_000)}])
    desk.sort()
    (item,) = desk.rows(schema.inbox)
    assert (item["state"], desk.contact()["problems"]) == ("junk", {"name": "too_long"})
    assert item["fields"]["name"] == noise(3_000)


@bring_in
def test_control_characters_stop_nobody(desk: Desk, bring: Bring) -> None:
    controls = "".join(map(chr, (*range(32), 127)))
    bring(desk, [{"name": "An Wit", "email": "an@gmail.com", "remark": f"a{controls}b"}, NEIGHBOUR])
    desk.sort()
    assert desk.states() == ["contact", "contact"]
    assert "\x1b" in desk.contacts()[0]["answers"]["remark"]


def test_fields_whose_names_become_one_without_nul_are_both_kept(desk: Desk) -> None:
    post(desk, [{"name": "An Wit", "remark\0": "one", "remark": "two"}])
    (item,) = desk.rows(schema.inbox)
    assert sorted(item["fields"].values()) == ["An Wit", "one", "two"]


def test_a_time_before_all_time_is_no_date(desk: Desk) -> None:
    mapping = read_mapping("signals:\n  - {kind: submitted, at: seen}\n", "map.yaml")
    desk.bring("name,email,seen\nAn Wit,an@wit.nl,0001-01-01T00:00:00+14:00\n", mapping)
    assert desk.contact()["problems"] == {"signals": "date"}


@pytest.mark.parametrize(
    ("field", "longest"),
    [("company", 200), ("city", 200), ("job title", 200), ("last name", 200), ("name", 200)],
)
def test_the_longest_that_is_used(field: str, longest: int) -> None:
    def problems(length: int) -> Mapping[str, str]:
        fields = {field: "W" + "a" * (length - 1)}
        return normalise(fields, make_plan((field,), from_document(None)), Origin("csv", NOW, "NL")).problems

    assert (problems(longest), list(problems(longest + 1).values())) == ({}, ["too_long"])


texts = st.one_of(
    st.text(max_size=60),
    st.builds(
        noise,
        st.sampled_from([200, 201, 253, 255, 3_000, 5_000]) | st.integers(0, 5_000),
        st.sampled_from(
            [LETTERS, "a.@-_ ,;", "\ufdfa\ufdfbßİŉﬃ", "一丁丂七丄丅", "".join(map(chr, range(128)))]
        ),
        st.integers(0, 2**32),
    ),
)
shapes = st.sampled_from(["{}", "https://{}.nl/", "an@{}.nl", "{}@wit.nl", "{}, yes, {}", "+31{}"])


@bring_in
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts, shape=shapes)
def test_no_text_in_any_field_stops_a_batch(desk: Desk, bring: Bring, text: str, shape: str) -> None:
    told = shape.replace("{}", text)[:5_000]
    bring(desk, [{"name": "An Wit", "email": "an@wit.nl", field: told} for field in FIELDS])
    desk.sort()
    assert set(desk.states()) <= {"contact", "merged", "junk"}
