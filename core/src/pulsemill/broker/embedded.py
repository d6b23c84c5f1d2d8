"""The embedded broker's life: started, watched, restarted when it dies, stopped with its worker.

The event loop's thread owns everything here; it is also the thread whose end the kernel takes for the worker's death
(see `launcher`), so the loop must run in a thread that lives as long as the worker: normally the main one.
"""

import asyncio
import contextlib
import logging
import os
import subprocess
import time
from asyncio.subprocess import Process
from pathlib import Path
from typing import Final, Self

import attrs

from pulsemill.backoff import Backoff
from pulsemill.broker.data_directory import DataDirectory, DataDirectoryError
from pulsemill.broker.leftover import end_leftover
from pulsemill.broker.program import HOST, BrokerError, accepts_connections, check_port, command, free_port, last_words
from pulsemill.broker.stuck_consumers import wait_for_stuck_consumer
from pulsemill.errors import PulsemillError

START_SECONDS: Final = 10.0
STOP_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.01

logger = logging.getLogger(__name__)


@attrs.define
class EmbeddedBroker:
    """A pulsar-lite broker on a data directory whose lock is held. An async context manager."""

    directory: DataDirectory
    port: int = attrs.field(factory=free_port)
    backoff: Backoff = attrs.field(factory=Backoff)
    _process: Process | None = attrs.field(default=None, init=False)
    _logged: int = attrs.field(default=0, init=False)
    _keeper: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    @property
    def service_url(self) -> str:
        """Where clients connect; the same for the whole life of this object."""
        return f"pulsar://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The running broker's process id."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def log_file(self) -> Path:
        """The broker's output."""
        return self.directory.logs / "broker.log"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start and wait until it takes connections; raise BrokerError or DataDirectoryError when it does not."""
        await end_leftover(self.directory)
        check_port(self.port)
        # For instances in processes of their own, which inherit it: see pulsemill_instance.embedded_broker.
        os.environ["PULSEMILL_EMBEDDED_BROKER"] = self.service_url
        await self._launch()
        self._keeper = asyncio.create_task(self._keep_running(), name="embedded broker")

    async def stop(self) -> None:
        """Stop it, by force after STOP_SECONDS. Idempotent."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
            self._keeper = None
        await self._end_process()

    async def _launch(self) -> None:
        self.directory.broker.mkdir(exist_ok=True)
        self.directory.broker_settings.write_text("[metrics]\nenabled = false\n")
        with self.log_file.open("ab") as log:
            self._logged = logged = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *command(self.directory, self.port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            await self._wait_until_ready(self._process, logged)
        except BaseException:
            await self._end_process()
            raise

    async def _wait_until_ready(self, process: Process, logged: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.returncode is None and time.monotonic() < deadline:
            if await accepts_connections(self.port):
                return
            await asyncio.sleep(POLL_SECONDS)
        if process.returncode is None:
            raise BrokerError(f"the embedded broker did not listen on {HOST}:{self.port} within {START_SECONDS:.0f} s")
        raise DataDirectoryError(
            f"the embedded broker cannot start on data directory {self.directory.root} (exit code "
            f"{process.returncode}, port {self.port}); is the directory damaged? Its last words in {self.log_file}:\n"
            f"{last_words(self.log_file, logged)}"
        )

    async def _keep_running(self) -> None:
        while True:
            started = time.monotonic()
            if self._process and await self._is_stuck(self._process):
                logger.warning("the embedded broker holds on to a dead consumer: starting it again")
                await self._end_process()
            else:
                delay = self.backoff.next_delay(time.monotonic() - started)
                logger.error("the embedded broker died, starting it again in %.1f s; see %s", delay, self.log_file)
                await asyncio.sleep(delay)
            try:
                await self._launch()
            except (PulsemillError, OSError) as error:
                logger.error("the embedded broker did not come back: %s", error)  # noqa: TRY400 the message says it all

    async def _is_stuck(self, process: Process) -> bool:
        """Wait for its death (False), or for a consumer that only a restart frees (True)."""
        dead = asyncio.create_task(process.wait())
        stuck = asyncio.create_task(wait_for_stuck_consumer(self.log_file, self._logged))
        try:
            await asyncio.wait({dead, stuck}, return_when=asyncio.FIRST_COMPLETED)
            return not dead.done()
        finally:
            dead.cancel()
            stuck.cancel()

    async def _end_process(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
