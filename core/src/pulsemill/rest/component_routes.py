"""The routes of functions, sources and sinks."""

from functools import partial

from starlette.routing import Route

from pulsemill.rest import (
    builtins,
    deregister,
    download,
    functions,
    lifecycle,
    register,
    state,
    stats,
    status,
    trigger,
    update,
)
from pulsemill.rest.kinds import KINDS, SINK, SOURCE, Kind
from pulsemill.rest.routing import route
from pulsemill.rest.services import RestPorts

FUNCTIONS = "/admin/v3/functions"

_PATH = "{tenant}/{namespace}/{function}"


def component_routes(ports: RestPorts) -> list[Route]:
    """All v3 routes that name a component; those with fixed names come before."""
    bases = [(kind, f"/admin/v3/{path}") for kind in KINDS for path in kind.paths]
    fixed = [each for kind, base in bases for each in _builtin_routes(kind, base, ports)]
    return [*fixed, *_function_routes(ports), *(each for kind, base in bases for each in _routes(kind, base, ports))]


def _routes(kind: Kind, base: str, ports: RestPorts) -> list[Route]:
    component, instance = f"{base}/{_PATH}", f"{base}/{_PATH}/{{instance_id}}"
    return [
        route(
            ports,
            component,
            GET=partial(functions.get_config, kind),
            POST=partial(register.register, kind),
            PUT=partial(update.update, kind),
            DELETE=partial(deregister.deregister, kind),
        ),
        route(ports, f"{base}/{{tenant}}/{{namespace}}", GET=partial(functions.list_names, kind)),
        route(ports, f"{component}/status", GET=partial(status.get_status, kind)),
        route(ports, f"{component}/start", POST=partial(lifecycle.start, kind)),
        route(ports, f"{component}/stop", POST=partial(lifecycle.stop, kind)),
        route(ports, f"{component}/restart", POST=partial(lifecycle.restart, kind)),
        route(ports, f"{instance}/status", GET=partial(status.get_instance_status, kind)),
        route(ports, f"{instance}/start", POST=partial(lifecycle.start_instance, kind)),
        route(ports, f"{instance}/stop", POST=partial(lifecycle.stop_instance, kind)),
        route(ports, f"{instance}/restart", POST=partial(lifecycle.restart_instance, kind)),
    ]


def _function_routes(ports: RestPorts) -> list[Route]:
    function = f"{FUNCTIONS}/{_PATH}"
    return [
        route(ports, f"{function}/state/{{key:some}}", GET=state.get_state, POST=state.put_state),
        route(ports, f"{function}/stats", GET=stats.get_function_stats),
        route(ports, f"{function}/trigger", POST=trigger.trigger_function),
        route(ports, f"{function}/download", GET=download.download_function),
        route(ports, f"{function}/{{instance_id}}/stats", GET=stats.get_instance_stats),
    ]


def _builtin_routes(kind: Kind, base: str, ports: RestPorts) -> list[Route]:
    if kind is SOURCE:
        return _connector_routes(ports, base, "builtinsources", "reloadBuiltInSources", builtins.SOURCES)
    if kind is SINK:
        return _connector_routes(ports, base, "builtinsinks", "reloadBuiltInSinks", builtins.SINKS)
    return [
        route(ports, f"{base}/connectors", GET=builtins.get_connectors),
        route(ports, f"{base}/builtins", GET=builtins.get_functions),
        route(ports, f"{base}/builtins/reload", POST=builtins.reload),
    ]


def _connector_routes(
    ports: RestPorts, base: str, listed: str, reload: str, part: builtins.ConnectorPart
) -> list[Route]:
    return [
        route(ports, f"{base}/{listed}", GET=partial(builtins.get_connectors_with, part)),
        route(
            ports, f"{base}/{listed}/{{connector}}/configdefinition", GET=partial(builtins.get_config_definition, part)
        ),
        route(ports, f"{base}/{reload}", POST=builtins.reload),
    ]
