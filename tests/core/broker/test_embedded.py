"""The embedded broker's life. These start the real one."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pulsemill.backoff import Backoff
from pulsemill.broker import embedded
from pulsemill.broker.data_directory import DataDirectory, DataDirectoryError
from pulsemill.broker.embedded import EmbeddedBroker
from pulsemill.broker.file_lock import FileLock
from pulsemill.broker.leftover import becomes_free, is_free
from pulsemill.broker.program import HOST, BrokerError, accepts_connections, last_words

pytestmark = pytest.mark.embedded

WORKER = """
import asyncio, sys
from pathlib import Path
from pulsemill.broker.data_directory import DataDirectory
from pulsemill.broker.embedded import EmbeddedBroker

async def main():
    with DataDirectory(Path(sys.argv[1])) as data:
        async with EmbeddedBroker(data) as broker:
            print(broker.pid, flush=True)
            await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def data(tmp_path: Path) -> AsyncIterator[DataDirectory]:
    with DataDirectory(tmp_path) as directory:
        yield directory


async def test_takes_connections_until_it_is_stopped(data: DataDirectory) -> None:
    async with EmbeddedBroker(data) as broker:
        assert broker.service_url == f"pulsar://{HOST}:{broker.port}"
        assert await accepts_connections(broker.port)
        assert broker.pid
    assert broker.pid is None
    assert not await accepts_connections(broker.port)
    await broker.stop()


def listening_ports(pid: int) -> list[int]:
    """The TCP ports that a process listens on, from /proc."""
    sockets = {str(descriptor.readlink()) for descriptor in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [
        line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    return [int(row[1].rsplit(":", 1)[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
async def test_listens_nowhere_else(data: DataDirectory) -> None:
    async with EmbeddedBroker(data) as broker:
        assert broker.pid
        assert listening_ports(broker.pid) == [broker.port]


async def test_killed_it_comes_back_on_its_port(data: DataDirectory) -> None:
    async with EmbeddedBroker(data, backoff=Backoff(first=0.01)) as broker:
        killed = broker.pid
        assert killed
        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(10):
            while broker.pid in {None, killed} or not await accepts_connections(broker.port):  # noqa: ASYNC110 a process
                await asyncio.sleep(0.01)


def kill_a_worker_with_a_broker(directory: Path) -> int:
    """The id of the broker's process."""
    with subprocess.Popen([sys.executable, "-c", WORKER, str(directory)], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        broker = int(worker.stdout.readline())
        worker.kill()
    return broker


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills the children of the dead")
async def test_dies_with_its_worker_even_when_that_is_killed(tmp_path: Path) -> None:
    broker = kill_a_worker_with_a_broker(tmp_path)
    lock = FileLock(tmp_path / "broker.lock")
    assert lock.holder() == broker
    assert await becomes_free(lock)


async def test_one_that_a_worker_left_behind_is_ended(data: DataDirectory, caplog: pytest.LogCaptureFixture) -> None:
    first = EmbeddedBroker(data)
    await first.start()
    left_behind = first.pid
    assert first._keeper is not None
    first._keeper.cancel()
    async with EmbeddedBroker(data) as second:
        assert second.pid != left_behind
        assert f"ending the broker (pid {left_behind}) that a worker left behind" in caplog.text
        assert first.pid is None


async def test_damaged_data_is_an_error_with_the_brokers_last_words(data: DataDirectory) -> None:
    async with EmbeddedBroker(data):
        pass
    for current in data.broker.rglob("CURRENT"):
        current.write_text("garbage\n")
    with pytest.raises(
        DataDirectoryError, match=rf"data directory {data.root}(.|\n)*CURRENT file corrupted"
    ) as failure:
        await EmbeddedBroker(data).start()
    assert "Stack backtrace" not in str(failure.value)
    assert is_free(FileLock(data.broker_lock))


async def test_a_port_in_use_is_an_error_before_anything_is_started(data: DataDirectory) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=f"cannot listen on {HOST}:{port}: Address already in use"):
            await EmbeddedBroker(data, port=port).start()
    assert not data.broker.exists()


async def test_a_start_that_is_given_up_leaves_no_broker(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_: int) -> bool:
        return False

    monkeypatch.setattr(embedded, "accepts_connections", never)
    monkeypatch.setattr(embedded, "START_SECONDS", 0.2)
    with pytest.raises(BrokerError, match="did not listen"):
        await EmbeddedBroker(data).start()
    assert is_free(FileLock(data.broker_lock))


def test_last_words_are_the_last_lines_since_the_start_without_traces(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    log.write_text("an earlier life\n")
    since = log.stat().st_size
    log.write_text("an earlier life\nError: damaged\n\nStack backtrace:\n   0: main\n")
    assert last_words(log, since) == "Error: damaged"
