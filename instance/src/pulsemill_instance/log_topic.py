"""The function's log topic.

The handler is attached once, and lets only records pass that come from this instance's own user code: a context
variable tells, which threads and tasks of other instances do not share. Records still reach all other handlers.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any

import pulsar

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.flushing import flush_within
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.watched_producer import WatchedProducer

_LOGGER = logging.getLogger(__name__)
_TAKEN = "taken_by_log_topic"
_LINGER_MS = 100
_CLOSE_SECONDS = 1.0
_CURRENT: ContextVar[object | None] = ContextVar("log topic of the user code that runs", default=None)


class LogTopicHandler(logging.Handler):
    """Sends records as `[time] [LEVEL]: message`; never waits for the broker, and drops records rather."""

    def __init__(self, client: pulsar.Client, spec: InstanceSpec) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("[%(asctime)s] [%(levelname)s]: %(message)s"))
        self._client, self._topic = client, spec.function_details.logTopic
        self._producer = _open(client, self._topic)
        self._properties = {"fqn": spec.fully_qualified_name, "instance": str(spec.instance_id)}
        self._loggers: list[logging.Logger] = []
        self.dropped = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record comes from this instance's user code and comes for the first time."""
        if _CURRENT.get() is not self or getattr(record, _TAKEN, False):
            return False
        setattr(record, _TAKEN, True)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record in the background."""
        watched = self._producer
        if watched.is_forgotten():
            threading.Thread(target=self._replace, args=(watched,), name="log topic", daemon=True).start()
        try:
            properties = {**self._properties, "loglevel": record.levelname}
            text = self.format(record).encode(errors="backslashreplace")
            watched.producer.send_async(text, partial(self._sent, watched), properties=properties)
        except Exception:  # noqa: BLE001  # logging's own convention: a handler reports, and never raises
            self.handleError(record)

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """Let the records of the code within pass."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    def wrap(self, process: Callable[..., Any], *, is_async: bool) -> Callable[..., Any]:
        """The function with its records going to the topic."""

        def call(*arguments: Any) -> Any:
            token = _CURRENT.set(self)
            try:
                return process(*arguments)
            finally:
                _CURRENT.reset(token)

        async def call_async(*arguments: Any) -> Any:
            # Each call runs in a task, whose context ends with it.
            _CURRENT.set(self)
            return await process(*arguments)

        return call_async if is_async else call

    def attach(self, logger: logging.Logger) -> None:
        """Start to listen, at the root logger and at the function's own, which may stand apart from it."""
        self._loggers = [logging.getLogger(), logger]
        for listened in self._loggers:
            listened.addHandler(self)

    def close(self) -> None:
        """Stop to listen, send what lingers and close the producer."""
        for listened in self._loggers:
            listened.removeHandler(self)
        with contextlib.suppress(pulsar.PulsarException):
            flush_within(self._producer.producer, _CLOSE_SECONDS)
        self._producer.close()
        if self.dropped:
            _LOGGER.warning("%d records of the function did not reach its log topic", self.dropped)
        super().close()

    def _sent(self, watched: WatchedProducer, result: Any, _message_id: Any) -> None:
        watched.heard(result)
        self.dropped += result != pulsar.Result.Ok

    def _replace(self, forgotten: WatchedProducer) -> None:
        """In a thread, for the broker has its time to answer."""
        with contextlib.suppress(InstanceError):
            self._producer = _open(self._client, self._topic)
            forgotten.close()


def _open(client: pulsar.Client, topic: str) -> WatchedProducer:
    try:
        producer = client.create_producer(
            topic,
            batching_enabled=True,
            batching_max_publish_delay_ms=_LINGER_MS,
            compression_type=pulsar.CompressionType.LZ4,
            block_if_queue_full=False,
        )
    except pulsar.PulsarException as error:
        raise InstanceError(f"cannot create a producer for the log topic {topic}: {error}") from error
    return WatchedProducer(producer)
