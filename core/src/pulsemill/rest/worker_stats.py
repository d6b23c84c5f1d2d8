"""The routes `/admin/v2/worker-stats/...`: metrics of this worker and of its instances, for people."""

import asyncio

from prometheus_client import CollectorRegistry, ProcessCollector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.names import InstanceName
from pulsemill.rest.lookup import require_initialized
from pulsemill.rest.ports import OwnedElsewhereError
from pulsemill.rest.services import RestPorts
from pulsemill.rest.stats import Stats, stats_json


async def get_metrics(ports: RestPorts, _: Request) -> Response:
    """What this worker's process uses; upstream tells the same of its Java virtual machine, as `jvm_metrics`."""
    require_initialized(ports)
    collected = ProcessCollector(registry=CollectorRegistry()).collect()
    metrics = {sample.name: sample.value for metric in collected for sample in metric.samples}
    return JSONResponse([{"metrics": metrics, "dimensions": {"metric": "process_metrics"}}])


async def get_functions_metrics(ports: RestPorts, _: Request) -> Response:
    """The statistics of the instances that run here."""
    require_initialized(ports)
    names = ports.membership.assignments_by_worker().get(ports.membership.worker_id, ())
    stats = await asyncio.gather(*(_stats(ports, name) for name in names))
    found = [(str(name), each) for name, each in zip(names, stats, strict=True) if each is not None]
    return JSONResponse([{"name": name, "metrics": each} for name, each in found])


async def _stats(ports: RestPorts, name: InstanceName) -> Stats | None:
    try:
        metrics = await ports.instances.get_metrics(name)
    except OwnedElsewhereError:  # it moved while we asked
        return None
    return None if metrics is None else stats_json(metrics)
