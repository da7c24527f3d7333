"""Examines a workspace: each part that must work is tried, and each failure comes with what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from nurture.app import App, build_app
from nurture.core.channels import Channel
from nurture.deliver.foresight import foresee
from nurture.deliver.mailcheck import check_mails
from nurture.deliver.preview import Previewer
from nurture.deliver.textcheck import check_texts
from nurture.errors import (
    MissingPartError,
    NurtureError,
    SettingsError,
    StoreError,
    TemplateError,
    did_you_mean,
)
from nurture.journey.gone import gone_steps
from nurture.language.codes import NO_TEXT_PART, UNKNOWN_TEMPLATE, UNKNOWN_TRANSPORT, WRONG_TEMPLATE
from nurture.language.findings import CheckFinding, Report, Spot
from nurture.language.foresight import EMPTY_TEAM, NOBODYS_ADDRESS
from nurture.language.workspace import Compiled
from nurture.plug.contracts import transport_channel
from nurture.setting_errors import line_of
from nurture.settings import SETTINGS_FILE, Settings
from nurture.store.opt_ins import TEMPLATE

WRITES_FILES = "maildir"
"""The transport from which nobody gets a mail."""

_PLACE = re.compile(
    r"(?P<file>.+?\.(?:html|mjml|txt|yaml))(?::(?P<line>\d+))?(?::(?P<column>\d+))?(?:: )?(?P<problem>.*)",
    re.DOTALL,
)
"""How a template's error begins: its file, with line and column where they are known."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One part: whether it works, and a sentence about it."""

    what: str
    well: bool
    message: str
    hint: str = ""


def examine(settings: Settings) -> list[Examined]:
    """Tries every part in turn; one that fails does not hide the others."""
    app = build_app(settings)
    parts: list[tuple[str, Callable[[App], str]]] = [
        ("secret key", _secret),
        ("plugins", _plugins),
        ("campaigns", _campaigns),
        ("database", _database),
        ("broker", _broker),
        ("mail", _mail),
        ("what comes back", _returned),
        ("public pages", _web),
    ]
    try:
        return [_tried(name, part, app) for name, part in parts]
    finally:
        app.close()


def findings_in(app: App, compiled: Compiled) -> tuple[CheckFinding, ...]:
    """Everything that can be found in campaigns, profile and templates without running them.

    Where there is a database, those who are under way are thought of too.
    """
    folder, sure = app.settings.folder, _sure_fields(compiled)
    previewer = Previewer(app.templates, app.settings)
    problems = {error.message: error for error in (*app.templates.problems(), *app.texts.problems())}
    errors = [_template_finding(error, folder) for error in problems.values()]
    warnings = [replace(each, file=_in_workspace(each.file, folder)) for each in foresee(app.templates, sure)]
    mails = [
        replace(each, file=_in_workspace(each.file, folder))
        for each in check_mails(app.templates, previewer.size)
    ]
    texts = [
        replace(each, file=_in_workspace(each.file, folder))
        for each in check_texts(
            app.templates, app.texts, sure, previewer.text, app.settings.sms.parts_at_most
        )
    ]
    gone = gone_steps(app.settings.database_url, compiled)
    return (*compiled.findings, *gone, *errors, *warnings, *mails, *texts)


def _sure_fields(compiled: Compiled) -> frozenset[str]:
    """What everybody has who is a contact at all: what each profile asks for without an alternative."""
    asked = [
        {f"contact.{one.fields[0]}" for one in each.profile.require if len(one.fields) == 1}
        for each in compiled.profiles
    ]
    return frozenset(set.intersection(*asked)) if asked else frozenset()


def _in_workspace(file: str, folder: Path) -> str:
    path, root = Path(file), folder.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def settings_findings(app: App) -> tuple[CheckFinding, ...]:
    """Settings that are well formed but name what is not there."""
    report = Report(SETTINGS_FILE)
    transports = app.registry.transports
    _check_text_transport(app, report)
    relays = app.settings.mail.relays
    named: dict[tuple[str, ...], str] = {
        ("mail", "relays", name, "transport"): relay.transport for name, relay in relays.items()
    }
    named = named or {("mail", "transport"): app.settings.mail.transport}
    for path, name in named.items():
        if name not in transports or transport_channel(transports[name]) is not Channel.MAIL:
            report.add(
                UNKNOWN_TRANSPORT,
                _setting(app, *path),
                f"{'.'.join(path)}: there is no transport {name!r}{did_you_mean(name, transports)}",
                "a transport is there when its plugin is in plugins.load",
            )
    real = {name for name in named.values() if name in transports} - {WRITES_FILES}
    if real and not app.settings.firm.address.strip():
        report.add(
            NOBODYS_ADDRESS,
            _setting(app, "firm", "address"),
            "firm.address is empty, but every mail must carry the sender's postal address",
            'write it under [firm]: address = "Street 1, 1234 AB Town"',
        )
    if app.settings.consent.asks_by_mail and TEMPLATE not in app.templates.index():
        report.add(
            UNKNOWN_TEMPLATE,
            _setting(app, "consent", "double_opt_in"),
            f"forms are to be confirmed by mail, and there is no template {TEMPLATE}",
            "take it from a new workspace: nurture init DIR",
        )
    for name, team in app.settings.teams.items():
        if not team.members and not team.webhook:
            report.add(
                EMPTY_TEAM,
                _setting(app, "teams", name),
                f"the team {name} has nobody who could take a hand-over",
                "add members, or a webhook",
            )
    return tuple(report.findings)


