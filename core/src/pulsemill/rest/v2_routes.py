"""The routes of the v2 API for functions, at `/admin/v2` and, as of old, at `/admin`."""

from functools import partial

from starlette.routing import Route

from pulsemill.rest import builtins, deregister, download, functions, lifecycle, register, trigger, update, v2
from pulsemill.rest.kinds import FUNCTION
from pulsemill.rest.routing import route
from pulsemill.rest.services import RestPorts

PREFIXES = ("/admin/v2", "/admin")


def v2_routes(ports: RestPorts) -> list[Route]:
    """All v2 routes of functions."""
    return [each for prefix in PREFIXES for each in _routes(f"{prefix}/functions", ports)]


def _routes(base: str, ports: RestPorts) -> list[Route]:
    function, instance = f"{base}/{{tenant}}/{{namespace}}/{{function}}", "{instance_id}"
    return [
        route(ports, f"{base}/connectors", GET=v2.as_v2(builtins.get_connectors)),
        route(ports, f"{base}/upload", POST=v2.as_v2(download.upload_package)),
        route(ports, f"{base}/download", GET=download.download_package),
        route(
            ports,
            function,
            GET=v2.get_function,
            POST=v2.as_v2(partial(register.register, v2.V2_FUNCTION)),
            PUT=v2.as_v2(partial(update.update, v2.V2_FUNCTION)),
            DELETE=v2.as_v2(partial(deregister.deregister, FUNCTION)),
        ),
        route(ports, f"{base}/{{tenant}}/{{namespace}}", GET=v2.as_v2(partial(functions.list_names, FUNCTION))),
        route(ports, f"{function}/status", GET=v2.get_status),
        route(ports, f"{function}/stop", POST=v2.as_v2(partial(lifecycle.stop, FUNCTION))),
        route(ports, f"{function}/restart", POST=v2.as_v2(partial(lifecycle.restart, FUNCTION))),
        route(ports, f"{function}/state/{{key:some}}", GET=v2.get_state),
        route(ports, f"{function}/trigger", POST=v2.as_v2(trigger.trigger_function)),
        route(ports, f"{function}/{instance}/status", GET=v2.get_instance_status),
        route(ports, f"{function}/{instance}/stop", POST=v2.as_v2(partial(lifecycle.stop_instance, FUNCTION))),
        route(ports, f"{function}/{instance}/restart", POST=v2.as_v2(partial(lifecycle.restart_instance, FUNCTION))),
    ]
