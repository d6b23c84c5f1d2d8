"""Packages that several workers share on a real broker: where they are kept, who reads them, what deletes them."""

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import fsspec
import httpx2
import pulsar.asyncio
import pytest
import yaml

from pulsemill.broker.admin import BrokerAdmin
from pulsemill.cli.configuration import load
from pulsemill.cluster.client import close_client, quiet_logger
from pulsemill.errors import PulsemillError
from pulsemill.names import FunctionName
from pulsemill.packages.objects import ObjectPackageStorage
from pulsemill.packages.storage import PackageOwner
from pulsemill.packages.store import PackageStore
from pulsemill.packages.topics import TopicPackageObjects
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.worker.http_server import listen
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.service import WorkerService
from tests.rig.broker import Broker
from tests.rig.java_worker import running_java_worker, worker_configuration
from tests.rig.object_stores import BUCKET, S3, Gcs
from tests.rig.ports import free_port
from tests.rig.pulsar_admin import PulsarAdmin
from tests.rig.waiting import WAIT_SECONDS, eventually

pytestmark = pytest.mark.pulsar

CODE = b"def process(input):\n    return input + '!'\n"
CHANGED = CODE + b"# changed\n"
TOPICS = {"functionsWorkerEnablePackageManagement": False}
SERVICE = {"functionsWorkerEnablePackageManagement": True}


@attrs.frozen
class Worker:
    """Someone who uses a worker, ours or upstream's."""

    http: httpx2.AsyncClient

    async def send(self, method: str, name: str, code: bytes | None, **config: Any) -> httpx2.Response:
        given = {"className": "code", "runtime": "PYTHON", "inputs": [f"{name}-in"], "py": "code.py", **config}
        parts: dict[str, Any] = {"functionConfig": (None, json.dumps(given), "application/json")}
        if code is not None:
            parts["data"] = ("code.py", code, "application/octet-stream")
        return await self.request(method, url(name), files=parts)

    async def request(self, method: str, path: str, **body: Any) -> httpx2.Response:
        """Ask again while the workers elect another leader."""
        async with asyncio.timeout(WAIT_SECONDS):
            while (answer := await self.http.request(method, path, **body)).status_code == 503:  # noqa: ASYNC110 it is theirs
                await asyncio.sleep(0.1)
        return answer

    async def register(self, name: str, code: bytes = CODE, **config: Any) -> None:
        assert (await self.send("POST", name, code, **config)).status_code == 204

    async def update(self, name: str, code: bytes) -> None:
        assert (await self.send("PUT", name, code)).status_code == 204

    async def delete(self, name: str) -> None:
        """A delete that an election kept from being confirmed may have been done: then there is nothing any more."""
        first = await self.http.delete(url(name))
        if first.status_code == 503:
            assert (await self.request("DELETE", url(name))).status_code in {204, 404}
        else:
            assert first.status_code == 204

    async def code_of(self, name: str) -> bytes | int:
        answer = await self.http.get(f"{url(name)}/download")
        return answer.content if answer.is_success else answer.status_code

    async def until_running(self, name: str, instances: int) -> None:
        async def is_running() -> bool:
            return (await self.http.get(f"{url(name)}/status")).json().get("numRunning") == instances

        await eventually(is_running)


def url(name: str) -> str:
    return f"/admin/v3/functions/public/default/{name}"


@attrs.define
class Cluster:
    """Workers of ours in one functions namespace, each with a disk of its own."""

    folder: Path
    broker: Broker
    namespace: str
    closing: AsyncExitStack
    count: int = 0

    async def start(self, **settings: Any) -> Worker:
        """Start a worker."""
        self.count += 1
        return await self.closing.enter_async_context(self._running(self.folder / f"w{self.count}", settings))

    async def names(self) -> list[str]:
        """The topics of packages."""
        admin = BrokerAdmin(self.broker.web_service_url)
        try:
            return [topic for topic in await admin.topics(self.namespace) if "-package-" in topic]
        finally:
            await admin.close()

    @asynccontextmanager
    async def _running(self, folder: Path, settings: dict[str, Any]) -> AsyncIterator[Worker]:
        port = free_port()
        config, origins = load(self._configuration(folder, port, settings), strict=False)
        setup = RuntimeSetup.selected(SelectedPlugins(PluginRegistry.installed(), config, origins))
        service = WorkerService(config, setup, listen("127.0.0.1", port), BrokerAdmin.from_config(config))
        async with service, user(f"http://127.0.0.1:{port}") as worker:
            yield worker

    def _configuration(self, folder: Path, port: int, settings: dict[str, Any]) -> Path:
        folder.mkdir()
        configuration = {
            **worker_configuration(folder, self.broker, "thread", port),
            "workerId": folder.name,
            "pulsarFunctionsNamespace": self.namespace,
            **settings,
            "pulsemill": {"packagesDirectory": str(folder / "packages"), **settings.get("pulsemill", {})},
        }
        file = folder / "functions_worker.yml"
        file.write_text(yaml.safe_dump(configuration))
        return file


