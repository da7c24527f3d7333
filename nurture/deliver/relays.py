"""Which way mails go, and how many: relays with weights, limits, warm-up, rests and pauses; and the domains
of recipients that want their mails slowly.

All of it is in the database, so that any number of workers together keep one limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.core.feedback import Severity
from nurture.core.model import Delivery, DeliveryState
from nurture.core.throttle import LATELY, OF_DAYS, Limits, PausePolicy, Tally, Use, alarm, day_of
from nurture.deliver.bounces.verdict import judge
from nurture.logs import Log
from nurture.plug.contracts import Transport
from nurture.store import throttles
from nurture.store.engine import Store
from nurture.store.throttles import domain_key, relay_key

PLACE_LEASE = timedelta(minutes=5)
"""After so long a batch that did not end counts as dead, and its place at a domain is free."""

NO_PLACE = timedelta(seconds=5)
"""How long mails wait where as many batches as a domain takes are under way."""

REFUSALS = 5
"""So many mails put off, and none taken, in one batch: the domain wants us to come back later."""

POLICY = PausePolicy(blocked=0.05, blocked_at_least=20, complaints=0.003, complaints_at_least=5)

NO_LIMITS = Limits()

_TRIED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DEFERRED)

log = Log(__name__)


def _tell_nobody(relay: str, why: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Relay:
    """One way out. Of several, each gets mails by its weight."""

    name: str
    transport: Transport
    weight: int = 1
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True)
class Route:
    """The relay that a batch goes by, and how many mails it may have."""

    relay: Relay
    mails: int
    use: Use


@dataclass(frozen=True, slots=True)
class Held:
    """Mails that must wait: until when, and why."""

    until: datetime
    why: str


class Relays:
    """The relays of one workspace. `observe` is told of each that is paused, after the commit."""

    def __init__(
        self,
        relays: Sequence[Relay],
        domains: Mapping[str, Limits] | None = None,
        policy: PausePolicy = POLICY,
        observe: Callable[[str, str], None] = _tell_nobody,
    ) -> None:
        self._relays = {relay_key(relay.name): relay for relay in relays}
        self._domains = domains or {}
        self._policy = policy
        self._observe = observe
        self._counted = len(relays) > 1 or any(relay.limits.are_counted for relay in relays)

    @classmethod
    def only(cls, transport: Transport) -> Relays:
        """One relay without limits."""
        return cls([Relay(transport.name, transport)])

    @property
    def names(self) -> list[str]:
        """The relays, as the settings name them."""
        return [relay.name for relay in self._relays.values()]

    @property
    def several(self) -> bool:
        """Whether what one does not take can go by another."""
        return len(self._relays) > 1

    def limits(self) -> dict[str, Limits]:
        """Every limit there is, by the name of its row."""
        of_relays = {key: relay.limits for key, relay in self._relays.items()}
        return of_relays | {domain_key(name): limits for name, limits in self._domains.items()}

    # --- before -----------------------------------------------------------------------------------------

    def route(self, connection: sa.Connection, now: datetime, wanted: int) -> Route | None:
        """The relay for the next batch: of those that may, the one with the least for its weight today."""
        look = throttles.held if self._counted else throttles.uses
        found = look(connection, self._relays)
        open_now = [
            Route(relay, left, found[key].rolled(now))
            for key, relay in self._relays.items()
            if (left := found[key].left(relay.limits, now, wanted))
        ]
        return min(open_now, key=lambda route: route.use.day_used / route.relay.weight, default=None)

    def took(self, connection: sa.Connection, route: Route, mails: int, now: datetime) -> None:
        """Writes down how many mails a route really got, in the transaction of `route`."""
        if self._counted and mails:
            throttles.keep(connection, {relay_key(route.relay.name): route.use.plus(mails, now)})

    def admit(
        self,
        store: Store,
        token: int,
        wanted: Mapping[str, Sequence[int]],
        troubled: Mapping[str, Use],
        now: datetime,
    ) -> dict[int, Held]:
        """Which mails must wait for the sake of their recipients' domains: outbox id → until when.

        `wanted` are the mails of a batch by domain; `troubled` what `throttles.troubled` says of these.
        """
        held: dict[int, Held] = {}
        resting = {
            domain: use.rest_until
            for domain, use in troubled.items()
            if use.rest_until is not None and use.rest_until > now
        }
        for domain, until in resting.items():
            held |= dict.fromkeys(wanted[domain], Held(until, f"{domain} wants us to come back later"))
        limited = {
            domain: self._domains[domain] for domain in wanted.keys() & self._domains.keys() - resting.keys()
        }
        if limited:
            with store.write() as connection:
                held |= self._within_limits(connection, token, wanted, limited, now)
        return held

    def _within_limits(
        self,
        connection: sa.Connection,
        token: int,
        wanted: Mapping[str, Sequence[int]],
        limited: Mapping[str, Limits],
        now: datetime,
    ) -> dict[int, Held]:
        held: dict[int, Held] = {}
        found = throttles.held(connection, [domain_key(domain) for domain in limited])
        changed: dict[str, Use] = {}
        for domain, limits in limited.items():
            mails, use = wanted[domain], found[domain_key(domain)]
            places = limits.at_once
            if places is not None and not throttles.take_place(
                connection, domain, places, token, now, PLACE_LEASE
            ):
                why = f"{places} batches for {domain} are under way"
                held |= dict.fromkeys(mails, Held(now + NO_PLACE, why))
                continue
            left = use.left(limits, now, len(mails))
            why = f"{domain} has had as many as it gets in this time"
            held |= dict.fromkeys(mails[left:], Held(use.again(limits, now), why))
            changed[domain_key(domain)] = use.plus(left, now)
        throttles.keep(connection, changed)
        return held

    # --- after ------------------------------------------------------------------------------------------

    def note(
        self,
        connection: sa.Connection,
        token: int,
        route: Route,
        claimed: int,
        results: Sequence[tuple[str, Delivery]],
        troubled: Mapping[str, Use],
        now: datetime,
    ) -> list[str]:
        """Notes what came of a batch: (domain, delivery) of each mail. Returns why the relay is now paused.

        Empty where it is not; the caller tells `paused` of it, after the commit.
        """
        if any(limits.at_once is not None for limits in self._domains.values()):
            throttles.leave_places(connection, token)
        tally = _tally(delivery for _, delivery in results)
        gone = sum(delivery.state is not DeliveryState.NOT_TRIED for _, delivery in results)
        unused = claimed - gone if self._counted else 0
        self._note_use(connection, route, unused, results, troubled, tally, now)
        name = route.relay.name
        throttles.count(connection, {name: tally}, now)
        why = self._pause(connection, name, now) if tally.blocked else None
        return [] if why is None else [why]

    def complained(
        self, connection: sa.Connection, outbox_ids: Sequence[int], now: datetime
    ) -> dict[str, str]:
        """Counts complaints about mails at the relays they went by: relay → why it is now paused."""
        by_relay = Counter(throttles.relays_of(connection, outbox_ids).values())
        throttles.count(connection, {name: Tally(complained=n) for name, n in by_relay.items()}, now)
        paused = {name: self._pause(connection, name, now) for name in sorted(by_relay)}
        return {name: why for name, why in paused.items() if why is not None}

    def paused(self, relay: str, why: str) -> None:
        """Tells people that a relay stands still."""
        log.error("a relay was paused", relay=relay, why=why)
        self._observe(relay, why)

    def _pause(self, connection: sa.Connection, relay: str, now: datetime) -> str | None:
        lately = throttles.tally(connection, relay, now - LATELY)
        of_days = throttles.tally(connection, relay, now - OF_DAYS)
        why = alarm(lately, of_days, self._policy)
        return why if why is not None and throttles.pause(connection, relay, why, now) else None

    def _note_use(
        self,
        connection: sa.Connection,
        route: Route,
        unused: int,
        results: Sequence[tuple[str, Delivery]],
        troubled: Mapping[str, Use],
        tally: Tally,
        now: datetime,
    ) -> None:
        """Lets the relay rest that tried nothing, and the domains that put all off; and wakes the others.

        What the relay was given and did not send (`unused`) is no use of its limits.
        """
        struck, well = _domains_struck(results), _domains_well(results) & troubled.keys()
        key = relay_key(route.relay.name)
        relay_struck = bool(results) and all(each.state is DeliveryState.NOT_TRIED for _, each in results)
        relay_well = tally.tried > 0 and route.use.strikes > 0
        names = [domain_key(domain) for domain in struck | well] + [key] * (
            relay_struck or relay_well or unused > 0
        )
        if not names:
            return
        found = throttles.held(connection, names)
        changed = {domain_key(domain): found[domain_key(domain)].struck(now) for domain in struck}
        changed |= {domain_key(domain): found[domain_key(domain)].recovered() for domain in well}
        if key in found:
            use = found[key].returned(unused, route.use)
            changed[key] = use.struck(now) if relay_struck else use.recovered() if relay_well else use
        throttles.keep(connection, changed)


def overview(connection: sa.Connection, relays: Relays, now: datetime) -> list[dict[str, object]]:
    """Every relay and every domain that has a limit or rests: what it has had, and why nothing goes there."""
    limits, found = relays.limits(), throttles.find(connection)
    rows: list[dict[str, object]] = []
    for key in [*limits, *(key for key in found if key not in limits)]:
        kind, _, name = key.partition(":")
        use = found.get(key, Use()).rolled(now)
        rests = use.rest_until if use.rest_until is not None and use.rest_until > now else None
        if key in limits or (kind == "domain" and rests):
            rows.append(
                {
                    "kind": kind,
                    "name": name,
                    "today": use.day_used,
                    "limit": limits.get(key, NO_LIMITS).of_day(day_of(now).date()),
                    "this_minute": use.minute_used,
                    "rests_until": rests,
                    "paused": use.paused_why,
                }
            )
    return rows


def domain_of(address: str | None) -> str:
    """The domain of an address, in lower case."""
    return (address or "").rpartition("@")[2].lower()


def _tally(deliveries: Iterable[Delivery]) -> Tally:
    tried = blocked = 0
    for delivery in deliveries:
        tried += delivery.state in _TRIED
        if delivery.state is DeliveryState.FAILED:
            blocked += judge(delivery.reply).severity is Severity.OURS
    return Tally(tried, blocked)


def _domains_struck(results: Sequence[tuple[str, Delivery]]) -> set[str]:
    put_off = Counter(domain for domain, each in results if each.state is DeliveryState.DEFERRED)
    return {domain for domain, n in put_off.items() if n >= REFUSALS} - _domains_well(results)


def _domains_well(results: Sequence[tuple[str, Delivery]]) -> set[str]:
    return {domain for domain, each in results if each.state is DeliveryState.SENT}
