"""Topics in memory, and functions to write to them."""

import asyncio
from collections.abc import Callable

import attrs
import pytest

from pulsemill.cluster.records import Record
from pulsemill.cluster.topic_log import Handler, TopicError
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionDetails, FunctionMetaData, Instance


@attrs.define(slots=False)
class FakeTopicLog:
    """A topic whose positions are indexes, with failures on demand."""

    topic: str = "persistent://public/functions/fake"
    records: list[Record] = attrs.field(factory=list)
    is_acquired: bool = False
    fenced: bool = False
    down: bool = False
    stores_before_failing: bool = False
    followers: list[Handler] = attrs.field(factory=list)
    following: asyncio.Event = attrs.field(factory=asyncio.Event)
    calls: list[str] = attrs.field(factory=list)

    @property
    def is_writer(self) -> bool:
        return self.is_acquired

    async def acquire(self) -> None:
        self.calls.append("acquire")
        if self.fenced:
            raise TopicError("another worker leads")
        self.is_acquired = True

    async def release(self) -> None:
        self.calls.append("release")
        self.is_acquired = False

    async def append(self, record: Record) -> int:
        if self.down and not self.stores_before_failing:
            raise TopicError("no broker")
        self.records.append(record)
        if self.down:
            raise TopicError("no answer")
        return len(self.records) - 1

    async def read_to_end(self, after: int | None, handle: Handler) -> None:
        self.calls.append("read")
        if self.down:
            raise TopicError("no broker")
        start = 0 if after is None else after + 1
        for position in range(start, len(self.records)):
            handle(self.records[position], position)

    async def follow(self, after: int | None, handle: Handler) -> None:
        self.calls.append("follow")
        self.followers.append(handle)
        self.following.set()


@pytest.fixture
def log() -> FakeTopicLog:
    return FakeTopicLog()


@pytest.fixture
def other_log() -> FakeTopicLog:
    return FakeTopicLog(topic="persistent://public/functions/other")


@pytest.fixture(scope="session")
def function() -> Callable[..., FunctionMetaData]:
    """Makes a function's metadata: name, version, parallelism, time of creation in milliseconds."""

    def make(
        name: str = "exclaim", version: int = 0, parallelism: int = 1, tenant: str = "public", created: int = 1
    ) -> FunctionMetaData:
        details = FunctionDetails(tenant=tenant, namespace="default", name=name, parallelism=parallelism)
        return FunctionMetaData(functionDetails=details, version=version, createTime=created)

    return make


@pytest.fixture(scope="session")
def assigned() -> Callable[..., Assignment]:
    """Makes an assignment of a function's instance to a worker."""

    def make(metadata: FunctionMetaData, worker: str = "w1", instance_id: int = 0) -> Assignment:
        return Assignment(instance=Instance(functionMetaData=metadata, instanceId=instance_id), workerId=worker)

    return make
