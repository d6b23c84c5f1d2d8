"""What one worker asks of another."""

from collections.abc import Callable

import attrs
import httpx2
import pytest

from pulsemill.cluster.peers import PeerError, Peers
from pulsemill.errors import LeaderNotReadyError, MetadataOutOfDateError, MetadataWriteError
from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.ports import WorkerInfo
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

OTHER = WorkerInfo("w2", "host-2", 6751)
EXCLAIM = FunctionName("public", "default", "exclaim")


@attrs.define
class FakeWorker:
    """Gives the answers in turn, the last one for ever."""

    answers: list[httpx2.Response | Exception] = attrs.field(factory=lambda: [httpx2.Response(204)])
    asked: list[httpx2.Request] = attrs.field(factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def worker() -> FakeWorker:
    return FakeWorker()


@pytest.fixture
def peers(worker: FakeWorker) -> Peers:
    return Peers(headers=lambda: {"Authorization": "Bearer worker"}, transport=httpx2.MockTransport(worker))


async def test_metadata_goes_to_the_leader(
    peers: Peers, worker: FakeWorker, function: Callable[..., FunctionMetaData]
) -> None:
    await peers.write(OTHER, function(version=3), delete=True)
    (request,) = worker.asked
    assert str(request.url) == "http://host-2:6751/admin/v3/functions/leader/public/default/exclaim"
    assert (request.method, request.headers["authorization"]) == ("PUT", "Bearer worker")
    assert function(version=3).SerializeToString() in request.content
    assert b'name="delete"' in request.content
    assert b"true" in request.content


async def test_a_redirect_to_a_newer_leader_is_followed(
    peers: Peers, worker: FakeWorker, function: Callable[..., FunctionMetaData]
) -> None:
    worker.answers = [httpx2.Response(307, headers={"location": "http://host-3:6752/there"}), httpx2.Response(204)]
    await peers.write(OTHER, function(version=3), delete=False)
    assert [(request.method, request.url.host) for request in worker.asked] == [("PUT", "host-2"), ("PUT", "host-3")]
    assert [one.headers["authorization"] for one in worker.asked] == ["Bearer worker"] * 2
    assert all(b'name="delete"' in one.content for one in worker.asked)
    assert all(function(version=3).SerializeToString() in one.content for one in worker.asked)


async def test_workers_that_redirect_in_circles_are_named(peers: Peers, worker: FakeWorker) -> None:
    worker.answers = [httpx2.Response(307, headers={"location": "/again"})]
    with pytest.raises(PeerError, match=r"worker w2 did not answer POST .*: more than 5 redirects"):
        await peers.restart(OTHER, InstanceName(EXCLAIM, 2), FunctionDetails())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx2.Response(503, json={"reason": "Leader not yet ready"}), LeaderNotReadyError),
        (
            httpx2.Response(400, json={"reason": "Update request ignored because it is out of date."}),
            MetadataOutOfDateError,
        ),
        (httpx2.Response(400, json={"reason": "Corrupt Function MetaData"}), MetadataWriteError),
        (httpx2.Response(500, text="<html>"), MetadataWriteError),
        (httpx2.ConnectError("refused"), MetadataWriteError),
    ],
)
async def test_refusals_are_those_of_the_leader(
    peers: Peers,
    worker: FakeWorker,
    function: Callable[..., FunctionMetaData],
    answer: httpx2.Response | Exception,
    error: type[Exception],
) -> None:
    worker.answers = [answer]
    with pytest.raises(
        error, match=r"worker w2 .* http://host-2:6751/admin/v3/functions/leader/public/default/exclaim"
    ):
        await peers.write(OTHER, function(), delete=False)


@pytest.mark.parametrize(("kind", "route"), [("FUNCTION", "functions"), ("SOURCE", "sources"), ("SINK", "sinks")])
async def test_an_instance_is_restarted_by_its_owner(peers: Peers, worker: FakeWorker, kind: str, route: str) -> None:
    details = FunctionDetails(componentType=FunctionDetails.ComponentType.Value(kind))
    await peers.restart(OTHER, InstanceName(EXCLAIM, 2), details)
    assert [(one.method, one.url.path) for one in worker.asked] == [
        ("POST", f"/admin/v3/{route}/public/default/exclaim/2/restart")
    ]


@pytest.mark.parametrize(("name", "quoted"), [("a?b", "a%3Fb"), ("a#b", "a%23b"), ("a%20b", "a%2520b")])
async def test_no_name_reaches_another_route(peers: Peers, worker: FakeWorker, name: str, quoted: str) -> None:
    details = FunctionDetails(tenant=name, namespace=name, name=name)
    await peers.write(OTHER, FunctionMetaData(functionDetails=details), delete=False)
    await peers.restart(OTHER, InstanceName(FunctionName(name, name, name), 2), details)
    path = f"{quoted}/{quoted}/{quoted}"
    assert [str(one.url) for one in worker.asked] == [
        f"http://host-2:6751/admin/v3/functions/leader/{path}",
        f"http://host-2:6751/admin/v3/functions/{path}/2/restart",
    ]


async def test_an_owner_that_does_not_answer_is_named(peers: Peers, worker: FakeWorker) -> None:
    worker.answers = [httpx2.ReadTimeout("")]
    with pytest.raises(PeerError, match=r"worker w2 did not answer POST http://host-2:6751/.*: ReadTimeout"):
        await peers.restart(OTHER, InstanceName(EXCLAIM, 2), FunctionDetails())
