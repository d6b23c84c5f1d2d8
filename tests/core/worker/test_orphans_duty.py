"""The leader's look for what nobody wants any more."""

from types import SimpleNamespace
from typing import Any

import pytest

from pulsemill.cluster.deletions import Deletions
from pulsemill.cluster.topic_log import TopicError
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.worker.parts import orphans_duty
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

GONE = FunctionMetaData(functionDetails=FunctionDetails(tenant="t", namespace="n", name="gone"))
KEPT = FunctionMetaData(functionDetails=FunctionDetails(tenant="t", namespace="n", name="kept"))
NEW = FunctionMetaData(functionDetails=FunctionDetails(tenant="t", namespace="n", name="new"))


class Factory:
    """Keeps what it was told."""

    def __init__(self, *, externally_managed: bool) -> None:
        self.externally_managed = externally_managed
        self.told: list[Any] = []

    async def delete_orphans(self, functions: Any, deleted: Any) -> None:
        self.told.append((functions(), list(deleted)))


class Functions:
    """One function, and another that is deleted. `trouble` is why their topic cannot be read, `news` what it has."""

    def __init__(self, deletions: Deletions) -> None:
        self.deletions = deletions
        self.has_gaps = False
        self.trouble: Exception | None = None
        self.news: list[FunctionMetaData] = []
        self._known = [KEPT]

    def all(self) -> list[FunctionMetaData]:
        return self._known

    async def catch_up(self) -> None:
        if self.trouble:
            raise self.trouble
        self._known = [*self._known, *self.news]


class World:
    """A leader, some time after a deletion."""

    def __init__(self, *, externally_managed: bool = True) -> None:
        now = [1000.0]
        deletions = Deletions(lambda: now[0])
        deletions.note(GONE, None)
        now[0] += 60
        self.factory = Factory(externally_managed=externally_managed)
        self.functions = Functions(deletions)
        self.view = SimpleNamespace(is_leader_ready=True)

    async def told(self) -> list[Any]:
        """What the runtime hears."""
        cluster: Any = SimpleNamespace(functions=self.functions, view=self.view)
        await orphans_duty(WorkerConfig(), self.factory, cluster, None).work()  # type: ignore[arg-type] # a fake
        return self.factory.told


async def test_a_runtime_that_is_managed_externally_hears_of_functions_and_of_deletions() -> None:
    assert await World().told() == [([KEPT], [GONE])]
    assert await World(externally_managed=False).told() == []


async def test_nothing_is_an_orphan_where_functions_may_be_missing() -> None:
    world = World()
    world.functions.has_gaps = True
    assert await world.told() == []


async def test_what_another_leader_registered_is_read_first() -> None:
    world = World()
    world.functions.news = [NEW]
    assert await world.told() == [([KEPT, NEW], [GONE])]


async def test_nothing_is_an_orphan_while_the_topic_cannot_be_read() -> None:
    world = World()
    world.functions.trouble = TopicError("no broker")
    with pytest.raises(TopicError, match="no broker"):
        await world.told()
    assert world.factory.told == []


async def test_nothing_is_an_orphan_where_another_worker_may_lead() -> None:
    world = World()
    world.view.is_leader_ready = False
    assert await world.told() == []
