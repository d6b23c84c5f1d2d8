"""Which instances a function has, whatever its metadata claims."""

import logging
from functools import cache
from typing import Final

from pulsemill.names import FunctionName
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

log = logging.getLogger(__name__)

MOST_INSTANCES: Final = 2000
"""Each instance carries the states of all: once stopped, 1000 take 0.2 GB in the leader, 2000 0.8 GB, and so on."""


def instance_ids(details: FunctionDetails) -> range:
    """The ids of a function's instances, from 0, at most MOST_INSTANCES. Records of other workers may ask for more."""
    if details.parallelism > MOST_INSTANCES:
        _tell_once(FunctionName.of(details))
    return range(min(details.parallelism, MOST_INSTANCES))


@cache
def _tell_once(name: FunctionName) -> None:
    log.error("%s gets %d instances, the most there may be; update its parallelism to no more", name, MOST_INSTANCES)
