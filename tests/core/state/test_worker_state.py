"""State on the worker's event loop."""

import asyncio
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from pulsemill.names import FunctionName
from pulsemill.state.worker_state import WorkerState
from pulsemill_instance.state.errors import StateStoreError
from pulsemill_instance.state.local import LocalStateStore
from pulsemill_instance.state.urls import state_file_url

NAME = FunctionName("public", "default", "f")


class SlowStore(LocalStateStore):
    """Answers when it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go = threading.Event()

    def get(self, *given: Any) -> Any:
        assert self.go.wait(20)
        return super().get(*given)


def _exists(path: Path) -> bool:
    return path.exists()


def test_no_url_is_no_state() -> None:
    assert WorkerState.at(None) is None
    assert WorkerState.at("") is None


async def test_a_store_is_opened_by_the_first_call(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    state = WorkerState.at(state_file_url(path))
    assert state
    assert not _exists(path)
    await state.put(NAME, "k", b"v")
    found = await state.get(NAME, "k")
    assert found
    assert found.value == b"v"
    await state.drop(NAME)
    assert await state.get(NAME, "k") is None
    await state.close()


async def test_a_call_that_waits_holds_up_nothing_else(tmp_path: Path) -> None:
    store = SlowStore(tmp_path / "state.db")
    state = WorkerState(lambda: store)
    waiting = asyncio.create_task(state.get(NAME, "k"))
    await state.put(NAME, "k", b"v")
    assert not waiting.done()
    store.go.set()
    assert (await waiting) is not None
    await state.close()


async def test_state_that_cannot_be_dropped_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> LocalStateStore:
        raise StateStoreError("the bookies are gone")

    with caplog.at_level(logging.WARNING):
        await WorkerState(fail).drop(NAME)
    assert "the state of the deleted function public/default/f stays stored: the bookies are gone" in caplog.text
