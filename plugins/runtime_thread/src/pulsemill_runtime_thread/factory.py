"""Makes one thread of the worker's process per instance (upstream: thread.ThreadRuntimeFactory)."""

import logging
from typing import TYPE_CHECKING, Any

from pulsemill.errors import AdmissionError, PackageError
from pulsemill.names import FunctionName
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeContext, RuntimeFactory
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_thread.config import ThreadRuntimeFactoryConfig, available_memory

if TYPE_CHECKING:
    from pulsemill_runtime_thread.clients import ClientPool

PROCESS_RUNTIME = "org.apache.pulsar.functions.runtime.process.ProcessRuntimeFactory"

log = logging.getLogger(__name__)


class ThreadRuntimeFactory(RuntimeFactory):
    """Runs Python functions in the worker's own process; all with the same credentials share one Pulsar client."""

    names = (
        "org.apache.pulsar.functions.runtime.thread.ThreadRuntimeFactory",
        "org.apache.pulsar.functions.runtime.ThreadRuntimeFactory",
        "thread",
    )
    config_class = ThreadRuntimeFactoryConfig

    def __init__(self, config: Any, context: RuntimeContext) -> None:
        super().__init__(config, context)
        self._clients: ClientPool | None = None

    async def initialize(self) -> None:
        """Say which part of the configuration the Python client cannot honour."""
        limit = self.config.pulsar_client_memory_limit
        in_bytes = limit and limit.in_bytes(available_memory())
        if in_bytes:
            log.warning(
                "functionRuntimeFactoryConfigs.pulsarClientMemoryLimit (%d bytes) has no effect: the Python client "
                "has no memory limit; bound what a function buffers with its maxPendingMessages and receiverQueueSize",
                in_bytes,
            )

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Refuse what is not Python."""
        if details.runtime != FunctionDetails.PYTHON:
            language = FunctionDetails.Runtime.Name(details.runtime)
            raise AdmissionError(
                f"The thread runtime runs Python functions only, {FunctionName.of(details)} is a {language} function: "
                f"the process runtime (distribution pulsemill-runtime-process) takes it, selected by "
                f"functionRuntimeFactoryClassName: {PROCESS_RUNTIME}"
            )

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        """A runtime for one instance; its package must be a local file."""
        # The Pulsar client and the engine cost time to import: not for a worker that only checks or lists functions.
        from pulsemill_runtime_thread.clients import ClientPool  # noqa: PLC0415
        from pulsemill_runtime_thread.runtime import ThreadRuntime  # noqa: PLC0415

        if package.code is None:
            raise PackageError(f"{instance.name}: the thread runtime needs the package as a local file")
        self.do_admission_checks(instance.function_details)
        if self._clients is None:
            self._clients = ClientPool(self.context.worker_config.pulsar_service_url, self.config.thread_group_name)
        return ThreadRuntime(instance, package.code, self.context, self._clients)

    async def close(self) -> None:
        """Close the clients that are left."""
        if self._clients is not None:
            await self._clients.close()
