"""When the messages of windows are acknowledged.

A message belongs to as many windows as it was in. It is settled when it has left them and the outputs of all of them
are stored: acknowledged if none failed, else given up or asked for again. Owned by the engine's thread.
"""

from typing import Any

import attrs

from pulsemill_instance.consumers import Input
from pulsemill_instance.interfaces import InputMessage


@attrs.define(eq=False)
class Record:
    """A message with its value, and what it waits for."""

    source: Input
    message: InputMessage
    value: Any
    pending: int = 0
    has_left: bool = False
    has_failed: bool = False
    is_asked_again: bool = False
    """Whether an output may be lost, for which the message is not to blame."""

    def leave(self) -> None:
        """No later window holds it."""
        self.has_left = True
        self._settle_if_over()

    def window_ended(self) -> None:
        """One of its windows has its output stored, or never will."""
        self.pending -= 1
        self._settle_if_over()

    def _settle_if_over(self) -> None:
        if not self.has_left or self.pending:
            return
        if self.has_failed:
            self.source.negative_acknowledge(self.message)
        elif self.is_asked_again:
            self.source.ask_again(self.message)
        else:
            self.source.acknowledge(self.message)


@attrs.define(eq=False)
class Window:
    """The messages of a window. As an input message of its output it is the last of them."""

    records: tuple[Record, ...]
    start: int | None
    end: int

    def __attrs_post_init__(self) -> None:
        for record in self.records:
            record.pending += 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.records[-1].message, name)


class WindowConsumer:
    """What the engine acknowledges windows to, as it does messages to a consumer."""

    def acknowledge(self, window: Window) -> None:
        """The window's output is stored, or there is none."""
        for record in window.records:
            record.window_ended()

    def negative_acknowledge(self, window: Window) -> None:
        """The window's output may be lost."""
        for record in window.records:
            record.is_asked_again = True
            record.window_ended()

    def close(self) -> None:
        """Nothing is to close: the messages' own consumers are closed by who made them."""


def window_input(name: str) -> Input:
    """An input whose messages are windows."""
    consumer = WindowConsumer()
    return Input(name, None, consumer, consumer, lambda window: window, give_up=_failed)


def _failed(_: Input, window: Any) -> None:
    """The function failed on a window: each of its messages has."""
    for record in window.records:
        record.has_failed = True
        record.window_ended()
