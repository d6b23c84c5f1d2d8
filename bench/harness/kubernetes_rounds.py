"""The rounds of the Kubernetes chaos test: random requests about functions, and kills of the worker in between.

The functions' pods ask for more CPUs than any node has, so that they are made and never run: rounds are quick, and what
is watched is the worker. The subscription that a pod would have made is made here instead.
"""

import base64
import json
import random
import statistics
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import httpx2
import jwt
from kubernetes import client

from tests.plugins.runtime_k8s.real_cluster.topics import exclaim_package, exclaiming
from tests.plugins.runtime_k8s.real_cluster.workers import Worker, running_worker, until
from tests.rig.broker import Broker
from tests.rig.kubernetes.cluster import Cluster
from tests.rig.ports import free_port

SETTLE_SECONDS: Final = 120.0
SECRET_SECONDS: Final = 660.0
"""The worker deletes Secrets that no function names ten minutes after they were made: see `secrets_token`."""
ROUNDS_PER_SWEEP: Final = 10
FUNCTIONS: Final = 5
KILLED: Final = 0.4
LONGEST_LIFE_SECONDS: Final = 1.5
WORKER_IDS: Final = ("chaos-a", "chaos-b")
SECRET: Final = bytes(range(32))
NO_SUCH_NODE: Final = {"cpu": 4000, "ram": 128 * 1024**2, "disk": 1024**3}
IMAGE: Final = "docker.io/rig/never-pulled:1"
FUNCTIONS_URL: Final = "/admin/v3/functions/public/default"


class Violation(Exception):  # noqa: N818 what the test looks for, rather than an error of its own
    """A promise was broken."""


@attrs.frozen
class Surroundings:
    """Where the chaos takes place. `namespace` is a fresh one of Kubernetes, `folder` an empty one."""

    cluster: Cluster
    broker: Broker
    namespace: str
    folder: Path


