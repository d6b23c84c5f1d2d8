"""What registering and updating have in common: from a FunctionConfig to details that the cluster may store."""

from collections.abc import Awaitable

from starlette.requests import Request

from pulsemill.auth import CallerCredentials
from pulsemill.errors import AdmissionError
from pulsemill.functions.conversion import function_details
from pulsemill.functions.inference import infer_missing_arguments
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.validation import validate_function
from pulsemill.rest.errors import RestError
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData

_BEARER = "bearer "


def with_defaults(ports: RestPorts, config: FunctionConfig) -> FunctionConfig:
    """The configuration with its defaults and the worker's."""
    return infer_missing_arguments(config, forward_source_message_property=ports.config.forward_source_message_property)


def admitted_details(ports: RestPorts, config: FunctionConfig) -> FunctionDetails:
    """The details of a valid configuration that this worker's runtime takes; 400 otherwise."""
    validate_function(config)
    details = function_details(config)
    try:
        ports.instances.do_admission_checks(details)
    except AdmissionError as error:
        raise RestError(400, f"Function {details.name} cannot be admitted:- {error}") from error
    return details


async def cache_auth_data(ports: RestPorts, metadata: FunctionMetaData, request: Request) -> None:
    """At registration: let the auth provider, if there is one, keep the caller's credentials for the function."""
    if ports.auth_provider is not None:
        await _keep(metadata, ports.auth_provider.cache_auth_data(metadata.functionDetails, _caller(request)))


async def update_auth_data(ports: RestPorts, metadata: FunctionMetaData, request: Request) -> None:
    """At an update that asks for it: replace what the auth provider keeps."""
    if ports.auth_provider is not None:
        existing = metadata.functionAuthSpec if metadata.HasField("functionAuthSpec") else None
        details = metadata.functionDetails
        await _keep(metadata, ports.auth_provider.update_auth_data(details, existing, _caller(request)))


async def _keep(metadata: FunctionMetaData, work: Awaitable[bytes | None]) -> None:
    try:
        data = await work
    except Exception as error:
        name = metadata.functionDetails.name
        raise RestError(500, f"Error caching authentication data for Function {name}:- {error}") from error
    metadata.ClearField("functionAuthSpec")
    if data is not None:
        metadata.functionAuthSpec.data = data


def _caller(request: Request) -> CallerCredentials:
    header = request.headers.get("authorization", "")
    return CallerCredentials(token=header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else None)
