"""The moment that questions about a contact are answered from: now, a day in the past, or one to come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum

import sqlalchemy as sa

from nurture.core.question import read_moment
from nurture.journey.past import picture_then
from nurture.journey.picture import Picture, find_contact, picture_of
from nurture.journey.plans import PlanBook
from nurture.tokens import Signer


class PictureOf(StrEnum):
    """Which picture is answered from: that of now, that of then, or that of now at a time to come."""

    NOW = "now"
    THEN = "then"
    TO_COME = "to come"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment that the answers are of, and the clock that their times are told by, with whose it is.

    `picture` is `now`, `then` or `to come`; `caveats` say in plain words what of the picture of then is not
    kept, and so is as it is today.
    """

    at: datetime
    zone: str
    whose: str
    picture: PictureOf
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The picture that is answered from."""

    picture: Picture
    as_of: AsOf
    zone: tzinfo
    contact_id: int


def see(
    connection: sa.Connection, wanted: str, at: str | None, now: datetime, plans: PlanBook, signer: Signer
) -> Seen:
    """The contact that `wanted` names as they were known at `at`, a date; None: as they are known now.

    Raised when there is no such contact, or more than one, or when they were not known yet: NurtureError;
    when `at` is no date: QuestionError.
    """
    contact_id = find_contact(connection, wanted)
    picture = picture_of(connection, contact_id, plans, signer)
    zone, whose = picture.zone()
    if at is None:
        return Seen(picture, AsOf(now, zone.key, whose, PictureOf.NOW), zone, contact_id)
    moment = read_moment(at, zone)
    if moment < now:
        then = picture_then(connection, contact_id, moment, plans, signer)
        as_of = AsOf(moment, zone.key, whose, PictureOf.THEN, then.caveats)
        return Seen(then.picture, as_of, zone, contact_id)
    # Decided then on what is known today: what would have been decided on the way is not.
    later = replace(picture, due=None if picture.due is None else moment)
    return Seen(later, AsOf(moment, zone.key, whose, PictureOf.TO_COME), zone, contact_id)
