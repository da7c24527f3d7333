"""The mapping files beside the demo's lead files, as a marketer would write them for `--map`."""

from __future__ import annotations

from collections.abc import Mapping

MAPPINGS: Mapping[str, str] = {
    "website-aanvragen.csv": """\
# The old website's form. Most columns explain themselves; these say what the Dutch answers mean.
values:
  Start:
    zo snel mogelijk: now
    1-3 maanden: 1-3 months
    ik kijk rond: just looking
  Functie: {eigenaar: owner, bedrijfsleider: manager, medewerker: employee}
consent:
  marketing: {column: Mag mailen, granted_when: [ja]}
ignore: [Mag mailen]
""",
    "partner-lijst.csv": """\
# A partner's list; its number tells their relations apart when the list comes again.
fields: {phone: Tel. mobiel}
external_id: {system: partner, from: Relatienr}
interests: [{column: Zoekt}]
consent:
  marketing: {column: Toestemming, granted_when: [ja]}
ignore: [Zoekt, Toestemming]
""",
    "beurs-kaartjes.vcf": """\
# Business cards from a fair: the scanner put what people came for into the categories.
interests: [{column: Categories}]
values:
  Job title: {Eigenaar: owner, Bedrijfsleider: manager, Medewerker: employee}
consent:
  marketing: {column: X-toestemming, granted_when: [ja]}
ignore: [Categories, X-toestemming]
""",
    "english-enquiries.csv": """\
# Every column is called what we call it; only what a yes to the newsletter means has to be said.
consent:
  marketing: {column: Newsletter, granted_when: ["yes"]}
ignore: [Newsletter]
""",
}
"""Lead file → the text of its mapping."""
