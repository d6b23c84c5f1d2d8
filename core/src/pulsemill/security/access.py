"""What a route asks of who calls it, from the route's own path template.

Upstream: the checks in org.apache.pulsar.functions.worker.rest.api.{ComponentImpl, WorkerImpl, FunctionsImpl}.

A route that is not told here is for super-users, so that a new one is closed until somebody thought of it.
"""

import enum
import re
from collections.abc import Mapping
from typing import Final

import attrs

NOT_AUTHORIZED: Final = "Client is not authorized to perform operation"
NOT_SUPER_USER: Final = "This operation requires super-user access"

_ACTIONS: Final = {
    "functions": "functions",
    "source": "sources",
    "sources": "sources",
    "sink": "sinks",
    "sinks": "sinks",
}
_COMPONENT: Final = re.compile(r"/admin/(?:v2/|v3/)?(?P<kind>functions|sources?|sinks?)(?P<rest>/.*)?")
_ANYBODY: Final = re.compile(
    r"(?:/connectors|/builtin(?:sources|sinks)(?:/\{[^}]*\}/configdefinition)?)",
)
_LEADER_READY: Final = re.compile(r"/admin/(?:v2/)?worker/cluster/leader/ready")


class Right(enum.Enum):
    """What a caller must have."""

    AUTHENTICATED = enum.auto()
    NAMESPACE = enum.auto()
    SUPER_USER = enum.auto()
    PACKAGE_PATH = enum.auto()


@attrs.frozen
class Access:
    """A right, the namespace action that grants it, and what is said to who has it not."""

    right: Right
    action: str = ""
    refusal: str = NOT_AUTHORIZED


def access_of(template: str) -> Access:
    """The access of a route by its template, such as `/admin/v3/functions/{tenant}/{namespace}`."""
    component = _COMPONENT.fullmatch(template)
    if component:
        return _component_access(_ACTIONS[component["kind"]], component["rest"] or "")
    if not template.startswith("/admin/") or _LEADER_READY.fullmatch(template):
        return Access(Right.AUTHENTICATED)
    return Access(Right.SUPER_USER)


def _component_access(action: str, rest: str) -> Access:
    if rest.startswith("/{tenant}/{namespace}"):
        return Access(Right.NAMESPACE, action)
    if rest == "/download":
        return Access(Right.PACKAGE_PATH, action)
    if _ANYBODY.fullmatch(rest):
        return Access(Right.AUTHENTICATED)
    return Access(Right.SUPER_USER, refusal=NOT_SUPER_USER if rest.startswith("/reloadBuiltIn") else NOT_AUTHORIZED)


def namespace_of(access: Access, path_params: Mapping[str, str], package_path: str) -> tuple[str, str] | None:
    """The tenant and namespace that a request is about; None when only a super-user may send it.

    A package's path begins with them if it has four parts: `tenant/namespace/name/file`.
    """
    if access.right is Right.NAMESPACE:
        return path_params["tenant"], path_params["namespace"]
    parts = package_path.split("/")
    is_path = access.right is Right.PACKAGE_PATH and len(parts) == len(("tenant", "namespace", "name", "file"))
    return (parts[0], parts[1]) if is_path and all(parts) and not parts[0].endswith(":") else None
