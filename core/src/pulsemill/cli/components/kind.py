"""What differs between functions, sources and sinks for the commands that all three have."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from pulsemill.admin.components import Components
from pulsemill.cli.components.definition import Definition
from pulsemill.cli.components.flags import Flag
from pulsemill.rest.status_counters import StatusCounters

Define = Callable[[Mapping[str, Any], Mapping[str, Any]], Definition]
"""Makes of a configuration file's keys and of flags what is sent; raises ComponentArgumentError."""


@attrs.frozen
class Kind:
    """A kind of component. `class_key` is where a ConnectorDefinition or FunctionDefinition has the class."""

    name: str
    admin: type[Components]
    model: type[attrs.AttrsInstance]
    flags: tuple[Flag, ...]
    define_new: Define
    define_update: Define
    counters: StatusCounters
    class_key: str
    deleted: str = "Deleted successfully"
    done: str = "WRITTEN"
    last_time: str = "LAST RECEIVED"
    has_fqfn: bool = False

    @property
    def names(self) -> str:
        """The kind in the plural, as the group of commands is called."""
        return f"{self.name}s"
