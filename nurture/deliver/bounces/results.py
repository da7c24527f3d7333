"""What `nurture bounces classify` prints of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nurture.deliver.bounces.classify import Concerned, Kind, classify
from nurture.deliver.bounces.mailbox import mails_in

_MOST_TELLING = (Kind.COMPLAINT, Kind.BOUNCE, Kind.AUTO_REPLY, Kind.OTHER)


def result_of(file: str, content: bytes) -> Mapping[str, Any]:
    """The result as other programs read it; of an mbox with several mails, of all of them together."""
    returned = [classify(mail) for mail in mails_in(content)]
    kinds = {one.kind for one in returned}
    return {
        "file": file,
        "kind": next(kind.value for kind in _MOST_TELLING if kind in kinds),
        "recipients": [_recipient(each) for one in returned for each in one.concerned],
    }


def _recipient(each: Concerned) -> Mapping[str, Any]:
    return {
        "address": each.address,
        "status": each.status,
        "reply": each.reply,
        "hard": each.hard,
        "reason": each.reason,
    }
