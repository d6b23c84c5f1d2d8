"""The routes about the cluster, `/admin/v2/worker/...`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.rest.errors import RestError
from pulsemill.rest.lookup import NOT_INITIALIZED, require_initialized
from pulsemill.rest.ports import WorkerInfo
from pulsemill.rest.services import RestPorts


async def get_cluster(ports: RestPorts, _: Request) -> Response:
    """All members."""
    require_initialized(ports)
    return JSONResponse([_worker_info(member) for member in await ports.membership.members()])


async def get_cluster_leader(ports: RestPorts, _: Request) -> Response:
    """The leader; 500 when there is none, as upstream."""
    require_initialized(ports)
    leader = await ports.membership.leader()
    if leader is None:
        raise RestError(500, "Leader cannot be determined")
    return JSONResponse(_worker_info(leader))


async def is_leader_ready(ports: RestPorts, _: Request) -> Response:
    """`true` on the leader once it accepts writes, 503 elsewhere, with the reason where that is out of the ordinary."""
    require_initialized(ports)
    if not ports.membership.is_leader_ready:
        raise RestError(503, ports.membership.trouble or NOT_INITIALIZED)
    return JSONResponse(content=True)


async def get_assignments(ports: RestPorts, _: Request) -> Response:
    """Instances by worker."""
    require_initialized(ports)
    by_worker = ports.membership.assignments_by_worker()
    return JSONResponse({worker: [str(name) for name in names] for worker, names in by_worker.items()})


def _worker_info(worker: WorkerInfo) -> dict[str, object]:
    return {"workerId": worker.worker_id, "workerHostname": worker.worker_hostname, "port": worker.port}
