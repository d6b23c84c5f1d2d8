"""The sources and sinks routes of a worker (upstream: org.apache.pulsar.client.admin.Sources and Sinks)."""

from pulsemill.admin.components import Components
from pulsemill.admin.transport import path_of


class Sources(Components):
    """What a worker can do with sources."""

    base = path_of("admin", "v3", "sources")
    config_part = "sourceConfig"
    builtins_route = "builtinsources"
    reload_route = "reloadBuiltInSources"


class Sinks(Components):
    """What a worker can do with sinks."""

    base = path_of("admin", "v3", "sinks")
    config_part = "sinkConfig"
    builtins_route = "builtinsinks"
    reload_route = "reloadBuiltInSinks"
