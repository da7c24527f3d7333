"""What leads are called never becomes a header. `python -m bench.injection` tries a million."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.injection import fault, faults, made_writer, written


def test_hostile_names_make_no_header_that_was_not_meant() -> None:
    assert list(faults(1_000_000_000, 2_000)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: ", b"Bcc: e@example.com\r\nSubject: "),
        (b"\r\nMIME-Version", b"\r\n\r\nMIME-Version"),
        (b"Subject: ", b"Subject: a\nb"),
        (b"Subject: ", b"Subject: \xc3\xa9"),
        (b"Subject: ", b"Subject: " + b"a" * 80),
    ],
)
def test_the_hunt_sees_a_head_that_is_wrong(tmp_path: Path, before: bytes, after: bytes) -> None:
    content = written(made_writer(tmp_path), 1, "An", "De Webmakers", "An")
    assert not fault(content)
    assert fault(content.replace(before, after, 1))
