"""What becomes of each input: its acknowledgement, its place in the figures, its line in the log.

Called in the engine's thread only.
"""

import contextlib
import logging
import traceback
from collections.abc import Callable

import attrs

from pulsemill_instance.consumers import Input
from pulsemill_instance.errors import InstanceFatalError
from pulsemill_instance.guarantees import AckPolicy
from pulsemill_instance.in_flight import Entry
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.log_topic import LogTopicHandler
from pulsemill_instance.stats import Stats


@attrs.define(eq=False)
class Outcomes:
    """Applies a guarantee's acknowledgement policy, and logs failures under the instance's own name."""

    policy: AckPolicy
    stats: Stats
    logger: logging.Logger
    log_topic: LogTopicHandler | None = None

    def nothing_to_store(self, source: Input, message: InputMessage) -> None:
        """The function succeeded without an output."""
        self.stats.totals.processed += 1
        if self.policy.after_output:
            source.acknowledge(message)

    def stored(self, entries: list[Entry]) -> None:
        """The outputs of these inputs are stored."""
        self.stats.totals.processed += len(entries)
        if self.policy.after_output:
            for source, message, identifier in entries:
                source.acknowledge(message, identifier)

    def rejected(self, entries: list[Entry], reason: str, *, for_good: bool = False) -> None:
        """The outputs of these inputs may be lost: not the inputs' fault, so that none of them is given up.

        `for_good`: nobody would ever store them, which is the inputs' fault, or the function's.
        """
        self.stats.system_exception(reason, reason, count=len(entries))
        self.logger.error("The outputs of %d messages failed: %s", len(entries), reason)
        for source, message, _ in entries:
            self._failed(source, message, reason, source.negative_acknowledge if for_good else source.ask_again)

    def user_failed(self, source: Input, message: InputMessage, error: BaseException) -> None:
        """The function raised."""
        self.stats.user_exception(_text(error), _message(error))
        with self.log_topic.active() if self.log_topic else contextlib.nullcontext():
            self.logger.error("The function failed on a message of %s", source.topic, exc_info=error)
        self._failed(source, message, _message(error), source.negative_acknowledge)

    def system_failed(self, source: Input, message: InputMessage, error: Exception) -> None:
        """Something around the function failed: its SerDe, its schema, its output."""
        self.stats.system_exception(_text(error), _message(error))
        self.logger.error("A message of %s could not be processed", source.topic, exc_info=error)
        self._failed(source, message, _message(error), source.negative_acknowledge)

    def _failed(
        self, source: Input, message: InputMessage, reason: str, ask_again: Callable[[InputMessage], None]
    ) -> None:
        if self.policy.fatal_on_failure:
            raise InstanceFatalError(f"a message of {source.topic} failed, and its guarantee allows no gap: {reason}")
        if self.policy.negative_on_failure:
            ask_again(message)


def _text(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _message(error: BaseException) -> str:
    return str(error) or type(error).__name__
