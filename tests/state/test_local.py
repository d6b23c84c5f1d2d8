"""What is special about the file: several processes, restarts, places that are no database."""

import multiprocessing
from pathlib import Path

import pytest

from pulsemill_instance.state.errors import StateStoreError
from pulsemill_instance.state.local import LocalStateStore
from pulsemill_instance.state.store import StateTable

TABLE = StateTable("public", "default", "f")


def count_up(path: Path, times: int) -> None:
    store = LocalStateStore(path)
    for _ in range(times):
        store.increment(TABLE, "c", 1)
    store.close()


def test_processes_that_begin_on_a_new_file_at_once_lose_no_increment(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "state.db"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=count_up, args=(path, 50)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    found = LocalStateStore(path).get(TABLE, "c")
    assert found
    assert found.number == 150


def test_functions_whose_names_look_alike_share_nothing(tmp_path: Path) -> None:
    store = LocalStateStore(tmp_path / "state.db")
    store.put(StateTable("a_b", "c", "f"), "k", b"v")
    assert store.get(StateTable("a", "b_c", "f"), "k") is None
    store.close()


def test_a_place_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_text("this is no database, whatever its name says" * 30)
    with pytest.raises(StateStoreError, match=r"state.db cannot be used: file is not a database"):
        LocalStateStore(path).get(TABLE, "k")
    with pytest.raises(StateStoreError, match="cannot be used"):
        LocalStateStore(path / "below.db").put(TABLE, "k", b"v")


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    store = LocalStateStore(tmp_path / "state.db")
    store.put(TABLE, "k", b"v")
    with store._connected() as connection:
        connection.execute("PRAGMA max_page_count = 1")  # no more than there are
    with pytest.raises(StateStoreError, match="database or disk is full"):
        store.put(TABLE, "large", b"x" * 1_000_000)
    store.close()
