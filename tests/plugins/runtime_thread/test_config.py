from pathlib import Path

import pytest

from pulsemill.config.structuring import StructuringError, structure
from pulsemill_runtime_thread.config import MemoryLimit, ThreadRuntimeFactoryConfig, available_memory


def test_upstreams_keys_are_read() -> None:
    config = structure(
        {
            "threadGroupName": "Own Group",
            "pulsarClientMemoryLimit": {"absoluteValue": "1000", "percentOfMaxDirectMemory": 12.5},
        },
        ThreadRuntimeFactoryConfig,
    )
    assert config == ThreadRuntimeFactoryConfig("Own Group", MemoryLimit(1000, 12.5))


def test_upstreams_sample_is_the_default() -> None:
    config = structure({"pulsarClientMemoryLimit": {"absoluteValue": None}}, ThreadRuntimeFactoryConfig)
    assert config == ThreadRuntimeFactoryConfig("Thread Function Container Group", MemoryLimit())
    assert config.pulsar_client_memory_limit is not None
    assert config.pulsar_client_memory_limit.in_bytes(1000) is None


@pytest.mark.parametrize(
    ("limit", "in_bytes"),
    [
        (MemoryLimit(100), 100),
        (MemoryLimit(None, 50.0), 500),
        (MemoryLimit(100, 50.0), 100),
        (MemoryLimit(900, 50.0), 500),
    ],
)
def test_the_smaller_of_two_limits_counts(limit: MemoryLimit, in_bytes: int) -> None:
    assert limit.in_bytes(1000) == in_bytes


@pytest.mark.parametrize(
    "limit",
    [{"absoluteValue": 0}, {"absoluteValue": -1}, {"percentOfMaxDirectMemory": 0}, {"percentOfMaxDirectMemory": 100.5}],
)
def test_limits_that_cannot_be_are_refused(limit: dict[str, float]) -> None:
    with pytest.raises(StructuringError):
        structure({"pulsarClientMemoryLimit": limit}, ThreadRuntimeFactoryConfig)


@pytest.mark.parametrize(("text", "bound"), [("4096\n", 4096), ("max\n", None), (None, None)])
def test_a_control_groups_limit_bounds_the_machines_memory(tmp_path: Path, text: str | None, bound: int | None) -> None:
    limit = tmp_path / "memory.max"
    if text is not None:
        limit.write_text(text)
    machine = available_memory(())
    assert machine > 4096
    assert available_memory((limit,)) == (bound or machine)
