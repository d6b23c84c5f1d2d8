"""The InstanceControl service: what a worker asks of this instance, over gRPC."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.empty_pb2 import Empty

from pulsemill_instance.instance import FunctionInstance
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, HealthCheckResult, MetricsData
from pulsemill_instance.proto.InstanceCommunication_pb2_grpc import (
    InstanceControlServicer,
    add_InstanceControlServicer_to_server,
)
from pulsemill_instance.startup_errors import StartupError

THREADS = 4


class ControlServicer(InstanceControlServicer):
    """Passes each request on to the instance, and health checks to the watchdog too."""

    def __init__(self, instance: FunctionInstance, on_health_check: Callable[[], None]) -> None:
        self._instance = instance
        self._on_health_check = on_health_check

    def GetFunctionStatus(self, request: Empty, context: grpc.ServicerContext) -> FunctionStatus:  # noqa: N802 - gRPC's
        """The instance's view of itself."""
        return self._instance.get_function_status()

    def GetMetrics(self, request: Empty, context: grpc.ServicerContext) -> MetricsData:  # noqa: N802 - gRPC's
        """The counters."""
        return self._instance.get_metrics()

    def GetAndResetMetrics(self, request: Empty, context: grpc.ServicerContext) -> MetricsData:  # noqa: N802 - gRPC's
        """The counters, then a reset."""
        return self._instance.get_and_reset_metrics()

    def ResetMetrics(self, request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802 - gRPC's
        """Clears the current minute and the user's metrics."""
        self._instance.reset_metrics()
        return Empty()

    def HealthCheck(self, request: Empty, context: grpc.ServicerContext) -> HealthCheckResult:  # noqa: N802 - gRPC's
        """Tells the watchdog that the worker lives."""
        self._on_health_check()
        return HealthCheckResult(success=True)


def serve(port: int, instance: FunctionInstance, on_health_check: Callable[[], None]) -> grpc.Server:
    """Start the service on all addresses; StartupError when the port is taken. Port 0 takes any."""
    # Without this option two instances could share a port and each answer half of the requests.
    server = grpc.server(ThreadPoolExecutor(THREADS, "control"), options=[("grpc.so_reuseport", 0)])
    servicer = ControlServicer(instance, on_health_check)
    add_InstanceControlServicer_to_server(servicer, server)  # type: ignore[no-untyped-call] # generated without types
    try:
        server.add_insecure_port(f"[::]:{port}")
    except RuntimeError:
        raise StartupError(f"Port {port} of the InstanceControl service (--port) is in use") from None
    server.start()
    return server
