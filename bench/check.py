"""How long `nurture check` takes for a campaign of many lines; the limit is reading its YAML alone.

python -m bench.check --n 1000
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from ruamel.yaml import YAML

from bench.common import Result, parser, peak_rss_mb, report
from nurture.language.workspace import Known, load_documents

HEAD = """\
kind: campaign
name: long
profile: firm
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
policy: {window: {days: mon-fri, hours: 09:00-17:30, holidays: NL}}
handover: {team: sales}
stages:
  orientation:
"""

PROFILE = """\
kind: profile
name: firm
fit: {prospect_at: 10, rules: [{id: sme, when: account.employees > 5, points: 10}]}
"""

BLOCK = """\
    - {{id: mail-{n}, send: orientation/mail-{n}}}
    - {{id: read-{n}, wait_for: 'clicked("mail-{n}") or visited("/prices", within=7d)', up_to: 4d}}
    - id: fork-{n}
      choose:
        - {{when: clicked("mail-{n}") and answers.question == "no {n}", do: [{{id: more-{n}, wait: 3d}}]}}
        - {{else: [{{id: rest-{n}, wait: {{until: tue 09:00}}}}]}}
"""


def campaign(lines: int) -> str:
    """A campaign of about so many lines, with mails, waits, forks and conditions in turn."""
    blocks = (lines - HEAD.count("\n")) // BLOCK.count("\n")
    return HEAD + "".join(BLOCK.format(n=number) for number in range(blocks))


def main() -> None:
    arguments = parser("check", n=1_000, about=__doc__)
    args = arguments.parse_args()
    text = campaign(args.n)
    lines = text.count("\n")
    mails = (f"orientation/mail-{number}" for number in range(lines))
    known = Known(templates=dict.fromkeys(mails, frozenset({"nl"})), teams=frozenset({"sales"}))
    with tempfile.TemporaryDirectory(prefix="nurture-bench-") as folder:
        campaigns = Path(folder) / "campaigns"
        campaigns.mkdir()
        (campaigns / "profile.yaml").write_text(PROFILE, encoding="utf-8")
        (campaigns / "long.yaml").write_text(text, encoding="utf-8")
        started = time.perf_counter()
        compiled = load_documents(campaigns, known=known)
        seconds = time.perf_counter() - started
    started = time.perf_counter()
    for _ in YAML(typ="safe", pure=True).parse(text):
        pass
    alone = time.perf_counter() - started
    notes = [f"{lines} lines checked in {seconds:.2f} s; {len(compiled.findings)} finding(s)"]
    notes += [f"reading the YAML alone: {alone:.2f} s"]
    rate, limit = lines / seconds, lines / alone
    report(Result("check", rate, "lines/s", limit, rate / limit, peak_rss_mb(), lines), args.json, notes)


if __name__ == "__main__":
    main()
