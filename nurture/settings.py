"""What `nurture.toml` and the environment may say, checked.

Every setting can also come from the environment as NURTURE_SECTION__KEY (`NURTURE_DATABASE__URL`), which
wins over the file: so that secrets need not stand in git.
"""

from __future__ import annotations

import secrets
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from nurture.errors import SettingsError, WorkspaceError
from nurture.setting_bounces import Bounces
from nurture.setting_errors import explain_invalid
from nurture.setting_kinds import Days, Section, Words, in_days
from nurture.setting_sales import Team
from nurture.setting_web import ApiAccess, Tracking, Web

SETTINGS_FILE = "nurture.toml"
SECRET_FILE = ".nurture-secret"
SELECTOR = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
"""A DKIM selector, as it can stand in a host name."""


class Firm(Section):
    """Who sends: stands in the footer of every mail."""

    name: str = "Your firm"
    address: str = ""
    website: str = ""
    phone: str = ""
    email: str = ""


class Database(Section):
    url: str = "sqlite:///nurture.db"


class Broker(Section):
    url: str = "memory://"


class Dkim(Section):
    """A key that signs the mails: `file` is a PEM file, `domain` that of `mail.from_address` if empty.

    The public half stands in DNS at SELECTOR._domainkey.DOMAIN; `nurture dkim new` makes both.
    """

    selector: str = Field(pattern=f"^{SELECTOR}$")
    file: str
    domain: str = ""


class WarmUp(Section):
    """A new relay's first weeks: `first` mails on the day `start`, and `growth` times as many each day."""

    start: date
    first: int = Field(default=50, ge=1)
    growth: float = Field(default=1.5, gt=1, le=10)


class Limited(Section):
    """How many mails at most; what is left out has no limit."""

    per_day: int | None = Field(default=None, ge=0)
    per_minute: int | None = Field(default=None, ge=1)


class RelaySettings(Limited):
    """One of several ways out: `transport` is what it goes by, `weight` its share of the mails."""

    transport: str
    weight: int = Field(default=1, ge=1)
    warm_up: WarmUp | None = None


class DomainSettings(Limited):
    """A domain of recipients that wants its mails slowly; `at_once` are batches under way."""

    at_once: int | None = Field(default=None, ge=1, le=100)


class Pause(Section):
    """What pauses a relay: a share of its mails, and at least so many, were refused because of us within
    three hours, or reported as spam within three days.
    """

    blocked: float = Field(default=0.05, gt=0, le=1)
    blocked_at_least: int = Field(default=20, ge=1)
    complaints: float = Field(default=0.003, gt=0, le=1)
    complaints_at_least: int = Field(default=5, ge=1)


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
DomainName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]


class Mail(Section):
    """`transport` is the name of a transport plugin; its own settings stand under [plugin.NAME]. With several
    ways out, each is a table under `relays` instead.

    `daily_limit` is how many mails the mail server takes in a day, 0 where nobody knows: `nurture simulate`
    says on which days a campaign would need more. `return_path` is where bounces come back: a domain, or an
    address whose mailbox takes `name+anything`; left out, they come to `from_address`.
    """

    transport: str = "maildir"
    from_name: str = ""
    from_address: str = "hello@example.com"
    reply_to: str = ""
    return_path: str = ""
    batch: int = Field(default=100, ge=1, le=1000)
    daily_limit: int = Field(default=0, ge=0)
    dkim: tuple[Dkim, ...] = ()
    relays: dict[Name, RelaySettings] = Field(default_factory=dict)
    domains: dict[DomainName, DomainSettings] = Field(default_factory=dict)
    pause: Pause = Pause()


class Sms(Section):
    """Text messages: `transport` is the name of a transport plugin for them, `parts_at_most` how many
    messages of the telephone network one text may take.
    """

    transport: str = ""
    parts_at_most: int = Field(default=3, ge=1, le=10)


class Leads(Section):
    """How to read what leads write: `country` for telephone numbers without one, `locale` for mails."""

    country: str = "NL"
    locale: str = "nl"


class Plugins(Section):
    load: tuple[str, ...] = ()


class Publish(Section):
    """`flood_limit`: so many more mails in the first day a publication may cause without being asked for."""

    flood_limit: int = Field(default=500, ge=0)


Kept = Annotated[timedelta | None, BeforeValidator(in_days)]


class Retention(Section):
    """How long is kept what could be deleted, in days or weeks (`"400d"`, `"52w"`); empty: for ever.

    `decisions`: decision records, but for those that explain how people stand now. `raw`: what the records in
    the inbox said, once they are sorted, and outcomes of people whom nobody knows. `signals`: what people
    did. `outcomes`: that they were won or lost, and for how much. `junk`: people who never met the data
    standard. `inactive`: people who did nothing themselves, with everything that is known of them.
    """

    decisions: Kept = None
    raw: Kept = None
    signals: Kept = None
    outcomes: Kept = None
    junk: Kept = None
    inactive: Kept = None

    @property
    def expiring(self) -> dict[str, timedelta]:
        """The kinds that go by age alone, with how long each is kept."""
        kinds = {
            "raw": self.raw,
            "unmatched": self.raw,
            "signals": self.signals,
            "outcomes": self.outcomes,
            "junk": self.junk,
            "inactive": self.inactive,
        }
        return {name: keep for name, keep in kinds.items() if keep is not None}


