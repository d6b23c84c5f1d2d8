"""What a namespace holds of functions, from memory: four watches serve every status of every function in it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

from pulsemill_runtime_k8s.api import Json, KubernetesApi
from pulsemill_runtime_k8s.objects import collection
from pulsemill_runtime_k8s.ownership import IDENTITY_LABELS
from pulsemill_runtime_k8s.reflector import LONGEST_SILENCE_SECONDS, Reflector

SYNC_SECONDS: Final = 10.0

Listener = Callable[[], None]


class NamespaceView:
    """The StatefulSets, Services and Pods of functions in one namespace, and the warnings about them."""

    def __init__(self, api: KubernetesApi, namespace: str) -> None:
        self.namespace = namespace
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        ours = {"labelSelector": ",".join(IDENTITY_LABELS)}
        self._stateful_sets = self._reflector(api, "StatefulSet", ours, self._heard)
        self._services = self._reflector(api, "Service", ours, self._heard)
        self._pods = self._reflector(api, "Pod", ours, _nobody, _kept_of_pod)
        self._events = self._reflector(api, "Event", {"fieldSelector": "type=Warning"}, _nobody, _kept_of_event)
        self._events.silence_seconds = LONGEST_SILENCE_SECONDS

    def start(self) -> None:
        """Begin to watch."""
        for reflector in self._reflectors:
            reflector.start()

    async def stop(self) -> None:
        """Stop watching. Idempotent."""
        for reflector in self._reflectors:
            await reflector.stop()

    async def synced(self) -> bool:
        """Wait, with a bound, until all was listed once, but for the warnings: not every worker may see them."""
        try:
            async with asyncio.timeout(SYNC_SECONDS):
                for reflector in (self._stateful_sets, self._services, self._pods):
                    await reflector.synced.wait()
        except TimeoutError:
            return False
        return True

    @property
    def problem(self) -> str | None:
        """Why pods, StatefulSets or Services may be out of date, if they may."""
        return self.pods_problem or self._services.problem

    @property
    def pods_problem(self) -> str | None:
        """Why pods and StatefulSets may be out of date, if they may."""
        return self._pods.problem or self._stateful_sets.problem

    def stateful_set(self, name: str) -> Json | None:
        """A StatefulSet as it is."""
        return self._stateful_sets.objects.get(name)

    def service(self, name: str) -> Json | None:
        """A Service as it is."""
        return self._services.objects.get(name)

    def current(self, kind: str, name: str) -> Json | None:
        """A StatefulSet or a Service, None when it is not there or what is known may be old."""
        reflector = self._of_kind(kind)
        return None if reflector.problem else reflector.objects.get(name)

    def pod(self, name: str) -> Json | None:
        """A Pod's metadata and status."""
        return self._pods.objects.get(name)

    def stateful_sets(self) -> Sequence[Json]:
        """All of them."""
        return list(self._stateful_sets.objects.values())

    def services(self) -> Sequence[Json]:
        """All of them."""
        return list(self._services.objects.values())

    def warnings(self, kind: str, name: str, uid: str | None) -> Sequence[Json]:
        """The warnings about an object, the oldest first; without a `uid` those about any that had its name."""
        found = [each for each in self._events.objects.values() if _is_about(each["involvedObject"], kind, name, uid)]
        return sorted(found, key=lambda each: str(each["time"]))

    async def until_unseen(self, kind: str, name: str, seconds: float) -> None:
        """Wait while a StatefulSet or a Service is seen, for at most so many seconds; not while the view may be old."""
        reflector = self._of_kind(kind)
        changed = asyncio.Event()
        unlisten = self.listen(name, changed.set)
        try:
            async with asyncio.timeout(seconds):
                while name in reflector.objects and reflector.problem is None:
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            return
        finally:
            unlisten()

    def listen(self, name: str, listener: Listener) -> Callable[[], None]:
        """Call back when the StatefulSet or the Service of that name changes; what is returned ends that."""
        self._listeners[name].add(listener)
        return lambda: self._listeners[name].discard(listener)

    @property
    def _reflectors(self) -> Sequence[Reflector]:
        return (self._stateful_sets, self._services, self._pods, self._events)

    def _of_kind(self, kind: str) -> Reflector:
        return self._stateful_sets if kind == "StatefulSet" else self._services

    def _reflector(
        self,
        api: KubernetesApi,
        kind: str,
        query: dict[str, str],
        on_change: Callable[[str], None],
        keep: Callable[[Json], Any] = lambda each: each,
    ) -> Reflector:
        return Reflector(api, collection(kind, self.namespace), query, on_change, keep)

    def _heard(self, name: str) -> None:
        for listener in tuple(self._listeners.get(name, ())):
            listener()


def _nobody(_: str) -> None:
    """Nobody waits for it."""


def _kept_of_pod(pod: Json) -> Json:
    return {"metadata": pod["metadata"], "status": pod.get("status", {})}


def _kept_of_event(event: Json) -> Json:
    """The parts that a status shows; clusters leave different ones of the times empty."""
    time = event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp")
    kept = {name: event.get(name) for name in ("involvedObject", "reason", "message")}
    return {**kept, "time": time or ""}


def _is_about(involved: Json, kind: str, name: str, uid: str | None) -> bool:
    return (involved.get("kind"), involved.get("name")) == (kind, name) and uid in (None, involved.get("uid"))
