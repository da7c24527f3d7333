from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.language.findings import Report
from nurture.language.yamlio import Mapping, Scalar, load_yaml, plain_data, read_text
from tests.language.examples import BOTH


def loaded(text: str) -> object:
    """The one document of a text that has no problems."""
    report = Report("x.yaml")
    documents = load_yaml(text, report)
    assert report.findings == []
    return plain_data(documents[0].root)


def found(text: str) -> list[tuple[str, int, int]]:
    report = Report("x.yaml")
    load_yaml(text, report)
    return [(finding.code, finding.line, finding.column) for finding in report.findings]


def test_every_document_of_a_file_has_its_own_source() -> None:
    documents = load_yaml("# first\na: 1\n---\n# second\nb: 2\n", Report("x.yaml"))
    assert [document.source for document in documents] == ["# first\na: 1\n", "# second\nb: 2\n"]


def test_a_document_s_own_source_means_the_same_as_the_document() -> None:
    documents = load_yaml(BOTH, Report("x.yaml"))
    assert [loaded(document.source) for document in documents] == [
        plain_data(document.root) for document in documents
    ]


def test_keys_and_values_know_where_they_stand() -> None:
    root = load_yaml("a:\n  bc:   word\n", Report("x.yaml"))[0].root
    assert isinstance(root, Mapping)
    inner = root.entries["a"][1]
    assert isinstance(inner, Mapping)
    key, value = inner.entries["bc"]
    assert (key.line, key.column, value.line, value.column) == (2, 3, 2, 9)


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "NO", "y", "12:30", "1_000", "0x1F", "2026-03-02"]
)
def test_words_that_older_yaml_changed_stay_texts(word: str) -> None:
    assert loaded(f"{word}: {word}") == {word: word}


def test_a_file_cannot_choose_an_older_yaml() -> None:
    assert loaded("%YAML 1.1\n---\ncountry: NO\n") == {"country": "NO"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("''", ""),
    ],
)
def test_scalars_have_the_types_of_yaml_1_2(written: str, value: object) -> None:
    assert loaded(f"a: {written}") == {"a": value}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a:\n\tb: 1\n", ("N004", 2, 1)),
        ("a: 1\nb: 2\na: 3\n", ("N005", 3, 1)),
        ("a: !!str 5", ("N008", 1, 4)),
        ("a: !!python/object:os.system x", ("N008", 1, 4)),
        ("? [a]\n: b", ("N009", 1, 3)),
        ("a: [1,\n", ("N003", 2, 1)),
        ("a: 1\npurpose marketing\nlocale: nl\n", ("N003", 2, 1)),
        ("a: *b", ("N003", 1, 4)),
        ("a: &b [*b]", ("N003", 1, 8)),
        ('"\\U99999999"', ("N003", 1, 1)),
        ("a: \x01", ("N003", 1, 4)),
        ("[" * 60, ("N007", 1, 51)),
    ],
)
def test_what_is_wrong_is_found_where_it_is(text: str, finding: tuple[str, int, int]) -> None:
    assert found(text) == [finding]


def test_the_first_of_two_equal_keys_is_kept() -> None:
    report = Report("x.yaml")
    assert plain_data(load_yaml("a: 1\na: 2\n", report)[0].root) == {"a": 1}


def test_an_alias_is_its_anchor() -> None:
    assert loaded("a: &x [1, 2]\nb: *x") == {"a": [1, 2], "b": [1, 2]}


def test_a_hundred_aliases_are_allowed_and_one_more_is_not() -> None:
    assert found("a: &x 1\nb: [" + "*x, " * 100 + "]") == []
    assert found("a: &x 1\nb: [" + "*x, " * 101 + "]")[0][0] == "N006"


def test_aliases_of_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert found("\n".join(lines))[0][0] == "N006"


def test_an_unquoted_condition_with_a_list_gets_the_hint_that_helps() -> None:
    report = Report("x.yaml")
    load_yaml('- {when: a in ["x"], points: 1}', report)
    assert "single quotes" in report.findings[0].hint


def test_a_missing_colon_is_called_that() -> None:
    report = Report("x.yaml")
    load_yaml("a: 1\npurpose marketing\nlocale: nl\n", report)
    assert report.findings[0].message == "a `:` is missing"


def test_documents_before_the_broken_one_are_read() -> None:
    documents = load_yaml("a: 1\n---\nb: [\n", Report("x.yaml"))
    assert [plain_data(document.root) for document in documents] == [{"a": 1}]


def test_a_byte_that_is_not_utf_8_is_found_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"a: 1\nname: caf" + b"\xe9\n")
    report = Report("x.yaml")
    assert read_text(tmp_path / "x.yaml", report) is None
    assert [(each.code, each.line, each.column) for each in report.findings] == [("N002", 2, 10)]


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_text(tmp_path / "x.yaml", Report("x.yaml")) == "a: 1\n"


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    report = Report("x.yaml")
    read_text(tmp_path / "x.yaml", report)
    assert [each.code for each in report.findings] == ["N001"]


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"#" * 1_000_001)
    report = Report("x.yaml")
    assert read_text(tmp_path / "x.yaml", report) is None


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"%@`#,?\n\t \\\x00é1"), max_size=60))
def test_no_text_ends_in_an_exception(text: str) -> None:
    load_yaml(text, Report("x.yaml"))


def test_a_quoted_scalar_is_a_text() -> None:
    root = load_yaml("a: '5'", Report("x.yaml"))[0].root
    assert isinstance(root, Mapping)
    value = root.entries["a"][1]
    assert isinstance(value, Scalar)
    assert value.value == "5"


def test_a_quote_that_is_never_closed_is_named_where_it_is_opened() -> None:
    report = Report("x.yaml")
    load_yaml("a: 1\nb: 'two\nc: 3\nd: 4\n", report)
    assert [(finding.line, finding.column) for finding in report.findings] == [(2, 4)]


def test_a_bracket_that_is_never_closed_is_named_where_it_is_opened() -> None:
    report = Report("x.yaml")
    load_yaml("a: 1\nb: {two: 2\nc: 3\nd: 4\n", report)
    assert [(finding.line, finding.column) for finding in report.findings] == [(2, 4)]
