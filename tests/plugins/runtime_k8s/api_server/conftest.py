"""An API server in memory, for calls and their order; tests with the marker `kubernetes` use a real one."""

import asyncio
import copy
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from pulsemill_runtime_k8s.api import Json, KubernetesApi, Query
from pulsemill_runtime_k8s.api_errors import ApiError

MANAGER = "pulsemill:test:public/functions"
OURS = {"manager": MANAGER, "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}


class FakeApi(KubernetesApi):
    """Keeps objects by path. `refusals` are raised, once each, by the next request of their method and path.

    `queries` and `bodies` are those of the last request of a method and path.
    """

    def __init__(self) -> None:
        self.manager = MANAGER
        self.objects: dict[str, Json] = {}
        self.calls: list[str] = []
        self.queries: dict[str, Query] = {}
        self.bodies: dict[str, Json] = {}
        self.watches: list[str] = []
        self.refusals: dict[str, list[Exception]] = {}
        self.events: dict[str, asyncio.Queue[Json | Exception]] = {}
        self.finalized_after = 0
        self._versions = itertools.count(1)

    async def request(
        self, method: str, path: str, query: Query | None = None, body: Json | None = None, content: str = ""
    ) -> Json:
        return await self.request_once(method, path, query, body, content)

    async def request_once(
        self, method: str, path: str, query: Query | None = None, body: Json | None = None, content: str = ""
    ) -> Json:
        self.calls.append(f"{method} {path}")
        self.queries[f"{method} {path}"], self.bodies[f"{method} {path}"] = query or {}, body or {}
        if pending := self.refusals.get(f"{method} {path}"):
            raise pending.pop(0)
        await asyncio.sleep(0)
        return getattr(self, f"_{method.lower()}")(path, body)  # type: ignore[no-any-return]

    async def lines(self, path: str, query: Query, silence_seconds: float) -> AsyncIterator[bytes]:
        self.watches.append(path)
        queue = self.events.setdefault(path, asyncio.Queue())
        while True:
            event = await queue.get()
            if isinstance(event, Exception):
                raise event
            yield json.dumps(event).encode()

    def refuse(self, method: str, path: str, status: int, text: str = "refused", times: int = 1) -> None:
        refusal = ApiError(method, path, status, "Refused", text)
        self.refusals.setdefault(f"{method} {path}", []).extend([refusal] * times)

    def send(self, path: str, kind: str, changed: Json) -> None:
        """An event on the watch of a collection."""
        self.events.setdefault(path, asyncio.Queue()).put_nowait({"type": kind, "object": changed})

    def _get(self, path: str, _: Json | None) -> Json:
        if path in self.objects:
            found = self.objects[path]
            if found["metadata"].get("deletionTimestamp"):
                self._finalize(path)
            return copy.deepcopy(found)
        if path.rpartition("/")[2] in {"statefulsets", "services", "pods", "events"}:
            items = [each for key, each in self.objects.items() if key.rpartition("/")[0] == path]
            return {"items": copy.deepcopy(items), "metadata": {"resourceVersion": str(next(self._versions))}}
        raise ApiError("GET", path, 404, "NotFound", "not found")

    def _patch(self, path: str, body: Json | None) -> Json:
        assert body is not None
        before = self.objects.get(path)
        after = copy.deepcopy(body)
        old = before["metadata"] if before else {}
        changes = before is None or before["spec"] != after.get("spec", before["spec"])
        generation = old.get("generation", 0) + changes
        kept = {name: old[name] for name in ("deletionTimestamp",) if name in old}
        uid = old.get("uid") or f"uid-{next(self._versions)}"
        others = [each for each in old.get("managedFields", ()) if each["manager"] != MANAGER]
        managed = body.get("metadata", {}).get("managedFields") or [OURS, *others]
        mine = {"managedFields": managed, "generation": generation, "uid": uid}
        after["metadata"] = {**old, **after.get("metadata", {}), **mine, **kept}
        if before is not None and "spec" not in body:
            after["spec"] = before["spec"]
        self.objects[path] = after
        return copy.deepcopy(after)

    def _post(self, path: str, body: Json | None) -> Json:
        return copy.deepcopy(body or {})

    def _delete(self, path: str, _: Json | None) -> Json:
        if path not in self.objects:
            raise ApiError("DELETE", path, 404, "NotFound", "not found")
        self.objects[path]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        self._left = self.finalized_after
        if self._left == 0:
            self.remove(path)
        return {}

    def _finalize(self, path: str) -> None:
        self._left -= 1
        if self._left <= 0:
            self.remove(path)

    def remove(self, path: str) -> None:
        """An object is gone, and the watch of its collection tells."""
        self.send(path.rpartition("/")[0], "DELETED", self.objects.pop(path))


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def settle() -> Any:
    async def turns() -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    return turns
