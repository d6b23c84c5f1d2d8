"""What an instance is told on its command line, as plain data."""

from collections.abc import Mapping
from typing import Any

import attrs

from pulsemill.auth import AuthenticationConfig
from pulsemill.java_json import Writer, message_json, to_json
from pulsemill.runtime import InstanceConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


@attrs.frozen
class InstanceArguments:
    """One instance, whatever its language.

    `instance_id` is a number or what a shell makes into one. The ports are those of the gRPC and the metrics server,
    `code` and `transform` paths of packages, `write_json` writes every JSON that the instance gets.
    """

    instance: InstanceConfig
    instance_id: str
    code: str
    port: int
    metrics_port: int
    pulsar_service_url: str
    pulsar_web_service_url: str | None = None
    state_storage_service_url: str | None = None
    nar_extraction_directory: str | None = None
    additional_java_runtime_arguments: tuple[str, ...] = ()
    transform: str = ""
    transform_function_id: str = ""
    authentication: AuthenticationConfig | None = None
    secrets_provider: str = ""
    secrets_provider_config: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    write_json: Writer = to_json

    @property
    def details(self) -> FunctionDetails:
        """The function."""
        return self.instance.function_details

    @property
    def is_java(self) -> bool:
        """Whether a JVM runs the instance."""
        return self.details.runtime == FunctionDetails.JAVA

    @property
    def details_json(self) -> str:
        """The function as JSON."""
        return message_json(self.details, self.write_json)

    @property
    def exposed_web_service_url(self) -> str:
        """The broker's admin API, if the function may use it."""
        return (self.pulsar_web_service_url or "") if self.instance.expose_pulsar_admin_client else ""
