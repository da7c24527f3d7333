"""The demo as a whole, over its first days, since the engine's own tests look closer."""

from __future__ import annotations

import re
from dataclasses import asdict
from email import message_from_bytes
from pathlib import Path

import pytest

from nurture.demo.run import MARK, DemoResult, run_demo
from nurture.demo.summary import as_json, render_summary
from nurture.errors import WorkspaceError

DAYS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "demo"


@pytest.fixture(scope="module")
def result(folder: Path) -> DemoResult:
    return run_demo(folder, days=DAYS)


def test_every_record_becomes_something(result: DemoResult) -> None:
    assert set(result.figures.inbox) == {"contact", "merged", "junk", "unreadable"}
    assert sum(result.figures.inbox.values()) > 400


def test_junk_has_its_reasons(result: DemoResult) -> None:
    assert set(result.figures.junk) == {"no email or phone", "no usable email or phone", "no name"}


def test_the_maildir_holds_every_mail_that_was_sent(result: DemoResult, folder: Path) -> None:
    assert result.figures.mails == {"sent": len(list((folder / "mail" / "new").iterdir()))}


def test_nobody_got_the_same_mail_twice(result: DemoResult, folder: Path) -> None:
    mails = [message_from_bytes(path.read_bytes()) for path in (folder / "mail" / "new").iterdir()]
    got = [(mail["To"], mail["Subject"]) for mail in mails]
    assert len(set(got)) == len(got)


def test_people_open_click_and_leave_through_the_public_pages(result: DemoResult) -> None:
    figures = result.figures
    assert min(figures.opens, figures.clicks, figures.visits, figures.forms, figures.unsubscribes) > 0


def test_programs_are_told_from_people(result: DemoResult) -> None:
    assert result.figures.machine > 0


def test_every_prospect_is_handed_over(result: DemoResult) -> None:
    assert result.figures.handovers == result.figures.prospects > 0


def test_sales_answers(result: DemoResult) -> None:
    figures = result.figures
    assert figures.accepted > 0
    assert figures.handovers == figures.accepted + sum(figures.rejected.values()) + figures.unanswered


def test_three_dossiers_are_shown_and_the_shop_owner_is_the_first(result: DemoResult) -> None:
    assert len(result.dossiers) == 3
    assert "Theehuis Terpstra" in result.dossiers[0]


def test_the_student_and_the_competitor_are_ruled_out(result: DemoResult) -> None:
    assert result.figures.people["disqualified"] >= 2


def test_the_summary_tells_the_way_from_inbox_to_hand_over(result: DemoResult) -> None:
    summary = render_summary(result)
    told = [
        "Records in the inbox",
        "junk",
        "Contacts",
        "Mails delivered",
        "Prospects",
        "Hand-overs",
        "explain",
    ]
    assert [summary.index(words) for words in told] == sorted(summary.index(words) for words in told)


def test_the_second_demo_replaces_the_first_and_has_the_same_numbers(
    result: DemoResult, folder: Path
) -> None:
    again = run_demo(folder, days=DAYS)
    assert asdict(again.figures) == asdict(result.figures)
    assert _without_links(again) == _without_links(result)


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("my life's work")
    with pytest.raises(WorkspaceError, match="not an empty folder"):
        run_demo(tmp_path)
    assert not (tmp_path / MARK).exists()


def _without_links(result: DemoResult) -> str:
    return re.sub(r"/h/[^#]+", "", str(as_json(result)))
