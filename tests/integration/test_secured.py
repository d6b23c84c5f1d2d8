"""A worker beside a broker that asks for tokens and speaks TLS, and beside upstream's worker with the same settings."""

import asyncio
import base64
import json
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest
import yaml

from tests.integration.secured import PROVIDER_CLASS, SECRET, TOKEN_CLASS, Secured, as_role, token
from tests.rig.certificates import Authority
from tests.rig.java_worker import running_java_worker, worker_configuration
from tests.rig.ports import free_port
from tests.rig.server import Server

pytestmark = pytest.mark.pulsar

PROGRAM = [sys.executable, "-c", "from pulsemill.cli.main import main; main(prog_name='pulsemill')"]
CODE = b"def process(input):\n    return input + '!'\n"
READY = "/admin/v2/worker/cluster/leader/ready"
WAIT_SECONDS = 60


def protection(secured: Secured) -> dict[str, Any]:
    """The keys that protect either worker."""
    return {
        "authenticationEnabled": True,
        "authorizationEnabled": True,
        "authenticationProviders": [PROVIDER_CLASS],
        "authenticateMetricsEndpoint": False,
        "superUserRoles": ["admin", "worker", "proxy"],
        "proxyRoles": ["proxy", "other-proxy"],
        "properties": {"tokenSecretKey": base64.b64encode(SECRET).decode()},
        "brokerClientAuthenticationPlugin": TOKEN_CLASS,
        "brokerClientAuthenticationParameters": f"token:{token('worker')}",
        "functionAuthProviderClassName": "org.apache.pulsar.functions.auth.ClearTextFunctionTokenAuthProvider",
        "configurationMetadataStoreUrl": f"zk:{secured.broker.zookeeper}",
    }


@attrs.frozen
class Worker:
    """A worker of ours in a process of its own, with both ports."""

    server: Server
    url: str
    tls_url: str
    functions_namespace: str


