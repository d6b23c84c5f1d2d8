"""Which package storage a worker's configuration asks for, and what its packages are read from.

`pulsemill.packageStorageUrl` wins, then functionsWorkerEnablePackageManagement; without both, packages are topics of
the functions namespace, and, on an embedded broker, files of its one worker.
"""

from urllib.parse import quote

import attrs
import pulsar.asyncio

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.fetch import PackageFetcher
from pulsemill.packages.filesystem import FilePackageObjects
from pulsemill.packages.local import LocalPackageStorage
from pulsemill.packages.managed import ManagedPackageStorage
from pulsemill.packages.objects import ObjectPackageStorage
from pulsemill.packages.peers import PeerPackages
from pulsemill.packages.reader import PackageReader
from pulsemill.packages.service import PackagesService
from pulsemill.packages.storage import PackageStorage
from pulsemill.packages.store import PackageStore
from pulsemill.packages.topics import TopicAdmin, TopicPackageObjects


@attrs.frozen
class PackageSurroundings:
    """What a worker has around it: no `admin` means an embedded broker, no `peers` that it is alone."""

    client: pulsar.asyncio.Client
    admin: TopicAdmin | None = None
    peers: PeerPackages | None = None


def package_reader(config: WorkerConfig, store: PackageStore, around: PackageSurroundings) -> PackageReader:
    """What reads packages, with the storage that takes them; ConfigurationError when that cannot be used."""
    management = config.functions_worker_enable_package_management
    service = PackagesService.from_config(config) if management else None
    return PackageReader(
        store=store,
        fetcher=PackageFetcher.from_config(config),
        storage=package_storage(config, store, around, service),
        service=service,
        peers=around.peers,
    )


def package_storage(
    config: WorkerConfig, store: PackageStore, around: PackageSurroundings, service: PackagesService | None
) -> PackageStorage:
    """The storage that the configuration asks for."""
    if config.pulsemill.package_storage_url:
        folders = [config.pulsar_functions_cluster, *config.pulsar_functions_namespace.split("/")]
        names = [quote(name, safe="") for name in (*folders, config.function_metadata_topic_name)]
        return ObjectPackageStorage(FilePackageObjects.at(config.pulsemill.package_storage_url, *names), store)
    if service is not None:
        return ManagedPackageStorage(service, store)
    if around.admin is None:
        return LocalPackageStorage(store)
    prefix = f"{config.function_metadata_topic_name}-package-"
    topics = TopicPackageObjects(around.client, around.admin, config.pulsar_functions_namespace, prefix)
    return ObjectPackageStorage(topics, store)
