"""PF_* environment variables, with which the official images change functions_worker.yml.

`PF_workerPort=6750` sets a key, `PF_functionRuntimeFactoryConfigs_logDirectory=logs` one inside of a mapping. The text
is converted as a value of the file would be; sets are separated by commas. `PF_containerFactory` keeps one of the
deprecated container factories (k8s, process, thread) and drops the others.
Upstream: docker/pulsar/scripts/gen-yml-from-env.py.
"""

from collections.abc import Mapping
from typing import Any, Final, get_origin

from pulsemill.config.annotations import is_collection, is_mapping, without_null
from pulsemill.config.coercions import MismatchError
from pulsemill.config.keys import Key, keys_of
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.config.yaml_file import parse_value
from pulsemill.errors import ConfigurationError

PREFIX: Final = "PF_"
_CONTAINER_FACTORY: Final = "containerFactory"
_FACTORIES: Final = {
    "k8s": "kubernetesContainerFactory",
    "process": "processContainerFactory",
    "thread": "threadContainerFactory",
}


def with_overrides(mapping: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """A configuration changed by the environment, and the variable behind each changed path.

    ConfigurationError for a variable that cannot be applied. Values are checked later, with those of the file.
    """
    result = dict(mapping)
    variables: dict[str, str] = {}
    for variable in sorted(name for name in environ if name.startswith(PREFIX) and name != PREFIX):
        name = variable.removeprefix(PREFIX)
        if name == _CONTAINER_FACTORY:
            _keep_container_factory(result, environ[variable])
        else:
            path = key_path(name)
            if "" in path:
                raise ConfigurationError(f"{variable}: {name} names no key")
            result = _with(result, path, _value(path, environ[variable], variable), variable)
            variables[".".join(path)] = variable
    return result, variables


def key_path(name: str) -> tuple[str, ...]:
    """Where a variable's name points to: underscores nest, except in the names inside a mapping of text."""
    head, *rest = name.split("_")
    declared = keys_of(WorkerConfig).get(head)
    if rest and declared and declared.type == dict[str, str]:
        return head, "_".join(rest)
    return head, *rest


def _keep_container_factory(mapping: dict[str, Any], choice: str) -> None:
    if choice not in _FACTORIES:
        raise ConfigurationError(f"PF_containerFactory: {MismatchError(choice, ', '.join(_FACTORIES))}")
    for name in _FACTORIES.values():
        if name != _FACTORIES[choice]:
            mapping.pop(name, None)
    mapping[_FACTORIES[choice]] = mapping.get(_FACTORIES[choice]) or {}


def _with(mapping: Mapping[str, Any], path: tuple[str, ...], value: Any, variable: str) -> dict[str, Any]:
    head, *rest = path
    if not rest:
        return {**mapping, head: value}
    inner = mapping.get(head)
    if inner is not None and not isinstance(inner, Mapping):
        raise ConfigurationError(f"{variable}: cannot set {rest[0]} inside of {head}, which is no mapping")
    return {**mapping, head: _with(inner or {}, tuple(rest), value, variable)}


def _value(path: tuple[str, ...], text: str, variable: str) -> Any:
    declared: Key | None = keys_of(WorkerConfig).get(path[0]) if len(path) == 1 else None
    kind = without_null(declared.type) if declared else str
    if text.startswith(("[", "{")) and (is_collection(kind) or is_mapping(kind)):
        return parse_value(text, variable)
    if get_origin(kind) is frozenset:
        return [part.strip() for part in text.split(",") if part.strip()]
    return [text] if is_collection(kind) and text else [] if is_collection(kind) else text
