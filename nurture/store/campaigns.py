"""Published versions of profiles and campaigns: immutable texts, and which of them is live."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

import sqlalchemy as sa

from nurture.core.campaign import FormerNames
from nurture.store import schema, turns

version = schema.campaign_version
campaign = schema.campaign
publication = schema.publication
profile = schema.profile_version

NO_CHANGE: Mapping[str, FormerNames] = MappingProxyType({})


class Text(Protocol):
    """The text of one document, with the hash of its meaning."""

    @property
    def name(self) -> str: ...
    @property
    def hash(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def file(self) -> str: ...


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text as it was published."""

    name: str
    hash: str
    source: str
    file: str


@dataclass(frozen=True, slots=True)
class Published:
    """A version as the database knows it."""

    version_id: int
    text: StoredText


@dataclass(frozen=True, slots=True)
class LiveChange:
    """A campaign's live version before and after; None where it does not live.

    `undoes` is the publication that this one takes back.
    """

    name: str
    before: int | None
    after: int | None
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """Who publishes, and what they say of it."""

    author: str = ""
    note: str = ""


def publish_campaigns(
    connection: sa.Connection,
    texts: Collection[Text],
    now: datetime,
    *,
    stopped: Collection[str] = (),
    byline: Byline | None = None,
    former: Mapping[str, FormerNames] = NO_CHANGE,
) -> list[LiveChange]:
    """Makes `texts` the live versions of their campaigns and stops `stopped`; returns what changed.

    A campaign that is stopped keeps its enrolments: they rest, and nothing is deleted. `former` are the names
    that its steps have had, by campaign; where it says nothing, those of the publication before stay.
    """
    turns.publishing(connection)
    by = byline or Byline()
    known = {(row.name, row.hash): row.id for row in connection.execute(sa.select(version))}
    before = live_versions(connection)
    changed = []
    for text in texts:
        version_id = known.get((text.name, text.hash)) or _insert(connection, text, now, by)
        if before.get(text.name) != version_id:
            changed.append(LiveChange(text.name, before.get(text.name), version_id))
    changed += [LiveChange(name, before[name], None) for name in sorted(stopped) if name in before]
    set_live(connection, changed, now, by, former)
    return changed


def set_live(
    connection: sa.Connection,
    changes: Collection[LiveChange],
    now: datetime,
    byline: Byline,
    former: Mapping[str, FormerNames] = NO_CHANGE,
) -> None:
    """Makes each `after` the live version, and keeps that it was so, with the names its steps have had."""
    former = former_names_of(connection, [change.name for change in changes]) | dict(former)
    for change in changes:
        if change.after is None:
            connection.execute(sa.update(campaign).where(campaign.c.name == change.name).values(live=False))
        else:
            _set_live(connection, change.name, change.after)
        connection.execute(
            sa.insert(publication).values(
                campaign=change.name,
                version_id=change.after,
                before_id=change.before,
                author=byline.author or None,
                note=byline.note or None,
                at=now,
                undoes=change.undoes,
                former={step: sorted(names) for step, names in former.get(change.name, {}).items()} or None,
            )
        )


def history_of(connection: sa.Connection, name: str | None = None) -> list[Any]:
    """Every publication, oldest first, with the hash of its version: of one campaign, or of all."""
    query = (
        sa.select(publication, version.c.hash)
        .outerjoin(version, version.c.id == publication.c.version_id)
        .order_by(publication.c.id)
    )
    return list(connection.execute(query if name is None else query.where(publication.c.campaign == name)))


def last_publication(connection: sa.Connection) -> int:
    """The id of the newest publication; 0 where there is none."""
    return connection.scalar(sa.select(sa.func.max(publication.c.id))) or 0


def last_version(connection: sa.Connection, name: str) -> int | None:
    """The version of a campaign that was live last, also where it is stopped by now."""
    query = sa.select(publication.c.version_id).where(
        publication.c.campaign == name, publication.c.version_id.is_not(None)
    )
    return connection.scalar(query.order_by(publication.c.id.desc()).limit(1))


def former_names_of(connection: sa.Connection, names: Collection[str]) -> dict[str, FormerNames]:
    """Under which other ids the steps of these campaigns were known: campaign → step → ids."""
    last = sa.select(sa.func.max(publication.c.id)).where(publication.c.campaign.in_(list(names)))
    rows = connection.execute(
        sa.select(publication.c.campaign, publication.c.former).where(
            publication.c.id.in_(last.group_by(publication.c.campaign)), publication.c.former.is_not(None)
        )
    )
    return {row.campaign: {step: frozenset(former) for step, former in row.former.items()} for row in rows}


