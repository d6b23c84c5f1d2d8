"""GET and POST of a function's state (upstream's ComponentImpl.getFunctionState and putFunctionState)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulsemill.functions.json_text import parse_json
from pulsemill.functions.reading import read_object
from pulsemill.names import FunctionName
from pulsemill.rest.errors import RestError
from pulsemill.rest.lookup import require_initialized
from pulsemill.rest.multipart import read_form
from pulsemill.rest.services import RestPorts
from pulsemill.state.values import FunctionState, to_json
from pulsemill.state.worker_state import WorkerState
from pulsemill_instance.state.errors import StateError, StateKindError

NO_STORE = "State storage client is not done initializing. Please try again in a little while."


async def get_state(ports: RestPorts, request: Request) -> Response:
    """What a key holds, as a FunctionState; 404 for an unknown function or key, 503 without a store."""
    return JSONResponse(await read_state(ports, request))


async def read_state(ports: RestPorts, request: Request) -> dict[str, Any]:
    """The FunctionState that a request asks for, as JSON; raises as `get_state` answers."""
    require_initialized(ports)
    state, name, key = _state(ports), _function(request), request.path_params["key"]
    _require_known(ports, name)
    try:
        found = await state.get(name, key)
    except StateError as error:
        raise RestError(500, str(error)) from error
    if found is None:
        raise RestError(404, f"key '{key}' doesn't exist.")
    return to_json(key, found)


async def put_state(ports: RestPorts, request: Request) -> Response:
    """Store the value of a FunctionState; 400 when its key is another than the path's, or holds a counter."""
    require_initialized(ports)
    state, name, key = _state(ports), _function(request), request.path_params["key"]
    async with read_form(request, ports.packages) as form:
        text = form.json("state")
    given = read_object(FunctionState, parse_json(text, "state"), "state") if text else None
    if given is None:
        raise RestError(400, "Function state is not provided")
    if given.key != key:
        raise RestError(400, "Path key doesn't match key in json")
    _require_known(ports, name)
    value = given.stored_value()
    if value is None:
        raise RestError(500, "Invalid state value")
    try:
        await state.put(name, key, value)
    except StateKindError as error:
        raise RestError(400, str(error)) from error
    except StateError as error:
        raise RestError(500, str(error)) from error
    return Response(status_code=204)


def _state(ports: RestPorts) -> WorkerState:
    if ports.state is None:
        raise RestError(503, NO_STORE)
    return ports.state


def _function(request: Request) -> FunctionName:
    return FunctionName(*(request.path_params[part] for part in ("tenant", "namespace", "function")))


def _require_known(ports: RestPorts, name: FunctionName) -> None:
    """Raise 404 for a function that nobody registered: upstream looks for its table, which comes to the same."""
    if ports.functions.get(name) is None:
        raise RestError(404, f"'{name.name}' is not found")
