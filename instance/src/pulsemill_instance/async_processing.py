"""Calling a coroutine function for the messages of a batch.

The event loop belongs to the engine's thread and runs while a batch is processed. Up to `CONCURRENCY` calls run at a
time; their outputs are sent and their inputs settled in input order.
"""

import asyncio
import time
from collections import deque
from typing import Any

from pulsemill_instance.consumers import Input
from pulsemill_instance.context import FunctionContext
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.processing import TURN_SECONDS, Call

CONCURRENCY = 100

_Running = tuple[InputMessage, asyncio.Task[Any]]


class AsyncProcessor:
    """For functions that are coroutines."""

    def __init__(self, call: Call) -> None:
        self.one_by_one = False
        self.busy = False
        self._call = call
        self._runner = asyncio.Runner()

    def process(self, source: Input, messages: list[InputMessage]) -> None:
        """See Processor."""
        self._runner.run(self._process(source, messages))
        self._call.stats.totals.last_invocation = int(time.time() * 1000)

    def tick(self) -> None:
        """See Processor."""

    def finish(self) -> None:
        """See Processor."""

    def close(self) -> None:
        """See Processor."""
        self._runner.close()

    async def _process(self, source: Input, messages: list[InputMessage]) -> None:
        running: deque[_Running] = deque()
        for message in messages:
            if self._call.stop.is_set():
                break
            while len(running) >= CONCURRENCY or self._is_full():
                await self._finish_first(source, running)
            self._start(source, message, running)
        while running:
            await self._finish_first(source, running)

    def _start(self, source: Input, message: InputMessage, running: deque[_Running]) -> None:
        self._call.stats.totals.received += 1
        if self._call.outcomes.policy.before_processing:
            source.acknowledge(message)
        try:
            value = source.decode(message)
        except Exception as error:  # noqa: BLE001  # user SerDes and schemas may raise anything
            self._call.outcomes.system_failed(source, message, error)
            return
        running.append((message, asyncio.create_task(self._timed(source, message, value))))

    async def _timed(self, source: Input, message: InputMessage, value: Any) -> Any:
        call = self._call
        before = time.perf_counter()
        arguments = (value, FunctionContext(call.services, source, message)) if call.with_context else (value,)
        result = await call.process(*arguments)
        call.stats.totals.latency_sum += (time.perf_counter() - before) * 1000
        call.stats.totals.latency_count += 1
        return result

    async def _finish_first(self, source: Input, running: deque[_Running]) -> None:
        if not running:
            await self._turn()
            return
        message, task = running[0]
        while not task.done():
            await asyncio.wait((task,), timeout=TURN_SECONDS)
            await self._turn()
        running.popleft()
        self._settle(source, message, task)

    def _settle(self, source: Input, message: InputMessage, task: asyncio.Task[Any]) -> None:
        try:
            result = task.result()
        except MemoryError:
            raise
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  # user code may raise anything
            self._call.outcomes.user_failed(source, message, error)
            return
        self._call.emitter.emit(source, message, result)

    def _is_full(self) -> bool:
        outputs = self._call.emitter.outputs
        return outputs is not None and outputs.full and not self._call.stop.is_set()

    async def _turn(self) -> None:
        outputs = self._call.emitter.outputs
        if outputs is None:
            return
        outputs.turn()
        if outputs.full:
            await asyncio.sleep(TURN_SECONDS)
            outputs.turn()
