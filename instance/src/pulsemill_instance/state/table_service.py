"""Calls to BookKeeper's table service, each with a deadline.

Facts: the servers route by metadata, so any of them may be asked. Right after a table was made, and for one that is
gone, a call ends with gRPC's NOT_FOUND; only time, or asking for the table again, tells which it is.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import grpc
from google.protobuf.message import Message

from pulsemill_instance.proto.TableService_pb2 import RootResponse, TableResponse
from pulsemill_instance.state.errors import StateStoreError

Answer = TypeVar("Answer", RootResponse, TableResponse)
Result = TypeVar("Result")
Metadata = tuple[tuple[str, bytes], ...]

_ROOT = "/bookkeeper.proto.storage.RootRangeService"
_TABLE = "/bookkeeper.proto.kv.rpc.TableService"
_ROOT_ROUTE: Metadata = (("bk-rt-sc-id-bin", bytes(8)),)
_PASSING = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.NOT_FOUND})
"""What may be over at the next try."""


class TryAgainError(Exception):
    """The service could not do it now."""


@attrs.frozen
class Patience:
    """How long all tries and one try of a call may take, and the first and the longest pause between two: seconds."""

    total: float
    call: float = 10.0
    first_pause: float = 0.05
    longest_pause: float = 1.0


class TableService:
    """One service at any of its hosts, the next one after a failure. Connects when called; any thread may call."""

    def __init__(self, hosts: tuple[str, ...], patience: Patience) -> None:
        self._hosts = hosts
        self._patience = patience
        self._channels: dict[str, grpc.Channel] = {}
        self._turn = 0
        self._lock = threading.Lock()

    def root(self, method: str, request: Message) -> RootResponse:
        """Ask about namespaces and tables."""
        return self._call(f"{_ROOT}/{method}", request, RootResponse, _ROOT_ROUTE)

    def table(self, method: str, request: Any, stream_id: int, key: bytes) -> TableResponse:
        """Ask for a key of a table, after completing the request's header."""
        request.header.stream_id, request.header.r_key = stream_id, key
        route: Metadata = (("bk-rt-sid-bin", stream_id.to_bytes(8, "big")), ("bk-rt-key-bin", key))
        return self._call(f"{_TABLE}/{method}", request, TableResponse, route)

    def persist(self, what: str, attempt: Callable[[], Result], between: Callable[[], object]) -> Result:
        """Try until it works; `between` runs before another try. StateStoreError says what did not work, and why."""
        deadline, pause = time.monotonic() + self._patience.total, self._patience.first_pause
        while True:
            try:
                return attempt()
            except (grpc.RpcError, TryAgainError) as error:
                if not _passes(error) or time.monotonic() + pause > deadline:
                    raise StateStoreError(f"{what} at {','.join(self._hosts)} failed: {_reason(error)}") from error
                if isinstance(error, grpc.RpcError) and error.code() is not grpc.StatusCode.NOT_FOUND:
                    self._turn += 1
            time.sleep(pause)
            pause = min(2 * pause, self._patience.longest_pause)
            between()

    def close(self) -> None:
        """Close the connections; another call opens one again."""
        with self._lock:
            channels, self._channels = self._channels, {}
        for channel in channels.values():
            channel.close()

    def _call(self, path: str, request: Message, answer: type[Answer], route: Metadata) -> Answer:
        call = self._connected().unary_unary(
            path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
        )
        response: Answer = call(request, timeout=min(self._patience.call, self._patience.total), metadata=route)
        return response

    def _connected(self) -> grpc.Channel:
        host = self._hosts[self._turn % len(self._hosts)]
        with self._lock:
            if host not in self._channels:
                self._channels[host] = grpc.insecure_channel(host)
            return self._channels[host]


def _passes(error: Exception) -> bool:
    return isinstance(error, TryAgainError) or (isinstance(error, grpc.RpcError) and error.code() in _PASSING)


def _reason(error: Exception) -> str:
    if not isinstance(error, grpc.RpcError):
        return str(error)
    return f"{error.code().name} {error.details() or ''}".strip()
