"""What registering and updating have in common: from a configuration to details that the cluster may store."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from starlette.requests import Request

from pulsemill.auth import CallerCredentials
from pulsemill.errors import AdmissionError
from pulsemill.rest.authorization import caller_of, require_package_access
from pulsemill.rest.code import Code
from pulsemill.rest.errors import RestError
from pulsemill.rest.kinds import CodeFiles, Kind, component_name
from pulsemill.rest.services import RestPorts
from pulsemill.security.providers import sent_token
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData


async def require_packages(kind: Kind, ports: RestPorts, request: Request, *codes: Code | None) -> None:
    """Raise 401 when a request names packages in namespaces where the caller may not use components of its kind."""
    for code in codes:
        if code is not None:
            await require_package_access(ports, request, kind.paths[-1], code.location)


async def admitted_details(
    kind: Kind, ports: RestPorts, config: Any, files: CodeFiles, stored: FunctionDetails
) -> FunctionDetails:
    """The details of a valid configuration that this worker's runtime takes; 400 otherwise."""
    _limit_parallelism(kind, ports, config)
    details = await asyncio.to_thread(kind.details, config, files, stored)
    try:
        ports.instances.do_admission_checks(details)
    except AdmissionError as error:
        raise RestError(400, f"{kind.name} {details.name} cannot be admitted:- {error}") from error
    return details


def _limit_parallelism(kind: Kind, ports: RestPorts, config: Any) -> None:
    given, most = config.parallelism or 0, ports.config.pulsemill.max_parallelism
    if given > most:
        why = f"must be at most {most} (pulsemill.maxParallelism of the worker), not {given}"
        raise RestError(400, f"{kind.name} parallelism {why}")


async def cache_auth_data(ports: RestPorts, metadata: FunctionMetaData, request: Request) -> None:
    """At registration: let the auth provider, if there is one, keep the caller's credentials for the function."""
    if ports.auth_provider is not None:
        await _keep(metadata, ports.auth_provider.cache_auth_data(metadata.functionDetails, _caller(ports, request)))


async def renew_auth_data(
    ports: RestPorts, stored: FunctionMetaData, metadata: FunctionMetaData, request: Request, *, asked: bool
) -> None:
    """At an update: let the auth provider replace what it keeps, if that is asked for or the update takes it."""
    provider, caller = ports.auth_provider, _caller(ports, request)
    if provider is not None:
        await _keep(metadata, provider.renew_auth_data(stored, metadata.functionDetails, caller, asked=asked))


async def _keep(metadata: FunctionMetaData, work: Awaitable[bytes | None]) -> None:
    try:
        data = await work
    except Exception as error:
        shown = component_name(metadata)
        raise RestError(500, f"Error caching authentication data for {shown}:- {error}") from error
    if data == metadata.functionAuthSpec.data:
        return
    metadata.ClearField("functionAuthSpec")
    if data is not None:
        metadata.functionAuthSpec.data = data


def _caller(ports: RestPorts, request: Request) -> CallerCredentials:
    """Upstream takes what a proxy sent for the caller's, and gives its token to the caller's function."""
    caller = caller_of(request)
    if caller is not None and caller.role in ports.config.proxy_roles:
        return CallerCredentials(caller.original_principal, proxy=caller.role)
    return CallerCredentials(caller.role if caller else None, sent_token(request.headers, request.query_params))
