"""The hook catalogue. Register hooks return named objects, once; observe hooks run after a commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pluggy

from nurture.core.model import DecisionRecord, Outcome, Signal
from nurture.plug.contracts import (
    Action,
    Enricher,
    FeedbackHook,
    HandoverChannel,
    OutcomeHook,
    OutcomeSource,
    PluginConfig,
    RemoteEnricher,
    Rule,
    Source,
    Transport,
)

PROJECT = "nurture"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def configure(config: PluginConfig) -> None:
    """Called once, before the register hooks: for plugins that only observe and have options."""


@hookspec
def register_sources(config: PluginConfig) -> Iterable[Source]:  # type: ignore[empty-body]  # a specification
    """Sources that `nurture import NAME` and the web forms read from."""


@hookspec
def register_enrichers(config: PluginConfig) -> Iterable[Enricher | RemoteEnricher]:  # type: ignore[empty-body]  # a specification
    """Enrichers that a profile names under `lead.enrich`."""


@hookspec
def register_rules(config: PluginConfig) -> Iterable[Rule]:  # type: ignore[empty-body]  # a specification
    """Rules that conditions call by name."""


@hookspec
def register_transports(config: PluginConfig) -> Iterable[Transport]:  # type: ignore[empty-body]  # a specification
    """Transports that `mail.transport` names."""


@hookspec
def register_feedback_hooks(config: PluginConfig) -> Iterable[FeedbackHook]:  # type: ignore[empty-body]  # a specification
    """Hooks that providers post bounces and complaints to, at `/hooks/NAME`."""


@hookspec
def register_outcome_hooks(config: PluginConfig) -> Iterable[OutcomeHook]:  # type: ignore[empty-body]  # a specification
    """Hooks that other systems post won and lost deals to, at `/hooks/NAME`."""


@hookspec
def register_outcome_sources(config: PluginConfig) -> Iterable[OutcomeSource]:  # type: ignore[empty-body]  # a specification
    """Systems that are asked what became of people."""


@hookspec
def register_handover_channels(config: PluginConfig) -> Iterable[HandoverChannel]:  # type: ignore[empty-body]  # a specification
    """Channels that a campaign names under `handover.notify`."""


@hookspec
def register_actions(config: PluginConfig) -> Iterable[Action]:  # type: ignore[empty-body]  # a specification
    """Actions that a step of a campaign names under `do`."""


@hookspec
def observe_signals(signals: Sequence[Signal]) -> None:
    """Told of every batch of signals, after they are stored."""


@hookspec
def observe_decisions(contact_ids: Sequence[int], records: Sequence[DecisionRecord]) -> None:
    """Told of every batch of decision records, after they are stored."""


@hookspec
def observe_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Told of every batch of outcomes (won, lost), after they are stored."""


@hookspec
def observe_paused(relay: str, why: str) -> None:
    """Told when a relay is paused by itself, after a wave of refusals or complaints."""
