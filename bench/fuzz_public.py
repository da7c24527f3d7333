"""Sends malformed requests to each kind of public address, over raw sockets: none may cause an error of ours.

Everything is drawn from a seed (bench/fuzz_requests.py). What is asked for is that every answer is below
500, that no connection stays for ever, that the server still answers afterwards, and that its memory does not
grow.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections import Counter

from bench.common import Result, database, parser, report
from bench.fuzz_client import Seen, attack, healthy
from bench.fuzz_requests import API_TOKEN, HOOK, HOOK_PASSWORD, SITE, drawn, kinds
from bench.track import KEY, fill, memory, running
from nurture.tokens import Signer

PLUGINS = (
    "business_email",
    "company_from_email_domain",
    "country_from_phone",
    "email_notice",
    "maildir",
    "membership",
    "role_address",
    "set_field",
    "tagging",
    "web_forms",
    "webhook_notice",
    HOOK,
)
SETTINGS = {
    "NURTURE_PLUGINS__LOAD": json.dumps(PLUGINS),
    f"NURTURE_PLUGIN__{HOOK.upper()}__PASSWORD": HOOK_PASSWORD,
    "NURTURE_TRACKING__SITES": json.dumps([SITE]),
    "NURTURE_API__CRM__TOKEN_SHA256": hashlib.sha256(API_TOKEN.encode()).hexdigest(),
}
"""What the server needs beyond a fresh workspace, as it comes by the environment."""

CONTACTS = 10_000
"""Among whom the good tokens are: what readers do is not done a hundred thousand times by one of them."""

WARM = 300
"""Requests of each kind before memory is first looked at."""


def main() -> None:
    """Attacks every kind of address, and tells what came of it."""
    args = parser("fuzz_public", n=100_000, about=__doc__).parse_args()
    os.environ.update(SETTINGS)
    targets = kinds(Signer(KEY), CONTACTS)
    with database(args) as url, tempfile.TemporaryDirectory() as folder:
        fill(url, CONTACTS)
        with running(f"stored in {folder}", url) as (port, pipe):
            attack(port, {kind: drawn(0, target, WARM, lingers=0) for kind, target in targets.items()})
            before, start = memory(pipe), time.perf_counter()
            seen = attack(
                port, {kind: drawn(i, target, args.n) for i, (kind, target) in enumerate(targets.items(), 1)}
            )
            seconds, after = time.perf_counter() - start, memory(pipe)
            sound = healthy(port)
    _tell(seen, args.json, seconds=seconds, before=before, after=after, sound=sound, n=args.n * len(targets))
    if not sound or any(one.failures or one.stuck for one in seen.values()):
        raise SystemExit(1)


def _tell(
    seen: dict[str, Seen], as_json: bool, *, seconds: float, before: float, after: float, sound: bool, n: int
) -> None:
    failures = [one for each in seen.values() for one in each.failures]
    stuck = [one for each in seen.values() for one in each.stuck]
    statuses = sum((each.statuses for each in seen.values()), Counter[int]())
    notes = [f"{kind}: {dict(sorted(each.statuses.items()))}" for kind, each in seen.items()]
    notes += [
        f"all: {dict(sorted(statuses.items()))}; 0 is a connection that ended without an answer",
        f"memory {before:,.0f} MiB before, {after:,.0f} MiB after; answers afterwards: {sound}",
        f"answered with 5xx: {len(failures)}; connections that never ended: {len(stuck)}",
    ]
    if not as_json:
        notes += [f"5xx: {one[:2_000]!r}" for one in failures[:5]]
        notes += [f"never ended: {one[:2_000]!r}" for one in stuck[:5]]
    rate = n / seconds
    more = {"failures": len(failures), "stuck": len(stuck), "warm_rss_mb": before}
    report(Result("fuzz_public", rate, "requests/s", rate, 1.0, after, n), as_json, notes, more)


if __name__ == "__main__":
    main()
