"""A table service in memory, reached over gRPC, and the stores that all must behave alike."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import attrs
import grpc
import pytest

from pulsemill_instance.proto import TableService_pb2 as wire
from pulsemill_instance.state.store import StateStore, StateTable, open_store
from pulsemill_instance.state.urls import state_file_url
from pulsemill_instance.state.values import encode_number, wrapped

ROOT_REQUESTS = {
    "CreateNamespace": wire.CreateNamespaceRequest,
    "CreateStream": wire.CreateStreamRequest,
    "DeleteStream": wire.DeleteStreamRequest,
    "GetStream": wire.GetStreamRequest,
}
TABLE_REQUESTS = {
    "Delete": wire.DeleteRangeRequest,
    "Increment": wire.IncrementRequest,
    "Put": wire.PutRequest,
    "Range": wire.RangeRequest,
}
Failure = Callable[[], "grpc.StatusCode | None"]


@attrs.define
class FakeTableService:
    """Answers as the table service of BookKeeper 4.16 was seen to. `failures` come before the next calls' answers."""

    namespaces: set[str] = attrs.field(factory=set)
    streams: dict[tuple[str, str], int] = attrs.field(factory=dict)
    configurations: list[wire.StreamConfiguration] = attrs.field(factory=list)
    values: dict[tuple[int, bytes], wire.KeyValue] = attrs.field(factory=dict)
    failures: list[grpc.StatusCode] = attrs.field(factory=list)
    hidden_creations: int = 0
    """How many lookups still miss a table that is there, as they do when somebody else makes it at this moment."""
    calls: list[str] = attrs.field(factory=list)
    url: str = ""
    _ids: Iterator[int] = attrs.field(factory=lambda: count(1024))
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = details.method.rpartition("/")[2]
        request = (ROOT_REQUESTS | TABLE_REQUESTS)[method]
        metadata = dict(details.invocation_metadata)

        def answer(given: Any, context: grpc.ServicerContext) -> Any:
            with self._lock:
                self.calls.append(method)
                if self.failures:
                    context.abort(self.failures.pop(0), "asked for")
                if method in ROOT_REQUESTS:
                    assert metadata["bk-rt-sc-id-bin"] == bytes(8)
                    return self._root(given)
                assert metadata["bk-rt-key-bin"] == given.key == given.header.r_key
                assert int.from_bytes(metadata["bk-rt-sid-bin"], "big") == given.header.stream_id
                if given.header.stream_id not in self.streams.values():
                    context.abort(grpc.StatusCode.NOT_FOUND, "")
                return self._table(given)

        return grpc.unary_unary_rpc_method_handler(
            answer, request.FromString, lambda message: message.SerializeToString()
        )

    def _root(self, request: Any) -> wire.RootResponse:
        match request:
            case wire.CreateNamespaceRequest():
                return wire.RootResponse(code=self._create_namespace(request))
            case wire.GetStreamRequest():
                named = request.stream_name
                return self._properties((named.namespace_name, named.stream_name))
            case wire.DeleteStreamRequest():
                gone = self.streams.pop((request.ns_name, request.name), None)
                return wire.RootResponse(code=wire.SUCCESS if gone else wire.STREAM_NOT_FOUND)
        return self._create_stream(request)

    def _create_namespace(self, request: wire.CreateNamespaceRequest) -> wire.StatusCode:
        known = request.name in self.namespaces
        self.namespaces.add(request.name)
        return wire.INTERNAL_SERVER_ERROR if known else wire.SUCCESS

    def _create_stream(self, request: wire.CreateStreamRequest) -> wire.RootResponse:
        name = request.ns_name, request.name
        if request.ns_name not in self.namespaces:
            return wire.RootResponse(code=wire.NAMESPACE_NOT_FOUND)
        if " " in request.name:
            return wire.RootResponse(code=wire.INVALID_STREAM_NAME)
        if name in self.streams:
            return wire.RootResponse(code=wire.INTERNAL_SERVER_ERROR)
        self.streams[name] = next(self._ids)
        self.configurations.append(request.stream_conf)
        return self._properties(name)

    def _properties(self, name: tuple[str, str]) -> wire.RootResponse:
        if name[0] not in self.namespaces:
            return wire.RootResponse(code=wire.NAMESPACE_NOT_FOUND)
        if name in self.streams and self.hidden_creations:
            self.hidden_creations -= 1
            return wire.RootResponse(code=wire.STREAM_NOT_FOUND)
        if name not in self.streams:
            return wire.RootResponse(code=wire.STREAM_NOT_FOUND)
        return wire.RootResponse(stream_props=wire.StreamProperties(stream_id=self.streams[name]))

    def _table(self, request: Any) -> wire.TableResponse:
        place = request.header.stream_id, request.key
        found = self.values.get(place)
        match request:
            case wire.RangeRequest():
                return wire.TableResponse(kvs=[found] if found else [])
            case wire.DeleteRangeRequest():
                self.values.pop(place, None)
                return wire.TableResponse()
        counts = isinstance(request, wire.IncrementRequest)
        if found and found.is_number != counts:
            return wire.TableResponse(header=wire.ResponseHeader(code=wire.BAD_REQUEST))
        number = wrapped((found.number_value if found else 0) + request.amount) if counts else -1
        self.values[place] = wire.KeyValue(
            key=request.key,
            value=encode_number(number) if counts else request.value,
            is_number=counts,
            number_value=number,
            version=found.version + 1 if found else 0,
        )
        return wire.TableResponse()


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, fake: FakeTableService) -> None:
        self.service = fake.service  # type: ignore[method-assign]

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        raise NotImplementedError


@pytest.fixture
def table_service() -> Iterator[FakeTableService]:
    fake = FakeTableService()
    server = grpc.server(ThreadPoolExecutor(8), handlers=[_Handler(fake)])
    fake.url = f"bk://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield fake
    server.stop(None).wait()


@pytest.fixture(params=["local", "bookkeeper", pytest.param("pulsar", marks=pytest.mark.pulsar)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where each kind of store is."""
    match request.param:
        case "local":
            return state_file_url(tmp_path / "state.db")
        case "bookkeeper":
            fake: FakeTableService = request.getfixturevalue("table_service")
            return fake.url
    real: str = request.getfixturevalue("broker").state_storage_service_url
    return real


@pytest.fixture
def open_it(url: str) -> Iterator[Callable[[], StateStore]]:
    """Opens the store, as often as there are instances."""
    opened: list[StateStore] = []

    def open_again() -> StateStore:
        opened.append(open_store(url, remember_tables=True))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_it: Callable[[], StateStore]) -> StateStore:
    return open_it()


@pytest.fixture
def table(request: pytest.FixtureRequest, tmp_path: Path) -> StateTable:
    """A function that nobody else has."""
    return StateTable("public", f"state-{tmp_path.name}-{id(request)}", "f")
