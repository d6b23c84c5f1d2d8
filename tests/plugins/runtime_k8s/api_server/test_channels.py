"""Which channel leads to which pod, what a call says when none does, and what a close leaves."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from pulsemill.errors import PulsemillError
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus
from pulsemill_runtime_k8s import channels as module
from pulsemill_runtime_k8s.api import KubernetesApi, Query
from pulsemill_runtime_k8s.api_errors import ApiError
from pulsemill_runtime_k8s.channels import Channels, Place, StatusAccess

SECONDS = 60
LOCAL = "127.0.0.1"


class Instance:
    """A gRPC server that answers at once, or never while `gate` is closed."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        self.peers: list[str] = []

    async def status(self, _: bytes, context: Any) -> FunctionStatus:
        self.peers.append(context.peer())
        self.asked.set()
        await self.gate.wait()
        return FunctionStatus(running=True)

    def handlers(self) -> grpc.GenericRpcHandler:
        handler = grpc.unary_unary_rpc_method_handler(self.status, response_serializer=FunctionStatus.SerializeToString)
        return grpc.method_handlers_generic_handler("proto.InstanceControl", {"GetFunctionStatus": handler})


class NoPods(KubernetesApi):
    """Refuses every websocket."""

    def __init__(self) -> None:
        self.error = ApiError("GET", "/portforward", 403, "Forbidden", "no")

    async def websocket(self, path: str, query: Query, protocol: str) -> Any:
        raise self.error


@pytest.fixture
async def instance() -> AsyncIterator[tuple[Instance, int]]:
    made, server = Instance(), grpc.aio.server()
    server.add_generic_rpc_handlers((made.handlers(),))
    port = server.add_insecure_port(f"{LOCAL}:0")
    await server.start()
    yield made, port
    made.gate.set()
    await server.stop(None)


def pod(uid: str = "first", address: str | None = LOCAL) -> dict[str, Any]:
    return {"metadata": {"uid": uid}, "status": {"podIP": address} if address else {}}


def channels(port: int, access: StatusAccess = StatusAccess.POD_IP) -> Channels:
    return Channels(NoPods(), Place("jobs", "pf", port), access)


async def ask(made: Channels, asked: dict[str, Any]) -> FunctionStatus:
    return await made.call(0, asked, "GetFunctionStatus", FunctionStatus)


@pytest.mark.parametrize("access", [StatusAccess.POD_IP, StatusAccess.DNS])
async def test_a_pod_that_was_made_anew_has_a_connection_of_its_own(
    instance: tuple[Instance, int], monkeypatch: pytest.MonkeyPatch, access: StatusAccess
) -> None:
    """Also at the same name and address: the old connection may be one to a node that is lost."""
    monkeypatch.setattr(Place, "host", lambda *_: "localhost")
    made = channels(instance[1], access)
    for uid in ("first", "first", "second", "second"):
        assert (await ask(made, pod(uid))).running
    await made.close()
    first, again, second, again_second = instance[0].peers
    assert first == again
    assert second == again_second
    assert first != second