def said_in(words: dict[str, str], locale: str) -> str:
    """The text in a language (`nl` for `nl-BE`), else the one for all of them, else the first there is."""
    return words.get(locale.partition("-")[0]) or words.get("") or next(iter(words.values()), "")


class Purpose(Section):
    """What somebody is written to for. `title` and `about` stand on the public pages.

    `basis` is why that is lawful (GDPR, article 6(1)): who must have agreed (`consent`), or who has a
    contract, or a legitimate interest of the firm; in both of the latter a no still holds.
    `double_opt_in`: what a form says counts once it is confirmed by mail; left out, as `consent` says.
    """

    title: Words = Field(default_factory=dict)
    about: Words = Field(default_factory=dict)
    basis: Literal["consent", "contract", "legitimate_interest"] = "consent"
    double_opt_in: bool | None = None


class Consent(Section):
    """What people are asked for. `confirm_within`: how long the link in a mail that asks for it works."""

    purposes: dict[str, Purpose] = Field(default_factory=dict)
    double_opt_in: bool = False
    confirm_within: Days = timedelta(days=7)

    @property
    def assumed(self) -> dict[str, str]:
        """The purposes for which nobody has to agree, with the basis of each."""
        return {name: one.basis for name, one in self.purposes.items() if one.basis != "consent"}

    def title(self, purpose: str, language: str) -> str:
        """What a purpose is called in a language, else as it is written, else by its name."""
        declared = self.purposes.get(purpose, Purpose()).title
        return said_in(declared, language) or purpose.replace("_", " ").capitalize()

    @property
    def asks_by_mail(self) -> bool:
        """Whether anything that a form says must be confirmed."""
        return self.double_opt_in or any(one.double_opt_in for one in self.purposes.values())

    def is_confirmed_by_mail(self, purpose: str) -> bool:
        """Whether what a form says of a purpose must be confirmed."""
        own = self.purposes[purpose].double_opt_in if purpose in self.purposes else None
        return self.double_opt_in if own is None else own


class Settings(BaseSettings):
    """All settings of one workspace; `folder` is where its `nurture.toml` stands."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="NURTURE_", env_nested_delimiter="__"
    )

    folder: Path = Path()
    profile: str = ""
    secret_key: SecretStr = SecretStr("")
    firm: Firm = Firm()
    database: Database = Database()
    broker: Broker = Broker()
    web: Web = Web()
    api: dict[Name, ApiAccess] = Field(default_factory=dict)
    mail: Mail = Mail()
    sms: Sms = Sms()
    bounces: Bounces = Bounces()
    leads: Leads = Leads()
    teams: dict[str, Team] = Field(default_factory=dict)
    publish: Publish = Publish()
    consent: Consent = Consent()
    tracking: Tracking = Tracking()
    retention: Retention = Retention()
    plugins: Plugins = Plugins()
    plugin: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    @property
    def database_url(self) -> str:
        """`database.url`, where a relative SQLite path is taken from the workspace's folder."""
        url = self.database.url
        prefix = "sqlite:///"
        path = url.removeprefix(prefix)
        if url.startswith(prefix) and path and path != ":memory:" and not path.startswith("/"):
            return f"{prefix}{(self.folder / path).resolve()}"
        return url


def load_settings(folder: Path) -> Settings:
    """Reads the workspace's settings.

    Raised when: WorkspaceError, if there is no `nurture.toml`; SettingsError, listing every wrong setting.
    """
    path = folder / SETTINGS_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WorkspaceError(
            f"there is no {SETTINGS_FILE} in {folder.resolve()}",
            hint="make a workspace with: nurture init DIR, then cd DIR (or use --workspace DIR)",
        ) from None
    except (UnicodeDecodeError, OSError) as error:
        raise WorkspaceError(f"{path} cannot be read: {error}") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error
    data.setdefault("secret_key", _secret(folder))
    try:
        return Settings(**{**data, "folder": folder.resolve()})
    except ValidationError as error:
        raise SettingsError(explain_invalid(error, Settings, text, str(path))) from error


def _secret(folder: Path) -> str:
    path = folder / SECRET_FILE
    try:
        return path.read_text(encoding="ascii").strip() if path.is_file() else ""
    except (UnicodeDecodeError, OSError) as error:
        raise WorkspaceError(f"{path} cannot be read: {error}") from error


def write_secret(folder: Path) -> None:
    """Makes the key that signs tokens, readable by its owner only; leaves an existing one alone."""
    path = folder / SECRET_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")
