"""What ends a local run."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pulsemill.errors import PulsemillError
from pulsemill.localrun.logs import LogFollower
from pulsemill.localrun.run import InstanceEndedError, _watch


class Instance:
    """Lives until it is told its death."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.death_exception = "killed"

    async def wait(self) -> None:
        await self.ended.wait()


async def test_an_instance_that_ends_is_the_end(tmp_path: Path) -> None:
    instances: dict[int, Any] = {3: Instance(), 4: Instance()}
    instances[4].ended.set()
    with pytest.raises(InstanceEndedError, match="instance 4 ended: killed"):
        await _watch(instances, LogFollower(tmp_path, print))


async def test_logs_that_nobody_can_be_shown_are_the_end(tmp_path: Path) -> None:
    def show(_: str) -> None:
        raise BrokenPipeError("nobody reads")

    (tmp_path / "f-0.log").write_text("line\n")
    instances: dict[int, Any] = {0: Instance()}
    with pytest.raises(PulsemillError, match="the local run cannot go on: BrokenPipeError: nobody reads"):
        await asyncio.wait_for(_watch(instances, LogFollower(tmp_path, show)), 5)
