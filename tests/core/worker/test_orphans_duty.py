"""The leader's look for what nobody wants any more."""

from types import SimpleNamespace
from typing import Any

from pulsemill.cluster.deletions import Deletions
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.worker.parts import orphans_duty
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

GONE = FunctionMetaData(functionDetails=FunctionDetails(tenant="t", namespace="n", name="gone"))
KEPT = FunctionMetaData(functionDetails=FunctionDetails(tenant="t", namespace="n", name="kept"))


class Factory:
    """Keeps what it was told."""

    def __init__(self, *, externally_managed: bool) -> None:
        self.externally_managed = externally_managed
        self.told: list[Any] = []

    async def delete_orphans(self, functions: Any, deleted: Any) -> None:
        self.told.append((functions(), list(deleted)))


async def told(*, externally_managed: bool, has_gaps: bool) -> list[Any]:
    """What the runtime hears, some time after a deletion."""
    now = [1000.0]
    deletions, factory = Deletions(lambda: now[0]), Factory(externally_managed=externally_managed)
    deletions.note(GONE, None)
    now[0] += 60
    functions = SimpleNamespace(all=lambda: [KEPT], deletions=deletions, has_gaps=has_gaps)
    cluster: Any = SimpleNamespace(functions=functions)
    await orphans_duty(WorkerConfig(), factory, cluster, None).work()  # type: ignore[arg-type] # a fake
    return factory.told


async def test_a_runtime_that_is_managed_externally_hears_of_functions_and_of_deletions() -> None:
    assert await told(externally_managed=True, has_gaps=False) == [([KEPT], [GONE])]
    assert await told(externally_managed=False, has_gaps=False) == []


async def test_nothing_is_an_orphan_where_functions_may_be_missing() -> None:
    assert await told(externally_managed=True, has_gaps=True) == []
