"""Sinks, for the commands that all kinds have."""

from functools import partial
from typing import Final

from pulsemill.admin.connectors import Sinks
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.connectors.definition import define_new, define_update
from pulsemill.cli.sinks.flags import FLAGS
from pulsemill.connectors.model import SinkConfig
from pulsemill.rest.status_counters import SINK_COUNTERS

SINK: Final = Kind(
    name="sink",
    admin=Sinks,
    model=SinkConfig,
    flags=FLAGS,
    define_new=partial(define_new, "sink"),
    define_update=partial(define_update, "sink"),
    counters=SINK_COUNTERS,
    class_key="sinkClass",
)
