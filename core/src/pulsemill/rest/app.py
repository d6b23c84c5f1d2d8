"""The worker's REST API as an ASGI application (upstream's org.apache.pulsar.functions.worker.rest)."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pulsemill.rest import root, worker
from pulsemill.rest.errors import answer_error
from pulsemill.rest.routing import route
from pulsemill.rest.services import RestPorts


def create_app(ports: RestPorts) -> Starlette:
    """All routes over one worker. Starting and stopping the worker is not the application's business."""
    routes = [*_root_routes(ports), *_worker_routes(ports)]
    return Starlette(routes=routes, exception_handlers={HTTPException: _answer_http_exception})


def _root_routes(ports: RestPorts) -> list[Route]:
    return [
        route(ports, "/metrics", GET=root.get_metrics),
        route(ports, "/initialized", GET=root.get_initialized),
        route(ports, "/version", GET=root.get_version),
    ]


def _worker_routes(ports: RestPorts) -> list[Route]:
    base = "/admin/v2/worker"
    return [
        route(ports, f"{base}/cluster", GET=worker.get_cluster),
        route(ports, f"{base}/cluster/leader", GET=worker.get_cluster_leader),
        route(ports, f"{base}/cluster/leader/ready", GET=worker.is_leader_ready),
        route(ports, f"{base}/assignments", GET=worker.get_assignments),
    ]


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    return answer_error(request, error)