@asynccontextmanager
async def user(web_service_url: str) -> AsyncIterator[Worker]:
    async with httpx2.AsyncClient(base_url=web_service_url, timeout=30, follow_redirects=True) as http:
        yield Worker(http)


@pytest.fixture
async def cluster(broker: Broker, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as closing:
        yield Cluster(tmp_path, broker, f"public/functions-packages-{free_port()}", closing)


@pytest.fixture
async def packages(broker: Broker) -> AsyncIterator[httpx2.AsyncClient]:
    """The broker's packages service."""
    async with httpx2.AsyncClient(base_url=f"{broker.web_service_url}/admin/v3/packages", timeout=30) as http:
        yield http


async def test_a_package_on_topics_is_read_by_every_worker_and_goes_with_its_function(cluster: Cluster) -> None:
    first, second = await cluster.start(**TOPICS), await cluster.start(**TOPICS)
    await first.register("shared", parallelism=2)
    await second.until_running("shared", 2)
    assert [await worker.code_of("shared") for worker in (first, second)] == [CODE, CODE]
    (old,) = await cluster.names()
    await second.update("shared", CHANGED)
    (new,) = await cluster.names()
    assert new != old
    assert await first.code_of("shared") == CHANGED
    await first.until_running("shared", 2)
    await second.delete("shared")
    assert await cluster.names() == []


async def test_large_packages_and_refusals(cluster: Cluster, tmp_path: Path) -> None:
    await cluster.start(**TOPICS)
    client = pulsar.asyncio.Client(cluster.broker.service_url, logger=quiet_logger())
    admin = BrokerAdmin(cluster.broker.web_service_url)
    store = PackageStore(tmp_path / "packages", 2**26)
    storage = ObjectPackageStorage(TopicPackageObjects(client, admin, cluster.namespace, "metadata-package-"), store)
    owner = PackageOwner(FunctionName("public", "default", "large"), 0)
    uploads = [store.begin() for _ in range(3)]
    for upload in uploads[:2]:
        await upload.write(os.urandom(20 * 2**20 + 1))
        await upload.finish()
    async with storage.hold(uploads[0], owner, lambda _: True) as path:
        await storage.load(path, uploads[2])
    assert await uploads[2].finish() == uploads[0].digest
    with pytest.raises(PulsemillError, match="refused"):
        async with storage.hold(uploads[1], owner, lambda _: False):
            raise PulsemillError("refused")
    assert len(await cluster.names()) == 1
    for upload in uploads:
        await upload.discard()
    await close_client(client)
    await admin.close()


async def test_of_two_registrations_at_once_one_leaves_a_package(cluster: Cluster) -> None:
    first, second = await cluster.start(**TOPICS), await cluster.start(**TOPICS)
    answers = await asyncio.gather(*(worker.send("POST", "raced", CODE) for worker in (first, second)))
    assert sorted(answer.status_code for answer in answers) == [204, 400]
    assert len(await cluster.names()) == 1
    assert await second.code_of("raced") == CODE


async def test_the_packages_service_keeps_the_newest_version_only(
    cluster: Cluster, packages: httpx2.AsyncClient
) -> None:
    worker = await cluster.start(**SERVICE)
    for _ in range(2):
        await worker.register("managed")
        await worker.until_running("managed", 1)
        assert (await packages.get("/function/public/default/managed/0")).content == CODE
        await worker.update("managed", CHANGED)
        assert (await packages.get("/function/public/default/managed/0")).status_code == 404
        assert (await packages.get("/function/public/default/managed/1")).content == CHANGED
        assert await worker.code_of("managed") == CHANGED
        await worker.delete("managed")
        assert (await packages.get("/function/public/default/managed/1")).status_code == 404
    assert await cluster.names() == []


async def test_a_package_that_a_user_stored_is_run_and_left(cluster: Cluster, packages: httpx2.AsyncClient) -> None:
    worker = await cluster.start(**SERVICE)
    package = "/function/public/default/users-package/0"
    files: dict[str, Any] = {"metadata": (None, '{"description": "x"}', "application/json"), "file": ("c", CODE)}
    assert (await packages.post(package, files=files)).status_code == 204
    config = {"className": "code", "runtime": "PYTHON", "inputs": ["users-in"], "py": "function://x"}
    parts = {
        "functionConfig": (None, json.dumps(config), "application/json"),
        "url": (None, "function://public/default/users-package@0"),
    }
    assert (await worker.http.post(url("users-package"), files=parts)).status_code == 204
    await worker.until_running("users-package", 1)
    await worker.delete("users-package")
    assert (await packages.get(package)).content == CODE


async def test_pulsar_admin_stores_a_package_and_makes_a_function_of_it(
    cluster: Cluster, tmp_path: Path, pulsar_admin: Callable[[str], PulsarAdmin]
) -> None:
    worker = await cluster.start(**SERVICE)
    (tmp_path / "code.py").write_bytes(CODE)
    package = "function://public/default/by-admin-package@v1"
    upload = ["packages", "upload", package, "--path", str(tmp_path / "code.py"), "--description", "x"]
    create = ["functions", "create", "--name", "by-admin", "--py", package, "--classname", "code", "--inputs", "a-in"]
    for url_of, arguments in ((cluster.broker.web_service_url, upload), (str(worker.http.base_url), create)):
        done = await asyncio.to_thread(pulsar_admin(url_of.rstrip("/")).run, *arguments)
        assert done.returncode == 0, done.stderr
    await worker.until_running("by-admin", 1)
    assert await worker.code_of("by-admin") == CODE
    await worker.delete("by-admin")


async def test_a_folder_that_workers_share(cluster: Cluster, tmp_path: Path) -> None:
    shared: dict[str, Any] = {**TOPICS, "pulsemill": {"packageStorageUrl": f"file://{tmp_path}/shared"}}
    first, second = await cluster.start(**shared), await cluster.start(**shared)
    await first.register("filed", parallelism=2)
    await second.until_running("filed", 2)
    assert len([path for path in (tmp_path / "shared").rglob("*") if path.is_file()]) == 1
    assert await cluster.names() == []
    await second.delete("filed")
    assert not [path for path in (tmp_path / "shared").rglob("*") if path.is_file()]


@pytest.fixture(params=["s3", "gcs"])
def object_store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3 | Gcs]:
    """A server, which the workers' drivers find by the environment."""
    server: S3 | Gcs = request.getfixturevalue(f"{request.param}_server")
    driver = fsspec.get_filesystem_class(server.scheme)
    driver.clear_instance_cache()
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    yield server
    driver.clear_instance_cache()


