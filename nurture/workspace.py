"""Makes a workspace: the folder with `nurture.toml`, `campaigns/`, `templates/` and `plugins/`."""

from __future__ import annotations

import shutil
from pathlib import Path

from nurture.bundled import bundled
from nurture.errors import WorkspaceError
from nurture.settings import SECRET_FILE, SETTINGS_FILE, write_secret

SETTINGS = """\
# The settings of this workspace. Each can also be given by the environment, as NURTURE_SECTION__KEY, which
# wins: NURTURE_DATABASE__URL, NURTURE_PLUGIN__SMTP__PASSWORD. The key that signs links is in {secret}.

[firm]                                  # who sends: stands in the footer of every mail
name = "Studio Voorbeeld"
address = "Voorbeeldstraat 1, 1234 AB Utrecht"
website = "https://www.example.com"
phone = "+31 30 123 4567"
email = "hallo@example.com"

[database]
url = "sqlite:///nurture.db"            # or postgresql+psycopg://user:password@host/name

[broker]
url = "memory://"                       # or redis://host:6379/0, for several workers

[web]
host = "127.0.0.1"
port = 8025
base_url = "http://127.0.0.1:8025"      # how the world reaches the public pages: stands in mails

[mail]
transport = "maildir"                   # writes .eml files into mail/; use "smtp" to really send
from_name = "Studio Voorbeeld"
from_address = "hallo@example.com"
# return_path = "bounces.example.com"   # a signed address for each mail, to which its bounces come back

# [bounces]
# maildir = "back"                      # what comes back is read from here,
# listen = "127.0.0.1:2424"             # and taken here, over LMTP

[leads]
country = "NL"                          # how telephone numbers without a country are read
locale = "nl"                           # the language of mails where a contact has none

# What people are written to for, as their preference page says it. Once one is declared, campaigns may have
# no other. The basis is "consent", "contract" or "legitimate_interest"; a no holds under each of them.
[consent.purposes.marketing]
title = {{ nl = "Tips en aanbiedingen", en = "Tips and offers" }}
about = {{ nl = "Nu en dan een mail die bij uw vraag past.", en = "A mail now and then, on what you asked." }}
basis = "consent"
# double_opt_in = true                  # what a form says counts once it is confirmed by mail

# [tracking]
# consent = "required"                  # pixel and tracked links only for those who agreed to `tracking`

# [retention]
# decisions = "400d"                    # why things were decided; without this line it is kept for ever

[teams.sales-nl]
# webhook = "https://crm.example.com/handovers"     # hand-overs are posted here, signed with webhook_secret
members = [
  {{ name = "Sanne de Wit", email = "sanne@example.com" }},
  {{ name = "Joris Bakker", email = "joris@example.com" }},
]

[plugins]
load = [
{plugins}
]                                       # bundled too: "decision_log", a file of all that was decided

# [plugin.smtp]
# host = "127.0.0.1"
# port = 1025
"""

IGNORED = f"""\
{SECRET_FILE}
*.db
*.db-wal
*.db-shm
mail/
notices/
*.pem
"""


AT_FIRST = (
    *("business_email", "company_from_email_domain", "country_from_phone", "csv_files", "email_notice"),
    *("maildir", "membership", "role_address", "set_field", "smtp", "tagging", "vcard_files", "web_forms"),
    *("webhook_notice", "xlsx_files"),
)
"""Bundled plugins that a new workspace loads: those that need no settings and copy nothing elsewhere."""


def add_missing_key(folder: Path) -> bool:
    """Makes the key that signs links for a workspace that came without it, as a clone from git does.

    False when `folder` is no workspace, or has its key.
    """
    if not (folder / SETTINGS_FILE).is_file() or (folder / SECRET_FILE).exists():
        return False
    try:
        write_secret(folder)
    except OSError as error:
        raise WorkspaceError(f"the key cannot be written to {folder}: {error.strerror}") from error
    return True


def create_workspace(folder: Path) -> None:
    """Makes a workspace in `folder` with the example campaigns and templates.

    Raised when the folder holds anything already: WorkspaceError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(
            f"{folder} exists and is not an empty folder", hint="give the name of a new folder"
        )
    try:
        (folder / "plugins").mkdir(parents=True)
        for name in ("campaigns", "templates"):
            shutil.copytree(bundled(name), folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / SETTINGS_FILE).write_text(_settings(), encoding="utf-8")
        (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
        write_secret(folder)
    except OSError as error:
        raise WorkspaceError(
            f"the workspace cannot be made in {folder}: {error.strerror}",
            hint="give the name of a new folder where you may write",
        ) from error


def _settings() -> str:
    return SETTINGS.format(secret=SECRET_FILE, plugins="\n".join(f'  "{name}",' for name in AT_FIRST))
