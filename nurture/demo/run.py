"""Runs the demo: a workspace, its lead files, and 60 days of the real engine on a virtual clock.

Nothing is faked but time and people. Files go through the source plugins, mails over SMTP into a Maildir,
clicks through the public pages, hand-overs over HTTP to a small CRM and back. The clock jumps to the next
moment at which anything is due or anybody does anything.
"""

from __future__ import annotations

import heapq
import itertools
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import event

from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.demo.behaviour import BROWSER, Behaviour, PlannedAct
from nurture.demo.figures import Figures, count_figures
from nurture.demo.leads import LeadFile, Post, write_lead_files
from nurture.demo.mailbox import Mailbox
from nurture.demo.sales import Crm, PlannedAnswer, crm, planned_answer
from nurture.demo.visitors import Visitors, visitors
from nurture.demo.world import SHOP_OWNER, make_world
from nurture.handover.render import render_dossier
from nurture.ingest.mapping_file import load_mapping
from nurture.plug.contracts import Payload
from nurture.settings import Settings, load_settings
from nurture.store import signals, stories
from nurture.store.handovers import HandoverRow
from nurture.store.migrate import upgrade
from nurture.store.signals import NewSignal
from nurture.testing.smtp import SmtpServer, smtp_server
from nurture.web.public import public_app
from nurture.workspace import create_workspace

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""A Monday, eight o'clock in Amsterdam."""

DAYS = 60
AT_ONCE = timedelta(minutes=30)
"""What is due within this time is done together."""

TEAM = "sales-nl"
MAIL = "mail"
LEADS = "leads"
JSON = "application/json"
MARK = ".nurture-demo"
"""Marks a folder as ours, so that the next demo may replace it."""

