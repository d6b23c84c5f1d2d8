"""Functions as the v2 API shows them: FunctionDetails as protobuf's JSON (upstream's FunctionsImplV2).

What is sent becomes a FunctionConfig, and is treated as v3 treats one.
"""

import json
from http import HTTPStatus
from typing import Any

import attrs
from google.protobuf.json_format import MessageToDict, Parse, ParseError
from starlette.requests import Request
from starlette.responses import Response

from pulsemill.functions.read_back import stored_config
from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.instances import ask_instances
from pulsemill.rest.kinds import FUNCTION
from pulsemill.rest.lookup import existing, existing_instance
from pulsemill.rest.routing import Handler
from pulsemill.rest.services import RestPorts
from pulsemill.rest.state import read_state
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

_JSON = "application/json"


def read_details(form: Form) -> Any:
    """The FunctionConfig that a form's `functionDetails` stand for, whatever the part's type; None without."""
    text = form.text("functionDetails")
    if text is None:
        return None
    try:
        return stored_config(Parse(text, FunctionDetails()))
    except (
        ParseError,
        RecursionError,
        ValueError,
        AttributeError,
        TypeError,
    ) as error:  # userConfig and secretsMap hold JSON
        raise RestError(400, f"functionDetails: {error}") from error


V2_FUNCTION = attrs.evolve(FUNCTION, read=read_details)


def as_v2(handler: Handler) -> Handler:
    """The v3 handler with the media types of v2, and 200 for its empty answers."""

    async def answer(ports: RestPorts, request: Request) -> Response:
        response = await handler(ports, request)
        if response.status_code == HTTPStatus.NO_CONTENT:
            return Response()
        if response.headers.get("content-type", "").startswith(_JSON):
            response.headers["content-type"] = _media_type(request)
        return response

    return answer


async def get_function(ports: RestPorts, request: Request) -> Response:
    """A function's details."""
    return _answer(request, MessageToDict(existing(FUNCTION, ports, request).functionDetails))


async def get_status(ports: RestPorts, request: Request) -> Response:
    """The status of all assigned instances, as the instances tell it."""
    details = existing(FUNCTION, ports, request).functionDetails
    name = FunctionName.of(details)

    async def ask(instance: int) -> dict[str, Any]:
        return MessageToDict(await ports.instances.get_function_status(InstanceName(name, instance)))

    instances = await ask_instances(ports, request, details, ask, "status")
    return _answer(request, {"functionStatusList": list(instances.values())})


async def get_instance_status(ports: RestPorts, request: Request) -> Response:
    """The status of one instance; 307 to its owner."""
    metadata, instance = existing_instance(FUNCTION, ports, request)
    name = InstanceName(FunctionName.of(metadata.functionDetails), instance)
    return _answer(request, MessageToDict(await ports.instances.get_function_status(name)))


async def get_state(ports: RestPorts, request: Request) -> Response:
    """What a key holds, as a line of text: the number if it can be one, else the text, `null` for other bytes."""
    found = await read_state(ports, request)
    text, number = found["stringValue"], found["numberValue"]
    value = number if number is not None else "null" if text is None else text
    return _text_answer(request, f"value : {value}, version : {found['version']}")


def _answer(request: Request, value: dict[str, Any]) -> Response:
    return _text_answer(request, json.dumps(value, indent=2, ensure_ascii=False))


def _text_answer(request: Request, text: str) -> Response:
    return Response(text, headers={"content-type": _media_type(request)})


def _media_type(request: Request) -> str:
    return _JSON if _JSON in request.headers.get("accept", "") else "text/plain"
