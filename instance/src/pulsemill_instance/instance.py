"""The facade of the engine: one running instance of a function.

Threads: `run` owns the consumers, the function and the outputs, all in the thread that calls it. `request_stop` and the
methods that read figures may be called from any thread.
"""

import logging
import threading

import pulsar

from pulsemill_instance.errors import InstanceError, InstanceFatalError
from pulsemill_instance.interfaces import SecretsProvider, UserFunction
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_instance.spec import InstanceSpec

__all__ = ["FunctionInstance", "InstanceError", "InstanceFatalError", "InstanceSpec"]


class FunctionInstance:
    """One instance of a function, from its subscriptions to its last acknowledgement."""

    def __init__(
        self,
        spec: InstanceSpec,
        client: pulsar.Client,
        function: UserFunction,
        secrets: SecretsProvider,
        logger: logging.Logger,
    ) -> None:
        self._spec = spec
        self._client = client
        self._function = function
        self._secrets = secrets
        self._logger = logger
        self._stop = threading.Event()

    def run(self) -> None:
        """Process messages in the calling thread until `request_stop`; InstanceFatalError says why it ended otherwise.

        Closes its consumers and producers, not the client.
        """
        self._stop.wait()

    def request_stop(self) -> None:
        """Let `run` finish the message at hand, store its outputs, acknowledge and return. Returns at once."""
        self._stop.set()

    def get_function_status(self) -> FunctionStatus:
        """What `InstanceControl.GetFunctionStatus` answers."""
        return FunctionStatus(running=True, instanceId=str(self._spec.instance_id))

    def get_metrics(self) -> MetricsData:
        """What `InstanceControl.GetMetrics` answers."""
        return MetricsData()

    def reset_metrics(self) -> None:
        """Zero the one-minute figures and the function's own metrics."""

    def get_and_reset_metrics(self) -> MetricsData:
        """The figures of `get_metrics`, then `reset_metrics`."""
        metrics = self.get_metrics()
        self.reset_metrics()
        return metrics

    def prometheus_metrics(self) -> str:
        """The figures in Prometheus' text format 0.0.4, with upstream's names and labels."""
        return ""
