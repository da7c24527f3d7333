"""Tells sales: claims due notices, calls their channels, and tries again later where that can help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from nurture.clock import Clock
from nurture.core.model import Dossier, Notice, NoticeKind
from nurture.logs import Log
from nurture.plug.contracts import HandoverChannel, NoticeOutcome
from nurture.setting_sales import Team
from nurture.store import handovers, notices
from nurture.store.engine import Store
from nurture.store.handovers import HandoverRow
from nurture.store.notices import NoticeResult, NoticeRow

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(minutes=1)
"""The pause after the first failure; it doubles with each one, so that eight tries span two hours."""

LEASE = timedelta(minutes=2)
"""How long a batch may take; after it, somebody else tells what a worker that was killed had in hand."""

AT_MOST = 10
"""Notices in one batch. They share one lease, so a small batch keeps it short, and sales waits no longer than
that for a lead whose worker died. Ten calls that each hang for their ten seconds end before it does, even one
after another."""

_AT_A_TIME = 8

log = Log(__name__)


class Notifier:
    """Calls the channels for claimed notices, several at a time, each at least once."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        teams: Mapping[str, Team],
        channels: Mapping[str, HandoverChannel],
        dossier_of: Callable[[HandoverRow, str], Dossier],
    ) -> None:
        self._store = store
        self._clock = clock
        self._teams = teams
        self._channels = channels
        self._dossier_of = dossier_of

    def notify_batch(self, limit: int = AT_MOST) -> int:
        """Tries up to `limit` due notices; answers with how many were tried."""
        now = self._clock.now()
        with self._store.write() as connection:
            token, claimed = notices.claim_notices(
                connection, now, limit=min(limit, AT_MOST), lease=LEASE, max_attempts=MAX_ATTEMPTS
            )
        if not claimed:
            return 0
        numbers = [notice.handover_id for notice in claimed if notice.handover_id is not None]
        with self._store.read() as connection:
            rows = handovers.load(connection, numbers)
        in_turn = _in_turn(claimed)
        with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="notify") as pool:
            told = pool.map(
                lambda some: [self._call(one, rows.get(one.handover_id or 0)) for one in some], in_turn
            )
            outcomes = [outcome for some in told for outcome in some]
        self._finish(token, [one for some in in_turn for one in some], outcomes)
        return len(claimed)

    def _call(self, notice: NoticeRow, row: HandoverRow | None) -> NoticeOutcome:
        channel = self._channels.get(notice.channel)
        if channel is None:
            return NoticeOutcome(False, False, f"no plugin registered a channel named {notice.channel!r}")
        if row is None and notice.handover_id is not None:
            return NoticeOutcome(False, False, "the hand-over is gone")
        try:
            return channel.notify(self._told(notice, row))
        except Exception as error:
            # A channel is somebody else's code: whatever it raises is one failed attempt, no more.
            log.error(
                "a hand-over channel failed",
                channel=notice.channel,
                handover=notice.handover_id,
                error=repr(error),
            )
            return NoticeOutcome(False, True, f"{type(error).__name__}: {error}")

    def _told(self, notice: NoticeRow, row: HandoverRow | None) -> Notice:
        """What to tell, with the settings of this moment: the secret never lies in the notice table."""
        name = row.team if row else notice.target.get("team", "")
        team = self._teams.get(name, Team())
        to = notice.to
        return Notice(
            key=notice.key,
            kind=NoticeKind(notice.kind),
            handover_id=row.id if row else int(notice.target.get("handover", 0)),
            team=name,
            to=to,
            dossier=self._dossier_of(row, to.email if to else "") if row else None,
            why=notice.target.get("why", ""),
            at=notice.created_at or (row.created_at if row else self._clock.now()),
            webhook=team.webhook,
            secret=team.webhook_secret.get_secret_value(),
        )

    def _finish(self, token: int, claimed: Sequence[NoticeRow], outcomes: Sequence[NoticeOutcome]) -> None:
        now = self._clock.now()
        results = [_result(notice, outcome, now) for notice, outcome in zip(claimed, outcomes, strict=True)]
        for notice, result in zip(claimed, results, strict=True):
            if result.state == "failed":
                log.error(
                    "sales could not be told",
                    handover=notice.handover_id,
                    channel=notice.channel,
                    reply=result.reply,
                )
        with self._store.write() as connection:
            notices.finish_notices(connection, token, results)


def _in_turn(claimed: Sequence[NoticeRow]) -> list[list[NoticeRow]]:
    """What one channel is told of one hand-over comes in its order, and never at the same time: a channel
    that looks for what it has made before would not find it, and make it twice."""
    groups: dict[object, list[NoticeRow]] = defaultdict(list)
    for notice in claimed:
        groups[notice.channel, notice.handover_id].append(notice)
    return list(groups.values())


def _result(notice: NoticeRow, outcome: NoticeOutcome, now: datetime) -> NoticeResult:
    if outcome.done:
        return NoticeResult(notice.id, "done", now, outcome.reply, now)
    if not outcome.again or notice.attempts >= MAX_ATTEMPTS:
        return NoticeResult(notice.id, "failed", now, outcome.reply, now)
    pause = FIRST_PAUSE * 2 ** (notice.attempts - 1)
    return NoticeResult(notice.id, "ready", now + pause, outcome.reply, None)