@contextmanager
def running_worker(folder: Path, secured: Secured, **settings: Any) -> Iterator[Worker]:
    """A worker that talks TLS to the broker and has an HTTPS port."""
    certificate, key = secured.authority.issue("worker")
    stock = worker_configuration(folder, secured.broker, "process", free_port()) | protection(secured)
    del stock["configurationMetadataStoreUrl"], stock["stateStorageServiceUrl"]
    config = {
        **stock,
        "pulsarServiceUrl": secured.service_url_tls,
        "pulsarWebServiceUrl": secured.web_service_url_tls,
        "useTls": True,
        "tlsEnableHostnameVerification": True,
        "tlsTrustCertsFilePath": str(secured.authority.file),
        "tlsEnabled": True,
        "workerPortTls": free_port(),
        "tlsCertificateFilePath": str(certificate),
        "tlsKeyFilePath": str(key),
        "pulsemill": {"packagesDirectory": str(folder / "packages")},
        **settings,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ours.yml").write_text(yaml.safe_dump(config))
    server = Server.start("ours", [*PROGRAM, "worker", "--conf", folder / "ours.yml"], folder, {})
    try:
        url = f"http://127.0.0.1:{config['workerPort']}"
        server.wait_for(f"{url}/initialized", "true")
        yield Worker(server, url, f"https://127.0.0.1:{config['workerPortTls']}", config["pulsarFunctionsNamespace"])
    finally:
        server.stop()


@pytest.fixture(scope="module")
def worker(secured: Secured, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with running_worker(tmp_path_factory.mktemp("worker"), secured) as worker:
        yield worker


def requests() -> list[tuple[str, str, dict[str, str]]]:
    """Method, path and headers."""
    functions = "/admin/v3/functions"
    namespace = f"{functions}/public/default"
    super_user = f"{functions}/download?path=nothing"
    expired = {"Authorization": f"Bearer {token('admin', exp=1000)}"}
    return [
        *(("GET", path, {}) for path in (READY, namespace, "/admin/v2/worker/assignments", "/initialized")),
        *(("GET", path, as_role("alice")) for path in (READY, namespace, "/admin/v2/worker/assignments")),
        *(("GET", namespace, as_role(role)) for role in ("admin", "bob", "carol", ["admin", "bob"])),
        *(("GET", path, as_role("alice")) for path in (f"{functions}/connectors", "/admin/v3/sink/builtinsinks")),
        *(("GET", path, as_role("alice")) for path in (f"{functions}/builtins", "/admin/v2/worker-stats/metrics")),
        ("GET", "/admin/v2/worker/connectors", as_role("alice")),
        ("GET", "/admin/v2/functions/public/default", as_role("alice")),
        ("POST", "/admin/v3/sink/reloadBuiltInSinks", as_role("alice")),
        ("POST", f"{functions}/builtins/reload", as_role("alice")),
        ("GET", "/admin/v3/sinks/public/default", as_role("carol")),
        ("GET", "/admin/v3/source/public/default", as_role("carol")),
        ("GET", f"{functions}/public/none", as_role("bob")),
        ("GET", f"{functions}/none/default", as_role("bob")),
        ("GET", f"{functions}/download?path=public/default/f/none", as_role("alice")),
        ("GET", super_user, as_role("bob")),
        ("POST", f"{namespace}/none/start", as_role("alice")),
        ("DELETE", f"{namespace}/none", as_role("bob")),
        ("GET", namespace, as_role("admin", **{"X-Pulsar-Auth-Method-Name": "token"})),
        ("GET", namespace, as_role("admin", **{"X-Pulsar-Auth-Method-Name": "basic"})),
        ("GET", namespace, {"Authorization": f"bearer {token('admin')}"}),
        ("GET", f"{namespace}?token={token('bob')}", {}),
        ("GET", namespace, expired),
        ("GET", namespace, {"Authorization": "Bearer nonsense"}),
        *(
            ("GET", "/admin/v2/worker/assignments", as_role(role, **{"X-Original-Principal": original}))
            for role in ("admin", "proxy", "other-proxy")
            for original in ("admin", "bob", "proxy", "")
        ),
        ("GET", namespace, as_role("proxy", **{"X-Original-Principal": "bob"})),
        ("GET", namespace, as_role("proxy")),
    ]


def answer(url: str, method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    """Status and body; for what upstream answers with a page of its server, the status alone."""
    response = httpx2.request(method, f"{url}{path}", headers=headers, timeout=30)
    is_page = response.status_code == 401 and '"reason"' not in response.text
    authentication_required = "Authentication required" in response.text
    assert not is_page or authentication_required
    return response.status_code, None if authentication_required else response.text


async def test_every_caller_gets_the_answer_that_upstreams_worker_gives(
    secured: Secured, worker: Worker, tmp_path: Path
) -> None:
    secured.grant("bob", "functions")
    secured.grant("carol", "sinks")
    with running_java_worker(tmp_path, secured.broker, "thread", protection(secured)) as java:
        # It is asked with a token: without one, its first 401 would count as its start.
        java.server.wait_for(f"{java.web_service_url}{READY}?token={token('admin')}", "true")
        differing = [
            (each, theirs, ours)
            for each in requests()
            if (theirs := answer(java.web_service_url, *each)) != (ours := answer(worker.url, *each))
        ]
    assert differing == []


async def test_a_function_authenticates_as_who_registered_it(secured: Secured, worker: Worker) -> None:
    secured.grant("bob", "functions", "produce", "consume")
    name = f"secured-{uuid.uuid4().hex[:8]}"
    config = {
        "className": "code",
        "runtime": "PYTHON",
        "inputs": [f"{name}-in"],
        "output": f"{name}-out",
        "py": "code.py",
    }
    parts = {"functionConfig": (None, json.dumps(config), "application/json"), "data": ("code.py", CODE)}
    function = f"/admin/v3/functions/public/default/{name}"
    context = secured.authority.client_context()
    async with httpx2.AsyncClient(base_url=worker.tls_url, verify=context, headers=as_role("bob"), timeout=30) as bob:
        created = await bob.post(function, files=parts)
        assert created.status_code == 204, created.text
        await wait_running(bob, function)
        triggered = await bob.post(f"{function}/trigger", files={"data": (None, "hello")})
        assert (triggered.status_code, triggered.text) == (200, "hello!")
        stats = secured.admin.get(f"/admin/v2/persistent/public/default/{name}-in/stats").json()
        (consumer,) = stats["subscriptions"][f"public/default/{name}"]["consumers"]
        assert consumer["appId"] == "bob"
        assert (await bob.delete(function)).status_code == 204
    assert token("bob") not in worker.server.log.read_text()


async def wait_running(http: httpx2.AsyncClient, function: str, instances: int = 1) -> None:
    for _ in range(WAIT_SECONDS * 5):
        if (await http.get(f"{function}/status")).json().get("numRunning") == instances:
            return
        await asyncio.sleep(0.2)
    pytest.fail(f"{function} does not run")


async def follower(admin: httpx2.AsyncClient, *workers: Worker) -> Worker:
    """The one that does not lead, once all know each other: a worker looks once a second who is there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        views = [(await admin.get(f"{worker.tls_url}/admin/v2/worker/cluster")).json() for worker in workers]
        leads = [(await admin.get(f"{worker.tls_url}{READY}")).status_code == 200 for worker in workers]
        if sum(leads) == 1 and all(len(view) == len(workers) for view in views):
            return workers[leads.index(False)]
        await asyncio.sleep(0.2)
    raise AssertionError(f"no single leader in {views}")


async def test_workers_prove_themselves_to_each_other_over_tls(
    secured: Secured, worker: Worker, tmp_path: Path
) -> None:
    name = f"shared-{uuid.uuid4().hex[:8]}"
    config = {"className": "code", "runtime": "PYTHON", "inputs": [f"{name}-in"], "py": "code.py", "parallelism": 2}
    parts = {"functionConfig": (None, json.dumps(config), "application/json"), "data": ("code.py", CODE)}
    context = secured.authority.client_context()
    with running_worker(tmp_path, secured, pulsarFunctionsNamespace=worker.functions_namespace) as second:
        async with httpx2.AsyncClient(verify=context, headers=as_role("admin"), timeout=30) as admin:
            # A follower hands the function to the leader, and asks it for the status of one instance.
            asked = await follower(admin, worker, second)
            function = f"{asked.tls_url}/admin/v3/functions/public/default/{name}"
            created = await admin.post(function, files=parts)
            assert created.status_code == 204, created.text
            await wait_running(admin, function, instances=2)
            status = (await admin.get(f"{function}/status")).json()
            assert len({each["status"]["workerId"] for each in status["instances"]}) == 2
            assert (await admin.delete(function)).status_code == 204


def test_a_worker_whose_token_is_refused_says_so(secured: Secured, tmp_path: Path) -> None:
    wrong = {"brokerClientAuthenticationParameters": f"token:{token('worker')}x", "initialBrokerReconnectMaxRetries": 0}
    refused = start_in_vain(tmp_path, secured, **wrong)
    assert "brokerClientAuthenticationParameters" in refused
    assert token("worker") not in refused


def test_a_worker_that_does_not_trust_the_broker_says_so(secured: Secured, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority.make(tmp_path / "other", "another authority")
    refused = start_in_vain(
        tmp_path, secured, brokerClientTrustCertsFilePath=str(other.file), initialBrokerReconnectMaxRetries=0
    )
    assert "CERTIFICATE_VERIFY_FAILED" in refused


def start_in_vain(folder: Path, secured: Secured, **settings: Any) -> str:
    """What a worker says that does not start."""
    with pytest.raises(Exception, match="did not start"), running_worker(folder / "refused", secured, **settings):
        pass
    said = (folder / "refused" / "ours.log").read_text()
    assert "Traceback" not in said
    return said
