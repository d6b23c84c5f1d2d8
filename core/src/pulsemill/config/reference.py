"""What there is to say about every key: the source of `pulsemill config explain` and of docs/configuration.md."""

import json
from collections.abc import Iterator
from typing import Any

import attrs

from pulsemill.config.annotations import type_name
from pulsemill.config.keys import Honoured, Key, Refused, keys_of
from pulsemill.config.sections.cluster import ClusterKeys
from pulsemill.config.sections.own import OwnKeys
from pulsemill.config.sections.packages import PackageKeys
from pulsemill.config.sections.runtime import RuntimeKeys
from pulsemill.config.sections.security import SecurityKeys
from pulsemill.config.sections.service import ServiceKeys

_SECTIONS = {
    "Service": ServiceKeys,
    "Packages": PackageKeys,
    "Broker, internal topics and scheduling": ClusterKeys,
    "Runtimes and plugins": RuntimeKeys,
    "Security": SecurityKeys,
    "Keys that upstream does not have": OwnKeys,
}

_OWN_KEYS = """\
They stand in a mapping of their own, `pulsemill: {maxPackageBytes: 1073741824}`, or in the environment,
`PF_pulsemill_maxPackageBytes=1073741824`. In a function's `userConfig` it is otherwise: `pulsemill.concurrency` is one
key, with a dot.
"""
_BELOW_HEADING = {"Keys that upstream does not have": _OWN_KEYS}

_INTRODUCTION = """\
# Configuration

<!-- Written by `pulsemill config explain --markdown`; change the declarations in pulsemill/config/sections instead. -->

A worker reads the `functions_worker.yml` of Apache Pulsar, key for key. It is named by `-c`, else by the environment
variable `PULSAR_WORKER_CONF`; without a file, the defaults below hold.

- `pulsemill config check FILE` prints every finding with its line and exits with 1 if the worker would not start.
- `pulsemill config explain KEY` prints what stands here about a key.

## What happens to what you write

| written | becomes |
|---|---|
| a key that is honoured | what it says |
| a key without effect | a note with the reason; a warning if its value is not the default |
| a key that is refused, when it is switched on | an error: ignoring it would take away protection or results |
| an unknown key, or a key given twice | a warning with the nearest known key; an error with `--strict` |
| a value that does not fit | an error with file, line, path, value and what was expected |
| an empty key | its default, or null where the type below has null |

Quoted numbers, `yes`, `no`, `on`, `off`, `1` and `0` are taken as upstream takes them. A single value is no list.

## Environment variables

`PF_KEY=value` wins over the file, as in the official images. An underscore goes one mapping deeper:
`PF_functionRuntimeFactoryConfigs_logDirectory=logs`. Not so in `properties`: `PF_properties_a_b=value` sets the
property `a_b`. Lists are separated by commas where their order does not matter, or written as in YAML:
`PF_additionalJavaRuntimeArguments="[-Xmx1g, -Da=b]"`. `PF_containerFactory` (`k8s`, `process` or `thread`) keeps one of
the deprecated container factories and drops the others.

## Plugins

`functionRuntimeFactoryConfigs`, `secretsProviderConfiguratorConfig` and `runtimeCustomizerConfig` belong to the classes
that the keys beside them name; `pulsemill plugins` lists these classes, and [plugins.md](plugins.md) says how to write
one. Each has a class of its own for its configuration, and its keys are judged like those below.
"""


@attrs.frozen
class KeyReference:
    """One key, in words. `effect` is honoured, without effect or refused; `reason` says why not honoured."""

    key: str
    section: str
    type: str
    default: str
    meaning: str
    effect: str
    since: str | None
    read_by: str | None
    reason: str | None

    @property
    def status(self) -> str:
        """The effect as one sentence."""
        if self.since:
            return f"honoured since {self.since}, by {self.read_by}"
        return f"{self.effect}: {self.reason}"


def reference() -> Iterator[KeyReference]:
    """Every key, by section."""
    for section, cls in _SECTIONS.items():
        prefix = "pulsemill." if cls is OwnKeys else ""
        for key in keys_of(cls).values():
            yield _reference(f"{prefix}{key.name}", section, key)


def markdown() -> str:
    """The whole of docs/configuration.md."""
    return "\n".join((_INTRODUCTION, *(line for section in _SECTIONS for line in _table(section))))


def _reference(name: str, section: str, key: Key) -> KeyReference:
    effect = key.effect
    honoured = isinstance(effect, Honoured)
    return KeyReference(
        key=name,
        section=section,
        type=type_name(key.type),
        default=_default(key),
        meaning=key.meaning,
        effect="honoured" if honoured else "refused" if isinstance(effect, Refused) else "without effect",
        since=effect.since if isinstance(effect, Honoured) else None,
        read_by=effect.by if isinstance(effect, Honoured) else None,
        reason=None if isinstance(effect, Honoured) else effect.reason,
    )


def _default(key: Key) -> str:
    value: Any = sorted(key.default) if isinstance(key.default, frozenset) else key.default
    text = value if isinstance(value, str) else json.dumps(value)
    return f"{text or 'empty'}, then {key.derived}" if key.derived else text or "empty"


def _table(section: str) -> Iterator[str]:
    yield from (f"## {section}", "")
    if section in _BELOW_HEADING:
        yield _BELOW_HEADING[section]
    yield from ("| key | type | default | meaning | effect |", "|---|---|---|---|---|")
    for each in reference():
        if each.section == section:
            cells = (f"`{each.key}`", each.type, f"`{each.default}`", each.meaning, each.status)
            yield f"| {' | '.join(text.replace('|', chr(92) + '|') for text in cells)} |"
    yield ""
