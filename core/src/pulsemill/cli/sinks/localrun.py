"""`pulsemill sinks localrun`."""

from pulsemill.cli.components.localrun import localrun_command
from pulsemill.cli.sinks.kind import SINK
from pulsemill.localrun.connectors import local_sink

localrun = localrun_command(SINK, local_sink)
