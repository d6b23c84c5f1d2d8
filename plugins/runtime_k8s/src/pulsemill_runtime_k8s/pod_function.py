"""One function as its pods run it, and what they tell its instances. Pure."""

import re
import unicodedata
import uuid
from collections.abc import Mapping
from typing import Any, Final

import attrs

from pulsemill.auth import AuthenticationConfig
from pulsemill.instance_commands.arguments import InstanceArguments
from pulsemill.packages.filenames import download_file_name
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, PackageLocationMetaData
from pulsemill_runtime_k8s.pod_text import pod_json
from pulsemill_runtime_k8s.settings import Settings

SHARD_ID: Final = "$SHARD_ID"


@attrs.frozen
class PodFunction:
    """All instances of a function, which get the same command line."""

    instance: InstanceConfig
    package: FunctionPackage
    settings: Settings
    authentication: AuthenticationConfig | None = None
    secrets_provider: str = ""
    secrets_provider_config: Mapping[str, Any] | None = attrs.field(default=None, repr=False)

    @property
    def details(self) -> FunctionDetails:
        """The function."""
        return self.instance.function_details

    @property
    def code(self) -> str:
        """Where a pod puts the package."""
        return self._download_path(self.package.original_name, self.package.location)

    @property
    def transform(self) -> str:
        """Where a pod puts the package of a sink's transform function; empty for none."""
        name, location = self.package.transform_original_name, self.package.transform_location
        if not (name or location):
            return ""
        path = self._download_path(name, location)
        return path if path != self.code else self._in_downloads(f"transform-{path.rpartition('/')[2]}")

    @property
    def arguments(self) -> InstanceArguments:
        """What an instance is told."""
        settings = self.settings
        return InstanceArguments(
            instance=self.instance,
            instance_id=SHARD_ID,
            code=self.code,
            port=settings.grpc_port,
            metrics_port=settings.metrics_port,
            pulsar_service_url=settings.pulsar_service_url,
            pulsar_web_service_url=settings.pulsar_admin_url,
            state_storage_service_url=settings.state_storage_service_uri,
            nar_extraction_directory=settings.nar_extraction_directory,
            additional_java_runtime_arguments=settings.additional_java_runtime_arguments,
            transform=self.transform,
            transform_function_id=self._transform_function_id(),
            authentication=self.authentication,
            secrets_provider=self.secrets_provider,
            secrets_provider_config=self.secrets_provider_config,
            write_json=pod_json,
        )

    def _transform_function_id(self) -> str:
        """Upstream's is random; this one stays the same, so that the pods do."""
        return str(uuid.uuid5(uuid.UUID(self.instance.function_id), "transform"))

    def _download_path(self, original_name: str, location: str) -> str:
        described = PackageLocationMetaData(packagePath=location)
        return self._in_downloads(original_name or download_file_name(described, self.details))

    def _in_downloads(self, name: str) -> str:
        return f"{self.settings.download_directory}/{_plain_file_name(name)}"


def _plain_file_name(name: str) -> str:
    """A file name without what a shell or a file system may take for something else (upstream: sanitizeFileName)."""
    ascii_name = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-zA-Z0-9_.-]", "_", ascii_name)
