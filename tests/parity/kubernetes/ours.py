"""What our runtime plans, from the configuration file that upstream's worker runs with."""

import json
from pathlib import Path
from typing import Any

import attrs
from kubernetes.aio.client import ApiClient, Configuration

from pulsemill.auth import KubernetesFunctionAuthProvider, KubernetesSurroundings
from pulsemill.config.loader import read_worker_config
from pulsemill.connectors.model import SinkConfig, SourceConfig
from pulsemill.functions.model import FunctionConfig
from pulsemill.functions.reading import read_config
from pulsemill.packages.provider import PackageDescriber
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.rest.kinds import FUNCTION, SINK, SOURCE, CodeFiles
from pulsemill.worker.metrics import Times
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.spawners import Spawners
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, Instance, PackageLocationMetaData
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.factory import KubernetesRuntimeFactory
from pulsemill_runtime_k8s.manifests import ObjectPlan
from tests.parity.kubernetes.generated import Submission

_KINDS: dict[str, tuple[Any, Any]] = {
    "function": (FUNCTION, FunctionConfig),
    "source": (SOURCE, SourceConfig),
    "sink": (SINK, SinkConfig),
}


async def nothing_is_missing(*_: object) -> None:
    """There is nobody to ask for rights."""


@attrs.frozen
class Ours:
    """Our worker without a broker and without a cluster."""

    setup: RuntimeSetup

    @classmethod
    async def configured(cls, file: Path, ca: bytes | None) -> "Ours":
        """As `pulsemill worker -c FILE`, which has read the trusted certificates."""
        loaded = read_worker_config(file, {}, strict=False)
        assert loaded.config, loaded.findings
        setup = RuntimeSetup.selected(SelectedPlugins(PluginRegistry.installed(), loaded.config, loaded.origins))
        provider = setup.auth_provider
        if isinstance(provider, KubernetesFunctionAuthProvider):
            async with ApiClient(Configuration(host="http://127.0.0.1:1")) as nobody:
                api = KubernetesApi(nobody, "test")
                surroundings = KubernetesSurroundings(api, lambda _: "default", nothing_is_missing, lambda: ca)
                await provider.initialize(surroundings)
        return cls(setup)

    async def plan(self, submission: Submission, auth_data: str = "") -> ObjectPlan:
        """The objects of what is submitted; `auth_data` is what the auth provider kept of the caller's token."""
        metadata = self._metadata(submission)
        if auth_data:
            metadata.functionAuthSpec.data = auth_data.encode()
        self.setup.check_admission(metadata.functionDetails)
        factory = self.setup.factory
        assert isinstance(factory, KubernetesRuntimeFactory)
        packages = PackageDescriber()
        spawners = Spawners(factory.context.worker_config, factory, packages, Times())
        spawner = spawners(Instance(functionMetaData=metadata, instanceId=-1))
        return factory.plan(spawner.instance, await packages.fetch(metadata, -1))

    def _metadata(self, submission: Submission) -> FunctionMetaData:
        kind, model = _KINDS[submission.kind]
        config = kind.with_defaults(
            read_config(model, json.dumps(submission.config), "config"), self.setup.factory.context.worker_config
        )
        location = PackageLocationMetaData(packagePath="x", originalFileName=submission.file_name)
        details = kind.details(config, CodeFiles(submission.file, submission.transform), FunctionDetails())
        metadata = FunctionMetaData(functionDetails=details, packageLocation=location)
        if submission.transform:
            metadata.transformFunctionPackageLocation.packagePath = config.transform_function
        return metadata
