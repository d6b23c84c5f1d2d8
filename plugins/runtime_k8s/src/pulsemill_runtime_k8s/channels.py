"""gRPC to the instances of a function: by the pods' names, by their addresses, or through the API server."""

import asyncio
import contextlib
import shutil
import tempfile
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.port_forward import PortForward

Answer = TypeVar("Answer", bound=Message)

DEADLINE_SECONDS: Final = 4.0
_OPTIONS: Final = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


class StatusAccess(Enum):
    """How a worker reaches its instances' gRPC servers."""

    DNS = "dns"
    """By the pods' names: the worker is in the cluster, as upstream's must be."""
    POD_IP = "pod-ip"
    """By the pods' addresses: the pods' network is routed to the worker."""
    PORT_FORWARD = "port-forward"
    """Through the API server: from anywhere."""


@attrs.frozen
class Place:
    """The StatefulSet of a function and the port that its instances serve."""

    namespace: str
    name: str
    grpc_port: int
    cluster_domain: str = "cluster.local"

    def pod(self, instance_id: int) -> str:
        """The name of an instance's pod."""
        return f"{self.name}-{instance_id}"

    def host(self, instance_id: int) -> str:
        """The name of an instance's pod in the cluster's DNS."""
        return f"{self.pod(instance_id)}.{self.name}.{self.namespace}.svc.{self.cluster_domain}"


@attrs.define
class _Line:
    """One channel, and what it goes through."""

    target: str
    channel: grpc.aio.Channel
    forward: PortForward | None = None


class Channels:
    """The channels to the instances of one function, made when they are first used."""

    def __init__(self, api: KubernetesApi, place: Place, access: StatusAccess) -> None:
        self._api = api
        self._place = place
        self._access = access
        self._lines: dict[int, _Line] = {}
        self._opening = asyncio.Lock()
        self._folder: Path | None = None

    async def call(self, instance_id: int, pod: dict[str, Any], method: str, answer: type[Answer]) -> Answer:
        """Ask an instance; PulsemillError when it does not answer in time. `pod` is what is known of its pod."""
        try:
            line = await self._line(instance_id, pod)
            call = line.channel.unary_unary(
                f"/proto.InstanceControl/{method}",
                request_serializer=Empty.SerializeToString,
                response_deserializer=answer.FromString,
            )
            reply: Answer = await call(Empty(), timeout=DEADLINE_SECONDS, wait_for_ready=True)
        except grpc.aio.UsageError as error:  # the channel was closed before the call
            raise PulsemillError("The instance is being stopped") from error
        except grpc.aio.AioRpcError as error:
            raise PulsemillError(f"{error.code().name}: {error.details() or 'the instance does not answer'}") from error
        return reply

    async def close(self) -> None:
        """Close all. Idempotent."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            await _close(line)
        folder, self._folder = self._folder, None
        if folder:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _line(self, instance_id: int, pod: dict[str, Any]) -> _Line:
        target = self._target(instance_id, pod)
        async with self._opening:
            line = self._lines.get(instance_id)
            if line is None or line.target != target:
                if line:
                    await _close(self._lines.pop(instance_id))
                line = self._lines[instance_id] = await self._open(instance_id, target)
        return line

    def _target(self, instance_id: int, pod: dict[str, Any]) -> str:
        """What the channel leads to: another one after the pod was made anew."""
        port = self._place.grpc_port
        match self._access:
            case StatusAccess.DNS:
                return f"{self._place.host(instance_id)}:{port}"
            case StatusAccess.POD_IP:
                address = pod["status"].get("podIP")
                if not address:
                    raise PulsemillError("The pod has no address yet")
                return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            case StatusAccess.PORT_FORWARD:
                return str(pod["metadata"].get("uid"))

    async def _open(self, instance_id: int, target: str) -> _Line:
        if self._access is not StatusAccess.PORT_FORWARD:
            return _Line(target, grpc.aio.insecure_channel(target, options=_OPTIONS))
        if self._folder is None:
            self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="pulsemill-forward-"))
        place, socket = self._place, self._folder / str(instance_id)
        forward = PortForward(self._api, place.namespace, place.pod(instance_id), place.grpc_port, socket)
        return _Line(target, grpc.aio.insecure_channel(await forward.start(), options=_OPTIONS), forward)


async def _close(line: _Line) -> None:
    with contextlib.suppress(grpc.aio.UsageError):
        await line.channel.close(None)
    if line.forward:
        await line.forward.close()
