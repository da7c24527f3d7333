"""Loads and registers the plugins that `nurture.toml` lists; any problem stops the start.

Plugins come from the workspace's `plugins/`, from the bundled ones and from entry points of the group
`nurture.plugins`, all alike. Every problem of every plugin is reported at once, so that a start fails once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pluggy
from pydantic import BaseModel, ValidationError

from nurture.core.model import DecisionRecord, Outcome, Signal
from nurture.errors import NurtureError, PluginError, SettingsError, did_you_mean
from nurture.logs import Log
from nurture.plug import hookspecs
from nurture.plug.contracts import (
    Action,
    AnyEnricher,
    Enricher,
    FeedbackHook,
    HandoverChannel,
    OutcomeHook,
    OutcomeSource,
    RemoteEnricher,
    Rule,
    Source,
    Transport,
    remote_ones,
)
from nurture.plug.discover import Candidate

API_VERSION = 1

T = TypeVar("T")
OptionsT = TypeVar("OptionsT")
log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Registry:
    """The named objects that the loaded plugins registered, by kind."""

    plugins: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    enrichers: Mapping[str, AnyEnricher] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    transports: Mapping[str, Transport] = field(default_factory=dict)
    feedback_hooks: Mapping[str, FeedbackHook] = field(default_factory=dict)
    outcome_hooks: Mapping[str, OutcomeHook] = field(default_factory=dict)
    outcome_sources: Mapping[str, OutcomeSource] = field(default_factory=dict)
    channels: Mapping[str, HandoverChannel] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    _signal_observers: Sequence[tuple[str, Callable[..., None]]] = ()
    _decision_observers: Sequence[tuple[str, Callable[..., None]]] = ()
    _outcome_observers: Sequence[tuple[str, Callable[..., None]]] = ()
    _pause_observers: Sequence[tuple[str, Callable[..., None]]] = ()

    def observe_signals(self, signals: Sequence[Signal]) -> None:
        """Tells every observer; one that fails is logged and disturbs neither the others nor the caller."""
        for name, observer in self._signal_observers:
            _isolated(name, observer, signals=signals)

    def observe_decisions(self, contact_ids: Sequence[int], records: Sequence[DecisionRecord]) -> None:
        """As `observe_signals`; `contact_ids` and `records` go in pairs."""
        for name, observer in self._decision_observers:
            _isolated(name, observer, contact_ids=contact_ids, records=records)

    def observe_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """As `observe_signals`; nobody is told of none."""
        for name, observer in self._outcome_observers if outcomes else ():
            _isolated(name, observer, outcomes=outcomes)

    def observe_paused(self, relay: str, why: str) -> None:
        """As `observe_signals`, of a relay that is paused."""
        for name, observer in self._pause_observers:
            _isolated(name, observer, relay=relay, why=why)


def load_plugins(
    wanted: Sequence[str],
    candidates: Sequence[Candidate],
    options: Mapping[str, Mapping[str, Any]],
    workspace: Path = Path(),
    teams: Mapping[str, Sequence[str]] | None = None,
) -> Registry:
    """Imports and registers `wanted`. `options` are the `[plugin.NAME]` tables of the settings, `teams` the
    addresses of each team's members.

    Raised when anything is wrong with any of them: PluginError, with every problem.
    """
    problems: list[str] = []
    modules = dict(_import_wanted(wanted, candidates, problems))
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name, module in modules.items():
        problems += [f"plugin {name}: {problem}" for problem in _wrong_with(module, manager)]
    if not problems:
        for name, module in modules.items():
            _register(manager, name, module, problems)
    if problems:
        raise _report(problems)
    config = _Options(options, workspace, teams or {})
    origins = {candidate.name: candidate.origin for candidate in candidates}
    for _ in _called(manager, "configure", config, problems):
        pass
    registry = Registry(
        plugins={name: origins[name] for name in modules},
        sources=_collect(manager, "register_sources", Source, config, problems),
        enrichers=_collect(manager, "register_enrichers", Enricher, config, problems),
        rules=_collect(manager, "register_rules", Rule, config, problems),
        transports=_collect(manager, "register_transports", Transport, config, problems),
        feedback_hooks=_collect(manager, "register_feedback_hooks", FeedbackHook, config, problems),
        outcome_hooks=_collect(manager, "register_outcome_hooks", OutcomeHook, config, problems),
        outcome_sources=_collect(manager, "register_outcome_sources", OutcomeSource, config, problems),
        channels=_collect(manager, "register_handover_channels", HandoverChannel, config, problems),
        actions=_collect(manager, "register_actions", Action, config, problems),
        _signal_observers=_observers(manager, "observe_signals"),
        _decision_observers=_observers(manager, "observe_decisions"),
        _outcome_observers=_observers(manager, "observe_outcomes"),
        _pause_observers=_observers(manager, "observe_paused"),
    )
    problems += _wrong_remotes(registry.enrichers)
    problems += [
        f"the address /hooks/{name} is wanted by a feedback hook and by an outcome hook"
        for name in sorted(registry.feedback_hooks.keys() & registry.outcome_hooks.keys())
    ]
    problems += _unused_options(options, config.asked, modules)
    if problems:
        raise _report(problems)
    return registry


class _Options:
    """Gives each plugin its own section of the settings, as the model that it asks for."""

    def __init__(
        self,
        sections: Mapping[str, Mapping[str, Any]],
        workspace: Path,
        teams: Mapping[str, Sequence[str]],
    ) -> None:
        self._sections = sections
        self.workspace = workspace
        self.teams = teams
        self.asked: set[str] = set()

    def options(self, section: str, model: type[OptionsT]) -> OptionsT:
        assert issubclass(model, BaseModel), "options are described by a pydantic model"
        self.asked.add(section)
        try:
            return model.model_validate(dict(self._sections.get(section, {})))
        except ValidationError as error:
            lines = [
                f"[plugin.{section}] {'.'.join(map(str, problem['loc']))}: {problem['msg']}"
                for problem in error.errors()
            ]
            raise SettingsError("; ".join(lines)) from error


def _import_wanted(
    wanted: Sequence[str], candidates: Sequence[Candidate], problems: list[str]
) -> Iterator[tuple[str, ModuleType]]:
    for position, name in enumerate(wanted):
        if name in wanted[:position]:
            problems.append(f"plugin {name}: listed twice in plugins.load")
            continue
        found = [candidate for candidate in candidates if candidate.name == name]
        if len(found) > 1:
            places = " and ".join(candidate.origin for candidate in found)
            problems.append(f"plugin {name}: found more than once: {places}")
        elif not found:
            problems.append(f"plugin {name}: not found{did_you_mean(name, [c.name for c in candidates])}")
        else:
            try:
                yield name, found[0].load()
            except Exception as error:
                problems.append(f"plugin {name}: cannot be imported: {type(error).__name__}: {error}")


def _wrong_with(module: ModuleType, manager: pluggy.PluginManager) -> Iterator[str]:
    """A wrong API version and misspelt hooks, found before pluggy half-registers anything."""
    version = getattr(module, "API_VERSION", None)
    if version != API_VERSION:
        yield f"is written for API_VERSION {version!r}; this Nurture has {API_VERSION}"
    hooks = [name for name, value in vars(hookspecs).items() if hasattr(value, f"{hookspecs.PROJECT}_spec")]
    for name, value in vars(module).items():
        if hasattr(value, f"{hookspecs.PROJECT}_impl") and name not in hooks:
            yield f"there is no hook {name}{did_you_mean(name, hooks)}"


def _register(manager: pluggy.PluginManager, name: str, module: ModuleType, problems: list[str]) -> None:
    try:
        manager.register(module, name)
    except (pluggy.PluginValidationError, ValueError) as error:
        problems.append(f"plugin {name}: {error}")


def _collect(
    manager: pluggy.PluginManager, hook: str, contract: type[T], config: _Options, problems: list[str]
) -> dict[str, T]:
    objects: dict[str, T] = {}
    owners: dict[str, str] = {}
    for plugin, registered in _called(manager, hook, config, problems):
        for thing in registered:
            if missing := [part for part in _parts(contract) if not hasattr(thing, part)]:
                problems.append(
                    f"plugin {plugin}: {thing!r} is no {contract.__name__}: no {', '.join(missing)}"
                )
            elif thing.name in objects:
                problems.append(
                    f"plugin {plugin}: a {contract.__name__} {thing.name!r} exists already, "
                    f"registered by plugin {owners[thing.name]}"
                )
            else:
                objects[thing.name], owners[thing.name] = thing, plugin
    return objects


def _wrong_remotes(enrichers: Mapping[str, AnyEnricher]) -> Iterator[str]:
    """Who says that it is remote must say what that takes."""
    for enricher in remote_ones(enrichers.values()):
        if missing := [part for part in _parts(RemoteEnricher) if not hasattr(enricher, part)]:
            yield f"{enricher!r} is no RemoteEnricher: no {', '.join(missing)}"


def _called(
    manager: pluggy.PluginManager, hook: str, config: _Options, problems: list[str]
) -> Iterator[tuple[str, list[Any]]]:
    """Calls one plugin after the other: one that raises must not silence those behind it."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        plugin = implementation.plugin_name
        try:
            answer = _passed(implementation.function, implementation.argnames, config=config)
            yield plugin, list(answer or ())
        except NurtureError as error:
            problems.append(f"plugin {plugin}: {error.message}")
        except Exception as error:
            problems.append(f"plugin {plugin}: {hook} failed: {type(error).__name__}: {error}")


