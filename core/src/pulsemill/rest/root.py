"""The routes at `/`: metrics, readiness, version."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.rest.errors import RestError
from pulsemill.rest.lookup import require_initialized
from pulsemill.rest.services import RestPorts

PULSAR_VERSION = "4.0.6"

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TEXT_RANGES = ("*/*", "text/*", "text/plain", "application/openmetrics-text")


async def get_metrics(ports: RestPorts, request: Request) -> Response:
    """Metrics of the worker and its instances for Prometheus."""
    accepted = request.headers.get("accept", "*/*")
    if not any(media_range in accepted for media_range in _TEXT_RANGES):
        raise RestError(406, "Metrics are text/plain in Prometheus' format; accept that type")
    return Response(await ports.instances.get_prometheus_metrics(), media_type=_METRICS_TYPE)


async def get_initialized(ports: RestPorts, _: Request) -> Response:
    """200 `true` as soon as the worker takes requests, 503 before."""
    require_initialized(ports)
    return Response("true", headers={"content-type": "text/plain"})


async def get_version(_ports: RestPorts, _request: Request) -> Response:
    """The Pulsar release whose behaviour this worker has, and its own version."""
    return JSONResponse({"version": PULSAR_VERSION, "pulsemill": version("pulsemill")})
