"""The facade of the engine: one running instance of a function.

Threads: `run` owns the consumers, the function and the outputs, all in the thread that calls it. `request_stop` and the
methods that read figures may be called from any thread.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack

import pulsar

from pulsemill_instance.assembly import Ingredients, build_engine
from pulsemill_instance.engine import Engine
from pulsemill_instance.errors import InstanceError, InstanceFatalError
from pulsemill_instance.interfaces import SecretsProvider, UserFunction
from pulsemill_instance.lifecycle import NO_LIFECYCLE, Lifecycle
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.stats import Stats
from pulsemill_instance.status import function_status, metrics_data
from pulsemill_instance.told import told

__all__ = ["FunctionInstance", "InstanceError", "InstanceFatalError", "InstanceSpec"]

STARTING = "The instance is starting: it has not subscribed to its inputs yet"


class FunctionInstance:
    """One instance of a function, from its subscriptions to its last acknowledgement."""

    def __init__(
        self,
        spec: InstanceSpec,
        client: pulsar.Client,
        function: UserFunction,
        secrets: SecretsProvider,
        logger: logging.Logger,
        lifecycle: Lifecycle = NO_LIFECYCLE,
        on_blocked: Callable[[str], None] | None = None,
        on_failing: Callable[[str], None] | None = None,
    ) -> None:
        """`on_blocked(reason)` is called from another thread when the function keeps `run` from ever returning.

        `on_failing(reason)` is called in the thread of `run` when that is about to fail, before it closes anything.
        """
        self._spec = spec
        self._logger = logger
        self._stop = threading.Event()
        self._stats = Stats()
        self._on_blocked = on_blocked
        self._on_failing = on_failing
        self._ingredients = Ingredients(
            spec, client, function, secrets, logger, self._stats, self._stop, lifecycle, self._blocked, self._failing
        )
        self._engine: Engine | None = None
        self._failure: str | None = None

    def run(self) -> None:
        """Process messages in the calling thread until `request_stop`; InstanceFatalError says why it ended otherwise.

        Closes its consumers and producers, not the client. InstanceError: it could not start at all.
        """
        try:
            with ExitStack() as closing:
                engine = build_engine(self._ingredients, closing)
                self._engine = engine
                engine.run()
        except InstanceError as error:
            self._failure = self._reason(error)
            raise
        except BaseException as error:
            # Whatever ends the loop has a name: SystemExit in user code must not leave a healthy-looking instance
            # behind.
            self._failure = self._reason(error)
            self._logger.exception("Instance %s", self._failure)
            raise InstanceFatalError(self._failure) from error

    def _failing(self, error: BaseException) -> None:
        """The status says so at once: the function's `close` comes next, and may never return."""
        self._failure = self._reason(error)
        if self._on_failing is not None:
            self._on_failing(self._failure)

    def _reason(self, error: BaseException) -> str:
        if isinstance(error, InstanceError):
            return told(str(error))
        return told(f"{self._spec.fully_qualified_name} was ended by {error!r}")

    def _blocked(self, reason: str) -> None:
        reason = self._failure = told(reason)
        self._logger.critical("%s", reason)
        self.request_stop()
        if self._on_blocked is not None:
            self._on_blocked(reason)

    @property
    def is_subscribed(self) -> bool:
        """Whether it may have messages to process; before that, a broker that does not answer can hold `run` up."""
        return self._engine is not None

    def request_stop(self) -> None:
        """Let `run` finish the message at hand, store its outputs, acknowledge and return. Returns at once."""
        self._stop.set()

    def get_function_status(self) -> FunctionStatus:
        """What `InstanceControl.GetFunctionStatus` answers. It runs once it is subscribed: no input is missed then."""
        failure = self._failure or ("" if self.is_subscribed else STARTING)
        hindrances = self._engine.hindrances() if self._engine and not (failure or self._stop.is_set()) else []
        return function_status(self._stats.snapshot(), self._spec.instance_id, failure, hindrances)

    def get_metrics(self) -> MetricsData:
        """What `InstanceControl.GetMetrics` answers."""
        return metrics_data(self._stats.snapshot())

    def reset_metrics(self) -> None:
        """Zero the one-minute figures and the function's own metrics."""
        self._stats.reset()

    def get_and_reset_metrics(self) -> MetricsData:
        """The figures of `get_metrics`, then `reset_metrics`."""
        metrics = self.get_metrics()
        self.reset_metrics()
        return metrics

    def prometheus_metrics(self) -> str:
        """The figures in Prometheus' text format 0.0.4, with upstream's names and labels."""
        # Importing the library takes as long as all the rest; the instance should be at work before its first scrape.
        from pulsemill_instance.prometheus import InstanceCollector  # noqa: PLC0415 - see above

        return InstanceCollector(self._spec, self._stats.snapshot, self._stats.created).render()