def _parts(contract: type) -> list[str]:
    declared = [*getattr(contract, "__annotations__", {}), *vars(contract)]
    return sorted({name for name in declared if not name.startswith("_")})


def _observers(manager: pluggy.PluginManager, hook: str) -> tuple[tuple[str, Callable[..., None]], ...]:
    implementations = getattr(manager.hook, hook).get_hookimpls()
    return tuple((one.plugin_name, partial(_passed, one.function, one.argnames)) for one in implementations)


def _passed(function: Callable[..., Any], names: Sequence[str], **arguments: Any) -> Any:
    """Calls a hook as pluggy does: a plugin may leave out an argument that it has no use for."""
    return function(**{name: arguments[name] for name in names})


def _isolated(name: str, observer: Callable[..., None], **arguments: Any) -> None:
    try:
        observer(**arguments)
    except Exception as error:
        log.error("an observer failed", plugin=name, error=f"{type(error).__name__}: {error}")


def _unused_options(
    options: Mapping[str, Any], asked: set[str], modules: Mapping[str, ModuleType]
) -> Iterator[str]:
    for section in options:
        if section not in asked:
            known = sorted(asked | set(modules))
            yield f"[plugin.{section}]: no loaded plugin reads this section{did_you_mean(section, known)}"


def _report(problems: Sequence[str]) -> PluginError:
    return PluginError(
        "the plugins cannot be loaded:\n" + "\n".join(f"  - {problem}" for problem in problems),
        hint="correct plugins.load and the [plugin.…] sections in nurture.toml",
    )
