"""Which function a command is about: --fqfn, or --tenant, --namespace and --name."""

import functools
from collections.abc import Callable
from typing import Any

import click

from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName

DEFAULT_TENANT = "public"
DEFAULT_NAMESPACE = "default"


class FunctionArgumentError(PulsemillError):
    """The command line or the function's configuration file does not say what is needed."""


_NAME_OPTIONS = (
    click.option("--fqfn", help="The function's full name, tenant/namespace/name."),
    click.option("--tenant", help=f"The function's tenant ({DEFAULT_TENANT} unless given)."),
    click.option("--namespace", help=f"The function's namespace ({DEFAULT_NAMESPACE} unless given)."),
    click.option("--name", help="The function's name."),
)
instance_option = click.option(
    "--instance-id", type=click.IntRange(min=0), help="Only this instance (all instances unless given)."
)


def takes_function_name(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the naming options, and a FunctionName as its argument `function`."""

    @functools.wraps(command)
    def named(
        *args: Any, fqfn: str | None, tenant: str | None, namespace: str | None, name: str | None, **kwargs: Any
    ) -> None:
        command(*args, function=resolve_name(fqfn, tenant, namespace, name), **kwargs)

    return naming_options(named)


def naming_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the naming options as they are."""
    return with_options(command, _NAME_OPTIONS)


def with_options(command: Callable[..., None], options: tuple[Callable[..., Any], ...]) -> Callable[..., None]:
    """Add options to a command, the first one shown first."""
    for option in reversed(options):
        command = option(command)
    return command


def resolve_name(fqfn: str | None, tenant: str | None, namespace: str | None, name: str | None) -> FunctionName:
    """The function that the naming options mean; raises FunctionArgumentError."""
    if fqfn is not None:
        refuse_both(fqfn, tenant, namespace, name)
        return parse_fqfn(fqfn)
    if not name:
        raise FunctionArgumentError(
            "You must specify a name for the function or a Fully Qualified Function Name (FQFN)"
        )
    return FunctionName(tenant or DEFAULT_TENANT, namespace or DEFAULT_NAMESPACE, name)


def refuse_both(fqfn: str | None, *parts: str | None) -> None:
    """Raise FunctionArgumentError when a function is named in both ways at once."""
    if fqfn is not None and any(part is not None for part in parts):
        raise FunctionArgumentError(
            "You must specify either a Fully Qualified Function Name (FQFN) or tenant, namespace, and function name"
        )


def parse_fqfn(fqfn: str) -> FunctionName:
    """Split tenant/namespace/name; raises FunctionArgumentError."""
    match fqfn.split("/"):
        case [tenant, namespace, name] if tenant and namespace and name:
            return FunctionName(tenant, namespace, name)
    raise FunctionArgumentError("Fully qualified function names (FQFNs) must be of the form tenant/namespace/name")
