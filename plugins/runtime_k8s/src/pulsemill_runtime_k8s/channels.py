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
STOPPING: Final = "The instance is being stopped"
_OPTIONS: Final = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    # The name of a new pod may not be known at first.
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
    # A new channel must not take over the connection that an earlier one had to the same address.
    ("grpc.use_local_subchannel_pool", 1),
    # Nobody has asked for a while: its connection, which may be one through the API server, ends until somebody does.
    ("grpc.client_idle_timeout_ms", 180_000),
    # A connection to a node that is lost ends when it acknowledges nothing for so long (TCP_USER_TIMEOUT). No call is
    # as long as the time between pings, of which servers allow few.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
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


@attrs.frozen
class _Target:
    """What a channel leads to: a pod that was made anew is another one, though its name and address may be the same."""

    uid: str
    address: str = ""


@attrs.define
class _Line:
    """One channel, and what it goes through."""

    target: _Target
    channel: grpc.aio.Channel
    forward: PortForward | None = None

    @property
    def problem(self) -> str:
        """Why nothing goes through it, if that is known."""
        return self.forward.problem if self.forward else ""


class Channels:
    """The channels to the instances of one function, made when they are first used and never after `close`.

    `_opening` is held by who opens or closes, so that nothing is opened which nobody closes.
    """

    def __init__(self, api: KubernetesApi, place: Place, access: StatusAccess) -> None:
        self._api = api
        self._place = place
        self._access = access
        self._lines: dict[int, _Line] = {}
        self._opening = asyncio.Lock()
        self._closed = False
        self._folder: Path | None = None

    async def call(self, instance_id: int, pod: dict[str, Any], method: str, answer: type[Answer]) -> Answer:
        """Ask an instance; PulsemillError when it does not answer in time. `pod` is what is known of its pod."""
        line = await self._line(instance_id, pod)
        try:
            call = line.channel.unary_unary(
                f"/proto.InstanceControl/{method}",
                request_serializer=Empty.SerializeToString,
                response_deserializer=answer.FromString,
            )
            reply: Answer = await call(Empty(), timeout=DEADLINE_SECONDS, wait_for_ready=True)
        except grpc.aio.UsageError as error:  # the channel was closed before the call
            raise PulsemillError(STOPPING) from error
        except asyncio.CancelledError as error:
            if _is_cancelled():
                raise
            raise PulsemillError(STOPPING) from error  # the channel was closed amid the call
        except grpc.aio.AioRpcError as error:
            reason = line.problem or error.details() or "the instance does not answer"
            raise PulsemillError(f"{error.code().name}: {reason}") from error
        return reply

    async def close(self) -> None:
        """Close all. Idempotent."""
        self._closed = True
        async with self._opening:
            while self._lines:
                await _close(self._lines.popitem()[1])
            folder, self._folder = self._folder, None
            if folder:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _line(self, instance_id: int, pod: dict[str, Any]) -> _Line:
        target = self._target(instance_id, pod)
        async with self._opening:
            if self._closed:
                raise PulsemillError(STOPPING)
            line = self._lines.get(instance_id)
            if line is None or line.target != target:
                if line:
                    await _close(self._lines.pop(instance_id))
                line = self._lines[instance_id] = await self._open(instance_id, target)
        return line

    def _target(self, instance_id: int, pod: dict[str, Any]) -> _Target:
        uid, port = str(pod["metadata"].get("uid")), self._place.grpc_port
        match self._access:
            case StatusAccess.DNS:
                return _Target(uid, f"{self._place.host(instance_id)}:{port}")
            case StatusAccess.POD_IP:
                address = pod["status"].get("podIP")
                if not address:
                    raise PulsemillError("The pod has no address yet")
                return _Target(uid, f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
            case StatusAccess.PORT_FORWARD:
                return _Target(uid)

    async def _open(self, instance_id: int, target: _Target) -> _Line:
        if target.address:
            return _Line(target, grpc.aio.insecure_channel(target.address, options=_OPTIONS))
        if self._folder is None:
            self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="pulsemill-forward-"))
        place, socket = self._place, self._folder / str(instance_id)
        forward = PortForward(self._api, place.namespace, place.pod(instance_id), place.grpc_port, socket)
        return _Line(target, grpc.aio.insecure_channel(await forward.start(), options=_OPTIONS), forward)


def _is_cancelled() -> bool:
    """Whether it is the caller who gave up."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _close(line: _Line) -> None:
    with contextlib.suppress(grpc.aio.UsageError):
        await line.channel.close(None)
    if line.forward:
        await line.forward.close()
