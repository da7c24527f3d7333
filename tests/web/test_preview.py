"""The preview in the browser: what it shows, and that it is for this machine only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.errors import TokenError
from nurture.proofs import Proofs
from nurture.settings import load_settings
from nurture.store.migrate import upgrade
from nurture.tokens import UNSUBSCRIBE, UnsubscribeFacts
from nurture.web.preview import preview_app
from nurture.web.server import serve
from nurture.workspace import create_workspace
from tests.system.world import free_port
from tests.world import MONDAY, person, submit


class Site:
    """The preview of a workspace, asked over HTTP."""

    def __init__(self, app: App, port: int) -> None:
        self.app = app
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def get(self, path: str = "/", host: str = "", **query: str) -> tuple[int, str, dict[str, str]]:
        request = Request(f"{self.address}{path}?{urlencode(query)}", headers={"Host": host} if host else {})
        try:
            with urlopen(request, timeout=20) as answer:
                return (
                    answer.status,
                    answer.read().decode(),
                    {k.lower(): v for k, v in answer.headers.items()},
                )
        except HTTPError as error:
            with error:
                return error.code, error.read().decode(), {}

    def page(self, **query: str) -> str:
        return self.get(**query)[1]


@contextmanager
def previewing(folder: Path) -> Iterator[Site]:
    """The preview of the workspace in `folder`, on a port of its own."""
    port, stop, ready = free_port(), threading.Event(), threading.Event()
    with closing(build_app(load_settings(folder), VirtualClock(MONDAY))) as app:
        arguments = (preview_app(Proofs(app), port), "127.0.0.1", port, stop, ready.set)
        thread = threading.Thread(target=serve, args=arguments)
        thread.start()
        try:
            assert ready.wait(20)
            yield Site(app, port)
        finally:
            stop.set()
            thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("preview") / "firm"
    create_workspace(folder)
    with previewing(folder) as site:
        yield site


def test_it_lists_every_template_by_its_folder(site: Site) -> None:
    page = site.page()
    assert [f">{name}</a>" in page for name in ("welcome", "costs", "talk")] == [True] * 3
    assert ">orientation</h2>" in page


def test_it_shows_subject_preheader_text_and_size(site: Site) -> None:
    page = site.page(template="comparison/costs", locale="en")
    assert "What does a website cost, really?" in page
    assert "Three amounts, and where the difference lies." in page
    assert "Ask what a website costs and you will often hear" in page
    assert "KB of HTML with tracked links" in page


def test_the_mail_stands_in_a_frame_in_which_no_script_runs(site: Site) -> None:
    page, policy = site.page(template="comparison/costs"), site.get("/mail", template="comparison/costs")[2]
    assert page.count("<iframe") == page.count(" sandbox src=") == 2
    assert policy["content-security-policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(("scheme", "always"), [("dark", 1), ("light", 0)])
def test_the_colours_are_those_that_are_asked_for(site: Site, scheme: str, always: int) -> None:
    mail = site.get("/mail", template="comparison/costs", scheme=scheme)[1]
    assert (mail.count("@media (min-width:0)"), "prefers-color-scheme" in mail) == (always, False)


def test_a_stage_can_be_tried(site: Site) -> None:
    folder = site.app.settings.folder / "templates" / "nl"
    (folder / "staged.html").write_text("---\nsubject: s\n---\n<p>in {{ stage }}</p>", encoding="utf-8")
    assert "in decision" in site.get("/mail", template="staged", stage="decision")[1]
    (folder / "staged.html").unlink()


def test_a_change_shows_when_the_page_is_loaded_again_with_what_is_wrong_with_it(site: Site) -> None:
    file = site.app.settings.folder / "templates" / "nl" / "mine.html"
    file.write_text("---\nsubject: s\n---\n<p>one</p>", encoding="utf-8")
    before = site.page(template="mine")
    file.write_text("---\nsubject: s\n---\n<p>two</p><img src='http://x.example/a.png'>", encoding="utf-8")
    after = site.page(template="mine")
    file.write_text("---\nsubject: s\n---\n<p>{{ contact.nme }}</p>", encoding="utf-8")
    broken = site.page(template="mine")
    file.unlink()
    assert ("<pre>one" in before, "<pre>two" in after) == (True, True)
    assert ("<code>N430</code>" in after, "templates/nl/mine.html:4:11" in after) == (True, True)
    assert "templates/nl/mine.html:4: contact has no &#39;nme&#39;" in broken


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"template": "comparison/csts"}, "did you mean comparison/costs"),
        ({"template": "comparison/costs", "who": "nobody@example.com"}, "no database with contacts yet"),
        ({"template": "comparison/costs", "stage": "later"}, "there is no stage"),
        ({"template": "comparison/costs", "locale": "xx"}, "Wat kost een website"),
        ({"template": "../../../etc/passwd"}, "there is no template"),
        ({"template": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
def test_what_cannot_be_shown_is_told_on_the_page(site: Site, query: dict[str, str], told: str) -> None:
    status, page, _ = site.get(**query)
    assert (status, told in page) == (200, True)


def test_another_name_for_this_machine_is_refused(site: Site) -> None:
    assert site.get(host="evil.example")[0] == 403
    assert site.get("/mail", host=f"evil.example:{site.port}", template="comparison/costs")[0] == 403


def test_a_real_contact_can_be_chosen_and_nobody_is_unsubscribed_by_a_preview(tmp_path: Path) -> None:
    create_workspace(tmp_path / "firm")
    with previewing(tmp_path / "firm") as site:
        upgrade(site.app.store)
        site.app.publish()
        submit(site.app, person(1, name="Fenna Dijkstra"))
        page = site.page(template="orientation/welcome")
        mail = site.page(template="orientation/welcome", who="an1@bakkerij1.example.com")
    assert 'value="an1@bakkerij1.example.com">Fenna Dijkstra<' in page
    assert "Hallo Fenna," in mail
    token = mail.partition("/u/")[2].partition("\n")[0].strip()
    with pytest.raises(TokenError):
        site.app.signer.read(UNSUBSCRIBE, token, UnsubscribeFacts)
