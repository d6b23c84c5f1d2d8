"""Reads an internal topic into memory: at the start to its end, later as messages come."""

import asyncio
import logging
from collections.abc import Callable

import attrs

from pulsemill.cluster.records import Record, RecordError
from pulsemill.cluster.topic_log import Position, TopicLog

logger = logging.getLogger(__name__)


@attrs.define
class TopicTailer:
    """Applies a topic's records in order and remembers how far it got.

    `apply` raises RecordError for a message that does not belong on the topic; it is named in the log and skipped, so
    that one poisonous message never keeps a worker from starting. Upstream ends the process.
    """

    log: TopicLog
    apply: Callable[[Record], None]
    position: Position | None = attrs.field(default=None, init=False)
    _following: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    async def read_to_end(self) -> None:
        """Apply everything that is on the topic now; TopicError when the broker does not let us."""
        await self.log.read_to_end(self.position, self._handle)

    def follow(self) -> None:
        """Go on applying as messages come, until `stop`."""
        self._following = asyncio.create_task(
            self.log.follow(self.position, self._handle), name=f"tail {self.log.topic}"
        )

    async def stop(self) -> None:
        """Stop following. Idempotent."""
        if self._following:
            self._following.cancel()
            await asyncio.wait([self._following])
            self._following = None

    def _handle(self, record: Record, position: Position) -> None:
        try:
            self.apply(record)
        except RecordError as error:
            logger.error("skipping message %s of %s: %s", position, self.log.topic, error)  # noqa: TRY400 says it all
        self.position = position
