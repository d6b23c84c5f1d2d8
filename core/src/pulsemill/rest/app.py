"""The worker's REST API as an ASGI application (upstream's org.apache.pulsar.functions.worker.rest)."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pulsemill.rest import builtins, download, leader, root, scheduling, worker, worker_stats
from pulsemill.rest.addresses import PEER_SCHEME
from pulsemill.rest.authentication import AuthenticationMiddleware
from pulsemill.rest.component_routes import FUNCTIONS, component_routes
from pulsemill.rest.errors import answer_error
from pulsemill.rest.openapi import openapi_route
from pulsemill.rest.routing import route
from pulsemill.rest.services import RestPorts
from pulsemill.rest.v2_routes import PREFIXES, v2_routes


def create_app(ports: RestPorts) -> Starlette:
    """All routes over one worker. Starting and stopping the worker is not the application's business."""
    groups = (_root_routes, _worker_routes, _package_routes, component_routes, v2_routes)
    routes = [each for group in groups for each in group(ports)]
    authentication = Middleware(
        AuthenticationMiddleware, guard=ports.guard, max_body_bytes=2 * ports.packages.max_bytes
    )
    app = Starlette(
        routes=[*routes, openapi_route(routes)],
        middleware=[authentication],
        exception_handlers={HTTPException: _answer_http_exception},
    )
    if ports.config.tls_enabled:
        setattr(app.state, PEER_SCHEME, "https")
    return app


def _root_routes(ports: RestPorts) -> list[Route]:
    return [
        route(ports, "/metrics", GET=root.get_metrics),
        route(ports, "/initialized", GET=root.get_initialized),
        route(ports, "/version", GET=root.get_version),
    ]


def _worker_routes(ports: RestPorts) -> list[Route]:
    return [each for prefix in PREFIXES for each in _routes_of_worker(f"{prefix}/worker", ports)]


def _routes_of_worker(base: str, ports: RestPorts) -> list[Route]:
    return [
        route(ports, f"{base}/cluster", GET=worker.get_cluster),
        route(ports, f"{base}/cluster/leader", GET=worker.get_cluster_leader),
        route(ports, f"{base}/cluster/leader/ready", GET=worker.is_leader_ready),
        route(ports, f"{base}/assignments", GET=worker.get_assignments),
        route(ports, f"{base}/connectors", GET=builtins.get_connectors),
        route(ports, f"{base}-stats/metrics", GET=worker_stats.get_metrics),
        route(ports, f"{base}-stats/functionsmetrics", GET=worker_stats.get_functions_metrics),
        route(ports, f"{base}/rebalance", PUT=scheduling.rebalance),
        route(ports, f"{base}/drain", PUT=scheduling.drain, GET=scheduling.get_drain_status),
        route(ports, f"{base}/leader/drain", PUT=scheduling.drain, GET=scheduling.get_drain_status),
    ]


def _package_routes(ports: RestPorts) -> list[Route]:
    return [
        route(ports, f"{FUNCTIONS}/upload", POST=download.upload_package),
        route(ports, f"{FUNCTIONS}/download", GET=download.download_package),
        route(ports, f"{FUNCTIONS}/leader/{{tenant}}/{{namespace}}/{{function}}", PUT=leader.put_function_metadata),
    ]


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    return answer_error(request, error)
