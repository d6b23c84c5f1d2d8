"""Makes one process per instance (upstream: ProcessRuntimeFactory)."""

import asyncio
import os
import uuid
from typing import TYPE_CHECKING, Any

from pulsemill.auth import AuthenticationConfig
from pulsemill.errors import AdmissionError, PackageError
from pulsemill.functions.python_functions import check_upstream_instance
from pulsemill.runtime import (
    FunctionPackage,
    InstanceConfig,
    Runtime,
    RuntimeContext,
    RuntimeFactory,
)
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_process.checks import NO_JAVA_INSTANCE, OTHER_PYTHON_INSTANCE, check_locations
from pulsemill_runtime_process.config import ProcessRuntimeFactoryConfig, resolve_locations
from pulsemill_runtime_process.launch import Launch, WorkerSettings

if TYPE_CHECKING:
    import httpx2


class ProcessRuntimeFactory(RuntimeFactory):
    """Runs Python, Java and Go functions, each instance in an operating-system process of its own."""

    names = (
        "org.apache.pulsar.functions.runtime.process.ProcessRuntimeFactory",
        "org.apache.pulsar.functions.runtime.ProcessRuntimeFactory",
        "process",
    )
    config_class = ProcessRuntimeFactoryConfig

    def __init__(self, config: Any, context: RuntimeContext) -> None:
        super().__init__(config, context)
        self._locations = resolve_locations(config, os.environ)
        self._http: httpx2.AsyncClient | None = None

    async def initialize(self) -> None:
        """Check the files and folders that the configuration names."""
        await asyncio.to_thread(check_locations, self._locations)

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Refuse Java functions when there is no Java instance to run them, and what another Python one cannot do."""
        if details.runtime == FunctionDetails.JAVA and not self._locations.java_instance_jar:
            raise AdmissionError(NO_JAVA_INSTANCE)
        if self._locations.python_instance:
            check_upstream_instance(details, OTHER_PYTHON_INSTANCE)

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        """A runtime for one instance."""
        # gRPC and the HTTP client cost a worker that runs no process memory and start time.
        from pulsemill_runtime_process.runtime import ProcessRuntime  # noqa: PLC0415

        return ProcessRuntime(self._launch(instance, package), self.context.secrets, self._client())

    async def close(self) -> None:
        """Close the HTTP client."""
        client, self._http = self._http, None
        if client:
            await client.aclose()

    def _client(self) -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415 as above

        if self._http is None:
            # Plain HTTP to this machine: no certificates to load, no proxy to pass.
            self._http = httpx2.AsyncClient(verify=False, trust_env=False, timeout=5.0)
        return self._http

    def _launch(self, instance: InstanceConfig, package: FunctionPackage) -> Launch:
        if package.code is None:
            raise PackageError(f"{instance.name}: the process runtime needs the package as a local file")
        secrets = self.context.secrets
        return Launch(
            instance=instance,
            package=package,
            code=package.code,
            worker=self._worker_settings(),
            locations=self._locations,
            port=0,
            metrics_port=0,
            transform_function_id=str(uuid.uuid4()),
            authentication=self._authentication(instance),
            secrets_provider=secrets.get_secrets_provider_class_name(instance.function_details),
            secrets_provider_config=secrets.get_secrets_provider_config(instance.function_details),
        )

    def _worker_settings(self) -> WorkerSettings:
        config = self.context.worker_config
        return WorkerSettings(
            pulsar_service_url=config.pulsar_service_url,
            pulsar_web_service_url=config.pulsar_web_service_url,
            state_storage_service_url=config.state_storage_service_url,
            nar_extraction_directory=config.nar_extraction_directory,
            additional_java_runtime_arguments=tuple(config.additional_java_runtime_arguments),
        )

    def _authentication(self, instance: InstanceConfig) -> AuthenticationConfig | None:
        given, provider = self.context.authentication, self.context.auth_provider
        if given is None or provider is None:
            return given
        return provider.configure_authentication_config(given, instance.function_auth_spec)
