"""For every kind of finding a small workspace that has it, and the same workspace put right.

A ¦ stands where the finding must be told. Kinds whose example stands in the catalogue are made of that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nurture.language.catalogue import CATALOGUE, Code

MEMBERS = 'members = [{ name = "Sanne", email = "sanne@example.com" }]'
SETTINGS = f"""\
secret_key = "{"0" * 40}"

[mail]
transport = "maildir"

[teams.sales-nl]
{MEMBERS}

[plugins]
load = ["company_from_email_domain", "email_notice", "maildir", "membership", "tagging", "web_forms"]
"""

DECLARED = '\n[consent.purposes.marketing]\ntitle = "Tips"\n'
REALLY_SENT = SETTINGS.replace('"maildir"\n', '"smtp"\n').replace('"maildir",', '"smtp",') + "\n[firm]\n"

PROFILE = """\
kind: profile
name: firm
fit:
  prospect_at: 60
  rules:
    - {id: sme, when: 5 <= account.employees <= 250, points: 60}
    - {id: near, when: 'account.country in ["NL", "BE"]', points: 40}
signals:
  - {on: visited, where: url.path == "/prices", stage: comparison, points: 6}
  - {on: submitted, where: form == "quote", stage: decision, points: 40}
"""

CAMPAIGN = """\
kind: campaign
name: small
profile: firm
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
stages:
  orientation:
    - {id: first, send: orientation/welcome}
