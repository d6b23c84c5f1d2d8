"""What there is in Kubernetes, compared with what should be there. Pure."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from pulsemill.customizer import Manifest

_WHOLE: Final = frozenset({"labels", "annotations", "matchLabels", "selector", "nodeSelector", "requests", "limits"})
_TOOLS: Final = re.compile(r"(kubectl\.)?kubernetes\.io/")
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IDS: Final = re.compile(
    rf'(--(?:function_id|function_version|transform_function_id) |"(?:funcID|funcVersion)":"){_UUID}'
)


def documents(manifests: Sequence[Manifest]) -> str:
    """YAML, one document for each manifest."""
    options: Any = {"sort_keys": False, "width": float("inf"), "allow_unicode": True, "explicit_start": True}
    return str(yaml.dump_all(manifests, Dumper=_Plain, **options))


def difference(planned: Sequence[Manifest], live: Sequence[Manifest]) -> str:
    """A unified diff from the live objects to the planned ones; empty when they agree.

    What only the API server sets is left out, and so are the ids of a function and its version, which depend on when it
    was registered and updated.
    """
    by_place = {_place(manifest): manifest for manifest in live}
    return "".join(line for manifest in planned for line in _object_difference(manifest, by_place))


def _object_difference(planned: Manifest, live: Mapping[str, Manifest]) -> Iterator[str]:
    place = _place(planned)
    there = [_common(live[place], planned)] if place in live else []
    old, new = (_IDS.sub(r"\1ID", documents(each)) if each else "" for each in (there, [planned]))
    yield from difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), f"live {place}", f"planned {place}"
    )


def _place(manifest: Manifest) -> str:
    return f"{manifest.get('kind')} {manifest['metadata'].get('namespace')}/{manifest['metadata'].get('name')}"


def _common(live: Any, planned: Any) -> Any:
    """As much of a live value as the planned one speaks of, in its order."""
    if isinstance(live, dict) and isinstance(planned, dict):
        return {key: _member(key, live[key], value) for key, value in planned.items() if key in live}
    if isinstance(live, list) and isinstance(planned, list):
        return [_common(*pair) for pair in zip(live, planned, strict=False)] + live[len(planned) :]
    return live


def _member(key: str, live: Any, planned: Any) -> Any:
    """Of mappings that are one value, what is not planned counts too, but for what Kubernetes' tools note there."""
    if key not in _WHOLE or not isinstance(live, dict) or not isinstance(planned, dict):
        return _common(live, planned)
    kept = {name: live[name] for name in planned if name in live}
    more = {name: value for name, value in sorted(live.items()) if name not in kept and not _TOOLS.match(name)}
    return {name: _common(value, planned.get(name)) for name, value in (kept | more).items()}


class _Plain(yaml.SafeDumper):
    """Writes what occurs twice in full."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
