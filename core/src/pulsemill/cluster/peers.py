"""What one worker asks of another.

Upstream: the calls of FunctionMetaDataManager and FunctionRuntimeManager through the function admin client. That one
asks its own worker and follows the redirect; this one goes where the redirect would lead.
"""

import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

import attrs
import httpx2

from pulsemill.errors import LeaderNotReadyError, MetadataOutOfDateError, MetadataWriteError, PulsemillError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.redirects import RedirectError, ask_who_is_responsible
from pulsemill.rest.ports import WorkerInfo
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

TIMEOUT_SECONDS: Final = 60.0
OUT_OF_DATE: Final = "out of date"
ROUTES: Final = {FunctionDetails.ComponentType.SOURCE: "sources", FunctionDetails.ComponentType.SINK: "sinks"}


class PeerError(PulsemillError):
    """Another worker refused a request or did not answer. `status` is None when there was no answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@attrs.frozen
class Peers:
    """Calls other workers. `headers` prove who this one is; `transport` replaces the network in tests."""

    scheme: str = "http"
    verify: ssl.SSLContext | bool = True
    headers: Callable[[], Mapping[str, str]] = attrs.field(default=dict, repr=False)
    transport: httpx2.AsyncBaseTransport | None = None

    async def write(self, leader: WorkerInfo, metadata: FunctionMetaData, *, delete: bool) -> None:
        """Hand a change of metadata to the leader; raises what the leader's own write would."""
        path = f"functions/leader/{_path(FunctionName.of(metadata.functionDetails))}"
        parts: dict[str, Any] = {
            "functionMetaData": ("functionMetaData", metadata.SerializeToString(), "application/octet-stream"),
            "delete": (None, "true" if delete else "false", "text/plain"),
        }
        try:
            await self._call("PUT", leader, path, parts)
        except PeerError as error:
            if error.status == httpx2.codes.SERVICE_UNAVAILABLE:
                raise LeaderNotReadyError(str(error)) from error
            if error.status == httpx2.codes.BAD_REQUEST and OUT_OF_DATE in str(error):
                raise MetadataOutOfDateError(str(error)) from error
            raise MetadataWriteError(str(error)) from error

    async def restart(self, owner: WorkerInfo, name: InstanceName, details: FunctionDetails) -> None:
        """Have an instance restarted; PeerError when its owner does not."""
        kind = ROUTES.get(details.componentType, "functions")
        await self._call("POST", owner, f"{kind}/{_path(name.function)}/{name.instance_id}/restart")

    async def _call(self, method: str, peer: WorkerInfo, path: str, parts: dict[str, Any] | None = None) -> None:
        url = f"{self.scheme}://{peer.worker_hostname}:{peer.port}/admin/v3/{path}"
        try:
            async with httpx2.AsyncClient(
                timeout=TIMEOUT_SECONDS, transport=self.transport, verify=self.verify
            ) as client:
                response = await ask_who_is_responsible(client, method, url, self.headers, files=parts)
        except (httpx2.HTTPError, RedirectError) as error:
            reason = str(error) or type(error).__name__
            raise PeerError(f"worker {peer.worker_id} did not answer {method} {url}: {reason}") from error
        if not response.is_success:
            raise PeerError(
                f"worker {peer.worker_id} refused {method} {url}: {_reason(response)}", response.status_code
            )


def _path(name: FunctionName) -> str:
    """A name may contain what means something else in a URL."""
    return "/".join(quote(part, safe="") for part in (name.tenant, name.namespace, name.name))


def _reason(response: httpx2.Response) -> str:
    try:
        return str(response.json()["reason"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code} {response.reason_phrase}"
