"""Records what upstream's worker sends to a real API server: `uv run python -m tests.parity.kubernetes.record`.

It takes about half a minute for each configuration of configurations.py, and writes their files of FOLDER anew.
What is new at every start has the same text in all of them: ids, addresses, names of secrets.
"""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import click
import httpx2
from aiohttp import web
from kubernetes import client

from tests.parity.kubernetes.comparing import with_masked_line
from tests.parity.kubernetes.configurations import CLASS_PATH, CONFIGURATIONS, Configuration
from tests.parity.kubernetes.generated import Submission
from tests.parity.kubernetes.recordings import Recorded, Recording, chosen, slug_of, write_packages
from tests.parity.kubernetes.upstream import (
    Manifest,
    bearer_token,
    forbid_pods,
    register,
    secret_id,
    wait_for_leader,
)
from tests.parity.workers import make_namespaces
from tests.rig.broker import Broker, running_broker
from tests.rig.certificates import Authority
from tests.rig.java_worker import JavaWorker, kubernetes_runtime, running_java_worker
from tests.rig.kubernetes.api_proxy import ApiProxy, api_proxy, kind_of
from tests.rig.kubernetes.cluster import Cluster, running_cluster
from tests.rig.kubernetes.faults import Fault, Forward

JOB_NAMESPACE: Final = "functions"
TOLD: Final = {
    "pulsarServiceUrl": "pulsar://broker.pulsar:6650",
    "pulsarWebServiceUrl": "http://broker.pulsar:8080",
    "stateStorageServiceUrl": "bk://bookkeeper.pulsar:4181",
}
"""What recordings tell in place of this machine's addresses."""
START_SECONDS: Final = 60.0
SECRET_ID: Final = "abcde"


@attrs.define
class Posted:
    """The Services and StatefulSets that a worker creates."""

    services: list[Manifest] = attrs.field(factory=list)
    stateful_sets: list[Manifest] = attrs.field(factory=list)

    async def act(self, request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
        """Keep what the API server accepts."""
        answer = await forward()
        kept = {"services": self.services, "statefulsets": self.stateful_sets}.get(kind_of(request.path))
        if kept is not None and answer.status == httpx2.codes.CREATED:
            kept.append(json.loads(await request.read()))
        return answer


@attrs.frozen
class Recorder:
    """Upstream's worker of one configuration after the other, at one broker and one API server."""

    broker: Broker
    proxy: ApiProxy
    folder: Path

    def record(self, configuration: Configuration) -> None:
        """Write the file of a configuration."""
        posted = Posted()
        told = self._told(configuration)
        for tenant in ("acme", "Acme_Co"):
            make_namespaces(self.broker, tenant, slug_of(configuration))
        upload_transform(self.broker, slug_of(configuration), self.folder / "transform.nar")
        headers = bearer_token() if configuration.with_tokens else {}
        with (
            self.proxy.faulty(Fault(posted.act, ("POST",))),
            self._worker(configuration, told) as worker,
            httpx2.Client(base_url=worker.web_service_url, headers=headers, timeout=60) as http,
        ):
            wait_for_leader(worker, headers)
            recorded = [self._recorded(http, posted, each) for each in chosen(configuration, self.folder)]
        told.pop("properties", None)  # a secret that is for callers only
        Recording(told, configuration.certificates, recorded).write(slug_of(configuration))

    def _told(self, configuration: Configuration) -> dict[str, Any]:
        """The functions_worker.yml as recordings show it."""
        factory = {"pulsarServiceUrl": TOLD["pulsarServiceUrl"], "pulsarAdminUrl": TOLD["pulsarWebServiceUrl"]}
        runtime = kubernetes_runtime(self.broker)
        runtime["functionRuntimeFactoryConfigs"] |= (
            factory | CLASS_PATH | configuration.factory | {"jobNamespace": JOB_NAMESPACE}
        )
        common = {"pulsarFunctionsCluster": "standalone", "downloadDirectory": "download/pulsar_functions"}
        return {**common, **TOLD, **runtime, **configuration.settings}

    @contextmanager
    def _worker(self, configuration: Configuration, told: dict[str, Any]) -> Iterator[JavaWorker]:
        """The same with this machine's addresses."""
        settings = {key: value for key, value in told.items() if key not in TOLD or value is None}
        configs = "functionRuntimeFactoryConfigs"
        settings |= {configs: {**told[configs], "k8Uri": self.proxy.url}}
        if configuration.certificates:
            settings["tlsTrustCertsFilePath"] = str(Authority.make(self.folder).file)
        folder = self.folder / slug_of(configuration)
        with running_java_worker(folder, self.broker, "kubernetes", settings) as worker:
            yield worker

    def _recorded(self, http: httpx2.Client, posted: Posted, submission: Submission) -> Recorded:
        """One component; the worker starts them in the order in which it took them."""
        name, before = submission.config["name"], len(posted.stateful_sets)
        click.echo(f"{submission.path}", err=True)
        answer = register(http, submission)
        if not answer.is_success:
            raise click.ClickException(f"{name}: upstream answers {answer.status_code} {answer.text}")
        deadline = time.monotonic() + START_SECONDS
        while len(posted.stateful_sets) == before:
            if time.monotonic() > deadline:
                raise click.ClickException(f"{name}: upstream creates no StatefulSet")
            time.sleep(0.1)
        service, stateful_set = posted.services[-1], posted.stateful_sets[-1]
        assert service["metadata"]["name"] == stateful_set["metadata"]["name"]
        return Recorded(submission.kind, submission.file_name, submission.config, service, self._timeless(stateful_set))

    def _timeless(self, stateful_set: Manifest) -> Manifest:
        """Without what is new at every start."""
        text = json.dumps(with_masked_line(stateful_set))
        for real, told in zip(self._addresses(), TOLD.values(), strict=True):
            text = text.replace(real, told)
        kept = secret_id(stateful_set)
        made: Manifest = json.loads(text.replace(f"pf-secret-{kept}", f"pf-secret-{SECRET_ID}") if kept else text)
        return made

    def _addresses(self) -> tuple[str, str, str]:
        broker = self.broker
        return broker.service_url, broker.web_service_url, broker.state_storage_service_url


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([each.name for each in CONFIGURATIONS]))
def record(names: tuple[str, ...]) -> None:
    """Record what upstream's worker creates under configurations, by default all."""
    with tempfile.TemporaryDirectory(prefix="pulsemill-record-") as temporary:
        folder = write_packages(Path(temporary))
        with (
            running_cluster(folder) as cluster,
            running_broker(folder / "broker") as broker,
            api_proxy(cluster.kubeconfig) as proxy,
        ):
            make_job_namespace(cluster)
            for configuration in CONFIGURATIONS:
                if not names or configuration.name in names:
                    Recorder(broker, proxy, folder).record(configuration)


def upload_transform(broker: Broker, namespace: str, nar: Path) -> None:
    """Give the broker a transform function for sinks, `function://acme/NAMESPACE/transform@1`."""
    url = f"{broker.web_service_url}/admin/v3/packages/function/acme/{namespace}/transform/1"
    parts = {"metadata": (None, '{"description": "of a recording"}', "application/json"), "file": nar.read_bytes()}
    httpx2.post(url, files=parts, timeout=60).raise_for_status()


def make_job_namespace(cluster: Cluster) -> None:
    """Where functions have no pods."""
    metadata = client.V1ObjectMeta(name=JOB_NAMESPACE)
    client.CoreV1Api(cluster.api()).create_namespace(client.V1Namespace(metadata=metadata))
    forbid_pods(cluster, JOB_NAMESPACE)


if __name__ == "__main__":
    record()