class KubernetesChaos:
    """The running test; `tell` gets a line about each round."""

    def __init__(self, around: Surroundings, rounds: int, seed: int, tell: Callable[[str], None]) -> None:
        self.around = around
        self.rounds = rounds
        self.random = random.Random(seed)  # noqa: S311 no cryptography: the seed has to repeat a run
        self.tell = tell
        self.names = [f"{around.namespace}-{number}" for number in range(FUNCTIONS)]
        self.kills = self.deletes = 0
        self._cut_off = False
        self.settled: list[float] = []
        self._admin_url = f"http://{around.cluster.host}:{free_port()}"
        self._package = exclaim_package(around.folder)
        self._stack = ExitStack()
        self._starts = 0
        self.worker = self._start_worker()

    def run(self) -> None:
        """All rounds; Violation at the first broken promise."""
        for number in range(1, self.rounds + 1):
            self._round(number)
            if number % ROUNDS_PER_SWEEP == 0 or number == self.rounds:
                self._sweep(number)

    def close(self) -> None:
        """Stop the worker."""
        self._stack.close()

    def summary(self) -> str:
        """What happened."""
        text = f"{self.deletes} deletes, {self.kills} kills of the worker"
        if not self.settled:
            return text
        times = f"{statistics.median(self.settled):.1f} s (median), {max(self.settled):.1f} s (longest)"
        return f"{text}; {len(self.settled)} times all was deleted, and nothing left after {times}"

    def _round(self, number: int) -> None:
        name = self.random.choice(self.names)
        exists = name in self._registered()
        known = (self._update, self._scale, self._renew_token, self._delete, self._stop, self._start, self._restart)
        action = self.random.choice(known) if exists else self._create
        with self._perhaps_killed(KILLED) as killed:
            done = self._answer(lambda: action(name))
        self._cut_off |= killed and action in {self._create, self._renew_token}
        fate = "and killed" if killed else ""
        self.tell(f"round {number:3} {action.__name__.strip('_')} {name}: {done} {fate}")

    def _sweep(self, number: int) -> None:
        """Let all functions run, delete them, and look for what is left."""
        for name in self._registered():
            self._answer(lambda name=name: self._start(name))  # type: ignore[misc] # bound per turn
        self._wait(f"round {number}: not what should run", self._not_as_wanted)
        while registered := self._registered():
            with self._perhaps_killed(KILLED):
                self._answer(lambda: self._delete(registered[0]))
        began = time.monotonic()
        self._wait(f"round {number}: left over", self._leftovers)
        self.settled.append(time.monotonic() - began)
        self.tell(f"round {number:3} nothing left after {self.settled[-1]:.1f} s")
        if number == self.rounds:
            self._wait("Secrets left over at the end", self._secrets, SECRET_SECONDS)

    @contextmanager
    def _perhaps_killed(self, probability: float) -> Iterator[bool]:
        """SIGKILL for the worker some time within or after the block, and then a new one."""
        if self.random.random() >= probability:
            yield False
            return
        timer = threading.Timer(self.random.uniform(0, LONGEST_LIFE_SECONDS), self.worker.server.kill)
        timer.start()
        try:
            yield True
        finally:
            timer.join()
        self.kills += 1
        self._stack.close()
        self.worker = self._start_worker()

    def _answer(self, request: Callable[[], httpx2.Response | None]) -> str:
        """Ask; a worker that fails without having been killed breaks its promise, but one may refuse."""
        try:
            answer = request()
        except httpx2.TransportError as error:
            return type(error).__name__
        if answer is None or answer.is_success:
            return "done"
        if answer.is_server_error:
            raise Violation(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
        return f"{answer.status_code} {answer.text[:100]}"

    def _create(self, name: str) -> httpx2.Response:
        answer = self._submit("POST", exclaiming(name, parallelism=self.random.randint(1, 3), resources=NO_SUCH_NODE))
        if answer.is_success:
            self._subscribe(name)
        return answer

    def _update(self, name: str) -> httpx2.Response:
        return self._submit("PUT", {**self._config(name), "userConfig": {"round": self.random.random()}})

    def _scale(self, name: str) -> httpx2.Response:
        config = self._config(name)
        return self._submit("PUT", {**config, "parallelism": config["parallelism"] % 3 + 1})

    def _renew_token(self, name: str) -> httpx2.Response:
        config = {**self._config(name), "userConfig": {"token": self.random.random()}}
        return self._submit("PUT", config, '{"updateAuthData": true}')

    def _delete(self, name: str) -> httpx2.Response:
        self.deletes += 1
        return self.worker.ask("DELETE", name)

    def _stop(self, name: str) -> httpx2.Response:
        return self.worker.ask("POST", name, "/stop")

    def _start(self, name: str) -> httpx2.Response:
        return self.worker.ask("POST", name, "/start")

    def _restart(self, name: str) -> httpx2.Response:
        return self.worker.ask("POST", name, "/restart")

    def _config(self, name: str) -> dict[str, Any]:
        return dict(self.worker.ask("GET", name).raise_for_status().json())

    def _submit(self, method: str, config: dict[str, Any], options: str = "{}") -> httpx2.Response:
        parts: dict[str, Any] = {"functionConfig": (None, json.dumps(config), "application/json")}
        if method == "POST":
            parts["data"] = (self._package.name, self._package.read_bytes())
        else:
            parts["updateOptions"] = (None, options, "application/json")
        url = f"{self.worker.web_service_url}{FUNCTIONS_URL}/{config['name']}"
        return httpx2.request(method, url, files=parts, headers=self._credentials(), timeout=60)

    def _credentials(self) -> dict[str, str]:
        """A new token of one user."""
        token = jwt.encode({"sub": "alice", "jti": str(self.random.random())}, SECRET, "HS256")
        return {"Authorization": f"Bearer {token}"}

    def _subscribe(self, name: str) -> None:
        """As a pod that runs."""
        subscription = urllib.parse.quote(f"public/default/{name}", safe="")
        topic = f"{self._topics_url()}/{name}-in"
        for url in (topic, f"{topic}/subscription/{subscription}"):
            httpx2.put(url, timeout=30)

    def _registered(self) -> list[str]:
        answer = httpx2.get(f"{self.worker.web_service_url}{FUNCTIONS_URL}", headers=self.worker.headers, timeout=60)
        return sorted(set(answer.raise_for_status().json()) & set(self.names))

    def _not_as_wanted(self) -> str:
        """How the replicas of StatefulSets differ from what is registered; empty when they do not."""
        wanted = {f"pf-public-default-{name}": self._config(name)["parallelism"] for name in self._registered()}
        apps = client.AppsV1Api(self.around.cluster.api())
        live = apps.list_namespaced_stateful_set(self.around.namespace).items
        found = {each.metadata.name: each.spec.replicas for each in live if not each.metadata.deletion_timestamp}
        return "" if found == wanted else f"replicas {found} instead of {wanted}"

    def _leftovers(self) -> str:
        """What is left in Kubernetes and of subscriptions; empty when nothing is.

        Young Secrets count only while no kill cut off a request that made one.
        """
        subscriptions = (
            f"subscription/{name}-in {each}"
            for name in self.names
            if (answer := httpx2.get(f"{self._topics_url()}/{name}-in/subscriptions", timeout=30)).is_success
            for each in answer.json()
        )
        objects = [each for each in self.worker.objects() if not each.startswith("secret/")]
        secrets = self._secrets(SECRET_SECONDS if self._cut_off else 0)
        return ", ".join(filter(None, [*objects, *subscriptions, secrets]))

    def _secrets(self, age: float = 0) -> str:
        """The Secrets that are left, from this age in seconds."""
        core = client.CoreV1Api(self.around.cluster.api())
        before = datetime.now(UTC) - timedelta(seconds=age)
        found = core.list_namespaced_secret(self.around.namespace).items
        return ", ".join(each.metadata.name for each in found if each.metadata.creation_timestamp <= before)

    def _wait(self, what: str, complaint: Callable[[], str], seconds: float = SETTLE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while told := complaint():
            if time.monotonic() > deadline:
                log = self.worker.server.end_of_log()
                raise Violation(f"{what} after {seconds:.0f} s: {told}; the end of the worker's log:\n{log}")
            time.sleep(0.2)

    def _topics_url(self) -> str:
        return f"{self.around.broker.web_service_url}/admin/v2/persistent/public/default"

    def _start_worker(self) -> Worker:
        """A worker with the data of the one before, under its name or another's, as in a rescheduled pod."""
        self._starts += 1
        settings = {
            "workerId": self.random.choice(WORKER_IDS),
            "pulsarFunctionsNamespace": f"public/{self.around.namespace}",
            "authenticationEnabled": True,
            "authenticationProviders": ["org.apache.pulsar.broker.authentication.AuthenticationProviderToken"],
            "properties": {"tokenSecretKey": base64.b64encode(SECRET).decode()},
            "stateStorageServiceUrl": None,
        }
        worker = self._stack.enter_context(
            running_worker(
                self.around.folder / f"worker-{self._starts}",
                self.around.cluster,
                self.around.broker,
                self.around.namespace,
                IMAGE,
                factory={"pulsarAdminUrl": self._admin_url},
                settings=settings,
                headers=self._credentials(),
            )
        )
        ready = f"{worker.web_service_url}/admin/v2/worker/cluster/leader/ready"
        until(
            lambda: httpx2.get(ready, headers=worker.headers, timeout=30).text.strip() == "true",
            worker.server.end_of_log,
        )
        return worker
