"""Reads an internal topic into memory: at the start to its end, later as messages come."""

import asyncio
import logging
from collections.abc import Callable

import attrs

from pulsemill.cluster.records import OtherFormatError, Record, RecordError
from pulsemill.cluster.topic_log import Position, TopicLog
from pulsemill.errors import ConfigurationError

logger = logging.getLogger(__name__)


@attrs.define
class TopicTailer:
    """Applies a topic's records in order and remembers how far it got.

    `apply` raises RecordError for a message that does not belong on the topic; it is named in the log and skipped, so
    that one poisonous message never keeps a worker from starting. Upstream ends the process. OtherFormatError tells
    that the worker's configuration does not fit the topic: it neither starts nor leads then, for it would know of no
    function, and take all of them for deleted.
    """

    log: TopicLog
    apply: Callable[[Record], None]
    position: Position | None = attrs.field(default=None, init=False)
    _misfit: ConfigurationError | None = attrs.field(default=None, init=False)
    _following: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    async def read_to_end(self) -> None:
        """Apply everything that is on the topic now.

        TopicError when the broker does not let us, ConfigurationError when something is, or was, in another format.
        """
        await self.log.read_to_end(self.position, self._handle)
        if self._misfit:
            raise self._misfit

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
        except OtherFormatError as error:
            self._note_misfit(error, position)
        except RecordError as error:
            logger.error("skipping message %s of %s: %s", position, self.log.topic, error)  # noqa: TRY400 says it all
        self.position = position

    def _note_misfit(self, error: OtherFormatError, position: Position) -> None:
        """The first one: all messages may be like that."""
        if not self._misfit:
            self._misfit = ConfigurationError(f"message {position} of {self.log.topic} does not fit: {error}")
            logger.error("%s", self._misfit)
