"""Hundreds of functions under several configurations: our plans are upstream's objects, field for field.

Both are read back from the API server, where quantities are canonical and defaults filled in; the command line counts
byte for byte, but for its ids.
"""

from pathlib import Path

import httpx2
import pytest

from pulsemill_auth_token import secret
from pulsemill_auth_token.secret import SecretKey
from tests.parity.kubernetes.comparing import comparable, differences
from tests.parity.kubernetes.configurations import CLASS_PATH, LIVE, Configuration
from tests.parity.kubernetes.generated import TENANTS, Packages, submissions
from tests.parity.kubernetes.ours import Ours
from tests.parity.kubernetes.upstream import (
    ApiServer,
    accepted,
    bearer_token,
    forbid_pods,
    secret_id,
    wait_for_leader,
    wait_for_objects,
)
from tests.parity.workers import make_namespaces
from tests.rig.broker import Broker
from tests.rig.certificates import Authority
from tests.rig.connectors import connector_nar
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.kubernetes.plugin import JavaKubernetesWorker

EACH = 64

pytestmark = [pytest.mark.kubernetes, pytest.mark.pulsar, pytest.mark.slow]


@pytest.fixture
def packages(java_examples_jar: Path, tmp_path: Path) -> Packages:
    """A package of each kind."""
    other = tmp_path / "code"
    other.write_text("def process(x): return x\n")
    return Packages(jar=java_examples_jar, nar=connector_nar("data-generator"), other=other)


@pytest.mark.parametrize("configuration", LIVE, ids=lambda configuration: configuration.name)
async def test_plans_are_upstreams_objects(
    configuration: Configuration,
    cluster: Cluster,
    cluster_broker: Broker,
    java_kubernetes_worker: JavaKubernetesWorker,
    packages: Packages,
    tmp_path: Path,
) -> None:
    authority = Authority.make(tmp_path).file if configuration.certificates else None
    settings = configuration.settings | ({"tlsTrustCertsFilePath": str(authority)} if authority else {})
    ca = authority.read_bytes() if authority else None
    for tenant, namespaces in TENANTS.items():
        make_namespaces(cluster_broker, tenant, *namespaces)
    server = ApiServer(cluster.api())
    with cluster.namespace() as theirs, cluster.namespace() as dry:
        forbid_pods(cluster, theirs)
        factory = CLASS_PATH | configuration.factory | {"jobNamespace": theirs}
        with java_kubernetes_worker(factory, settings=settings) as worker:
            headers = bearer_token() if configuration.with_tokens else {}
            wait_for_leader(worker, headers)
            with httpx2.Client(base_url=worker.web_service_url, headers=headers, timeout=60) as http:
                taken = list(accepted(http, submissions(configuration, packages), EACH))
            live = wait_for_objects(server, theirs, len(taken))
        ours = await Ours.configured(worker.folder / "functions_worker.yml", ca)
        found: list[str] = []
        for submission in taken:
            name = (await ours.plan(submission)).name
            their_set = live.get(f"StatefulSet {name}")
            kept = secret_id(their_set) if their_set else ""
            assert bool(kept) is configuration.with_tokens
            if kept:
                stored_secret = server.ask("GET", f"/api/v1/namespaces/{theirs}/secrets/pf-secret-{kept}")
                token = headers["Authorization"].removeprefix("Bearer ")
                assert stored_secret["data"] == secret.manifest(SecretKey(theirs, kept), token, ca)["data"]
            plan = await ours.plan(submission, kept)
            for manifest in (plan.service, plan.stateful_set):
                stored = live.get(f"{manifest['kind']} {name}")
                if stored is None:
                    found.append(f"{submission}: upstream has no {manifest['kind']} {name}")
                    continue
                planned = server.completed(manifest, dry)
                found += [f"{name} {each}" for each in differences(comparable(planned), comparable(stored))]
    assert found == [], "\n".join(found[:20])
    assert len(taken) == EACH
