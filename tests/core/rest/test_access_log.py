"""What the worker's log says of requests."""

import logging
from typing import Any

import pytest

LEADER_READY = "/admin/v2/worker/cluster/leader/ready"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """The lines of level INFO and above, which is what people see by default."""
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records if record.name.endswith("access_log")]


@pytest.mark.parametrize(("path", "attribute"), [("/initialized", "initialized"), (LEADER_READY, "is_leader_ready")])
async def test_of_probes_only_a_change_of_readiness(world: Any, lines: Any, path: str, attribute: str) -> None:
    for is_ready in (False, True, False):
        setattr(world.membership, attribute, is_ready)
        for _ in range(3):
            await world.client.get(path)
    assert lines() == [f"GET {path}: {status}" for status in (503, 200, 503)]


async def test_every_refusal_and_every_change(world: Any, lines: Any) -> None:
    for _ in range(2):
        await world.client.get(f"{world.url}/status")
    await world.register()
    await world.client.get(world.url)
    assert lines() == [*[f"GET {world.url}/status: 404"] * 2, f"POST {world.url}: 204"]
