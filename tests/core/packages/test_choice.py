"""Which storage a configuration leads to."""

from pathlib import Path
from typing import Any, cast

import pytest

from pulsemill.config.sections.own import OwnKeys
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.packages.choice import PackageSurroundings, package_reader
from pulsemill.packages.filesystem import FilePackageObjects
from pulsemill.packages.local import LocalPackageStorage
from pulsemill.packages.managed import ManagedPackageStorage
from pulsemill.packages.objects import ObjectPackageStorage
from pulsemill.packages.store import PackageStore
from pulsemill.packages.topics import TopicAdmin, TopicPackageObjects

WITH_ADMIN = PackageSurroundings(cast("Any", "client"), cast("TopicAdmin", "admin"))
EMBEDDED = PackageSurroundings(cast("Any", "client"))


def config(tmp_path: Path, **keys: Any) -> WorkerConfig:
    url = keys.pop("url", "")
    return WorkerConfig(pulsemill=OwnKeys(package_storage_url=url), **keys)


def test_topics_beside_a_broker(store: PackageStore, tmp_path: Path) -> None:
    chosen = config(tmp_path, pulsar_functions_namespace="t/n", function_metadata_topic_name="m")
    reader = package_reader(chosen, store, WITH_ADMIN)
    assert isinstance(reader.storage, ObjectPackageStorage)
    assert isinstance(reader.storage.objects, TopicPackageObjects)
    assert reader.storage.objects.topic("k") == "persistent://t/n/m-package-k"
    assert reader.service is None


def test_files_beside_an_embedded_broker(store: PackageStore, tmp_path: Path) -> None:
    assert isinstance(package_reader(config(tmp_path), store, EMBEDDED).storage, LocalPackageStorage)


@pytest.mark.parametrize("around", [WITH_ADMIN, EMBEDDED])
def test_the_packages_service_when_it_is_enabled(
    store: PackageStore, tmp_path: Path, around: PackageSurroundings
) -> None:
    chosen = config(tmp_path, functions_worker_enable_package_management=True, pulsar_web_service_url="http://b:1")
    reader = package_reader(chosen, store, around)
    assert isinstance(reader.storage, ManagedPackageStorage)
    assert reader.service is not None
    assert reader.service.url == "http://b:1"


def test_a_url_wins_and_the_packages_service_stays_readable(store: PackageStore, tmp_path: Path) -> None:
    chosen = config(tmp_path, url=f"file://{tmp_path}/shared", functions_worker_enable_package_management=True)
    reader = package_reader(chosen, store, WITH_ADMIN)
    assert isinstance(reader.storage, ObjectPackageStorage)
    assert isinstance(reader.storage.objects, FilePackageObjects)
    assert reader.storage.objects.root == f"{tmp_path}/shared/standalone/public/functions/metadata"
    assert reader.service is not None