handover: {team: sales-nl}
"""


def like_small(name: str, interest: str, priority: int) -> str:
    """A campaign like the small one, for others, at another priority."""
    text = CAMPAIGN.replace("name: small", f"name: {name}").replace("website", interest)
    return f"{text}policy: {{priority: {priority}}}\n"


OTHER = like_small("other", "webshop", -5)

HTML = """\
---
subject: Hello
preheader: Hello
about: who we are
ask: what are you looking for?
---
<html lang="nl"><head><meta name="color-scheme" content="light dark"></head><body>
<p>Hello</p>
<a href="{{ firm.website }}/prices">our prices</a>
<a href="{{ unsubscribe_url }}">no more mails</a>
<p>{{ firm.address }}</p>
</body></html>
"""
LANG, DARK = '<html lang="nl">', '<head><meta name="color-scheme" content="light dark"></head>'
PICTURE = '<img src="https://example.com/a.png"'
ONLY_A_PICTURE = """\
---
subject: Hello
preheader: Hello
---
<html lang="nl"><head><meta name="color-scheme" content="light dark"></head><body>
<a href="{{ unsubscribe_url }}"><img src="https://example.com/a.png" alt="" width="20"></a>
{{ firm.address }}</body></html>
"""
TEXT = "Hello. No more mails: {{ unsubscribe_url }}\n{{ firm.address }}\n"

SMALL, FIRM, TOML = "campaigns/a-small.yaml", "campaigns/profile.yaml", "nurture.toml"
WELCOME = "templates/nl/orientation/welcome"

Files = Mapping[str, str | bytes | None]
"""File → what is in it; None where it is not there."""

WORKSPACE: dict[str, str | bytes | None] = {
    TOML: SETTINGS,
    SMALL: CAMPAIGN,
    "campaigns/b-other.yaml": OTHER,
    FIRM: PROFILE,
    f"{WELCOME}.html": HTML,
    f"{WELCOME}.txt": TEXT,
    "templates/nl/orientation/cases.html": HTML,
    "templates/nl/orientation/cases.txt": TEXT,
}


@dataclass(frozen=True)
class Example:
    """Files that differ from those of the workspace; `place` is set where no ¦ can stand.

    `published` are files that were published before, with somebody under way in them.
    """

    code: str
    wrong: Files
    right: Files = field(default_factory=dict)
    place: tuple[str, int, int] | None = None
    published: Files | None = None

    def where(self) -> tuple[str, int, int]:
        """File, line and column at which the finding must be."""
        if self.place is not None:
            return self.place
        for name, text in self.wrong.items():
            if isinstance(text, str) and "¦" in text:
                before = text[: text.index("¦")]
                return name, before.count("\n") + 1, len(before) - before.rfind("\n")
        raise AssertionError(f"{self.code}: no ¦ says where")


def write(folder: Path, files: Files) -> None:
    """Makes the workspace in `folder`, with `files` instead of its own."""
    for name, content in {**WORKSPACE, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.replace("¦", "").encode())


def put(base: str, text: str) -> str:
    """`base` with its top-level keys replaced by those of `text`, or its steps by the steps of `text`."""
    if text.startswith(("- ", "¦- ")):
        text = "stages:\n  orientation:\n" + "\n".join(f"    {line}" for line in text.split("\n"))
    for block in _blocks(text):
        key = block[: block.index(":")].replace("¦", "")
        rest = [each for each in _blocks(base) if not each.startswith(f"{key}:")]
        base = "\n".join([*rest, block]) + "\n"
    return base


def _blocks(text: str) -> list[str]:
    found: list[str] = []
    for line in text.strip().split("\n"):
        if line.startswith(" "):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


TEXTING = SETTINGS.replace("load = [", 'load = ["sms_gateway", ') + (
    '\n[sms]\ntransport = "sms_gateway"\n\n[plugin.sms_gateway]\nurl = "https://sms.example.com/"\n'
)
REMINDER = "templates/nl/orientation/reminder.sms.txt"
REMINDING = put(
    CAMPAIGN, "- {id: first, send: orientation/welcome}\n- {id: second, send: orientation/reminder.sms}"
)
SHORT = "Hello. No more of these: {{ unsubscribe_url }}\n"


def edit(
    code: str, old: str, new: str, right: str | None = None, file: str = SMALL, place: int = 0
) -> Example:
    """A part of a file written otherwise; right is the old one, where nothing else is given.

    `place` is the line of the finding, where it is none of what is written otherwise.
    """
    base = WORKSPACE[file]
    assert isinstance(base, str)
    assert old in base, f"{code}: {old} is not in {file}"
    correct = {} if right is None else {file: base.replace(old, right, 1)}
    where = (file, place, 1) if place else None
    return Example(code, {file: base.replace(old, new, 1)}, correct, where)


def mail(code: str, wrong: str, right: str) -> Example:
    """Something in the HTML of a mail."""
    return edit(code, "<p>Hello</p>", wrong, right, f"{WELCOME}.html")


def keys(code: str, wrong: str, right: str, file: str = SMALL) -> Example:
    """Keys of a document, or the steps of its track."""
    base = WORKSPACE[file]
    assert isinstance(base, str)
    return Example(code, {file: put(base, wrong)}, {file: put(base, right)})


def text_message(code: str, wrong: str) -> Example:
    """A text message that is written wrongly; the finding is told of its whole."""
    files: Files = {TOML: TEXTING, SMALL: REMINDING, REMINDER: wrong}
    return Example(code, files, {**files, REMINDER: SHORT}, (REMINDER, 1, 1))


def _of_catalogue(code: Code, at: str) -> Example:
    file = FIRM if code.wrong.startswith(("fit:", "signals:", "promote:", "lead:", "engagement:")) else SMALL
    example = keys(code.code, code.wrong, code.right, file)
    text = example.wrong[file]
    assert isinstance(text, str)
    assert at.replace("¦", "") in text, f"{code.code}: {at} is not in the example"
    return Example(code.code, {file: text.replace(at.replace("¦", ""), at, 1)}, example.right)


def edited(old: str, new: str) -> str:
    """The small campaign with a part of it written otherwise."""
    return CAMPAIGN.replace(old, new)


def template(locale: str) -> Files:
    """One more template, in a locale."""
    name = f"templates/{locale}/orientation/offer"
    return {f"{name}.html": HTML, f"{name}.txt": TEXT}


SEND = "\n- {id: z, send: orientation/welcome}"
FORK = "{id: b, send: orientation/welcome}"
WAITS_FOR_CLICK = '- {id: a, send: orientation/welcome}\n- {id: b, wait_for: ¦clicked("a"), up_to: 3d}'
NESTED = "[" * 50

_OWN = [
    # --- the file and its YAML
    Example("N001", {"campaigns/c.yaml": "#" * 1_000_001}, place=("campaigns/c.yaml", 1, 1)),
    Example("N002", {SMALL: f"# één\n{CAMPAIGN}".encode("latin-1")}, place=(SMALL, 1, 3)),
    edit("N003", "locale: nl", "locale: ¦[nl"),
    edit("N004", "  orientation:", "¦\torientation:"),
    edit("N005", "locale: nl\n", "locale: nl\n¦locale: en\n"),
    keys(
        "N006",
        f"policy: {{window: {{quiet: [&x 2026-12-24, {'*x, ' * 100}¦*x]}}}}",
        "policy: {window: {quiet: [2026-12-24]}}",
    ),
    keys("N007", f"tests: {NESTED[:-1]}¦[", "tests: []"),
    edit("N008", "locale: nl", "locale: ¦!!str nl"),
    edit("N009", "locale: nl\n", "locale: nl\n¦[locale]: nl\n"),
    # --- keys and types
    edit("N101", "purpose: marketing", "¦porpose: marketing"),
    edit("N102", "{id: first, send", "¦{send"),
    keys("N103", "policy: {priority: ¦high}", "policy: {priority: 5}"),
    edit("N104", "kind: campaign", "kind: ¦campain"),
    Example("N105", {SMALL: f"{CAMPAIGN}---\n"}, place=(SMALL, 13, 1)),
    # --- values
    keys("N201", "- {id: w, wait: ¦3 dagen}" + SEND, "- {id: w, wait: 3d}" + SEND),
    keys("N202", "policy: {window: {days: ¦mon-vri}}", "policy: {window: {days: mon-fri}}"),
    keys("N203", "policy: {window: {hours: ¦9 to 5}}", "policy: {window: {hours: 09:00-17:00}}"),
    edit("N204", "Europe/Amsterdam", "¦Europe/Amsterdm"),
    edit("N205", "locale: nl", "locale: ¦nederlands"),
    keys("N206", "policy: {window: {holidays: ¦XX}}", "policy: {window: {holidays: NL}}"),
    keys("N207", "policy: {priority: ¦5000}", "policy: {priority: 500}"),
    edit(
        "N208",
        "team: sales-nl",
        "team: sales-nl, assign: ¦round-robin",
        "team: sales-nl, assign: round_robin",
    ),
    edit("N209", "name: small", "name: ¦my small one", "name: my-small-one"),
    edit(
        "N210",
        "team: sales-nl",
        "team: sales-nl, when_rejected: {no_fit: ¦forget}",
        "team: sales-nl, when_rejected: {no_fit: disqualify}",
    ),
    keys("N211", "- {id: w, wait: {until: ¦tuesday}}" + SEND, "- {id: w, wait: {until: tue 09:00}}" + SEND),
    keys("N212", "policy: {window: {quiet: [¦24-12-2026]}}", "policy: {window: {quiet: [2026-12-24]}}"),
    edit(
        "N213",
        "team: sales-nl",
        "team: sales-nl, assign: [least_loaded, ¦round_robin]",
        "team: sales-nl, assign: least_loaded",
    ),
    edit(
        "N214",
        "team: sales-nl",
        "team: sales-nl, answer_within: 4h, ¦remind: 4h",
        "team: sales-nl, answer_within: 4h, remind: 1h",
    ),
    edit(
        "N215",
        "team: sales-nl",
        "team: sales-nl, answer_within: 4h, escalate: ¦boss",
        "team: sales-nl, answer_within: 4h, escalate: next",
    ),
    keys(
        "N219",
        "signals: [{on: visited, points: 6, people: ¦3}]",
        "signals: [{on: visited, points: 6, people: 3, within: 7d}]",
        FIRM,
    ),
    # --- conditions
    keys("N301", "audience: {when: fit ¦=> 20}", "audience: {when: fit >= 20}"),
    keys("N302", 'promote: ¦clicked("first")', "promote: clicked()", FIRM),
    keys("N303", 'audience: {when: ¦stage == "compare"}', 'audience: {when: stage == "comparison"}'),
    # --- things referred to
    keys(
        "N401",
        '- {id: a, send: orientation/welcome}\n- {id: b, wait_for: ¦clicked("aa"), up_to: 3d}',
        '- {id: a, send: orientation/welcome}\n- {id: b, wait_for: clicked("a"), up_to: 3d}',
    ),
    edit("N402", "orientation/welcome", "¦orientation/welcom"),
    Example(
        "N403",
        {SMALL: CAMPAIGN.replace("orientation/welcome", "¦orientation/offer"), **template("en")},
        {
            SMALL: CAMPAIGN.replace("orientation/welcome", "orientation/offer"),
            **template("en"),
            **template("nl"),
        },
    ),
    edit("N404", "sales-nl", "¦sales-be"),
    edit("N405", "team: sales-nl", "team: sales-nl, notify: [¦e-mail]", "team: sales-nl, notify: [email]"),
    keys("N406", "lead: {enrich: [¦magic]}", "lead: {enrich: [company_from_email_domain]}", FIRM),
    edit("N407", "profile: firm", "profile: ¦frim"),
    edit(
        "N408",
        "team: sales-nl",
        "team: sales-nl, when_rejected: {¦no-fit: disqualify}",
        "team: sales-nl, when_rejected: {no_fit: disqualify}",
    ),
    edit("N409", "<p>Hello</p>", "¦<p>{{ contact.frist_name }}</p>", file=f"{WELCOME}.html"),
    Example(
        "N410", {name: None for name in WORKSPACE if name.startswith("campaigns/")}, place=("campaigns", 1, 1)
    ),
    edit("N411", 'transport = "maildir"', '¦transport = "smpt"', file=TOML),
    edit(
        "N412",
        "<p>Hello</p>",
        "¦<p>{{ contact.city }}</p>",
        '<p>{{ contact.city or "your town" }}</p>',
        f"{WELCOME}.html",
    ),
    edit("N413", "Hello. No more mails: {{ unsubscribe_url }}", "¦Hello", file=f"{WELCOME}.txt"),
    Example(
        "N414",
        {
            SMALL: put(CAMPAIGN, "¦purpose: marketting"),
            "campaigns/third.yaml": like_small("third", "hosting", -3),
        },
    ),
    edit("N416", f"[teams.sales-nl]\n{MEMBERS}", "¦[teams.sales-nl]\nmembers = []", file=TOML),
    Example(
        "N417",
        {f"{WELCOME}.txt": None, f"{WELCOME}.html": ONLY_A_PICTURE},
        {f"{WELCOME}.txt": None},
        place=(f"{WELCOME}.html", 1, 1),
    ),
    Example(
        "N419",
        {SMALL: put(CAMPAIGN, WAITS_FOR_CLICK), f"{WELCOME}.html": re.sub(r".*our prices.*\n", "", HTML)},
        {SMALL: put(CAMPAIGN, WAITS_FOR_CLICK)},
    ),
    Example(
        "N420",
        {
            TOML: SETTINGS + DECLARED,
            SMALL: put(CAMPAIGN, "¦purpose: marketting"),
        },
        {TOML: SETTINGS + DECLARED},
    ),
    Example(
        "N421",
        {f"{WELCOME}.txt": TEXT.replace("{{ firm.address }}\n", "")},
        place=(f"{WELCOME}.txt", 1, 1),
    ),
    Example(
        "N422",
        {TOML: REALLY_SENT + '¦address = ""\n'},
        {TOML: REALLY_SENT + 'address = "Straat 1, Utrecht"\n'},
    ),
    Example(
        "N423",
        {SMALL: edited("team: sales-nl", "team: sales-nl, assign: ¦[territory, round_robin]")},
        {
            SMALL: edited("team: sales-nl", "team: sales-nl, assign: [territory, round_robin]"),
            TOML: SETTINGS.replace('.com" }', '.com", countries = ["NL"] }'),
        },
    ),
    Example(
        "N424",
        {SMALL: edited("team: sales-nl", "team: sales-nl, answer_within: 4h, escalate: ¦lead")},
        {
            SMALL: edited("team: sales-nl", "team: sales-nl, answer_within: 4h, escalate: lead"),
            TOML: SETTINGS.replace(
                MEMBERS, f'{MEMBERS}\nlead = {{ name = "Lies", email = "l@example.com" }}'
            ),
        },
    ),
    # --- mails
    mail("N430", f'¦{PICTURE} width="20">', f'{PICTURE} alt="" width="20">'),
    mail("N431", '<a href="¦http://example.com">our site</a>', '<a href="https://example.com">our site</a>'),
    mail("N432", f'¦{PICTURE} alt="">', f'{PICTURE} alt="" width="20">'),
    edit("N433", "<p>Hello</p>", "<p>Hello</p>" * 9_000, "<p>Hello</p>" * 900, f"{WELCOME}.html", place=1),
    mail("N434", '<div style="¦display:flex">Hello</div>', "<table><tr><td>Hello</td></tr></table>"),
    edit("N435", "subject: Hello", "¦subject: Buy now", "subject: Hello", f"{WELCOME}.html"),
    mail("N436", '<p style="color:#aaaaaa">¦Greetings</p>', '<p style="color:#555555">Greetings</p>'),
    mail(
        "N437",
        '¦<a href="https://example.com">click here</a>',
        '<a href="https://example.com">our prices</a>',
    ),
    edit("N438", "preheader: Hello\n", "", "preheader: Hello\n", f"{WELCOME}.html", place=1),
    edit("N439", LANG, "¦<html>", file=f"{WELCOME}.html"),
    edit(
        "N440",
        '<html lang="nl"><head><meta name="color-scheme" content="light dark"></head>',
        '¦<html lang="nl">',
        file=f"{WELCOME}.html",
    ),
    mail(
        "N441",
        '<a href="https://example.com/?q=¦{{ contact.email }}">your page</a>',
        '<a href="https://example.com/?q={{ contact.email|urlencode }}">your page</a>',
    ),
    # --- text messages
    Example(
        "N450",
        {SMALL: REMINDING.replace("send: orientation/rem", "send: ¦orientation/rem"), REMINDER: SHORT},
        {SMALL: REMINDING, REMINDER: SHORT, TOML: TEXTING},
    ),
    text_message("N451", "Hello. " * 70 + SHORT),
    text_message("N452", f"Hello \N{EN DASH} hello. {SHORT}"),
    # --- the shape
    keys(
        "N501",
        "- {id: a, send: orientation/welcome}\n- {id: ¦a, wait: 3d}",
        "- {id: a, send: orientation/welcome}\n- {id: b, wait: 3d}",
    ),
    edit("N502", "name: other", "¦name: small", file="campaigns/b-other.yaml"),
    keys("N503", "- ¦{id: a}" + SEND, "- {id: a, wait: 3d}" + SEND),
    keys(
        "N504",
        "- {id: a, wait: 3d, ¦send: orientation/cases}",
        "- {id: a, wait: 3d}\n- {id: b, send: orientation/cases}",
    ),
    keys(
        "N505",
        f"- {{id: a, choose: ¦[{{else: [{FORK}]}}]}}",
        f"- {{id: a, choose: [{{when: fit > 20, do: [{FORK}]}}]}}",
    ),
    keys(
        "N506",
        f"- {{id: a, choose: [{{¦else: []}}, {{when: fit > 20, do: [{FORK}]}}]}}",
        f"- {{id: a, choose: [{{when: fit > 20, do: [{FORK}]}}, {{else: []}}]}}",
    ),
    keys(
        "N507",
        f"- {{id: a, split: ¦{{x: 50, holdout: 40}}, do: {{x: [{FORK}]}}}}",
        f"- {{id: a, split: {{x: 50, holdout: 50}}, do: {{x: [{FORK}]}}}}",
    ),
    keys(
        "N508",
        f"- {{id: a, split: {{x: 50, ¦rest: 50}}, do: {{x: [{FORK}]}}}}",
        f"- {{id: a, split: {{x: 50, holdout: 50}}, do: {{x: [{FORK}]}}}}",
    ),
    keys(
        "N509",
        f"- {{id: a, split: {{x: 50, holdout: 50}}, do: {{x: [{FORK}], ¦y: []}}}}",
        f"- {{id: a, split: {{x: 50, holdout: 50}}, do: {{x: [{FORK}]}}}}",
    ),
    keys(
        "N510",
        "- {id: a, do: ¦{tag: hot, untag: cold}}",
        "- {id: a, do: {tag: hot}}\n- {id: b, do: {untag: cold}}",
    ),
    edit(
        "N511",
        "    - {id: first, send: orientation/welcome}",
        "    - {id: first, send: orientation/welcome}\n    - {id: on, go_to: ¦plan}\n"
        "  decision:\n    - {id: plan, send: orientation/cases}",
        "    - {id: first, send: orientation/welcome}\n"
        "  decision:\n    - {id: plan, send: orientation/cases}",
    ),
    keys(
        "N512",
        "- {id: a, do: {tag: hot}}\n- {id: b, go_to: ¦a}",
        "- {id: a, do: {tag: hot}}\n- {id: w, wait: 3d}\n- {id: b, go_to: a}",
    ),
    keys("N513", "moved: {¦first: end}", "moved: {gone: end}"),
    edit("N514", "{when: '\"website\" in contact.interests'}", "¦{reenter: after 90d}"),
    keys("N515", "- {id: a, do: {¦tga: hot}}", "- {id: a, do: {tag: hot}}"),
    keys("N516", "- {id: a, do: {tag: {¦tags: hot, tag: hot}}}", "- {id: a, do: {tag: {tag: hot}}}"),
    keys(
        "N517",
        "- {id: w, wait: 2d}\n- {id: j, go_to: ¦b}\n"
        f"- {{id: a, split: {{x: 50, holdout: 50}}, do: {{x: [{FORK}]}}}}",
        "- {id: w, wait: 2d}\n- {id: j, go_to: a}\n"
        f"- {{id: a, split: {{x: 50, holdout: 50}}, do: {{x: [{FORK}]}}}}",
    ),
    edit(
        "N533",
        "first, send: orientation/welcome}\nhandover: {team: sales-nl}",
        "¦first, hand_over: true}",
        "first, hand_over: true}\nhandover: {team: sales-nl}",
    ),
    Example(
        "N535",
        {SMALL: CAMPAIGN.replace("stages:", "¦stages:")},
        {SMALL: CAMPAIGN + "moved: {w: first}\n"},
        published={SMALL: put(CAMPAIGN, "- {id: w, wait: 3d}\n- {id: first, send: orientation/welcome}")},
    ),
    # --- advice
    edit(
        "N601",
        "handover:",
        "  ¦decision: []\nhandover:",
        "  decision:\n    - {id: plan, send: orientation/cases}\nhandover:",
    ),
    edit("N602", "fit:\n  prospect_at: 60", "¦fit:\n  prospect_at: 160", file=FIRM),
    Example(
        "N603",
        {
            FIRM: PROFILE.replace(", stage: decision", ""),
            SMALL: CAMPAIGN.replace(
                "stages:\n", "¦stages:\n  decision:\n    - {id: plan, send: orientation/cases}\n"
            ),
        },
        {
            SMALL: CAMPAIGN.replace(
                "stages:\n", "stages:\n  decision:\n    - {id: plan, send: orientation/cases}\n"
            )
        },
    ),
    Example("N604", {"campaigns/z.yaml": PROFILE.replace("name: firm", "¦name: second")}),
    Example(
        "N605",
        {
            SMALL: put(CAMPAIGN, "- {id: a, send: orientation/welcome}\n- {id: b, send: ¦orientation/cases}"),
            f"{WELCOME.replace('/nl/', '/en/')}.html": HTML,
            f"{WELCOME.replace('/nl/', '/en/')}.txt": TEXT,
        },
        {SMALL: put(CAMPAIGN, "- {id: a, send: orientation/welcome}\n- {id: b, send: orientation/cases}")},
    ),
    keys("N606", "lead: {require: [¦nmae]}", "lead: {require: [name]}", FIRM),
    Example("N607", {SMALL: put(CAMPAIGN.replace("handover: {team: sales-nl}\n", ""), "¦name: small")}),
    Example(
        "N608",
        {name: None for name in WORKSPACE if name.startswith("campaigns/") and name != FIRM},
        place=("campaigns", 1, 1),
    ),
    Example(
        "N611",
        {"campaigns/b-other.yaml": CAMPAIGN.replace("name: small", "name: other").replace("'\"w", "'¦\"w")},
    ),
]
_OWN.append(
    Example(
        "N616",
        {"campaigns/b-other.yaml": OTHER.replace("'\"w", "'¦\"w").replace("policy: {priority: -5}\n", "")},
    )
)

_AT = {
    "N304": "¦fit < 10",
    "N305": '¦stage == "decision"',
    "N306": "¦fit > 40",
    "N307": "¦clicked(",
    "N308": "¦url.path",
    "N309": "{id: b, when: ¦account",
    "N415": "¦b, do",
    "N418": "¦submitted(",
    "N530": "¦c, send",
    "N531": "¦stages:",
    "N532": "¦c, send",
    "N534": "¦fit > 20",
    "N609": "¦policy:",
    "N610": "¦a, wait",
    "N612": "¦policy:",
    "N617": "¦policy:",
    "N613": "¦a, split",
    "N614": "¦a, wait",
    "N615": "¦audience:",
    "N618": "¦b, exit",
    "N640": "{¦opened: 10}",
    "N641": "settle: ¦2h",
    "N642": "ask: ¦budgte",
}
"""A part of each example of the catalogue, in which a ¦ says where the finding must be."""


def examples() -> list[Example]:
    """All of them, by code."""
    found = [*_OWN, *(_of_catalogue(CATALOGUE[code], at) for code, at in _AT.items())]
    return sorted(found, key=lambda example: example.code)
