"""Sends one input to a function and waits for what comes out (upstream's FunctionsImpl.triggerFunction)."""

import asyncio
import time

from starlette.requests import Request
from starlette.responses import Response

from pulsemill.names import FunctionName, InstanceName
from pulsemill.rest.errors import RestError
from pulsemill.rest.form import Form
from pulsemill.rest.kinds import FUNCTION
from pulsemill.rest.lookup import existing, named_function
from pulsemill.rest.multipart import FILE_PARTS, read_form
from pulsemill.rest.ports import OwnedElsewhereError
from pulsemill.rest.services import RestPorts
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

MAX_DATA_BYTES = 64 * 2**20
"""More than any broker takes in one message."""

READY_SECONDS = 10.0
POLL_SECONDS = 0.1


async def trigger_function(ports: RestPorts, request: Request) -> Response:
    """The output as the function wrote it; 204 for a function without output, 408 when none came in time.

    A function that was just registered is waited for: input sent before it subscribes would not reach it.
    """
    name = named_function(ports, request)
    async with read_form(request, ports.packages) as form:
        data = await _data(form)
        details = existing(FUNCTION, ports, request).functionDetails
        topic = _topic(details, form.text("topic"))
    await _wait_until_running(ports, name)
    try:
        output = await ports.broker.trigger(details, topic, data)
    except TimeoutError as error:
        raise RestError(408, "Request Timed Out") from error
    return Response(status_code=204) if output is None else Response(output, media_type="application/json")


async def _wait_until_running(ports: RestPorts, name: FunctionName) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not await _is_running(ports, name):
        if time.monotonic() >= deadline:
            raise RestError(400, "Function in trigger function is not ready")
        await asyncio.sleep(POLL_SECONDS)


async def _is_running(ports: RestPorts, name: FunctionName) -> bool:
    """Whether any instance runs; those of other workers are taken to."""
    for assignment in ports.instances.assignments(name):
        try:
            status = await ports.instances.get_function_status(InstanceName.assigned(assignment))
        except OwnedElsewhereError:
            return True
        if status.running:
            return True
    return False


def _topic(details: FunctionDetails, given: str | None) -> str:
    topics = list(details.source.inputSpecs)
    if given is None and len(topics) != 1:
        raise RestError(400, "Function in trigger function has more than 1 input topics")
    topic = given or topics[0]
    if topic not in topics:
        raise RestError(400, "Function in trigger function has unidentified topic")
    return topic


async def _data(form: Form) -> bytes:
    for name in FILE_PARTS:
        upload = form.upload(name)
        if upload is not None and upload.size > MAX_DATA_BYTES:
            raise RestError(413, f"Trigger data is larger than {MAX_DATA_BYTES} bytes")
        if upload is not None:
            return await upload.read()
        part = form.parts.get(name)
        if part is not None and part.content:
            return bytes(part.content)
    raise RestError(400, "Trigger Data is not provided")