Event = Post | PlannedAct | PlannedAnswer


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What came of it. `dossiers` are three hand-overs in full; `shown` whose journey is worth a look."""

    folder: Path
    days: int
    files: tuple[LeadFile, ...]
    figures: Figures
    dossiers: tuple[str, ...]
    shown: str


def run_demo(
    folder: Path, seed: int = 1, days: int = DAYS, progress: Callable[[int], None] = lambda day: None
) -> DemoResult:
    """Makes the workspace in `folder` and runs it. The same numbers for the same seed.

    `progress` is told each day that begins, counted from 1. A folder that an earlier demo made is replaced.
    Raised when it holds anything else: WorkspaceError.
    """
    if (folder / MARK).is_file():
        shutil.rmtree(folder)
    create_workspace(folder)
    (folder / MARK).touch()
    world = make_world(seed)
    lead_files = write_lead_files(folder / LEADS, world, seed)
    with ExitStack() as stack:
        settings = load_settings(folder)
        smtp = stack.enter_context(smtp_server(SmtpServer(maildir=folder / MAIL)))
        sales = stack.enter_context(crm(settings.secret_key.get_secret_value()))
        clock = VirtualClock(START)
        app = build_app(_with_servers(settings, smtp, sales), clock)
        stack.callback(app.close)
        _hurry(app)
        upgrade(app.store)
        app.publish()
        for file in lead_files.files:
            _import(app, file)
        public = stack.enter_context(visitors(public_app(app)))
        demo = _Demo(app, clock, Behaviour(seed, world), public, Mailbox(folder / MAIL), sales, seed)
        for post in lead_files.posts:
            demo.plan(START + post.after, post)
        for day in range(1, days + 1):
            progress(day)
            demo.run(START + timedelta(days=day))
        return _result(app, folder, days, lead_files.files)


def _with_servers(settings: Settings, smtp: SmtpServer, sales: Crm) -> Settings:
    """The workspace's settings, with the demo's own servers in place of real ones."""
    team = settings.teams[TEAM].model_copy(
        update={"webhook": sales.url, "webhook_secret": SecretStr(sales.secret)}
    )
    return settings.model_copy(
        update={
            "teams": {**settings.teams, TEAM: team},
            "mail": settings.mail.model_copy(update={"transport": "smtp"}),
            "plugin": {**settings.plugin, "smtp": {"host": smtp.host, "port": smtp.port}},
        }
    )


def _hurry(app: App) -> None:
    """A demo's data need not survive a power cut; that it would takes half of the time."""

    @event.listens_for(app.store.engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")


def _import(app: App, file: LeadFile) -> None:
    with file.path.open("rb") as stream:
        app.intake().receive(file.source, Payload(stream, file.path.name), load_mapping(file.mapping))


class _Demo:
    """The days, one event after the other."""

    def __init__(
        self,
        app: App,
        clock: VirtualClock,
        behaviour: Behaviour,
        public: Visitors,
        mailbox: Mailbox,
        sales: Crm,
        seed: int,
    ) -> None:
        self._app = app
        self._clock = clock
        self._behaviour = behaviour
        self._public = public
        self._mailbox = mailbox
        self._sales = sales
        self._seed = seed
        self._forms = f"{app.settings.web.base_url}/f"
        self._events: list[tuple[datetime, int, Event]] = []
        self._order = itertools.count()

    def plan(self, at: datetime, event: Event) -> None:
        """Something will happen; of two at the same time, the one planned first."""
        heapq.heappush(self._events, (at, next(self._order), event))

    def run(self, end: datetime) -> None:
        """Works, lets people act, and jumps on, until `end`."""
        while True:
            self._work()
            upcoming = [self._app.next_due(), self._events[0][0] if self._events else None]
            moments = [moment for moment in upcoming if moment is not None]
            if not moments or min(moments) > end:
                return
            self._let_act(max(self._clock.now(), min(moments)) + AT_ONCE)

    def _work(self) -> None:
        """The engine does what is due; people and sales notice what reached them."""
        self._app.tick()
        now = self._clock.now()
        for mail in self._mailbox.new_mails(now):
            for act in self._behaviour.react(mail):
                self.plan(act.at, act)
        for told in self._sales.heard():
            answer = planned_answer(self._seed, told, now)
            if answer is not None:
                self.plan(answer.at, answer)

    def _let_act(self, until: datetime) -> None:
        """Everything that people do before `until`, each at its own time."""
        while self._events and self._events[0][0] <= until:
            at, _, event = heapq.heappop(self._events)
            self._clock.set(max(at, self._clock.now()))
            match event:
                case Post(form=form, body=body):
                    self._public.post(f"{self._forms}/{form}", body, BROWSER, JSON)
                case PlannedAnswer(url=url, fields=fields):
                    self._public.post(url, fields, BROWSER)
                case PlannedAct():
                    self._act(event)
        self._clock.set(max(until, self._clock.now()))

    def _act(self, act: PlannedAct) -> None:
        match act.kind:
            case "open":
                self._public.get(act.url, act.agent)
            case "click":
                reply = self._public.get(act.url, act.agent)
                if act.person:
                    for further in self._behaviour.arrive(act.recipient, reply.location, act.at):
                        self.plan(further.at, further)
            case "unsubscribe":
                self._public.post(act.url, {"List-Unsubscribe": "One-Click"}, act.agent)
            case "submit":
                self._public.post(f"{self._forms}/{act.form}", act.fields, act.agent)
            case "visit":
                self._visited(act)

    def _visited(self, act: PlannedAct) -> None:
        """As the website's own statistics would report it."""
        now = self._clock.now()
        with self._app.store.write() as connection:
            found = stories.find_contacts(connection, act.recipient, limit=1)
            seen = [NewSignal(person.id, "visited", now, {"url": act.url}) for person in found]
            signals.record_signals(connection, seen, now)


# --- what came of it --------------------------------------------------------------------------------


def _result(app: App, folder: Path, days: int, files: tuple[LeadFile, ...]) -> DemoResult:
    rows = sorted(app.desk.list(open_only=False), key=lambda row: row.id)
    chosen = _worth_showing(rows)
    with app.store.read() as connection:
        figures = count_figures(connection)
    return DemoResult(
        folder=folder,
        days=days,
        files=files,
        figures=figures,
        dossiers=tuple(render_dossier(app.desk.show(row.id)) for row in chosen),
        shown=chosen[0].dossier["contact"]["email"] if chosen else "",
    )


def _worth_showing(rows: list[HandoverRow]) -> list[HandoverRow]:
    """Three that differ: the shop owner with a date, whose interest was never said aloud, and another."""
    chosen: list[HandoverRow] = []
    for wanted in (
        lambda row: row.dossier["contact"]["email"] == SHOP_OWNER,
        lambda row: not _asked(row),
        lambda row: row.campaign == "new-website",
        lambda row: True,
        lambda row: True,
    ):
        chosen += [row for row in rows if row not in chosen and wanted(row)][:1]
    return chosen[:3]


def _asked(row: HandoverRow) -> bool:
    return any(evidence["buying"] for evidence in row.dossier["evidence"])