def _check_text_transport(app: App, report: Report) -> None:
    name, transports = app.settings.sms.transport, app.registry.transports
    if name and (name not in transports or transport_channel(transports[name]) is not Channel.SMS):
        there = [each for each, one in transports.items() if transport_channel(one) is Channel.SMS]
        report.add(
            UNKNOWN_TRANSPORT,
            _setting(app, "sms", "transport"),
            f"sms.transport: there is no transport {name!r} for text messages{did_you_mean(name, there)}",
            "a transport is there when its plugin is in plugins.load",
        )


def _setting(app: App, *key: str) -> Spot:
    text = (app.settings.folder / SETTINGS_FILE).read_text(encoding="utf-8")
    return Spot(line_of(text, key))


def _template_finding(error: TemplateError, folder: Path) -> CheckFinding:
    match = _PLACE.match(error.message)
    file, line, column, problem = (
        match.group("file", "line", "column", "problem") if match else ("templates", "1", "1", error.message)
    )
    if Path(file).is_relative_to(folder):
        file = Path(file).relative_to(folder).as_posix()
    report = Report(file)
    code = NO_TEXT_PART if isinstance(error, MissingPartError) else WRONG_TEMPLATE
    report.add(code, Spot(int(line or 1), int(column or 1)), problem.strip(), error.hint)
    return report.findings[0]


def _tried(name: str, part: Callable[[App], str], app: App) -> Examined:
    try:
        return Examined(name, True, part(app))
    except NurtureError as error:
        return Examined(name, False, error.message, error.hint)


def _secret(app: App) -> str:
    app.signer.sign("doctor", ())
    return "there is a key to sign links with"


def _plugins(app: App) -> str:
    return f"{len(app.registry.plugins)} loaded"


def _campaigns(app: App) -> str:
    compiled = app.documents()
    errors = sum(finding.severity == "error" for finding in findings_in(app, compiled))
    if errors:
        raise SettingsError(f"{errors} error(s)", hint="run: nurture check")
    return f"{len(compiled.campaign_texts)} without errors"


def _database(app: App) -> str:
    from nurture.store import records
    from nurture.store.migrate import schema_state

    state = schema_state(app.store)
    if state.empty:
        return f"{app.store.engine.dialect.name}, empty: the first command that needs it makes the schema"
    if not state.up_to_date:
        raise StoreError(
            f"has schema {state.current or 'none'}, needs {state.head}", hint="run: nurture migrate"
        )
    with app.store.read() as connection:
        number = records.count(connection)
    keep = app.settings.retention.decisions
    kept = "for ever" if keep is None else f"for {keep.days} days"
    return (
        f"{app.store.engine.dialect.name}, schema {state.current}; {number:,} decision records, kept {kept}"
    )


def _broker(app: App) -> str:
    from nurture.jobs.broker import build_broker

    broker = build_broker(app.settings.broker.url)
    broker.close()
    return "in this process" if app.settings.broker.url.startswith("memory:") else "answers"


def _mail(app: App) -> str:
    _ = app.sender
    if not app.settings.firm.address:
        raise SettingsError(
            "firm.address is empty, but every mail must carry the sender's postal address",
            hint="write it under [firm] in nurture.toml",
        )
    return f"transport {app.settings.mail.transport}"


def _returned(app: App) -> str:
    from nurture.deliver.imapbox import opened

    settings = app.settings.bounces
    ways = [f"hook {name}" for name in sorted(app.registry.feedback_hooks)]
    if settings.maildir:
        ways.append(f"{app.ways_back.waiting(1_000)} waiting in {settings.maildir}")
    if settings.imap.host:
        with opened(settings.imap) as box:
            ways.append(f"{box.waiting()} waiting in the mailbox")
    if settings.listen and not settings.maildir:
        raise SettingsError(
            "bounces.listen is set, but there is no Maildir to keep the mails in",
            hint="write maildir under [bounces]",
        )
    return ", ".join(ways) or "nobody reads it: no [bounces] and no provider's hook is set up"


def _web(app: App) -> str:
    base_url = app.settings.web.base_url
    if not base_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"web.base_url is no web address: {base_url!r}", hint="write https://mail.example.com"
        )
    return base_url
