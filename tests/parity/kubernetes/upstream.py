"""Registers components with upstream's worker and reads what it creates."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
import httpx2
from kubernetes import client

from tests.parity.kubernetes.configurations import SECRET_KEY
from tests.parity.kubernetes.generated import Submission
from tests.rig.java_worker import JavaWorker
from tests.rig.kubernetes.cluster import Cluster

OBJECT_SECONDS = 300
SERVICE, STATEFUL_SET = "/api/v1/namespaces/{}/services", "/apis/apps/v1/namespaces/{}/statefulsets"
Manifest = dict[str, Any]


@attrs.frozen
class ApiServer:
    """JSON as the API server speaks it."""

    api: client.ApiClient

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's body; ApiException for a refusal."""
        header = {"Accept": "application/json", "Content-Type": "application/json"}
        url = f"{self.api.configuration.host}{path}"
        answer = self.api.call_api(method, url, header_params=header, body=body)
        return json.loads(answer.read())

    def objects(self, namespace: str) -> dict[str, Manifest]:
        """The StatefulSets and Services by kind and name."""
        found = {}
        for kind, path in (("Service", SERVICE), ("StatefulSet", STATEFUL_SET)):
            for each in self.ask("GET", path.format(namespace))["items"]:
                found[f"{kind} {each['metadata']['name']}"] = each
        return found

    def completed(self, manifest: Manifest, namespace: str) -> Manifest:
        """A manifest as the API server would store it in a namespace where it is not."""
        path = (SERVICE if manifest["kind"] == "Service" else STATEFUL_SET).format(namespace)
        moved = {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}
        made: Manifest = self.ask("POST", f"{path}?dryRun=All", moved)
        return made


def wait_for_leader(worker: JavaWorker, headers: Mapping[str, str]) -> None:
    """Return once it leads, as a caller with a token is told: until then it forwards registrations, without any token.

    `running_java_worker` is content with a worker that asks who calls.
    """
    token = headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        worker.server.wait_for(f"{worker.web_service_url}/admin/v2/worker/cluster/leader/ready?token={token}", "true")


def forbid_pods(cluster: Cluster, namespace: str) -> None:
    """StatefulSets stay without pods, so that hundreds cost nothing."""
    quota = client.V1ResourceQuota(
        metadata=client.V1ObjectMeta(name="no-pods"), spec=client.V1ResourceQuotaSpec(hard={"pods": "0"})
    )
    client.CoreV1Api(cluster.api()).create_namespaced_resource_quota(namespace, quota)


def register(http: httpx2.Client, submission: Submission) -> httpx2.Response:
    """Ask the worker to run a component."""
    part = f"{submission.kind}Config"
    files = {
        part: (None, json.dumps(submission.config), "application/json"),
        "data": (submission.file_name, submission.file.read_bytes(), "application/octet-stream"),
    }
    return http.post(submission.path, files=files)


def accepted(http: httpx2.Client, generated: Iterable[Submission], count: int) -> Iterator[Submission]:
    """Register until the worker has taken that many; yields those."""
    taken = 0
    for asked, submission in enumerate(generated, start=1):
        answer = register(http, submission)
        if answer.status_code == httpx2.codes.NO_CONTENT:
            taken += 1
            yield submission
        elif answer.status_code != httpx2.codes.BAD_REQUEST:
            raise AssertionError(f"{answer.status_code} {answer.text} for {submission}")
        if taken == count:
            return
        assert asked < 4 * count, f"only {taken} of {asked} were taken, the last with {answer.text}"


def wait_for_objects(server: ApiServer, namespace: str, count: int) -> dict[str, Manifest]:
    """All objects, when that many functions have theirs."""
    deadline = time.monotonic() + OBJECT_SECONDS
    while True:
        found = server.objects(namespace)
        if len(found) >= 2 * count or time.monotonic() > deadline:
            return found
        time.sleep(1)


def secret_id(stateful_set: Manifest) -> str:
    """What upstream's auth provider kept of the caller's token."""
    names = [volume["secret"]["secretName"] for volume in stateful_set["spec"]["template"]["spec"].get("volumes", [])]
    return names[0].removeprefix("pf-secret-") if names else ""


def bearer_token() -> dict[str, str]:
    """The header of a caller who may do everything."""
    texts = [json.dumps({"alg": "HS256"}), json.dumps({"sub": "admin"})]
    signed = ".".join(base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in texts)
    signature = hmac.digest(base64.b64decode(SECRET_KEY), signed.encode(), hashlib.sha256)
    return {"Authorization": f"Bearer {signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"}
