"""A local copy of some objects that follows the API server (upstream has none and asks each time).

One task lists, then watches. The copy heals by itself: a resource version that is too old (410), a connection that
breaks and a watch that says nothing for too long all end in a new list.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import attrs

from pulsemill.backoff import Backoff
from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s.api import Json, KubernetesApi
from pulsemill_runtime_k8s.api_errors import ApiError, NoJsonError, UnreachableError

WATCH_SECONDS: Final = 240
SILENCE_SECONDS: Final = 100.0
"""The API server sends a bookmark about once a minute, so a longer silence is a dead connection."""
SHORTEST_WATCH_SECONDS: Final = 5.0
"""A watch that ends sooner is not the server's regular end of it, so the next one does not begin at once."""
LONGEST_SILENCE_SECONDS: Final = WATCH_SECONDS + 10.0
"""It sends none for events."""

logger = logging.getLogger(__name__)


@attrs.define
class Reflector:
    """All objects of `path` that `query` selects, by name. `on_change` hears the name of each that changed.

    `keep` makes what is stored of an object. `problem` is why the copy is out of date, None while it is not.
    """

    api: KubernetesApi
    path: str
    query: Mapping[str, str]
    on_change: Callable[[str], None]
    keep: Callable[[Json], Any] = lambda each: each
    silence_seconds: float = SILENCE_SECONDS
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    backoff: Backoff = attrs.field(factory=lambda: Backoff(first=0.5, longest=30.0, healthy_after=60.0))
    objects: dict[str, Any] = attrs.field(factory=dict, init=False)
    problem: str | None = attrs.field(default="not listed yet", init=False)
    synced: asyncio.Event = attrs.field(factory=asyncio.Event, init=False)
    _task: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.create_task(self._run(), name=f"watch {self.path}")

    async def stop(self) -> None:
        """End it. Idempotent."""
        task, self._task = self._task, None
        if task:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                version = await self._list()
                began = loop.time()
                await self._watch(version)
                if loop.time() - began >= SHORTEST_WATCH_SECONDS:
                    continue  # the server ends each watch after a while
                self._lost(UnreachableError("GET", self.path, EOFError("the watch ended at once")), logging.DEBUG)
            except PulsemillError as error:
                self._lost(error, logging.DEBUG if isinstance(error, ApiError) and error.is_gone else logging.WARNING)
            except Exception as error:
                logger.exception("watching %s failed unexpectedly", self.path)
                self.problem = repr(error)
            await self.sleep(self.backoff.next_delay(loop.time() - began))

    def _lost(self, error: PulsemillError, level: int) -> None:
        """Told once, until it is another problem or none."""
        if self.problem != str(error):
            logger.log(level, "%s is listed anew: %s", self.path, error)
        self.problem = str(error)

    async def _list(self) -> str:
        """Bring the copy up to date; the resource version to watch from."""
        answer = await self.api.request_once("GET", self.path, self.query)
        listed = {each["metadata"]["name"]: self.keep(each) for each in answer.get("items") or ()}
        changed = [name for name in self.objects.keys() | listed.keys() if self.objects.get(name) != listed.get(name)]
        self.objects = listed
        self.problem = None
        self.synced.set()
        for name in changed:
            self.on_change(name)
        version: str = answer["metadata"]["resourceVersion"]
        return version

    async def _watch(self, version: str) -> None:
        query = {
            **self.query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": version,
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        async for line in self.api.lines(self.path, query, self.silence_seconds):
            self._take(self._event(line))

    def _event(self, line: bytes) -> Json:
        try:
            event: Json = json.loads(line)
        except ValueError as error:
            raise UnreachableError("GET", self.path, NoJsonError(line)) from error
        return event

    def _take(self, event: Json) -> None:
        changed = event["object"]
        match event["type"]:
            case "BOOKMARK":
                return
            case "ERROR":
                raise ApiError("GET", self.path, changed.get("code", 0), changed.get("reason", ""), str(changed))
            case "DELETED":
                self.objects.pop(changed["metadata"]["name"], None)
            case _:
                self.objects[changed["metadata"]["name"]] = self.keep(changed)
        self.on_change(changed["metadata"]["name"])
