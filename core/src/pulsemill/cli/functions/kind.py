"""Functions, for the commands that all kinds have."""

from typing import Final

from pulsemill.admin.functions import Functions
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.functions.definition import define_new, define_update
from pulsemill.cli.functions.flags import FLAGS
from pulsemill.functions.model import FunctionConfig
from pulsemill.rest.status_counters import FUNCTION_COUNTERS

FUNCTION: Final = Kind(
    name="function",
    admin=Functions,
    model=FunctionConfig,
    flags=FLAGS,
    define_new=define_new,
    define_update=define_update,
    counters=FUNCTION_COUNTERS,
    class_key="functionClass",
    done="SUCCESSFUL",
    last_time="LAST INVOCATION",
    has_fqfn=True,
)
