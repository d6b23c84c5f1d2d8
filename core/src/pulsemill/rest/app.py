"""The worker's REST API as an ASGI application (upstream's org.apache.pulsar.functions.worker.rest)."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pulsemill.rest import (
    deregister,
    download,
    functions,
    leader,
    lifecycle,
    register,
    root,
    scheduling,
    stats,
    status,
    trigger,
    update,
    worker,
)
from pulsemill.rest.errors import answer_error
from pulsemill.rest.routing import route
from pulsemill.rest.services import RestPorts

_FUNCTIONS = "/admin/v3/functions"


def create_app(ports: RestPorts) -> Starlette:
    """All routes over one worker. Starting and stopping the worker is not the application's business."""
    groups = (_root_routes, _worker_routes, _package_routes, _function_routes, _instance_routes)
    routes = [each for group in groups for each in group(ports)]
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
        route(ports, f"{base}/rebalance", PUT=scheduling.rebalance),
        route(ports, f"{base}/drain", PUT=scheduling.drain, GET=scheduling.get_drain_status),
        route(ports, f"{base}/leader/drain", PUT=scheduling.drain, GET=scheduling.get_drain_status),
    ]


def _function_routes(ports: RestPorts) -> list[Route]:
    function = f"{_FUNCTIONS}/{{tenant}}/{{namespace}}/{{function}}"
    return [
        route(
            ports,
            function,
            GET=functions.get_function,
            POST=register.register_function,
            PUT=update.update_function,
            DELETE=deregister.deregister_function,
        ),
        route(ports, f"{_FUNCTIONS}/{{tenant}}/{{namespace}}", GET=functions.list_functions),
        route(ports, f"{function}/status", GET=status.get_function_status),
        route(ports, f"{function}/stats", GET=stats.get_function_stats),
        route(ports, f"{function}/start", POST=lifecycle.start_function),
        route(ports, f"{function}/stop", POST=lifecycle.stop_function),
        route(ports, f"{function}/restart", POST=lifecycle.restart_function),
        route(ports, f"{function}/trigger", POST=trigger.trigger_function),
        route(ports, f"{function}/download", GET=download.download_function),
    ]


def _package_routes(ports: RestPorts) -> list[Route]:
    return [
        route(ports, f"{_FUNCTIONS}/upload", POST=download.upload_package),
        route(ports, f"{_FUNCTIONS}/download", GET=download.download_package),
        route(ports, f"{_FUNCTIONS}/leader/{{tenant}}/{{namespace}}/{{function}}", PUT=leader.put_function_metadata),
    ]


def _instance_routes(ports: RestPorts) -> list[Route]:
    instance = f"{_FUNCTIONS}/{{tenant}}/{{namespace}}/{{function}}/{{instance_id}}"
    return [
        route(ports, f"{instance}/status", GET=status.get_instance_status),
        route(ports, f"{instance}/stats", GET=stats.get_instance_stats),
        route(ports, f"{instance}/start", POST=lifecycle.start_instance),
        route(ports, f"{instance}/stop", POST=lifecycle.stop_instance),
        route(ports, f"{instance}/restart", POST=lifecycle.restart_instance),
    ]


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    return answer_error(request, error)
