"""What an instance's spawner remembers of its deaths and failed starts."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus
from pulsemill_instance.told import told

KEPT: Final = 10


@attrs.define
class Deaths:
    """The last KEPT reasons with their times, and how many there were."""

    now: Callable[[], float] = time.time
    count: int = attrs.field(default=0, init=False)
    _last: deque[FunctionStatus.ExceptionInformation] = attrs.field(factory=lambda: deque(maxlen=KEPT), init=False)

    @property
    def last(self) -> str:
        """The newest reason, empty when there was none."""
        return self._last[-1].exceptionString if self._last else ""

    def add(self, reason: str) -> None:
        """Remember one."""
        self.count += 1
        moment = int(self.now() * 1000)
        self._last.append(FunctionStatus.ExceptionInformation(exceptionString=told(reason), msSinceEpoch=moment))

    def report(self, status: FunctionStatus) -> None:
        """Add them to an instance's status as system exceptions: the instance itself cannot know of them."""
        status.numSystemExceptions += self.count
        status.latestSystemExceptions.extend(self._last)
