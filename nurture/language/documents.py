"""From one YAML document to a Profile or a Campaign, with everything that `lint` needs to look further."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import msgspec

from nurture.core.campaign import Campaign
from nurture.core.profile import Profile
from nurture.language import campaigns, codes, profiles
from nurture.language.cases import Case
from nurture.language.findings import Report, Spot
from nurture.language.reading import Reader, Table
from nurture.language.steps import StepGraph
from nurture.language.yamlio import Document, Scalar, plain_data

KINDS = ("profile", "campaign")


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The text of one document as it is kept, with the hash of its meaning."""

    name: str
    hash: str
    source: str
    file: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as far as it could be read. `value` is None, or of no use, when it had errors.

    `graph` has the steps of a campaign and their places; `tests` its tests.
    """

    kind: str
    name: str
    root: Table
    reader: Reader
    value: Profile | Campaign | None
    text: DocumentText
    graph: StepGraph | None = None
    tests: tuple[Case, ...] = field(default=())

    def place_of(self, key: str) -> Spot:
        """Where a key of the document stands, or the document itself."""
        return self.root.at(key) if key in self.root else Spot(self.root.node.line, self.root.node.column)


def read_document(document: Document, report: Report, rules: Collection[str] | None) -> Draft | None:
    """Reads a document of either kind; None when it is of none. Problems are in `report`."""
    reader = Reader(report, rules)
    if isinstance(document.root, Scalar) and document.root.value is None:
        report.add(
            codes.EMPTY_DOCUMENT, document.root, "this document is empty", "remove one of the lines of ---"
        )
        return None
    root = reader.open_table(document.root, "a document")
    if root is None:
        return None
    kind = reader.choice(
        root.need("kind", "write kind: profile, or kind: campaign"), "kind", KINDS, codes.UNKNOWN_KIND
    )
    if kind is None:
        return None
    keys = profiles.KEYS if kind == "profile" else campaigns.KEYS
    root = reader.table(root.node, f"a {kind}", keys) or root
    version = version_of(document)
    if kind == "profile":
        profile = profiles.read_profile(reader, root)
        value: Profile | Campaign | None = profile and replace(profile, version=version)
        graph: StepGraph | None = None
        tests: tuple[Case, ...] = ()
    else:
        draft = campaigns.read_campaign(reader, root)
        value = draft.campaign and replace(draft.campaign, version=version)
        graph, tests = draft.graph, draft.tests
    name = value.name if value else ""
    text = DocumentText(name, version, document.source, report.file)
    return Draft(kind, name, root, reader, value, text, graph, tests)


def version_of(document: Document) -> str:
    """16 hex digits that change with the content, and not with comments, quotes or spacing."""
    content = msgspec.json.encode(plain_data(document.root))
    return hashlib.sha256(content).hexdigest()[:16]
