"""Rebalance and drain: what the leader is asked to do with the instances of the whole cluster.

Upstream: org.apache.pulsar.functions.worker.rest.api.WorkerImpl.
"""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.rest.addresses import url_at
from pulsemill.rest.lookup import require_initialized
from pulsemill.rest.ports import OwnedElsewhereError
from pulsemill.rest.services import RestPorts

_AT_LEADER = "/admin/v2/worker/leader/drain"


async def rebalance(ports: RestPorts, _: Request) -> Response:
    """Begin to spread the instances evenly; 307 to the leader."""
    require_initialized(ports)
    ports.membership.rebalance()
    return Response(status_code=204)


async def drain(ports: RestPorts, request: Request) -> Response:
    """Begin to move all instances away from the worker `workerId`, by default this one; 307 to the leader."""
    require_initialized(ports)
    worker = _worker(ports, request)
    try:
        ports.membership.drain(worker)
    except OwnedElsewhereError as error:
        return _to_leader(request, error, worker)
    return Response(status_code=204)


async def get_drain_status(ports: RestPorts, request: Request) -> Response:
    """How far that is; 307 to the leader."""
    require_initialized(ports)
    worker = _worker(ports, request)
    try:
        status = ports.membership.drain_status(worker)
    except OwnedElsewhereError as error:
        return _to_leader(request, error, worker)
    return JSONResponse({"status": status.state.value, "lastError": status.last_error})


def _worker(ports: RestPorts, request: Request) -> str:
    return request.query_params.get("workerId") or ports.membership.worker_id


def _to_leader(request: Request, error: OwnedElsewhereError, worker: str) -> Response:
    """The leader does not know whom it was about."""
    location = url_at(error.owner, request, _AT_LEADER, urlencode({"workerId": worker}))
    return Response(status_code=307, headers={"Location": location})
