"""The instances of a worker follow the assignments."""

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from pulsemill.cluster.assignments import AssignmentTable
from pulsemill.cluster.metadata import FunctionTable
from pulsemill.cluster.records import AssignmentChange, MetadataChange
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.names import InstanceName
from pulsemill.worker.metrics import Times
from pulsemill.worker.runtime_manager import FunctionRuntimeManager
from pulsemill.worker.spawners import Spawners
from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionMetaData, FunctionState, Instance

MakeInstance = Callable[..., Instance]


@attrs.define
class World:
    """A worker `me` with its tables; `assign` and `unassign` are what the leader writes."""

    manager: FunctionRuntimeManager
    deleted: list[str]

    def assign(self, instance: Instance, worker: str = "me") -> InstanceName:
        metadata = instance.functionMetaData
        name = InstanceName.of(instance)
        self.manager.functions.apply(MetadataChange(name.function, metadata.version, metadata))
        self.manager.assignments.apply(AssignmentChange(name, Assignment(instance=instance, workerId=worker)))
        return name

    def delete_function(self, instance: Instance) -> None:
        name = InstanceName.of(instance)
        self.manager.functions.apply(MetadataChange(name.function, instance.functionMetaData.version + 1, None))

    def unassign(self, instance: Instance) -> None:
        self.manager.assignments.apply(AssignmentChange(InstanceName.of(instance), None))


def make_world(factory: Any, packages: Any) -> World:
    deleted: list[str] = []

    async def after_delete(metadata: FunctionMetaData) -> None:
        factory.events.append("clean up")
        deleted.append(metadata.functionDetails.name)

    table = AssignmentTable()
    manager = FunctionRuntimeManager(
        worker_id="me",
        functions=FunctionTable(),
        assignments=table,
        packages=packages,
        new_spawner=Spawners(WorkerConfig(), factory, packages, Times()),
        after_delete=after_delete,
        externally_managed=factory.externally_managed,
    )
    table.on_change = manager.on_change
    return World(manager, deleted)


@pytest.fixture
def world(factory: Any, packages: Any) -> World:
    return make_world(factory, packages)


