"""Statistics of functions (upstream's FunctionStats JSON)."""

from collections.abc import Collection
from math import isfinite
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.instances import ask_instances
from pulsemill.rest.kinds import FUNCTION
from pulsemill.rest.lookup import existing, existing_instance
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.InstanceCommunication_pb2 import MetricsData

_TOTALS = ("receivedTotal", "processedSuccessfullyTotal", "systemExceptionsTotal", "userExceptionsTotal")
_LATENCY = "avgProcessLatency"
_MINUTE = "1min"
_MINUTE_SUFFIX = "_1min"

Stats = dict[str, Any]


async def get_function_stats(ports: RestPorts, request: Request) -> Response:
    """The statistics of all assigned instances, and their sums."""
    details = existing(FUNCTION, ports, request).functionDetails
    name = FunctionName.of(details)

    async def ask(instance: int) -> Stats:
        return stats_json(await ports.instances.get_metrics(InstanceName(name, instance)))

    return JSONResponse(sum_stats(await ask_instances(ports, request, details, ask, "stats")))


async def get_instance_stats(ports: RestPorts, request: Request) -> Response:
    """The statistics of one instance; 307 to its owner."""
    metadata, instance = existing_instance(FUNCTION, ports, request)
    name = InstanceName(FunctionName.of(metadata.functionDetails), instance)
    return JSONResponse(stats_json(await ports.instances.get_metrics(name)))


def stats_json(metrics: MetricsData | None) -> Stats:
    """One instance's statistics; zeroes for one that does not run; without NaN and infinities, which JSON has not."""
    data = metrics or MetricsData()
    return {
        **_window(data, ""),
        _MINUTE: _window(data, _MINUTE_SUFFIX),
        "lastInvocation": data.lastInvocation or None,
        "userMetrics": {name: value for name, value in data.userMetrics.items() if isfinite(value)},
    }


def sum_stats(instances: dict[int, Stats]) -> Stats:
    """A function's statistics: counts added up, latencies averaged over the instances that have one."""
    all_stats = list(instances.values())
    return {
        **_sums(all_stats),
        _MINUTE: _sums([stats[_MINUTE] for stats in all_stats]),
        "lastInvocation": max((stats["lastInvocation"] or 0 for stats in all_stats), default=0) or None,
        "instances": [{"instanceId": number, "metrics": stats} for number, stats in instances.items()],
    }


def _window(data: MetricsData, suffix: str) -> Stats:
    totals: Stats = {name: getattr(data, name + suffix) for name in _TOTALS}
    latency = getattr(data, _LATENCY + suffix)
    return totals | {_LATENCY: latency or None if isfinite(latency) else None}


def _sums(windows: Collection[Stats]) -> Stats:
    latencies = [window[_LATENCY] for window in windows if window[_LATENCY] is not None]
    sums: Stats = {name: sum(window[name] for window in windows) for name in _TOTALS}
    return sums | {_LATENCY: sum(latencies) / len(latencies) if latencies else None}
