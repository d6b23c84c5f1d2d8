"""Makes one limited process per instance."""

import asyncio
import sys
from pathlib import Path
from typing import ClassVar

from acme_runtime_limited.config import LimitedRuntimeConfig
from pulsemill.auth import AuthenticationConfig
from pulsemill.errors import AdmissionError, ConfigurationError, PackageError
from pulsemill.names import FunctionName
from pulsemill.runtime import FunctionPackage, InstanceConfig, Runtime, RuntimeFactory
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


class LimitedRuntimeFactory(RuntimeFactory):
    """Runs Python functions, each instance in a process that cannot take more than its share."""

    names: ClassVar = ("com.acme.LimitedRuntimeFactory", "acme-limited")
    config_class: ClassVar = LimitedRuntimeConfig

    async def initialize(self) -> None:
        """Say early what would fail later."""
        if sys.platform != "linux":
            raise ConfigurationError(f"{self.names[0]} needs Linux: {sys.platform} has no such limits")
        try:
            await asyncio.to_thread(Path(self.config.log_directory).mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"functionRuntimeFactoryConfigs.logDirectory: {self.config.log_directory}: {error.strerror}"
            ) from error

    def do_admission_checks(self, details: FunctionDetails) -> None:
        """Refuse what cannot run here, before anything is stored."""
        if details.runtime != FunctionDetails.PYTHON:
            language = FunctionDetails.Runtime.Name(details.runtime)
            raise AdmissionError(f"{FunctionName.of(details)} is a {language} function; {self.names[0]} runs Python")

    async def create_container(self, instance: InstanceConfig, package: FunctionPackage) -> Runtime:
        """A runtime for one instance."""
        from acme_runtime_limited.runtime import LimitedRuntime  # noqa: PLC0415 # gRPC is only needed to run something

        if package.code is None:
            raise PackageError(f"{instance.name}: {self.names[0]} needs the package as a local file")
        return LimitedRuntime(instance, package.code, self.config, self.context, self._authentication(instance))

    def _authentication(self, instance: InstanceConfig) -> AuthenticationConfig | None:
        given, provider = self.context.authentication, self.context.auth_provider
        if given is None or provider is None:
            return given
        return provider.configure_authentication_config(given, instance.function_auth_spec)
