"""All the ways by which mails come back in one workspace, and a batch from each of them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from nurture.clock import Clock
from nurture.deliver import imapbox
from nurture.deliver.inbound import Inbound
from nurture.deliver.maildirs import Maildir
from nurture.setting_bounces import Bounces

BATCH = 50
ASK_EVERY = timedelta(minutes=1)
"""How often the mailbox is asked whether it has anything new."""


class WaysBack:
    """The Maildir and the mailbox of `[bounces]`, as far as they are set up."""

    def __init__(self, settings: Bounces, folder: Path, inbound: Inbound, clock: Clock) -> None:
        self._imap = settings.imap
        self._inbound = inbound
        self._clock = clock
        self.maildir = Maildir(folder / settings.maildir) if settings.maildir else None
        self._asking = threading.Lock()
        self._asked: datetime | None = None
        self._rung: datetime | None = None
        if self.maildir is not None:
            self.maildir.make()

    def waiting(self, at_most: int) -> int:
        """How many mails wait in the Maildir; one more when it is time to ask the mailbox."""
        count = 0 if self.maildir is None else self.maildir.waiting(at_most)
        now = self._clock.now()
        if self._imap.host and _is_due(self._rung, now, ASK_EVERY):
            self._rung = now
            count += 1
        return count

    def take_batch(self, *, ask_now: bool = False) -> Mapping[str, int]:
        """Takes a batch from the Maildir, and all that is new from the mailbox when it is time, or
        `ask_now`; returns how many mails were of which kind.

        Raised when a way cannot be used, after what the other gave was taken: SettingsError, FeedbackError.
        """
        kinds = Counter(self._from_maildir())
        if self._imap.host and self._asking.acquire(blocking=False):
            try:
                # Half of it: the scheduler's clock may be another machine's.
                if ask_now or _is_due(self._asked, self._clock.now(), ASK_EVERY / 2):
                    self._asked = self._clock.now()
                    kinds.update(self._from_mailbox())
            finally:
                self._asking.release()
        return kinds

    def _from_maildir(self) -> Mapping[str, int]:
        if self.maildir is None or not (mails := self.maildir.new_mails(BATCH)):
            return {}
        kinds, taken = self._inbound.take_each(mails)
        self.maildir.done(taken)
        return kinds

    def _from_mailbox(self) -> Mapping[str, int]:
        kinds: Counter[str] = Counter()
        with imapbox.opened(self._imap) as box:
            while mails := box.new_mails(BATCH):
                some, taken = self._inbound.take_each(mails)
                kinds.update(some)
                box.done(taken)
                if len(taken) < len(mails):
                    # What cannot be taken would come again at once.
                    break
        return kinds


def _is_due(last: datetime | None, now: datetime, every: timedelta) -> bool:
    return last is None or now - last >= every
