"""What an output on its way is known by, until the broker confirms it."""

import time
from typing import Any

import attrs

from pulsemill_instance.consumers import Input
from pulsemill_instance.interfaces import InputMessage
from pulsemill_instance.output_producer import OutputProducer

Entry = tuple[Input, InputMessage, bytes]
"""An input message with its serialized id."""


@attrs.define(eq=False)
class Flush:
    """Outputs that one flush of all producers confirms."""

    entries: list[Entry] = attrs.field(factory=list)
    asked: set[OutputProducer] = attrs.field(factory=set)
    """Whose first output is confirmed by itself too."""
    waiting: int = 0
    """How many confirmations are due."""
    failure: Any = None
    """The first Result of them that is not Ok."""
    began_at: float = 0.0
    """By the monotonic clock."""


@attrs.define(eq=False)
class First:
    """The first output of a producer that a flush covers."""

    flush: Flush


@attrs.define(eq=False)
class Flushed:
    """What of a flush is one producer's."""

    flush: Flush
    producer: OutputProducer


@attrs.define(eq=False)
class Single:
    """An output that is confirmed by itself."""

    entry: Entry
    size: int
    """In bytes."""
    producer: OutputProducer
    sent_at: float = attrs.field(factory=time.monotonic)
    """By the monotonic clock."""
