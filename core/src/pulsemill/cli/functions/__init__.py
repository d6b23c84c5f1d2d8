"""`pulsemill functions`: the verbs and flags of `pulsar-admin functions`, against any worker."""

import click

from pulsemill.cli.lazy import LazyCommand
from pulsemill.cli.reason import ReasonGroup

_HERE = "pulsemill.cli.functions"

COMMANDS = {
    "create": LazyCommand(f"{_HERE}.commands:create", "Register a function and start it."),
    "update": LazyCommand(f"{_HERE}.commands:update", "Change a registered function's configuration or code."),
    "delete": LazyCommand(f"{_HERE}.commands:delete", "Stop a function and remove it."),
    "get": LazyCommand(f"{_HERE}.commands:get", "Show a function's configuration."),
    "list": LazyCommand(f"{_HERE}.commands:list_functions", "List the functions of a namespace."),
    "status": LazyCommand(
        f"{_HERE}.commands:status", "Show whether the instances run, and their errors.", ("getstatus",)
    ),
    "stats": LazyCommand(f"{_HERE}.stats:stats", "Show counters and latencies of the instances."),
    "start": LazyCommand(f"{_HERE}.commands:start", "Start a stopped function or instance."),
    "stop": LazyCommand(f"{_HERE}.commands:stop", "Stop a function or an instance."),
    "restart": LazyCommand(f"{_HERE}.commands:restart", "Restart a function or an instance."),
    "trigger": LazyCommand(f"{_HERE}.trigger:trigger", "Send one message to a function and show its output."),
    "upload": LazyCommand(f"{_HERE}.files:upload", "Store a file in the worker's package storage."),
    "download": LazyCommand(f"{_HERE}.files:download", "Fetch a function's package or a stored file."),
    "querystate": LazyCommand(f"{_HERE}.state:querystate", "Read a key of a function's state."),
    "putstate": LazyCommand(f"{_HERE}.state:putstate", "Write a key of a function's state."),
    "localrun": LazyCommand(f"{_HERE}.localrun:localrun", "Run a function here, without a worker."),
    "available-functions": LazyCommand(
        f"{_HERE}.commands:available_functions", "List the worker's built-in functions."
    ),
    "reload": LazyCommand(f"{_HERE}.commands:reload", "Make the worker read its built-in functions again."),
}


@click.group(cls=ReasonGroup, lazy=COMMANDS)
def functions() -> None:
    """Create, watch and change functions on a worker."""
