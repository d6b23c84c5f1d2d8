"""A provider whose API server is a dictionary, behind the client that the runtime lends."""

import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from kubernetes.aio.client import ApiClient, Configuration

from pulsemill.auth import KubernetesSurroundings
from pulsemill.errors import AdmissionError
from pulsemill.plugin import NoConfig
from pulsemill_auth_token import secrets_api
from pulsemill_auth_token.secrets_token import KubernetesSecretsTokenAuthProvider
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.cluster import Cluster
from pulsemill_runtime_k8s.rbac import REVIEWS
from pulsemill_runtime_k8s.settings import Settings

MANAGER = "pulsemill:standalone:public/functions"
PATH = re.compile(r"/(?:api|apis/apps)/v1/namespaces/([^/]+)/(secrets|statefulsets|pods)(?:/([^/]+))?")


@attrs.frozen
class Answer:
    """What the real client's HTTP part returns."""

    status: int
    content: Any
    headers: dict[str, str] = attrs.field(factory=dict)

    @property
    def ok(self) -> bool:
        return self.status < 400

    async def read(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


def refusal(status: int, message: str = "no", **details: Any) -> Answer:
    return Answer(status, {"kind": "Status", "status": "Failure", "message": message, "code": status, **details})


@attrs.define
class FakeApiServer:
    """Keeps secrets by (namespace, name); `answers` are given to the next calls of a method instead of the truth."""

    secrets: dict[tuple[str, str], dict[str, Any]] = attrs.field(factory=dict)
    workloads: dict[str, list[dict[str, Any]]] = attrs.field(factory=dict)
    answers: dict[str, list[Answer | Exception]] = attrs.field(factory=dict)
    calls: list[tuple[str, str, dict[str, str]]] = attrs.field(factory=list)
    reviews: Answer | None = None
    """The answer to reviews of rights that comes instead of the truth."""
    denied: set[str] = attrs.field(factory=set)
    """Verbs that the worker may not use on secrets."""

    async def close(self) -> None:
        """It has no connections."""

    async def request(self, method: str, url: str, headers: Any = None, data: Any = None, **_: Any) -> Answer:
        body = json.loads(data) if data else None
        parts = urlsplit(url)
        if parts.path == REVIEWS:
            return self.reviews or self._review(body)
        match = PATH.fullmatch(parts.path)
        assert match, url
        namespace, collection, name = match.groups()
        query = {key: value for key, (value,) in parse_qs(parts.query).items()}
        self.calls.append((method, parts.path, {**query, "accept": headers["Accept"]}))
        if self.answers.get(method):
            answer = self.answers[method].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if collection != "secrets":
            return Answer(200, {"metadata": {}, "items": self.workloads.get(collection, [])})
        return self._secret(method, namespace, name, body, query)

    def _review(self, body: Any) -> Answer:
        attributes = body["spec"]["resourceAttributes"]
        return Answer(201, {"status": {"allowed": attributes["verb"] not in self.denied}})

    def _secret(self, method: str, namespace: str, name: str | None, body: Any, query: dict[str, str]) -> Answer:
        if method == "POST":
            return self._create(namespace, body, query)
        if name is None:
            items = [each for (where, _), each in self.secrets.items() if where == namespace]
            start = int(query.get("continue", 0))
            more = str(start + 2) if len(items) > start + 2 else ""  # small pages
            return Answer(200, {"metadata": {"continue": more}, "items": items[start : start + 2] or None})
        found = self.secrets.pop((namespace, name), None)
        if found is None:
            return refusal(404, f'secrets "{name}" not found')
        if method == "GET":
            self.secrets[namespace, name] = found
        return Answer(200, found)

    def _create(self, namespace: str, body: Any, query: dict[str, str]) -> Answer:
        name = body["metadata"]["name"]
        if (namespace, name) in self.secrets:
            return refusal(409, f'secrets "{name}" already exists')
        annotations = body["metadata"].get("annotations")
        self.add(namespace, name, manager=query["fieldManager"], data=body["data"], annotations=annotations)
        return Answer(201, self.secrets[namespace, name])

    def add(
        self, namespace: str, name: str, *, manager: str = MANAGER, age: float = 0, data: Any = None, **metadata: Any
    ) -> None:
        """A secret that is so many seconds old."""
        created = (datetime.now(UTC) - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%SZ")
        recorded = {"creationTimestamp": created, "managedFields": [{"manager": manager, "operation": "Update"}]}
        self.secrets[namespace, name] = {"metadata": {**metadata, "name": name, **recorded}, "data": data}

    @property
    def names(self) -> set[str]:
        return {name for _, name in self.secrets}


def namespace_of(details: FunctionDetails) -> str:
    """Functions of the tenant `elsewhere` have a namespace of their own, of those of `nowhere` nobody can tell."""
    if details.tenant == "nowhere":
        raise AdmissionError("customRuntimeOptions is not valid JSON")
    return "elsewhere" if details.tenant == "elsewhere" else "default"


@pytest.fixture
def server() -> FakeApiServer:
    return FakeApiServer()


@pytest.fixture
async def surroundings(server: FakeApiServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KubernetesSurroundings]:
    """Those of a worker on the API server that is a dictionary."""
    monkeypatch.setattr(secrets_api, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(secrets_api, "LONGEST_PAUSE_SECONDS", 0.001)
    async with ApiClient(Configuration(host="http://api")) as client:
        client.rest_client.pool_manager = server
        api = KubernetesApi(client, MANAGER)
        api.sleep = no_time
        yield surroundings_of(api, namespace_of)


async def no_time(_: float) -> None:
    """Nobody waits."""


def surroundings_of(
    api: KubernetesApi, namespace_of: Callable[[FunctionDetails], str], ca: bytes | None = None
) -> KubernetesSurroundings:
    """What the runtime gives."""
    cluster = Cluster(api, cast("Settings", None), None)
    return KubernetesSurroundings(api, namespace_of, cluster.report_missing_rights, lambda: ca)


NewProvider = Callable[..., Any]


@pytest.fixture
def new_provider(surroundings: KubernetesSurroundings) -> NewProvider:
    """Makes a provider that was initialized, perhaps with certificates, given or read."""

    async def make(ca: bytes | Callable[[], bytes | None] | None = None) -> KubernetesSecretsTokenAuthProvider:
        provider = KubernetesSecretsTokenAuthProvider(NoConfig())
        await provider.initialize(attrs.evolve(surroundings, read_ca=ca if callable(ca) else lambda: ca))
        return provider

    return make


@pytest.fixture
async def provider(new_provider: NewProvider) -> KubernetesSecretsTokenAuthProvider:
    made: KubernetesSecretsTokenAuthProvider = await new_provider()
    return made