async def test_a_connection_ends_when_nobody_asks_for_a_while(
    instance: tuple[Instance, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = {name: 50 for name in dict(module._OPTIONS) if "idle" in name}
    monkeypatch.setattr(module, "_OPTIONS", tuple({**dict(module._OPTIONS), **idle}.items()))
    ended = asyncio.Event()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pod_reader, pod_writer = await asyncio.open_connection(LOCAL, instance[1])
        back = asyncio.create_task(copy(pod_reader, writer))
        await copy(reader, pod_writer)
        await back
        ended.set()

    async with await asyncio.start_server(relay, LOCAL) as server:
        made = channels(server.sockets[0].getsockname()[1])
        assert (await ask(made, pod())).running
        await asyncio.wait_for(ended.wait(), 10)
        assert (await ask(made, pod())).running
        ended.clear()
        await made.close()
        await asyncio.wait_for(ended.wait(), 10)


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
    writer.close()


async def test_a_node_that_is_lost_is_noticed() -> None:
    """The kernel ends what is not acknowledged for keepalive_timeout_ms; a call is too short for pings."""
    options = dict(module._OPTIONS)
    assert options["grpc.keepalive_timeout_ms"] <= 10_000
    assert options["grpc.keepalive_time_ms"] > module.DEADLINE_SECONDS * 1000


@pytest.mark.parametrize(
    ("access", "address", "target"),
    [
        (StatusAccess.POD_IP, "10.1.2.3", "10.1.2.3:9093"),
        (StatusAccess.POD_IP, "fd00::7", "[fd00::7]:9093"),
        (StatusAccess.DNS, None, "pf-0.pf.jobs.svc.cluster.local:9093"),
    ],
)
async def test_where_a_channel_leads(
    monkeypatch: pytest.MonkeyPatch, access: StatusAccess, address: str | None, target: str
) -> None:
    targets: list[str] = []

    def refuse(target: str, options: Any) -> None:
        targets.append(target)
        raise PulsemillError("enough")

    monkeypatch.setattr(grpc.aio, "insecure_channel", refuse)
    with pytest.raises(PulsemillError, match="enough"):
        await ask(channels(9093, access), pod(address=address))
    assert targets == [target]


async def test_a_pod_without_an_address_is_told() -> None:
    with pytest.raises(PulsemillError, match=r"^The pod has no address yet$"):
        await ask(channels(9093), pod(address=None))


async def test_a_call_tells_why_the_forward_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 0.5)
    made = channels(9093, StatusAccess.PORT_FORWARD)
    with pytest.raises(PulsemillError, match=r"^DEADLINE_EXCEEDED: Kubernetes answered 403 .*pods/portforward"):
        await ask(made, pod())
    await made.close()


async def test_an_instance_that_does_not_answer_in_time(
    instance: tuple[Instance, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEADLINE_SECONDS", 0.2)
    instance[0].gate.clear()
    made = channels(instance[1])
    with pytest.raises(PulsemillError, match=r"^DEADLINE_EXCEEDED: "):
        await ask(made, pod())
    await made.close()


async def unanswered(instance: Instance, made: Channels) -> asyncio.Task[FunctionStatus]:
    """A call that the instance has and does not answer."""
    instance.gate.clear()
    call = asyncio.create_task(ask(made, pod()))
    await asyncio.wait_for(instance.asked.wait(), SECONDS)
    return call


async def test_a_close_amid_a_call_is_an_error_of_the_call(instance: tuple[Instance, int]) -> None:
    made = channels(instance[1])
    call = await unanswered(instance[0], made)
    await made.close()
    with pytest.raises(PulsemillError, match=r"^The instance is being stopped$"):
        await asyncio.wait_for(call, SECONDS)


async def test_a_new_pod_ends_a_call_to_the_old_one(instance: tuple[Instance, int]) -> None:
    made = channels(instance[1])
    call = await unanswered(instance[0], made)
    to_the_new_one = asyncio.create_task(ask(made, pod("second")))
    with pytest.raises(PulsemillError, match=r"^The instance is being stopped$"):
        await asyncio.wait_for(call, SECONDS)
    instance[0].gate.set()
    assert (await to_the_new_one).running
    await made.close()


async def test_a_caller_who_gives_up_is_not_held(instance: tuple[Instance, int]) -> None:
    made = channels(instance[1])
    call = await unanswered(instance[0], made)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await made.close()


async def test_what_is_being_opened_while_all_is_closed_is_closed_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opening, go_on = asyncio.Event(), asyncio.Event()
    start = module.PortForward.start

    async def slow_start(forward: module.PortForward) -> str:
        opening.set()
        await go_on.wait()
        return await start(forward)

    monkeypatch.setattr(module.PortForward, "start", slow_start)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = channels(9093, StatusAccess.PORT_FORWARD)
    call = asyncio.create_task(ask(made, pod()))
    await asyncio.wait_for(opening.wait(), SECONDS)
    close = asyncio.create_task(made.close())
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait_for(close, SECONDS)
    with pytest.raises(PulsemillError, match=r"^The instance is being stopped$"):
        await asyncio.wait_for(call, SECONDS)
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


async def test_after_a_close_nothing_is_opened(instance: tuple[Instance, int]) -> None:
    made = channels(instance[1])
    await ask(made, pod())
    await made.close()
    await made.close()
    with pytest.raises(PulsemillError, match=r"^The instance is being stopped$"):
        await ask(made, pod())
    assert len(instance[0].peers) == 1
