"""How components are named, on command lines and in configuration files. Pure."""

from collections.abc import Iterable

from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName

DEFAULT_TENANT = "public"
DEFAULT_NAMESPACE = "default"
NAME_ARGUMENTS = ("fqfn", "tenant", "namespace", "name")


class ComponentArgumentError(PulsemillError):
    """The command line or the component's configuration file does not say what is needed."""


def refuse_both(given: Iterable[str]) -> None:
    """Raise ComponentArgumentError when a function is named in both ways at once."""
    if "fqfn" in given and set(NAME_ARGUMENTS[1:]) & set(given):
        raise ComponentArgumentError(
            "You must specify either a Fully Qualified Function Name (FQFN) or tenant, namespace, and function name"
        )


def parse_fqfn(fqfn: str) -> FunctionName:
    """Split tenant/namespace/name; raises ComponentArgumentError."""
    match fqfn.split("/"):
        case [tenant, namespace, name] if tenant and namespace and name:
            return FunctionName(tenant, namespace, name)
    raise ComponentArgumentError("Fully qualified function names (FQFNs) must be of the form tenant/namespace/name")
