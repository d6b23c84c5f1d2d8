"""The functions routes of a worker (upstream: org.apache.pulsar.client.admin.Functions)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from pulsemill.admin.components import Components, json_part
from pulsemill.admin.transport import AdminRequest, json_of, path_of
from pulsemill.names import FunctionName


class Functions(Components):
    """What a worker can do with functions."""

    base = path_of("admin", "v3", "functions")
    config_part = "functionConfig"
    builtins_route = "builtins"
    reload_route = "builtins/reload"

    def stats(self, name: FunctionName, instance_id: int | None = None) -> dict[str, Any]:
        """A FunctionStats, or the metrics of one instance."""
        return json_of(self._send("GET", self._of(name, instance_id) + "/stats"), dict)

    def trigger(self, name: FunctionName, data: bytes, topic: str | None = None) -> str | None:
        """Send a message to a function; its output as text, None when it has no output topic."""
        parts: dict[str, Any] = {"data": (None, data)}
        if topic:
            parts["topic"] = (None, topic)
        response = self._send("POST", self._of(name) + "/trigger", parts)
        return None if response.status_code == httpx2.codes.NO_CONTENT else response.text

    def upload(self, source: Path, path: str) -> None:
        """Store a file under a path of the worker's package storage."""
        with self._open(source) as stream:
            parts = {"data": (source.name, stream, "application/octet-stream"), "path": (None, path)}
            self._send("POST", f"{self.base}/upload", parts)

    @contextmanager
    def download(self, name: FunctionName, *, transform_function: bool = False) -> Iterator[Iterator[bytes]]:
        """A function's package, in chunks."""
        params = {"transform-function": "true"} if transform_function else None
        with self._chunks(AdminRequest("GET", self._of(name) + "/download", params)) as chunks:
            yield chunks

    @contextmanager
    def download_path(self, path: str) -> Iterator[Iterator[bytes]]:
        """A file of the worker's package storage, in chunks."""
        with self._chunks(AdminRequest("GET", f"{self.base}/download", {"path": path})) as chunks:
            yield chunks

    def get_state(self, name: FunctionName, key: str) -> dict[str, Any]:
        """A FunctionState: key, stringValue, byteValue, numberValue, version."""
        return json_of(self._send("GET", self._of(name) + path_of("state", key)), dict)

    def put_state(self, name: FunctionName, state: Mapping[str, Any]) -> None:
        """Write a FunctionState under its own key."""
        self._send("POST", self._of(name) + path_of("state", state["key"]), {"state": json_part(state)})

    @contextmanager
    def _chunks(self, request: AdminRequest) -> Iterator[Iterator[bytes]]:
        with self._transport.stream(request) as response:
            yield response.iter_bytes()
