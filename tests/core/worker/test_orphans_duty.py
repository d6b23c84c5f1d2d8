"""The leader's look for what nobody wants any more."""

from types import SimpleNamespace
from typing import Any

import pytest

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


@pytest.mark.parametrize(
    ("external", "told"), [(True, [([KEPT], [GONE])]), (False, [])], ids=["kubernetes", "threads or processes"]
)
async def test_a_runtime_that_is_managed_externally_hears_of_functions_and_of_deletions(
    external: bool, told: list[Any]
) -> None:
    now = [1000.0]
    deletions, factory = Deletions(lambda: now[0]), Factory(externally_managed=external)
    deletions.note(GONE, None)
    now[0] += 60
    cluster: Any = SimpleNamespace(functions=SimpleNamespace(all=lambda: [KEPT], deletions=deletions))
    await orphans_duty(WorkerConfig(), factory, cluster, None).work()  # type: ignore[arg-type] # a fake
    assert factory.told == told
