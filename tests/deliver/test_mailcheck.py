"""The checks of mails: what each sees, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from nurture.deliver.colours import colour, contrast
from nurture.deliver.mailcheck import check_mails
from nurture.deliver.phrases import like_spam
from nurture.deliver.templates import TemplateLibrary
from nurture.language.findings import CheckFinding
from tests.deliver.test_compose import Folder

FRAME = '<html lang="nl"><head><meta name="color-scheme" content="light dark">{}</head><body>{}</body></html>'


def seen(path: Path, size: int = 0) -> Sequence[CheckFinding]:
    return check_mails(TemplateLibrary([path]), lambda _name, _locale: size)


def codes(path: Path, body: str, head: str = "") -> list[str]:
    Folder(path).mail(FRAME.format(head, body + "<p>words</p>"))
    return [finding.code for finding in seen(path)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('<img src="https://x.example/a.png" alt="" width="20">', []),
        ('<img src="https://x.example/a.png" alt="{{ firm.name }}" width="{{ 20 }}">', []),
        ('<img src="https://x.example/a.png" width="20">', ["N430"]),
        ('<img src="https://x.example/a.png" alt="">', ["N432"]),
        ('<img src="https://x.example/a.png" alt="" width="50%">', ["N432"]),
        ('<a href="http://x.example/">our site</a>', ["N431"]),
        ('<a href="{{ firm.website }}/">our site</a>', []),
        ('<a href="https://x.example">Klik hier!</a>', ["N437"]),
        ('<a href="https://x.example"><b>Lees meer</b> »</a>', ["N437"]),
        ('<a href="https://x.example">Lees meer over de prijzen</a>', []),
        ('<a href="https://x.example/?a={{ contact.city }}">see it</a>', ["N441"]),
        ('<a href="https://x.example/{% if stage %}?a={{ answers.b }}{% endif %}">see it</a>', ["N441"]),
        ('<a href="https://x.example/?a={{ contact.city|urlencode }}&amp;b={{ step }}">see it</a>', []),
        ('<p style="color:#999999">pale</p>', ["N436"]),
        ('<p style="color:#999999;font-size:24px">pale and large enough? no: 2.8</p>', ["N436"]),
        ('<p style="color:#8a8a8a;font-size:24px">large</p>', []),
        ('<div style="background:#1d6b52"><p style="color:#ffffff">white on green</p></div>', []),
        ('<div style="background:#1d6b52"><p>black on green</p></div>', ["N436"]),
        ('<div style="background:url(a.png)"><p style="color:#ffffff">who knows</p></div>', ["N434"]),
        ('<div style="color:#999;display:none">hidden</div>', []),
        ('<p style="color:{{ step }}">whatever it is</p>', []),
        ('<div style="position: absolute">x</div>', ["N434"]),
        ('<div style="max-width:600px">x</div>', ["N434"]),
        ('<!--[if mso]><table width="600"><tr><td><![endif]--><div style="max-width:600px">x</div>', []),
        ('<div style="border-radius:8px;box-shadow:0 0 2px #000">x</div>', []),
        ('<a href="https://x.example" style="background:#1d6b52;color:#fff;padding:9px">it</a>', ["N434"]),
    ],
)  # fmt: skip
def test_a_body_has_these_findings(tmp_path: Path, body: str, found: list[str]) -> None:
    assert codes(tmp_path, body) == found


def test_styles_under_media_are_not_for_outlook(tmp_path: Path) -> None:
    sheet = "<style>@media (max-width: 600px) { p { display: flex } }</style>"
    assert codes(tmp_path, "", sheet) == []


def test_styles_of_a_sheet_are_looked_at_where_they_stand(tmp_path: Path) -> None:
    Folder(tmp_path).mail(FRAME.format("<style>\np { color: #000;\n  float: left }\n</style>", "<p>x</p>"))
    assert [(one.code, one.line, one.column) for one in seen(tmp_path)] == [("N434", 7, 3)]


def test_a_finding_in_a_layout_is_one_finding_for_all_its_mails(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write(
        "layout.html",
        FRAME.format("", '<img src="https://x.example/a.png" width="9">{% block b %}{% endblock %}'),
    )
    for name in ("a", "b", "c"):
        folder.write(
            f"nl/{name}.html",
            '---\nsubject: s\npreheader: p\n---\n{% extends "layout.html" %}{% block b %}x{% endblock %}',
        )
    (found,) = seen(tmp_path)
    assert (found.code, found.file) == ("N430", str(tmp_path / "layout.html"))


def test_what_mjml_makes_is_not_looked_at_but_what_the_author_wrote(tmp_path: Path) -> None:
    head = '<mj-head><mj-raw><meta name="color-scheme" content="light dark" /></mj-raw></mj-head>'
    column = '<mj-column><mj-text>words</mj-text><mj-image src="https://x.example/a.png" /></mj-column>'
    Folder(tmp_path).mail(
        f'<mjml lang="nl">{head}<mj-body><mj-section>{column}</mj-section></mj-body></mjml>',
        "mjml",
    )
    assert [one.code for one in seen(tmp_path)] == ["N430"]


@pytest.mark.parametrize(("size", "found"), [(102 * 1024, []), (102 * 1024 + 1, ["N433"])])
def test_gmail_shows_102_kb(tmp_path: Path, size: int, found: list[str]) -> None:
    Folder(tmp_path).mail(FRAME.format("", "<p>x</p>"))
    assert [one.code for one in seen(tmp_path, size)] == found


@pytest.mark.parametrize(
    ("subject", "language", "many"),
    [
        ("Een nieuwe website: drie vragen om mee te beginnen", "nl", 0),
        ("What does a website cost, really?", "en", 0),
        ("Welcome!", "en", 0),
        ("Gratis website", "nl", 1),
        ("Gratis website", "en", 0),
        ("Act now", "nl", 1),
        ("KOOP DEZE WEBSITE", "nl", 1),
        ("BTW en KVK: wat een zzp'er moet weten", "nl", 0),
        ("Nu!! Echt waar!", "nl", 1),
        ("Freedom of choice", "en", 0),
    ],
)
def test_subjects_that_read_like_spam(subject: str, language: str, many: int) -> None:
    assert len(list(like_spam(subject, language))) == many


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000", "#fff", 21.0),
        ("#777777", "white", 4.48),
        ("rgb(255, 0, 0)", "#ffffff", 4.0),
        ("navy", "#fff", 16.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    first, second = colour(one), colour(other)
    assert first is not None
    assert second is not None
    assert contrast(first, second) == pytest.approx(ratio, abs=0.02)


@pytest.mark.parametrize("text", ["var(--x)", "rgba(0,0,0,.5)", "inherit", "url(a.png)", "#ab"])
def test_a_colour_that_cannot_be_told_is_none(text: str) -> None:
    assert colour(text) is None