def not_taken_back(publications: Iterable[Any]) -> list[Any]:
    """Those of one campaign that stand, oldest first: each one that takes back takes another one away."""
    standing: list[Any] = []
    for row in publications:
        if row.undoes is None:
            standing.append(row)
        else:
            standing = [each for each in standing if each.id != row.undoes]
    return standing


def last_taken_back(connection: sa.Connection) -> dict[str, str]:
    """Campaigns whose last publication took one back: name → the hash of the version that was taken back."""
    last = sa.select(sa.func.max(publication.c.id)).group_by(publication.c.campaign)
    rows = connection.execute(
        sa.select(publication.c.campaign, version.c.hash)
        .join(version, version.c.id == publication.c.before_id)
        .where(publication.c.id.in_(last), publication.c.undoes.is_not(None))
    )
    return {row.campaign: row.hash for row in rows}


def publish_profile(connection: sa.Connection, text: Text, now: datetime) -> bool:
    """Keeps the profile's text; True when this text was not the last one published."""
    turns.publishing(connection)
    last = connection.execute(
        sa.select(profile.c.name, profile.c.hash).order_by(profile.c.published_at.desc(), profile.c.id.desc())
    ).first()
    if last is not None and (last.name, last.hash) == (text.name, text.hash):
        return False
    same = (profile.c.name == text.name) & (profile.c.hash == text.hash)
    if connection.execute(sa.update(profile).where(same).values(published_at=now)).rowcount == 0:
        connection.execute(
            sa.insert(profile).values(name=text.name, hash=text.hash, source=text.source, published_at=now)
        )
    return True


def live_versions(connection: sa.Connection) -> dict[str, int]:
    """The live campaigns: name → the version id that new enrolments get."""
    rows = connection.execute(sa.select(campaign.c.name, campaign.c.version_id).where(campaign.c.live))
    return {row.name: row.version_id for row in rows}


def load_versions(connection: sa.Connection, version_ids: Collection[int]) -> list[Published]:
    """The texts of these versions."""
    rows = connection.execute(sa.select(version).where(version.c.id.in_(list(version_ids))))
    return [Published(row.id, StoredText(row.name, row.hash, row.source, row.file)) for row in rows]


def last_versions(connection: sa.Connection) -> dict[str, int]:
    """Every campaign that ever was live: name → the version that is, or was last."""
    return {row.name: row.version_id for row in connection.execute(sa.select(campaign))}


def hashes_of(connection: sa.Connection, version_ids: Collection[int]) -> dict[int, str]:
    """The hashes of these versions, by id."""
    rows = connection.execute(sa.select(version.c.id, version.c.hash).where(version.c.id.in_(version_ids)))
    return {row.id: row.hash for row in rows}


def latest_profile(connection: sa.Connection) -> StoredText | None:
    """The profile that was published last."""
    row = connection.execute(
        sa.select(profile).order_by(profile.c.published_at.desc(), profile.c.id.desc()).limit(1)
    ).first()
    return StoredText(row.name, row.hash, row.source, "the database") if row else None


def profile_versions(connection: sa.Connection) -> list[StoredText]:
    """Every profile that was published; the last one is in force."""
    rows = connection.execute(sa.select(profile).order_by(profile.c.published_at, profile.c.id))
    return [StoredText(row.name, row.hash, row.source, "the database") for row in rows]


def profile_at(connection: sa.Connection, at: datetime) -> tuple[StoredText, datetime] | None:
    """The profile that had been published last at a moment, else the first one, with its time.

    Of a profile that was published again only the last time is kept.
    """
    rows = connection.execute(sa.select(profile).order_by(profile.c.published_at, profile.c.id)).all()
    before = [row for row in rows if row.published_at <= at]
    row = before[-1] if before else rows[0] if rows else None
    if row is None:
        return None
    return StoredText(row.name, row.hash, row.source, "the database"), row.published_at


def profile_by_hash(connection: sa.Connection, wanted: str) -> StoredText | None:
    """The profile of that hash."""
    row = connection.execute(sa.select(profile).where(profile.c.hash == wanted).limit(1)).first()
    return StoredText(row.name, row.hash, row.source, "the database") if row else None


def _insert(connection: sa.Connection, text: Text, now: datetime, byline: Byline) -> int:
    statement = sa.insert(version).values(
        name=text.name,
        hash=text.hash,
        source=text.source,
        file=text.file,
        author=byline.author or None,
        published_at=now,
    )
    version_id: int = connection.execute(statement.returning(version.c.id)).scalar_one()
    return version_id


def _set_live(connection: sa.Connection, name: str, version_id: int) -> None:
    updated = connection.execute(
        sa.update(campaign).where(campaign.c.name == name).values(version_id=version_id, live=True)
    )
    if updated.rowcount == 0:
        connection.execute(sa.insert(campaign).values(name=name, version_id=version_id, live=True))
