"""What the routes work with, handed in once by the worker."""

import attrs
import httpx2

from pulsemill.auth import FunctionAuthProvider
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.builtins import Builtins
from pulsemill.packages.filenames import references
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.storage import PackageStorage
from pulsemill.packages.store import PackageStore
from pulsemill.rest.ports import BrokerPort, FunctionMetaDataPort, InstancesPort, MembershipPort
from pulsemill.security.guard import Guard
from pulsemill.state.worker_state import WorkerState
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData


@attrs.frozen
class RestPorts:
    """The worker around the REST API. `auth_provider` is None unless authenticationEnabled.

    `state` is None unless there is a stateStorageServiceUrl.

    `packages` is the disk that uploads come to; `reader` reads packages from wherever they are kept.

    `transport` replaces the network to other workers in tests.
    """

    config: WorkerConfig
    functions: FunctionMetaDataPort
    instances: InstancesPort
    membership: MembershipPort
    broker: BrokerPort
    packages: PackageStore
    auth_provider: FunctionAuthProvider | None = None
    reader: PackageReader = attrs.field()
    transport: httpx2.AsyncBaseTransport | None = None
    state: WorkerState | None = None
    guard: Guard = attrs.field()
    builtins: Builtins = attrs.field()

    @builtins.default
    def _configured_builtins(self) -> Builtins:
        return Builtins.from_config(self.config)

    @guard.default
    def _configured_guard(self) -> Guard:
        return Guard.from_config(self.config)

    @reader.default
    def _local_reader(self) -> PackageReader:
        return PackageReader.local(self.config, self.packages)

    @property
    def storage(self) -> PackageStorage:
        """Where uploaded packages are kept."""
        return self.reader.storage

    def is_package_used(self, reference: str) -> bool:
        """Whether a stored package belongs to any function (for the storage's sweep and deletions)."""
        paths = (path for metadata in self.functions.all() for path in _package_paths(metadata))
        return any(reference in path and reference in references(path) for path in paths)


def _package_paths(metadata: FunctionMetaData) -> tuple[str, str]:
    return metadata.packageLocation.packagePath, metadata.transformFunctionPackageLocation.packagePath
