"""Addresses of this request at another worker."""

from urllib.parse import quote

from starlette.requests import Request

from pulsemill.rest.ports import WorkerInfo


def shown_path(request: Request) -> str:
    """The request's path, escaped: fit for a header and for a line of a log."""
    return quote(request.scope["path"])


def url_at(worker: WorkerInfo, request: Request, path: str, query: str = "") -> str:
    """An escaped path at another worker, with this request's scheme."""
    host = f"[{worker.worker_hostname}]" if ":" in worker.worker_hostname else worker.worker_hostname
    return f"{request.scope['scheme']}://{host}:{worker.port}{path}" + (f"?{query}" if query else "")
