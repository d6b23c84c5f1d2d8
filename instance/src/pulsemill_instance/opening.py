"""Opening output producers without being held up: the client waits for an absent broker for half a minute.

Each is opened in a thread of its own, for which the engine's thread waits; one that is left when the instance is to
stop ends with the client.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait

import attrs

from pulsemill_instance.output_producer import OutputProducer
from pulsemill_instance.stopping import StopFlag

GRACE_SECONDS = 1.0
_LOOK_SECONDS = 0.1

OpenProducer = Callable[[str | None], OutputProducer]


class StoppedError(Exception):
    """The instance is to stop, and there is no producer yet. What it was for has to come again."""


@attrs.define(eq=False)
class UntilStopped:
    """Opens producers until the instance was asked to stop and a second has passed; StoppedError from then on."""

    open_producer: OpenProducer
    stop: StopFlag
    _over_at: float | None = None

    def __call__(self, name: str | None) -> OutputProducer:
        """What `open_producer` returns or raises, or StoppedError."""
        opened: Future[OutputProducer] = Future()
        if not self._is_over():
            threading.Thread(
                target=_open, args=(opened, self.open_producer, name), name="open producer", daemon=True
            ).start()
        while not wait([opened], _LOOK_SECONDS).done:
            if self._is_over():
                raise StoppedError
        return opened.result()

    def _is_over(self) -> bool:
        if self._over_at is None and self.stop.is_set():
            self._over_at = time.monotonic() + GRACE_SECONDS
        return self._over_at is not None and time.monotonic() >= self._over_at


def _open(opened: "Future[OutputProducer]", open_producer: OpenProducer, name: str | None) -> None:
    try:
        opened.set_result(open_producer(name))
    except BaseException as error:  # noqa: BLE001  # whatever it is, the engine's thread has to know of it
        opened.set_exception(error)
