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
    """The tables of docs/configuration.md."""
    return "\n".join(line for section in _SECTIONS for line in _table(section))


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
    yield from (f"## {section}", "", "| key | type | default | meaning | effect |", "|---|---|---|---|---|")
    for each in reference():
        if each.section == section:
            cells = (f"`{each.key}`", each.type, f"`{each.default}`", each.meaning, each.status)
            yield f"| {' | '.join(text.replace('|', chr(92) + '|') for text in cells)} |"
    yield ""
