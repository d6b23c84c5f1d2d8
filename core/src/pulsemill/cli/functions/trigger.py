"""`pulsemill functions trigger`."""

from pathlib import Path

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.functions.naming import FunctionArgumentError, takes_function_name
from pulsemill.cli.params import AliasedOption
from pulsemill.names import FunctionName


@click.command
@takes_function_name
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
    function: FunctionName,
    topic: str | None,
    trigger_value: str | None,
    trigger_file: Path | None,
) -> None:
    """Send one message to a function and print the output that it leads to."""
    answer = Functions(transport).trigger(function, _data(trigger_value, trigger_file), topic)
    if answer is not None:
        click.echo(answer)


def _data(value: str | None, file: Path | None) -> bytes:
    if value is not None and file is not None:
        raise FunctionArgumentError("Either a trigger value or a trigger filepath can be specified, not both")
    if file is not None:
        return file.read_bytes()
    if value is None:
        raise FunctionArgumentError("Either a trigger value or a trigger filepath needs to be specified")
    return value.encode()