def in_store(url: str) -> dict[str, Any]:
    return {**TOPICS, "pulsemill": {"packageStorageUrl": url}}


async def test_an_object_store_that_workers_share(
    cluster: Cluster, object_store: S3 | Gcs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = in_store(f"{object_store.scheme}://{BUCKET}/packages")
    first, second = await cluster.start(**settings), await cluster.start(**settings)
    await first.register("in-store", parallelism=2)
    await second.until_running("in-store", 2)
    assert [await worker.code_of("in-store") for worker in (first, second)] == [CODE, CODE]
    (old,) = object_store.names()
    await second.update("in-store", CHANGED)
    (new,) = object_store.names()
    assert new != old
    assert await first.code_of("in-store") == CHANGED
    await first.until_running("in-store", 2)
    await second.delete("in-store")
    assert object_store.names() == []
    assert await cluster.names() == []
    assert object_store.environ.get("AWS_SECRET_ACCESS_KEY", "nothing") not in caplog.text


async def test_an_object_store_that_is_not_there_refuses_functions(cluster: Cluster, object_store: S3 | Gcs) -> None:
    worker = await cluster.start(**in_store(f"{object_store.scheme}://misspelt/packages"))
    answer = await worker.send("POST", "nowhere", CODE)
    assert answer.status_code == 500
    assert f"The package storage {object_store.scheme}://misspelt/packages fails: not found" in answer.json()["reason"]
    assert (await worker.http.get(url("nowhere"))).status_code == 404
    assert object_store.buckets() == [BUCKET]


async def test_what_a_java_worker_stored_is_read_through_it(cluster: Cluster, broker: Broker, tmp_path: Path) -> None:
    with running_java_worker(tmp_path / "java", broker, settings=TOPICS) as java:
        cluster.namespace = java.functions_namespace
        async with user(java.web_service_url) as theirs:
            await theirs.register("from-java", parallelism=2)
            ours = await cluster.start(**TOPICS)
            assert await ours.code_of("from-java") == CODE
            path = "nobody/knows/this/0a1b-code.py"
            assert (await ours.http.get("/admin/v3/functions/download", params={"path": path})).status_code == 404
            await theirs.delete("from-java")


async def test_workers_of_both_kinds_read_what_is_in_the_packages_service(
    cluster: Cluster, broker: Broker, tmp_path: Path
) -> None:
    with running_java_worker(tmp_path / "java", broker, settings=SERVICE) as java:
        cluster.namespace = java.functions_namespace
        ours = await cluster.start(**SERVICE)
        async with user(java.web_service_url) as theirs:
            for one, other, name in ((theirs, ours, "managed-by-java"), (ours, theirs, "managed-by-us")):
                await one.register(name)
                await until_code(other, name)
                await one.delete(name)


async def until_code(worker: Worker, name: str) -> None:
    async def is_there() -> bool:
        return await worker.code_of(name) == CODE

    await eventually(is_there)
