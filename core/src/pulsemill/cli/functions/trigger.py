"""`pulsemill functions trigger`."""

import time
from pathlib import Path
from typing import Final

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.components.naming import takes_name
from pulsemill.cli.functions.kind import FUNCTION
from pulsemill.cli.params import AliasedOption
from pulsemill.names import FunctionName

START_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.1
SETTLE_SECONDS: Final = 0.5
"""How long after its start an instance may still be subscribing."""


@click.command
@takes_name(FUNCTION)
@click.option("--topic", help="Which of the function's input topics gets the message (needed when it has several).")
@click.option("--trigger-value", cls=AliasedOption, hidden_names=("--triggerValue",), help="The message, as text.")
@click.option(
    "--trigger-file",
    cls=AliasedOption,
    hidden_names=("--triggerFile",),
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with the message.",
)
@admin_options
def trigger(
    transport: AdminTransport,
    name: FunctionName,
    topic: str | None,
    trigger_value: str | None,
    trigger_file: Path | None,
) -> None:
    """Send one message to a function and print the output that it leads to.

    A function that was just created gets a moment to start.
    """
    data, functions = _data(trigger_value, trigger_file), Functions(transport)
    _wait_until_running(functions, name)
    answer = functions.trigger(name, data, topic)
    if answer is not None:
        click.echo(answer)


def _wait_until_running(functions: Functions, name: FunctionName) -> None:
    """A message that is sent before an instance has subscribed would be lost, and never answered."""
    if functions.status(name).get("numRunning"):
        return
    deadline = time.monotonic() + START_SECONDS
    while not functions.status(name).get("numRunning"):
        if time.monotonic() > deadline:
            raise ComponentArgumentError(f"no instance of {name} runs; pulsemill functions status says why")
        time.sleep(POLL_SECONDS)
    time.sleep(SETTLE_SECONDS)


def _data(value: str | None, file: Path | None) -> bytes:
    if value is not None and file is not None:
        raise ComponentArgumentError("Either a trigger value or a trigger filepath can be specified, not both")
    if file is not None:
        return file.read_bytes()
    if value is None:
        raise ComponentArgumentError("Either a trigger value or a trigger filepath needs to be specified")
    return value.encode()
