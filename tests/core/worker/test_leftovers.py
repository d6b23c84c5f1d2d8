"""What a dead worker left of a deleted function."""

from collections.abc import Collection

import attrs
import pytest

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.deletions import GRACE_SECONDS, Deletions
from pulsemill.cluster.records import AssignmentChange
from pulsemill.names import InstanceName
from pulsemill.worker.cleanup import Cleanup
from pulsemill.worker.leftovers import Leftovers
from pulsemill_instance.proto.Function_pb2 import (
    Assignment,
    ConsumerSpec,
    FunctionDetails,
    FunctionMetaData,
    Instance,
    SourceSpec,
)


def function(name: str, subscription: str = "") -> FunctionMetaData:
    specs = {f"{name}-in": ConsumerSpec()}
    source = SourceSpec(inputSpecs=specs, cleanupSubscription=True, subscriptionName=subscription)
    return FunctionMetaData(functionDetails=FunctionDetails(tenant="t", namespace="n", name=name, source=source))


@pytest.fixture
def subscriptions() -> set[tuple[str, str]]:
    """What is on the broker."""
    return {("dead-in", "t/n/dead"), ("dead-in", "shared"), ("alive-in", "shared")}


@pytest.fixture
def leftovers(subscriptions: set[tuple[str, str]]) -> Leftovers:
    async def delete(topic: str, name: str) -> None:
        subscriptions.discard((topic, name))

    alive = [function("alive", "shared")]
    return Leftovers(Cleanup(delete), Deletions(), lambda: alive, AssignmentTable(), "me", lambda: False)


def created_again(leftovers: Leftovers, *workers: str) -> None:
    """Let there be a new function of the name `dead`, each of its instances on one of the workers."""
    functions = leftovers.functions()
    assert isinstance(functions, list)
    functions.append(function("dead"))
    for number, worker in enumerate(workers):
        instance = Instance(functionMetaData=function("dead"), instanceId=number)
        change = AssignmentChange(InstanceName.of(instance), Assignment(instance=instance, workerId=worker))
        leftovers.assignments.apply(change)


def deleted(leftovers: Leftovers, metadata: FunctionMetaData) -> None:
    leftovers.deletions.note(metadata, leftovers.deletions.now() - GRACE_SECONDS)


async def test_what_nobody_cleaned_up_is_cleaned_up_once(
    leftovers: Leftovers, subscriptions: Collection[tuple[str, str]]
) -> None:
    deleted(leftovers, function("dead"))
    await leftovers.look_again()
    assert ("dead-in", "t/n/dead") not in subscriptions
    assert leftovers.deletions.due() == []


async def test_what_another_function_uses_by_now_stays(
    leftovers: Leftovers, subscriptions: Collection[tuple[str, str]]
) -> None:
    deleted(leftovers, function("dead", "shared"))
    await leftovers.look_again()
    assert ("dead-in", "shared") in subscriptions


async def test_after_a_clean_end_nobody_looks_again(leftovers: Leftovers) -> None:
    deleted(leftovers, function("dead"))
    await leftovers.after_delete(function("dead"))
    assert leftovers.deletions.due() == []


@pytest.mark.parametrize("workers", [("other",), ("me", "other"), ()], ids=["elsewhere", "here too", "nowhere yet"])
async def test_a_function_that_was_created_again_keeps_what_it_uses(
    leftovers: Leftovers, subscriptions: Collection[tuple[str, str]], workers: tuple[str, ...]
) -> None:
    created_again(leftovers, *workers)
    await leftovers.after_delete(function("dead"))
    assert ("dead-in", "t/n/dead") in subscriptions


async def test_one_that_was_created_again_and_starts_here_after_the_cleanup_finds_nothing_of_the_old_one(
    leftovers: Leftovers, subscriptions: Collection[tuple[str, str]]
) -> None:
    created_again(leftovers, "me", "me")
    await leftovers.after_delete(function("dead"))
    assert ("dead-in", "t/n/dead") not in subscriptions


async def test_where_functions_may_be_missing_a_deletion_must_have_been_read(
    leftovers: Leftovers, subscriptions: Collection[tuple[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    leftovers = attrs.evolve(leftovers, has_gaps=lambda: True)
    await leftovers.after_delete(function("dead"))
    assert ("dead-in", "t/n/dead") in subscriptions
    assert "what t/n/dead left stays" in caplog.text
    deleted(leftovers, function("dead"))
    await leftovers.after_delete(function("dead"))
    assert ("dead-in", "t/n/dead") not in subscriptions
