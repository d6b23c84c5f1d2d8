"""Stops a request whose caller may not send it, before anything of its body is read."""

import asyncio
import logging

from starlette.requests import Request

from pulsemill.functions.identifiers import check_part
from pulsemill.packages.names import PackageName, is_managed
from pulsemill.rest.addresses import shown_path
from pulsemill.rest.errors import RestError
from pulsemill.rest.lookup import require_initialized
from pulsemill.rest.services import RestPorts
from pulsemill.security.access import Access, Right, namespace_of
from pulsemill.security.authorization import Authorizer
from pulsemill.security.caller import Caller
from pulsemill.security.errors import PolicyLookupError

log = logging.getLogger(__name__)

Namespace = tuple[str, str]
"""A tenant and the local name of one of its namespaces."""


def caller_of(request: Request) -> Caller | None:
    """Who sent a request; None when nobody had to prove that."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller


async def require_access(ports: RestPorts, request: Request, access: Access) -> None:
    """Raise 401 unless the caller has the right, 503 until the worker is initialized, 500 when it cannot be told."""
    authorizer = ports.guard.authorizer
    if authorizer is None or access.right is Right.AUTHENTICATED:
        return
    require_initialized(ports)
    namespace = namespace_of(access, request.path_params, request.query_params.get("path", "").strip())
    await _require(authorizer, ports, request, access, namespace)


async def require_package_access(ports: RestPorts, request: Request, action: str, location: str) -> None:
    """Raise as `require_access` for a name in the packages service, unless the caller may do the same in its namespace.

    The worker reads packages with its own rights, and gives them to whoever may download the component.
    """
    authorizer = ports.guard.authorizer
    if authorizer is not None and is_managed(location):
        package = PackageName.parse(location)
        namespace = (package.tenant, package.namespace)
        await _require(authorizer, ports, request, Access(Right.NAMESPACE, action), namespace)


async def _require(
    authorizer: Authorizer, ports: RestPorts, request: Request, access: Access, namespace: Namespace | None
) -> None:
    caller = caller_of(request)
    seconds = ports.config.metadata_store_operation_timeout_seconds
    if caller is None or not await _is_allowed(authorizer, caller, access.action, namespace, seconds):
        who = f"{_shown(caller)} has not the rights{' in ' + '/'.join(namespace) if namespace else ''}"
        log.warning("%s %s refused: %s", request.method, shown_path(request), who)
        raise RestError(401, access.refusal)


async def _is_allowed(
    authorizer: Authorizer, caller: Caller, action: str, namespace: Namespace | None, seconds: float
) -> bool:
    if namespace is None:
        return authorizer.is_super_user(caller)
    check_part("Tenant", namespace[0])
    check_part("Namespace", namespace[1])
    try:
        async with asyncio.timeout(seconds):
            return await authorizer.may_use_namespace(caller, *namespace, action)
    except TimeoutError as error:
        why = f"The broker did not tell within {seconds:g} s who may use {'/'.join(namespace)}; try again later"
        raise RestError(500, why) from error
    except PolicyLookupError as error:
        raise RestError(500, str(error)) from error


def _shown(caller: Caller | None) -> str:
    if caller is None:
        return "an unknown caller"
    acting = f" (acting for {caller.original_principal!r})" if caller.original_principal else ""
    return f"role {caller.role!r}{acting}"
