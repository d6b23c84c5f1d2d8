"""Sources, for the commands that all kinds have."""

from functools import partial
from typing import Final

from pulsemill.admin.connectors import Sources
from pulsemill.cli.components.kind import Kind
from pulsemill.cli.connectors.definition import define_new, define_update
from pulsemill.cli.sources.flags import FLAGS
from pulsemill.connectors.model import SourceConfig
from pulsemill.rest.status_counters import SOURCE_COUNTERS

SOURCE: Final = Kind(
    name="source",
    admin=Sources,
    model=SourceConfig,
    flags=FLAGS,
    define_new=partial(define_new, "source"),
    define_update=partial(define_update, "source"),
    counters=SOURCE_COUNTERS,
    class_key="sourceClass",
    deleted="Delete source successfully",
)
