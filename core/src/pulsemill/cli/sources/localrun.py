"""`pulsemill sources localrun`."""

from pulsemill.cli.components.localrun import localrun_command
from pulsemill.cli.sources.kind import SOURCE
from pulsemill.localrun.connectors import local_source

localrun = localrun_command(SOURCE, local_source)