async def test_nothing_starts_while_the_topics_are_replayed(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.assign(instance(version=0))
    world.assign(instance(version=1))
    world.assign(instance("other"), worker="w2")
    await settled()
    assert factory.events == []
    world.manager.start()
    await settled()
    assert factory.events == ["start public/default/exclaim:0"]
    await world.manager.stop()


async def test_an_assignment_of_a_function_that_was_deleted_does_not_start(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.assign(instance())
    world.delete_function(instance())
    world.manager.start()
    world.unassign(instance())
    await settled()
    assert factory.events == ["clean up"]
    await world.manager.stop()


async def test_an_update_replaces_the_instance(
    world: World, factory: Any, packages: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    name = world.assign(instance())
    await settled()
    world.assign(instance(version=1))
    await settled()
    assert factory.events == [f"start {name}", f"stop {name}", f"start {name}"]
    assert packages.discarded == [name]
    await world.manager.stop()


async def test_a_stopped_instance_is_down_until_it_is_started(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    world.assign(instance())
    await settled()
    world.assign(instance(version=1, i0=FunctionState.STOPPED))
    await settled()
    assert not factory.runtimes[0].is_alive
    world.assign(instance(version=2, i0=FunctionState.RUNNING))
    await settled()
    assert factory.runtimes[1].is_alive
    await world.manager.stop()


async def test_after_the_last_instance_of_a_deleted_function_it_is_cleaned_up_once(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    both = [instance(instance_id=instance_id, parallelism=2) for instance_id in (0, 1)]
    for one in both:
        world.assign(one)
    await settled()
    world.delete_function(both[0])
    for one in both:
        world.unassign(one)
    await settled()
    assert world.deleted == ["exclaim"]
    assert factory.events[-1] == "clean up"
    assert world.manager.spawners() == {}
    await world.manager.stop()


async def test_fewer_instances_of_a_living_function_clean_nothing_up(
    world: World, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    world.assign(instance(instance_id=1, parallelism=2))
    world.unassign(instance(instance_id=1, parallelism=2))
    await settled()
    assert world.deleted == []
    await world.manager.stop()


async def test_a_function_that_is_created_again_starts_after_the_clean_up_of_the_old_one(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    name = world.assign(instance())
    await settled()
    factory.runtimes[0].stop_gate = asyncio.Event()
    world.delete_function(instance())
    world.unassign(instance())
    world.assign(instance(created=2))
    await settled()
    assert factory.events == [f"start {name}"]
    factory.runtimes[0].stop_gate.set()
    await settled()
    assert factory.events == [f"start {name}", f"stop {name}", "clean up", f"start {name}"]
    await world.manager.stop()


async def test_whether_a_function_is_gone_is_asked_when_its_instance_has_stopped(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    world.assign(instance())
    await settled()
    factory.runtimes[0].stop_gate = asyncio.Event()
    world.unassign(instance())
    world.delete_function(instance())
    factory.runtimes[0].stop_gate.set()
    await settled()
    assert world.deleted == ["exclaim"]
    await world.manager.stop()


def on_two_workers(world: World, instance: MakeInstance) -> tuple[Instance, Instance]:
    """A function's instances, of which the second is another worker's."""
    mine, other = (instance(instance_id=number, parallelism=2) for number in (0, 1))
    world.assign(mine)
    world.assign(other, worker="w2")
    return mine, other


async def test_a_worker_cleans_up_though_the_instances_of_others_were_taken_away_last(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    mine, other = on_two_workers(world, instance)
    await settled()
    world.delete_function(mine)
    world.unassign(mine)
    world.unassign(other)
    await settled()
    assert world.deleted == ["exclaim"]
    await world.manager.stop()


async def test_while_another_worker_has_an_instance_of_a_deleted_function_nothing_is_cleaned_up(
    world: World, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    mine, _ = on_two_workers(world, instance)
    world.delete_function(mine)
    world.unassign(mine)
    await settled()
    assert world.deleted == []
    await world.manager.stop()


async def test_a_slow_stop_holds_up_no_other_instance(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    world.assign(instance())
    await settled()
    factory.runtimes[0].stop_gate = asyncio.Event()
    world.assign(instance(version=1))
    world.assign(instance("other"))
    await settled()
    assert factory.events[-1] == "start public/default/other:0"
    factory.runtimes[0].stop_gate.set()
    await world.manager.stop()


async def test_restart_keeps_the_metadata(world: World, factory: Any, instance: MakeInstance, settled: Any) -> None:
    world.manager.start()
    name = world.assign(instance(version=3))
    await settled()
    await world.manager.restart(name)
    await settled()
    assert factory.events == [f"start {name}", f"stop {name}", f"start {name}"]
    spawner = world.manager.spawner(name)
    assert spawner is not None
    assert spawner.metadata.version == 3
    await world.manager.stop()


async def test_restart_of_what_does_not_run_does_nothing(world: World, factory: Any, instance: MakeInstance) -> None:
    await world.manager.restart(InstanceName.of(instance()))
    assert factory.events == []


async def test_stop_ends_all_at_the_same_time_and_nothing_starts_after_it(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    for name in ("a", "b"):
        world.assign(instance(name))
    await settled()
    await world.manager.stop()
    world.assign(instance("c"))
    await settled()
    assert sorted(factory.events[2:]) == ["stop public/default/a:0", "stop public/default/b:0"]


async def test_a_start_that_is_still_to_come_does_not_come_after_the_stop(
    world: World, factory: Any, instance: MakeInstance, settled: Any
) -> None:
    world.manager.start()
    world.assign(instance())
    await world.manager.stop()
    await settled()
    assert factory.events == []
    assert world.manager.spawners() == {}


async def test_external_instances_outlive_the_worker(
    external_factory: Any, packages: Any, instance: MakeInstance, settled: Any
) -> None:
    world = make_world(external_factory, packages)
    world.manager.start()
    name = world.assign(instance(instance_id=-1))
    await settled()
    await world.manager.stop()
    assert external_factory.events == [f"start {name}"]


async def test_an_external_instance_that_moves_away_goes_on(
    external_factory: Any, packages: Any, instance: MakeInstance, settled: Any
) -> None:
    world = make_world(external_factory, packages)
    world.manager.start()
    name = world.assign(instance(instance_id=-1))
    await settled()
    world.assign(instance(instance_id=-1), worker="other")
    await settled()
    assert [event.split()[0] for event in external_factory.events] == ["start", "hand"]
    assert world.manager.spawner(name) is None


async def test_an_external_instance_is_handed_over_to_its_next_version(
    external_factory: Any, packages: Any, instance: MakeInstance, settled: Any
) -> None:
    world = make_world(external_factory, packages)
    world.manager.start()
    name = world.assign(instance(instance_id=-1))
    await settled()
    world.assign(instance(instance_id=-1, version=1))
    await settled()
    spawner = world.manager.spawner(name)
    assert spawner is not None
    successor = spawner.instance.function_version[:8]
    assert external_factory.events == [f"start {name}", f"hand over {name} to {successor}", f"start {name}"]
    await world.manager.stop()


async def test_an_external_instance_restarts_in_place(
    external_factory: Any, packages: Any, instance: MakeInstance, settled: Any
) -> None:
    world = make_world(external_factory, packages)
    world.manager.start()
    name = world.assign(instance(instance_id=-1, parallelism=2))
    await settled()
    await world.manager.restart_in_place(name, 1)
    assert external_factory.events == [f"start {name}", f"restart 1 of {name}"]
    await world.manager.stop()
