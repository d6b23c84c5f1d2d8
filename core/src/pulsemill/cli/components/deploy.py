"""The commands create and update, for any kind."""

from pathlib import Path
from typing import Any

import click

from pulsemill.admin.components import Components
from pulsemill.admin.transport import AdminTransport
from pulsemill.cli.admin_options import admin_options
from pulsemill.cli.components.config_file import load_config_file
from pulsemill.cli.components.definition import Definition
from pulsemill.cli.components.flags import flag_values
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.components.names import ComponentArgumentError
from pulsemill.cli.components.naming import (
    Command,
    Decorator,
    naming_options,
    take_name_arguments,
    with_options,
)
from pulsemill.cli.params import AliasedOption
from pulsemill.cli.progress import open_with_progress


def create_command(kind: Kind) -> click.Command:
    """`create`."""

    @click.command(
        help=f"Register a {kind.name} and start it.\n\n"
        "The code is a local file, which is uploaded, or a URL, which the worker fetches."
    )
    @definition_options(kind)
    @admin_options
    def create(transport: AdminTransport, **arguments: Any) -> None:
        definition = kind.define_new(*take_definition(kind, arguments))
        admin = kind.admin(transport, open_with_progress)
        require_builtin_type(kind, admin, definition)
        admin.create(definition.config, definition.code)
        click.echo("Created successfully")

    return create


def update_command(kind: Kind) -> click.Command:
    """`update`."""

    @click.command(
        help=f"Change a registered {kind.name}.\n\n"
        "What is not given stays as it is; without new code, the stored code stays."
    )
    @definition_options(kind)
    @click.option("--update-auth-data", is_flag=True, help=f"Give the {kind.name} the caller's credentials anew.")
    @admin_options
    def update(transport: AdminTransport, update_auth_data: bool, **arguments: Any) -> None:
        definition = kind.define_update(*take_definition(kind, arguments))
        admin = kind.admin(transport, open_with_progress)
        require_builtin_type(kind, admin, definition)
        admin.update(definition.config, definition.code, update_auth_data=update_auth_data)
        click.echo("Updated successfully")

    return update


def definition_options(kind: Kind, *, local: bool = False) -> Decorator:
    """Add everything that defines a component, with the texts of localrun if `local`."""
    file = click.option(
        f"--{kind.name}-config-file",
        "config_file",
        cls=AliasedOption,
        hidden_names=(f"--{kind.name}ConfigFile",),
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"A YAML file with the {kind.name}'s configuration; flags override its keys.",
    )
    options: list[Decorator] = [file, naming_options(kind), *(flag.option(local=local) for flag in kind.flags)]

    def decorate(command: Command) -> Command:
        return with_options(command, options)

    return decorate


def take_definition(kind: Kind, arguments: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take those options out of a command's arguments: the file's keys and the given flags."""
    path = arguments.pop("config_file")
    flags = flag_values(kind.flags, arguments) | take_name_arguments(arguments)
    return (load_config_file(kind, path) if path else {}), flags


def require_builtin_type(kind: Kind, admin: Components, definition: Definition) -> None:
    """Raise ComponentArgumentError, with what there is, when a type names no built-in of the worker."""
    if definition.builtin_type is None:
        return
    available = sorted(each["name"] for each in admin.builtins())
    if definition.builtin_type not in available:
        raise ComponentArgumentError(
            f"Invalid {kind.name} type '{definition.builtin_type}' -- "
            f"Available {kind.names} are: [{', '.join(available)}]"
        )
