"""Which component a command is about: --tenant, --namespace and --name, or --fqfn for functions."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import click

from pulsemill.cli.components.kind import Kind
from pulsemill.cli.components.names import (
    DEFAULT_NAMESPACE,
    DEFAULT_TENANT,
    NAME_ARGUMENTS,
    ComponentArgumentError,
    parse_fqfn,
    refuse_both,
)
from pulsemill.names import FunctionName

Command = Callable[..., None]
Decorator = Callable[[Command], Command]


instance_option = click.option(
    "--instance-id", type=click.IntRange(min=0), help="Only this instance (all instances unless given)."
)


def takes_name(kind: Kind) -> Decorator:
    """Give a command the naming options, and a FunctionName as its argument `name`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def named(*args: Any, **kwargs: Any) -> None:
            name = resolve_name(kind, take_name_arguments(kwargs))
            command(*args, name=name, **kwargs)

        return naming_options(kind)(named)

    return decorate


def naming_options(kind: Kind) -> Decorator:
    """Give a command the naming options as they are."""
    options = (
        click.option("--tenant", help=f"The {kind.name}'s tenant ({DEFAULT_TENANT} unless given)."),
        click.option("--namespace", help=f"The {kind.name}'s namespace ({DEFAULT_NAMESPACE} unless given)."),
        click.option("--name", help=f"The {kind.name}'s name."),
    )
    fqfn = click.option("--fqfn", help=f"The {kind.name}'s full name, tenant/namespace/name.")
    return lambda command: with_options(command, (fqfn, *options) if kind.has_fqfn else options)


def with_options(command: Command, options: Iterable[Callable[..., Any]]) -> Command:
    """Add options to a command, the first one shown first."""
    for option in reversed(tuple(options)):
        command = option(command)
    return command


def take_name_arguments(arguments: dict[str, Any]) -> dict[str, str]:
    """Take what the naming options say out of a command's arguments."""
    taken = {key: arguments.pop(key, None) for key in NAME_ARGUMENTS}
    return {key: value for key, value in taken.items() if value is not None}


def resolve_name(kind: Kind, given: dict[str, str]) -> FunctionName:
    """The component that the naming options mean; raises ComponentArgumentError."""
    refuse_both(given)
    if "fqfn" in given:
        return parse_fqfn(given["fqfn"])
    if not given.get("name"):
        other = " or a Fully Qualified Function Name (FQFN)" if kind.has_fqfn else ""
        raise ComponentArgumentError(f"You must specify a name for the {kind.name}{other}")
    return FunctionName(
        given.get("tenant") or DEFAULT_TENANT, given.get("namespace") or DEFAULT_NAMESPACE, given["name"]
    )
