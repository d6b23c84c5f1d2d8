"""What the routes work with, handed in once by the worker."""

import attrs
import httpx2

from pulsemill.auth import FunctionAuthProvider
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.fetch import PackageFetcher
from pulsemill.packages.filenames import digest_of
from pulsemill.packages.store import PackageStore
from pulsemill.rest.ports import BrokerPort, FunctionMetaDataPort, InstancesPort, MembershipPort
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData


@attrs.frozen
class RestPorts:
    """The worker around the REST API. `auth_provider` is None unless authenticationEnabled.

    `transport` replaces the network to other workers in tests.
    """

    config: WorkerConfig
    functions: FunctionMetaDataPort
    instances: InstancesPort
    membership: MembershipPort
    broker: BrokerPort
    packages: PackageStore
    auth_provider: FunctionAuthProvider | None = None
    fetcher: PackageFetcher = attrs.field()
    transport: httpx2.AsyncBaseTransport | None = None

    @fetcher.default
    def _configured_fetcher(self) -> PackageFetcher:
        return PackageFetcher.from_config(self.config)

    def is_package_used(self, digest: str) -> bool:
        """Whether a stored package belongs to any function (for the store's sweep and deletions)."""
        return any(digest in _digests(metadata) for metadata in self.functions.all())


def _digests(metadata: FunctionMetaData) -> set[str | None]:
    locations = (metadata.packageLocation, metadata.transformFunctionPackageLocation)
    return {digest_of(location.packagePath) for location in locations}
