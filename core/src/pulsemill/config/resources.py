"""Amounts of processor, memory and disk."""

import attrs

GIBIBYTE = 1024**3


@attrs.frozen
class Resources:
    """Resources of one instance: `cpu` in cores, `ram` and `disk` in bytes; members left out get upstream's defaults.

    Upstream: org.apache.pulsar.common.functions.Resources.
    """

    cpu: float = 1.0
    ram: int = GIBIBYTE
    disk: int = 10 * GIBIBYTE
