"""`pulsemill functions`: the verbs and flags of `pulsar-admin functions`, against any worker."""

import click

from pulsemill.cli.lazy import LazyCommand, LazyGroup
from pulsemill.cli.reason import ReasonGroupMixin

_HERE = "pulsemill.cli.functions"

COMMANDS = {
    "create": LazyCommand(f"{_HERE}.deploy:create", "Register a function and start it."),
    "update": LazyCommand(f"{_HERE}.deploy:update", "Change a registered function's configuration or code."),
    "delete": LazyCommand(f"{_HERE}.lifecycle:delete", "Stop a function and remove it."),
    "get": LazyCommand(f"{_HERE}.show:get", "Show a function's configuration."),
    "list": LazyCommand(f"{_HERE}.show:list_functions", "List the functions of a namespace."),
    "status": LazyCommand(f"{_HERE}.show:status", "Show whether the instances run, and their errors.", ("getstatus",)),
    "stats": LazyCommand(f"{_HERE}.show:stats", "Show counters and latencies of the instances."),
    "start": LazyCommand(f"{_HERE}.lifecycle:start", "Start a stopped function or instance."),
    "stop": LazyCommand(f"{_HERE}.lifecycle:stop", "Stop a function or an instance."),
    "restart": LazyCommand(f"{_HERE}.lifecycle:restart", "Restart a function or an instance."),
    "trigger": LazyCommand(f"{_HERE}.trigger:trigger", "Send one message to a function and show its output."),
    "upload": LazyCommand(f"{_HERE}.files:upload", "Store a file in the worker's package storage."),
    "download": LazyCommand(f"{_HERE}.files:download", "Fetch a function's package or a stored file."),
    "querystate": LazyCommand(f"{_HERE}.state:querystate", "Read a key of a function's state."),
    "putstate": LazyCommand(f"{_HERE}.state:putstate", "Write a key of a function's state."),
    "localrun": LazyCommand(f"{_HERE}.localrun:localrun", "Run a function here, without a worker."),
    "available-functions": LazyCommand(f"{_HERE}.files:available_functions", "List the worker's built-in functions."),
    "reload": LazyCommand(f"{_HERE}.files:reload", "Make the worker read its built-in functions again."),
}


class FunctionsGroup(ReasonGroupMixin, LazyGroup):
    """The lazy group whose errors read `Reason: ...`."""


@click.group(cls=FunctionsGroup, lazy=COMMANDS)
def functions() -> None:
    """Create, watch and change functions on a worker."""
