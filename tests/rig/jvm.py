"""How Java runs servers and programs that live for a test: they shall start soon, not run fast.

A broker with the distribution's own options takes twice the CPU until it is ready. Benchmarks measure those.
"""

import os
from typing import Final

SHORT_LIVED: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_VARIABLE: Final = "PULSAR_GC"
"""Read by the distribution's `bin/pulsar`."""


def use_short_lived_java() -> None:
    """For all that this process starts from now on; an environment that says otherwise counts."""
    os.environ.setdefault(_VARIABLE, SHORT_LIVED)


def collector(default: str) -> dict[str, str]:
    """What the environment says, for programs of the distribution whose own collector is not wanted."""
    return {_VARIABLE: os.environ.get(_VARIABLE, default)}
