"""What a command line is made of, as plain data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from pulsemill.auth import AuthenticationConfig
from pulsemill.instance_commands.arguments import InstanceArguments
from pulsemill.instance_commands.options import split_runtime_flags
from pulsemill.java_json import to_ascii_json
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.state.urls import TableServiceAddress, parse_state_url
from pulsemill_runtime_process.config import Locations


@attrs.frozen
class WorkerSettings:
    """The worker's settings that reach its instances."""

    pulsar_service_url: str
    pulsar_web_service_url: str | None = None
    state_storage_service_url: str | None = None
    nar_extraction_directory: str | None = None
    additional_java_runtime_arguments: tuple[str, ...] = ()


@attrs.frozen
class Launch:
    """One start of one instance. The ports are its gRPC server's and its metrics server's."""

    instance: InstanceConfig
    package: FunctionPackage
    code: Path
    worker: WorkerSettings
    locations: Locations
    port: int
    metrics_port: int
    transform_function_id: str = ""
    authentication: AuthenticationConfig | None = None
    secrets_provider: str = ""
    secrets_provider_config: Mapping[str, Any] | None = attrs.field(default=None, repr=False)

    @property
    def details(self) -> FunctionDetails:
        """The function."""
        return self.instance.function_details

    @property
    def arguments(self) -> InstanceArguments:
        """What the instance is told, in ASCII: its locale is unknown."""
        return InstanceArguments(
            instance=self.instance,
            instance_id=str(self.instance.instance_id),
            code=str(self.code),
            port=self.port,
            metrics_port=self.metrics_port,
            pulsar_service_url=self.worker.pulsar_service_url,
            pulsar_web_service_url=self.worker.pulsar_web_service_url,
            state_storage_service_url=self.state_storage_service_url,
            nar_extraction_directory=self.worker.nar_extraction_directory,
            additional_java_runtime_arguments=self.worker.additional_java_runtime_arguments,
            transform=str(self.package.transform or ""),
            transform_function_id=self.transform_function_id,
            authentication=self.authentication,
            secrets_provider=self.secrets_provider,
            secrets_provider_config=self.secrets_provider_config,
            write_json=to_ascii_json,
        )

    @property
    def runtime_flags(self) -> list[str]:
        """The function's runtimeFlags without upstream's empty ones, which no interpreter understands."""
        return [flag for flag in split_runtime_flags(self.details) if flag]

    @property
    def state_storage_service_url(self) -> str | None:
        """Where the instance keeps state; instances in other languages than Python know no store but BookKeeper."""
        url = self.worker.state_storage_service_url
        own = self.details.runtime == FunctionDetails.PYTHON
        return url if own or not url or isinstance(parse_state_url(url), TableServiceAddress) else None

    @property
    def log_root(self) -> Path:
        """Where the logs of all functions are."""
        return self.locations.log_directory / "functions"

    @property
    def log_folder(self) -> Path:
        """Where this function's logs are: `<logDirectory>/functions/<tenant>/<namespace>/<name>`."""
        return self.log_root / self.details.tenant / self.details.namespace / self.details.name

    @property
    def log_name(self) -> str:
        """An instance's log file, without its suffix."""
        return f"{self.details.name}-{self.instance.instance_id}"
