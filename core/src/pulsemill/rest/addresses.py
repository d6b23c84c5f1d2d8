"""Addresses of this request at another worker."""

from typing import Final
from urllib.parse import quote

from starlette.requests import Request

from pulsemill.rest.ports import WorkerInfo

PEER_SCHEME: Final = "peer_scheme"
"""Attribute of the application's state."""


def shown_path(request: Request) -> str:
    """The request's path, escaped: fit for a header and for a line of a log."""
    return quote(request.scope["path"])


def url_at(worker: WorkerInfo, request: Request, path: str, query: str = "") -> str:
    """An escaped path at another worker. Workers with HTTPS tell each other its port, others have this one's scheme."""
    scheme = getattr(request.app.state, PEER_SCHEME, None) or request.scope["scheme"]
    host = f"[{worker.worker_hostname}]" if ":" in worker.worker_hostname else worker.worker_hostname
    return f"{scheme}://{host}:{worker.port}{path}" + (f"?{query}" if query else "")
