"""Makes the broker: Dramatiq's in-process one for the embedded deployment, Redis for the scaled-out one.

There is no Retries middleware on purpose: a job that failed is tried again because its work is still due in
the database, not because of its message. Messages that nobody took for a while are dropped unread.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Middleware, ShutdownNotifications

from nurture.errors import BrokerError

MAX_AGE_MS = 60_000
HEARTBEAT_TIMEOUT_MS = 15_000
MAINTENANCE_CHANCE = 10_000
"""In a million: about every hundredth command looks for messages of dead workers."""


def build_broker(url: str) -> dramatiq.Broker:
    """A broker for `memory://` or `redis://…`.

    Raised when the address is neither, or no server answers there: BrokerError.
    """
    middleware: list[Middleware] = [AgeLimit(max_age=MAX_AGE_MS), ShutdownNotifications()]
    scheme = urlsplit(url).scheme
    if scheme == "memory":
        return StubBroker(middleware=middleware)
    if scheme not in ("redis", "rediss", "unix"):
        raise BrokerError(
            f"broker.url has a scheme that Nurture does not know: {url!r}",
            hint="write memory:// or redis://host:6379/0",
        )
    try:
        broker = RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq types it only in part
            url=url,
            middleware=middleware,
            namespace="nurture",
            maintenance_chance=MAINTENANCE_CHANCE,
            heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
        )
        broker.client.ping()
    except (redis.RedisError, ValueError) as error:
        raise BrokerError(
            f"the broker at {_safe(url)} cannot be reached: {error}",
            hint="start it, or correct broker.url in nurture.toml (memory:// needs no server)",
        ) from error
    return broker


def _safe(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path}" if parts.password else url
