"""`pulsemill functions create` and `update`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pulsemill.admin.functions import Functions
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.functions.config_file import load_function_config
from pulsemill.cli.functions.definition import define_new, define_update
from pulsemill.cli.functions.flags import FLAGS, flag_values
from pulsemill.cli.functions.naming import naming_options, with_options
from pulsemill.cli.params import AliasedOption
from pulsemill.cli.progress import open_with_progress

config_file_option = click.option(
    "--function-config-file",
    cls=AliasedOption,
    hidden_names=("--functionConfigFile",),
    type=click.Path(path_type=Path, dir_okay=False),
    help="A YAML file with the function's configuration; flags override its keys.",
)


def definition_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add everything that defines a function."""
    return with_options(command, (config_file_option, naming_options, *(flag.option() for flag in FLAGS)))


def take_definition(arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take those options out of a command's arguments: the file's keys and the given flags."""
    path = arguments.pop("function_config_file")
    flags = flag_values(arguments)
    names = {key: arguments.pop(key) for key in ("fqfn", "tenant", "namespace", "name")}
    flags |= {key: value for key, value in names.items() if value is not None}
    return (load_function_config(path) if path else {}), flags


@click.command
@definition_options
@admin_options
def create(transport: AdminTransport, **arguments: Any) -> None:
    """Register a function and start it.

    The code is a local file, which is uploaded, or a URL, which the worker fetches.
    """
    definition = define_new(*take_definition(arguments))
    Functions(transport, open_with_progress).create(definition.config, definition.code)
    click.echo("Created successfully")


@click.command
@definition_options
@click.option("--update-auth-data", is_flag=True, help="Give the function the caller's credentials anew.")
@admin_options
def update(transport: AdminTransport, update_auth_data: bool, **arguments: Any) -> None:
    """Change a registered function.

    What is not given stays as it is; without new code, the stored code stays.
    """
    definition = define_update(*take_definition(arguments))
    functions = Functions(transport, open_with_progress)
    functions.update(definition.config, definition.code, update_auth_data=update_auth_data)
    click.echo("Updated successfully")
