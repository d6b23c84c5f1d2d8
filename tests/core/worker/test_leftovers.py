"""What a dead worker left of a deleted function."""

from collections.abc import Collection

import pytest

from pulsemill.cluster.deletions import GRACE_SECONDS, Deletions
from pulsemill.worker.cleanup import Cleanup
from pulsemill.worker.leftovers import Leftovers
from pulsemill_instance.proto.Function_pb2 import ConsumerSpec, FunctionDetails, FunctionMetaData, SourceSpec


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

    deletions = Deletions()
    alive = [function("alive", "shared")]
    return Leftovers(Cleanup(delete), deletions, lambda: alive)


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
