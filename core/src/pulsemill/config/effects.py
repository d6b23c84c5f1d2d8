"""What becomes of the keys that a file or the environment gives: nothing is ignored in silence."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulsemill.config.annotations import admits_null
from pulsemill.config.coercions import shown
from pulsemill.config.derived import CONTAINER_FACTORIES, container_factories, selected_runtime
from pulsemill.config.findings import Finding, Origins, Severity
from pulsemill.config.keys import Key, Refused, WithoutEffect, keys_of
from pulsemill.config.worker_config import WorkerConfig

Report = Callable[[Severity, str, str], Finding]


def effects(given: Mapping[str, Any], config: WorkerConfig, origins: Origins) -> Iterator[Finding]:
    """Findings about the keys of a mapping that was structured into `config`, before derivation."""
    declared = keys_of(WorkerConfig)
    for name, value in given.items():
        if key := declared.get(name):
            yield from _effect(key, value, getattr(config, key.attribute), origins.finding)
    yield from _container_factories(config, origins.finding)


def _effect(key: Key, given: Any, value: Any, report: Report) -> Iterator[Finding]:
    if given is None:
        if key.type in (int, float, bool):
            yield report(Severity.WARNING, key.name, f"has no value; the default {shown(key.default)} is used")
    elif isinstance(key.effect, Refused) and value:
        yield report(Severity.ERROR, key.name, key.effect.reason)
    elif isinstance(key.effect, WithoutEffect):
        lost = value not in (key.default, key.sample) and not _means_none(key, value)
        yield report(Severity.WARNING if lost else Severity.INFO, key.name, f"has no effect: {key.effect.reason}")


def _means_none(key: Key, value: Any) -> bool:
    return value == "" and (admits_null(key.type) or key.default == "")


def _container_factories(config: WorkerConfig, report: Report) -> Iterator[Finding]:
    selected, _, place = selected_runtime(config)
    for key in container_factories(config):
        if key == place:
            message = (
                f"is deprecated; write functionRuntimeFactoryClassName: {CONTAINER_FACTORIES[key]} and its configs"
            )
        else:
            message = f"has no effect: the runtime is {selected}"
        yield report(Severity.WARNING, key, message)
    if config.function_runtime_factory_configs and place in CONTAINER_FACTORIES:
        yield report(Severity.WARNING, "functionRuntimeFactoryConfigs", f"has no effect: {place} replaces it")
