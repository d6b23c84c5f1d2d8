"""State in tables of BookKeeper, where functions in Java and Python find each other's.

Upstream: org.apache.pulsar.functions.instance.state.BKStateStoreProviderImpl.

Every call is repeated while the service cannot be reached, also an increment whose connection broke: it may then count
twice, as it does when its message is delivered again.
"""

from functools import partial
from typing import Any

from pulsemill_instance.proto.TableService_pb2 import (
    BAD_REQUEST,
    HASH,
    INVALID_KEY,
    INVALID_NAMESPACE_NAME,
    INVALID_STREAM_NAME,
    KEY_NOT_FOUND,
    NAMESPACE_NOT_FOUND,
    STREAM_NOT_FOUND,
    SUCCESS,
    TABLE,
    CreateNamespaceRequest,
    CreateStreamRequest,
    DeleteRangeRequest,
    DeleteStreamRequest,
    FixedRangeSplitPolicy,
    GetStreamRequest,
    IncrementRequest,
    NamespaceConfiguration,
    PutRequest,
    RangeRequest,
    RetentionPolicy,
    SegmentRollingPolicy,
    SizeBasedSegmentRollingPolicy,
    SplitPolicy,
    StatusCode,
    StreamConfiguration,
    StreamName,
    TableResponse,
    TimeBasedRetentionPolicy,
)
from pulsemill_instance.state.errors import StateStoreError, counter_in_the_way, value_in_the_way
from pulsemill_instance.state.store import StateTable
from pulsemill_instance.state.table_service import TableService, TryAgainError
from pulsemill_instance.state.values import StateValue

_NO_TABLE = frozenset({NAMESPACE_NOT_FOUND, STREAM_NOT_FOUND})
_ANSWERS = frozenset({SUCCESS, BAD_REQUEST, KEY_NOT_FOUND})
_HOPELESS = frozenset({INVALID_KEY, INVALID_NAMESPACE_NAME, INVALID_STREAM_NAME})

TABLE_CONFIGURATION = StreamConfiguration(
    key_type=HASH,
    min_num_ranges=4,
    initial_num_ranges=4,
    split_policy=SplitPolicy(fixed_range_policy=FixedRangeSplitPolicy(num_ranges=2)),
    rolling_policy=SegmentRollingPolicy(size_policy=SizeBasedSegmentRollingPolicy(max_segment_size=128 * 2**20)),
    retention_policy=RetentionPolicy(time_policy=TimeBasedRetentionPolicy(retention_minutes=-1)),
    storage_type=TABLE,
)
"""What Java workers and instances make tables with."""


def state_namespace(table: StateTable) -> str:
    """The table service's namespace of a Pulsar namespace; `a_b/c` and `a/b_c` share one, as upstream."""
    return f"{table.tenant}_{table.namespace}".replace("-", "_")


class BookKeeperStateStore:
    """See StateStore. A table is named as its function."""

    def __init__(self, service: TableService, *, remember_tables: bool) -> None:
        self._service = service
        self._remember = remember_tables
        self._streams: dict[StateTable, int] = {}

    def get(self, table: StateTable, key: str) -> StateValue | None:
        """See StateStore."""
        answer = self._ask(table, "Range", RangeRequest(key=key.encode()), create=False)
        if answer is None:
            return None
        return next((StateValue(found.value, found.is_number, found.version) for found in answer.kvs), None)

    def put(self, table: StateTable, key: str, value: bytes) -> None:
        """See StateStore."""
        answer = self._ask(table, "Put", PutRequest(key=key.encode(), value=value), create=True)
        if _is_refused(answer):
            raise counter_in_the_way(table, key)

    def increment(self, table: StateTable, key: str, amount: int) -> None:
        """See StateStore."""
        answer = self._ask(table, "Increment", IncrementRequest(key=key.encode(), amount=amount), create=True)
        if _is_refused(answer):
            raise value_in_the_way(table, key)

    def delete(self, table: StateTable, key: str) -> None:
        """See StateStore."""
        self._ask(table, "Delete", DeleteRangeRequest(key=key.encode()), create=False)

    def drop(self, table: StateTable) -> None:
        """See StateStore."""
        request = DeleteStreamRequest(ns_name=state_namespace(table), name=table.name)

        def attempt() -> None:
            code = self._service.root("DeleteStream", request).code
            if code not in _NO_TABLE:
                _check(code)

        self._service.persist(f"Dropping the state of {table}", attempt, partial(self._streams.pop, table, None))

    def close(self) -> None:
        """See StateStore."""
        self._service.close()

    def _ask(self, table: StateTable, method: str, request: Any, *, create: bool) -> TableResponse | None:
        """The table's answer about a key; None without a table. A table that is not to be found is looked up again."""

        def attempt() -> TableResponse | None:
            stream = self._stream(table, create=create)
            if stream is None:
                return None
            answer = self._service.table(method, request, stream, request.key)
            _check(answer.header.code)
            return answer

        what = f"{method} of {request.key.decode()!r} in the state of {table}"
        return self._service.persist(what, attempt, partial(self._streams.pop, table, None))

    def _stream(self, table: StateTable, *, create: bool) -> int | None:
        stream = self._streams.get(table)
        if stream is None:
            stream = self._find(table)
        if stream is None and create:
            stream = self._create(table)
        if stream is not None and self._remember:
            self._streams[table] = stream
        return stream

    def _find(self, table: StateTable) -> int | None:
        name = StreamName(namespace_name=state_namespace(table), stream_name=table.name)
        answer = self._service.root("GetStream", GetStreamRequest(stream_name=name))
        if answer.code in _NO_TABLE:
            return None
        _check(answer.code)
        return answer.stream_props.stream_id

    def _create(self, table: StateTable) -> int:
        namespace = state_namespace(table)
        request = CreateStreamRequest(ns_name=namespace, name=table.name, stream_conf=TABLE_CONFIGURATION)
        answer = self._service.root("CreateStream", request)
        if answer.code == NAMESPACE_NOT_FOUND:
            configuration = NamespaceConfiguration(default_stream_conf=TABLE_CONFIGURATION)
            self._service.root("CreateNamespace", CreateNamespaceRequest(name=namespace, ns_conf=configuration))
        _check(answer.code)  # somebody else's creation is an internal error of ours: the next try finds the table
        return answer.stream_props.stream_id


def _is_refused(answer: TableResponse | None) -> bool:
    return answer is not None and answer.header.code == BAD_REQUEST


def _check(code: StatusCode) -> None:
    if code in _HOPELESS:
        raise StateStoreError(f"The table service refuses the name: {StatusCode.Name(code)}")
    if code not in _ANSWERS:
        raise TryAgainError(StatusCode.Name(code) if code in StatusCode.values() else f"code {code}")
