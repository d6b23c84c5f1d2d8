"""Names within the details of sources and sinks."""

from pulsemill.functions.conversion import BUILTIN

BATCH_SOURCE_CONFIG_KEY = "__BATCHSOURCECONFIGS__"
BATCH_SOURCE_CLASS_NAME_KEY = "__BATCHSOURCECLASSNAME__"
BATCH_SOURCE_EXECUTOR = "org.apache.pulsar.functions.source.batch.BatchSourceExecutor"


def builtin_in(reference: str | None) -> str:
    """The name in `builtin://<name>`, empty for anything else."""
    given = reference or ""
    return given.removeprefix(BUILTIN) if given.startswith(BUILTIN) else ""
