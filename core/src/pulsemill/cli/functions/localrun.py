"""`pulsemill functions localrun`."""

from pulsemill.cli.components.localrun import localrun_command
from pulsemill.cli.functions.kind import FUNCTION
from pulsemill.localrun.functions import local_function

localrun = localrun_command(FUNCTION, local_function)
