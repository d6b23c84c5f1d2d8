"""The flags that sources and sinks have in common.

Source: `pulsar-admin sources create --help`, that of `sinks`, and the annotations of upstream's CmdSources and CmdSinks
(4.0.6).
"""

import click

from pulsemill.cli.components.flags import Flag
from pulsemill.cli.params import json_object

GUARANTEES = click.Choice(["ATLEAST_ONCE", "ATMOST_ONCE", "EFFECTIVELY_ONCE"], case_sensitive=False)

INSTANCES = (
    Flag("--parallelism", "parallelism", "How many instances run.", int),
    Flag("--cpu", "resources.cpu", "Cores per instance.", float),
    Flag("--ram", "resources.ram", "Bytes of memory per instance.", int),
    Flag("--disk", "resources.disk", "Bytes of disk per instance.", int),
    Flag("--secrets", "secrets", "Names of secrets and how the provider finds them.", json_object),
    Flag("--log-topic", "logTopic", "The topic that gets the connector's log."),
    Flag("--runtime-flags", "runtimeFlags", "Flags for the runtime that starts the instances."),
    Flag("--custom-runtime-options", "customRuntimeOptions", "Options for the runtime's customizer."),
)


def code_flags(name: str) -> tuple[Flag, ...]:
    """The flags that say which code a source or sink runs, and with what configuration."""
    places = "a local NAR file, http(s)://, file:// on the worker's host"
    return (
        Flag(
            "-a --archive",
            "archive",
            f"The {name}'s archive: {places}, {name}://, or builtin://NAME.",
            local_help=f"The {name}'s archive: a local NAR file.",
        ),
        Flag(
            f"-t --{name}-type",
            f"{name}Type",
            f"The name of a built-in {name}, in place of an archive.",
            local_help=f"Refused: built-in {name}s run on a worker only.",
        ),
        Flag("--classname", "className", f"The {name}'s class, if not the one that the archive declares."),
        Flag(f"--{name}-config", "configs", "The connector's own configuration.", json_object, f"--{name}Config"),
        Flag("--processing-guarantees", "processingGuarantees", "What holds for each message.", GUARANTEES),
    )
