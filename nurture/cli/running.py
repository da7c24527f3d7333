"""`run` (one process), `scheduler`, `worker` and `web` (many), and `tick` (once, by hand)."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import FOUND_PROBLEMS, Json, note, opened, print_json, ready, say, tell_started

if TYPE_CHECKING:
    import dramatiq

    from nurture.app import App, TickReport
    from nurture.jobs.actors import Jobs

Migrate = Annotated[bool, typer.Option("--migrate", help="Bring an older database up to date first.")]
Threads = Annotated[int, typer.Option("--threads", min=1, max=64, help="Worker threads in this process.")]


def run(context: typer.Context, migrate: Migrate = False, threads: Threads = 4) -> None:
    """Run everything in one process: workers, scheduler and the public web pages.

    Example: nurture run
    """
    with opened(context) as app, stopping() as stop:
        ready(app, migrate=migrate)
        _can_send(app)
        _tell_published(app)
        if not app.settings.broker.url.startswith("memory:"):
            note("broker.url is not memory://: other workers may share the work with this process")
        with listens(app), _working(app, threads) as jobs:
            watcher = _in_background("scheduler", lambda: _schedule(app, jobs, stop))
            try:
                _serve(app, stop)
            finally:
                stop.set()
                watcher.join()


def scheduler(context: typer.Context, migrate: Migrate = False) -> None:
    """Publish the campaigns and ring for due work. Any number may run: one leads.

    Example: nurture scheduler
    """
    with opened(context) as app, stopping() as stop:
        from nurture.jobs.actors import Jobs
        from nurture.jobs.broker import build_broker

        _needs_shared_broker(app)
        ready(app, migrate=migrate)
        broker = build_broker(app.settings.broker.url)
        _tell_published(app)
        note("scheduler: looking for due work")
        _schedule(app, Jobs(app, broker), stop)


def worker(context: typer.Context, threads: Threads = 4) -> None:
    """Do due work: sort leads, decide, send, notify. Start as many as you like.

    Example: nurture worker --threads 4
    """
    with opened(context) as app, stopping() as stop:
        _needs_shared_broker(app)
        ready(app)
        _can_send(app)
        with _working(app, threads):
            note(f"worker: {threads} threads, waiting for work")
            stop.wait()


def web(context: typer.Context) -> None:
    """Serve the public pages: tracking, unsubscribe, forms, answers of sales.

    Example: nurture web
    """
    from nurture.web.server import be_quick

    with opened(context) as app, stopping() as stop:
        ready(app)
        be_quick()
        _serve(app, stop)


def tick(context: typer.Context, migrate: Migrate = False, json: Json = False) -> None:
    """Do everything that is due now, once, in this process, and stop: for cron, and for trying out.

    Example: nurture tick
    """
    with opened(context) as app:
        ready(app, migrate=migrate)
        _can_send(app)
        _tell_published(app)
        report = app.tick()
        upcoming = app.next_due()
    if json:
        print_json({**asdict(report), "next_due": upcoming})
    else:
        for line in _tick_lines(report, upcoming):
            say(line)
    if report.problems:
        raise typer.Exit(FOUND_PROBLEMS)


def _tick_lines(report: TickReport, upcoming: datetime | None) -> Iterator[str]:
    yield (
        f"sorted {report.sorted}, decided {report.advanced}, mails sent {report.sent}, "
        f"notices to sales {report.notified}"
    )
    others = {"to be tried again": report.deferred, "failed": report.failed, "unknown": report.unknown}
    if told := ", ".join(f"{count} {words}" for words, count in others.items() if count):
        yield f"mails not sent: {told}"
    if report.returned:
        yield f"mails that came back: {report.returned}"
    if report.errands:
        yield f"errands of actions: {report.errands}"
    if report.lookups:
        yield f"questions to remote enrichers: {report.lookups}"
    if report.failed:
        yield "  see: nurture outbox list --state failed, then: nurture outbox resolve ID resend"
    yield from (f"  because {problem}" for problem in report.problems)
    yield f"next: {upcoming:%Y-%m-%d %H:%M} UTC" if upcoming else "next: nothing until something happens"


@contextmanager
def _working(app: App, threads: int) -> Iterator[Jobs]:
    """Dramatiq workers in this process, stopped in order at the end."""
    import dramatiq

    from nurture.jobs.actors import Jobs
    from nurture.jobs.broker import build_broker
    from nurture.memory import collect_seldom

    collect_seldom()
    broker: dramatiq.Broker = build_broker(app.settings.broker.url)
    jobs = Jobs(app, broker)
    workers = dramatiq.Worker(broker, worker_threads=threads)
    workers.start()
    try:
        yield jobs
    finally:
        jobs.stop()
        workers.stop()
        broker.close()


@contextmanager
def listens(app: App) -> Iterator[None]:
    """Takes mails at `bounces.listen` meanwhile, where that is set."""
    settings = app.settings.bounces
    if not settings.listen:
        yield
        return
    from nurture.deliver.listener import listening

    mail = app.settings.mail
    with listening(
        settings, app.ways_back.maildir, app.return_path, (mail.from_address, mail.reply_to)
    ) as at:
        note(f"{settings.protocol}: {at[0]}:{at[1]}, for what comes back")
        yield


def _schedule(app: App, jobs: Jobs, stop: threading.Event) -> None:
    from nurture.jobs.scheduler import Scheduler

    Scheduler(app, jobs).run(stop)


def _serve(app: App, stop: threading.Event) -> None:
    from nurture.web.public import public_app
    from nurture.web.server import serve

    settings = app.settings.web
    serve(
        public_app(app),
        settings.host,
        settings.port,
        stop,
        on_ready=lambda: note(f"web: http://{settings.host}:{settings.port} (public as {settings.base_url})"),
    )


def _can_send(app: App) -> None:
    """Asks for what every mail needs (key, transport, our address), so that a mistake stops the start."""
    _ = app.sender


def _tell_published(app: App) -> None:
    changed, waiting = app.publish_at_start()
    tell_started(changed, waiting)


def _needs_shared_broker(app: App) -> None:
    from nurture.errors import SettingsError

    if app.settings.broker.url.startswith("memory:"):
        raise SettingsError(
            "broker.url is memory://, which other processes cannot reach",
            hint="set broker.url = 'redis://host:6379/0', or use `nurture run` for everything in one process",
        )


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; what was there before is put back."""
    from nurture.logs import set_up_logs

    set_up_logs(logging.INFO)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_background(name: str, work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name=name)
    thread.start()
    return thread
