"""Why an instance does not run, told from its pod and the warnings about it. Pure.

Upstream shows none of it: the status of such an instance is a gRPC error.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]

_GOING_ON: Final = frozenset({"ContainerCreating", "PodInitializing"})
"""Reasons to wait that are no trouble as long as nothing warns."""

RECENT: Final = dt.timedelta(minutes=20)
"""The StatefulSet's controller tries again, and warns again, after 1000 s at the longest."""


def trouble_of(pod: Json | None, warnings: Sequence[Json], owner_warnings: Sequence[Json] = ()) -> str | None:
    """One sentence, or None when the container runs. `warnings` are about the pod, the others about its StatefulSet."""
    if pod is None:
        return _with_warning("The pod does not exist yet", owner_warnings)
    status, metadata = pod["status"], pod["metadata"]
    if status.get("reason") and status.get("phase") == "Failed":
        return _joined(status["reason"], status.get("message"))
    unscheduled = _condition(status, "PodScheduled", "False")
    if unscheduled:
        return unscheduled
    if metadata.get("deletionTimestamp"):
        return _joined("The pod is being terminated", _condition(status, "DisruptionTarget", "True"))
    containers = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    if not containers:
        return _with_warning("The pod is starting", warnings)
    return next(filter(None, (_container_trouble(each, warnings) for each in containers)), None)


def recent(warnings: Sequence[Json], now: dt.datetime) -> list[Json]:
    """Those that may still be true; one that does not say when counts."""
    return [each for each in warnings if not each["time"] or now - dt.datetime.fromisoformat(each["time"]) < RECENT]


def restarts_of(pod: Json | None) -> int:
    """How often the containers of a pod were started again."""
    return sum(each.get("restartCount", 0) for each in (pod or {}).get("status", {}).get("containerStatuses", ()))


def _condition(status: Json, kind: str, value: str) -> str | None:
    """The reason of a condition, if it has that value."""
    for condition in status.get("conditions", ()):
        if (condition.get("type"), condition.get("status")) == (kind, value):
            return _joined(condition.get("reason") or kind, condition.get("message"))
    return None


def _container_trouble(container: Json, warnings: Sequence[Json]) -> str | None:
    state = container.get("state", {})
    if "running" in state:
        return None
    if "terminated" in state:
        ended = state["terminated"]
        return None if _is_done(container, ended) else _ended(ended)
    waiting = state.get("waiting", {})
    reason = waiting.get("reason", "The container is waiting")
    if reason in _GOING_ON:
        return _with_warning("The container is being created", warnings)
    last = container.get("lastState", {}).get("terminated")
    return _joined(reason, waiting.get("message"), _ended(last) if last else None)


def _is_done(container: Json, ended: Json) -> bool:
    """An init container that did its work has no part in any trouble."""
    return ended.get("exitCode") == 0 and container.get("ready", False)


def _ended(ended: Json) -> str:
    signal = f"signal {ended['signal']}" if ended.get("signal") else f"exit code {ended.get('exitCode')}"
    return _joined(f"{ended.get('reason') or 'Error'} ({signal})", (ended.get("message") or "").strip() or None)


def _with_warning(what: str, warnings: Sequence[Json]) -> str:
    if not warnings:
        return what
    latest = warnings[-1]
    return _joined(what, _joined(latest.get("reason") or "warning", latest.get("message")))


def _joined(*parts: str | None) -> str:
    return ": ".join(part for part in parts if part)
