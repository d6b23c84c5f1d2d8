"""Spawners are made from metadata and configuration."""

from typing import Any

import attrs
import pytest

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.worker.metrics import Times
from pulsemill.worker.spawners import Spawners
from pulsemill_instance.proto.Function_pb2 import FunctionAuthenticationSpec


@pytest.fixture
def config() -> WorkerConfig:
    own = attrs.evolve(
        WorkerConfig().pulsemill,
        restart_backoff_initial_seconds=0.5,
        restart_backoff_max_seconds=8.0,
        restart_backoff_reset_seconds=9.0,
    )
    return WorkerConfig(
        pulsar_functions_cluster="east",
        instance_liveness_check_freq_ms=15000,
        max_pending_async_requests=7,
        ignore_unknown_config_fields=True,
        pulsemill=own,
    )


def test_an_instance_is_told_what_the_configuration_says(
    config: WorkerConfig, factory: Any, packages: Any, instance: Any
) -> None:
    spawner = Spawners(config, factory, packages, Times())(instance(instance_id=2))
    given = spawner.instance
    assert (given.cluster_name, given.instance_id, given.max_pending_async_requests) == ("east", 2, 7)
    assert (given.health_check_interval_seconds, spawner.health_check_seconds) == (15, 15.0)
    assert given.ignore_unknown_config_fields
    assert (spawner.backoff.first, spawner.backoff.longest, spawner.backoff.healthy_after) == (0.5, 8.0, 9.0)


def test_each_spawner_has_ids_and_a_back_off_of_its_own(
    config: WorkerConfig, factory: Any, packages: Any, instance: Any
) -> None:
    make = Spawners(config, factory, packages, Times())
    first, second = make(instance()), make(instance())
    assert first.instance.function_id != second.instance.function_id
    assert first.backoff is not second.backoff


def test_external_instances_are_recognized_by_the_next_worker(
    config: WorkerConfig, external_factory: Any, packages: Any, instance: Any
) -> None:
    make = Spawners(config, external_factory, packages, Times())
    first, again, changed = (make(instance(instance_id=-1, version=version)).instance for version in (0, 0, 1))
    assert (first.function_id, first.function_version) == (again.function_id, again.function_version)
    assert changed.function_id == first.function_id
    assert changed.function_version != first.function_version


def test_nobody_checks_the_health_of_external_instances(
    config: WorkerConfig, external_factory: Any, packages: Any, instance: Any
) -> None:
    spawner = Spawners(config, external_factory, packages, Times())(instance(instance_id=-1))
    assert (spawner.health_check_seconds, spawner.instance.health_check_interval_seconds) == (0, -1)


@pytest.mark.parametrize("enabled", [True, False])
def test_credentials_are_for_workers_that_authenticate(
    config: WorkerConfig, factory: Any, packages: Any, instance: Any, enabled: bool
) -> None:
    made = instance()
    made.functionMetaData.functionAuthSpec.CopyFrom(FunctionAuthenticationSpec(data=b"token"))
    configured = attrs.evolve(config, authentication_enabled=enabled)
    spec = Spawners(configured, factory, packages, Times())(made).instance.function_auth_spec
    assert (spec is not None) == enabled


async def test_starts_are_timed_in_milliseconds(
    config: WorkerConfig, factory: Any, packages: Any, instance: Any, settled: Any
) -> None:
    times = Times()
    spawner = Spawners(config, factory, packages, times)(instance())
    spawner.on_started(0.25)
    assert times.recent[0] == 250
