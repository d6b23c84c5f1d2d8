"""The functions routes of a worker (upstream: org.apache.pulsar.client.admin.Functions)."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import attrs
import httpx2

from pulsemill.admin.transport import AdminRequest, AdminTransport, json_of, path_of
from pulsemill.names import FunctionName

FUNCTIONS = path_of("admin", "v3", "functions")

OpenFile = Callable[[Path], IO[bytes]]
"""Opens a file for an upload; a caller who shows progress opens one that counts."""


def open_plainly(path: Path) -> IO[bytes]:
    """Open a file for an upload without any progress."""
    return path.open("rb")


@attrs.frozen
class FunctionCode:
    """Where a function's code comes from: a local file, or a URL that the worker fetches; neither for built-ins."""

    path: Path | None = None
    url: str | None = None


class Functions:
    """What a worker can do with functions. Raises AdminError with the worker's own reason."""

    def __init__(self, transport: AdminTransport, open_file: OpenFile = open_plainly) -> None:
        self._transport = transport
        self._open = open_file

    def create(self, config: Mapping[str, Any], code: FunctionCode) -> None:
        """Register a function. `config` is upstream's FunctionConfig as JSON."""
        self._deploy("POST", config, code, {})

    def update(self, config: Mapping[str, Any], code: FunctionCode, *, update_auth_data: bool = False) -> None:
        """Change a function; what `config` does not mention stays."""
        self._deploy("PUT", config, code, {"updateOptions": _json_part({"updateAuthData": update_auth_data})})

    def delete(self, name: FunctionName) -> None:
        """Remove a function."""
        self._send("DELETE", _of(name))

    def get(self, name: FunctionName) -> dict[str, Any]:
        """A function's FunctionConfig."""
        return json_of(self._send("GET", _of(name)), dict)

    def get_functions(self, tenant: str, namespace: str) -> list[str]:
        """The names of a namespace's functions."""
        return json_of(self._send("GET", FUNCTIONS + path_of(tenant, namespace)), list)

    def status(self, name: FunctionName, instance_id: int | None = None) -> dict[str, Any]:
        """A FunctionStatus, or the status of one instance."""
        return json_of(self._send("GET", _of(name, instance_id) + "/status"), dict)

    def stats(self, name: FunctionName, instance_id: int | None = None) -> dict[str, Any]:
        """A FunctionStats, or the metrics of one instance."""
        return json_of(self._send("GET", _of(name, instance_id) + "/stats"), dict)

    def start(self, name: FunctionName, instance_id: int | None = None) -> None:
        """Start the stopped instances, or one."""
        self._send("POST", _of(name, instance_id) + "/start")

    def stop(self, name: FunctionName, instance_id: int | None = None) -> None:
        """Stop the instances, or one."""
        self._send("POST", _of(name, instance_id) + "/stop")

    def restart(self, name: FunctionName, instance_id: int | None = None) -> None:
        """Restart the instances, or one."""
        self._send("POST", _of(name, instance_id) + "/restart")

    def trigger(self, name: FunctionName, data: bytes, topic: str | None = None) -> str | None:
        """Send a message to a function; its output as text, None when it has no output topic."""
        parts: dict[str, Any] = {"data": (None, data)}
        if topic:
            parts["topic"] = (None, topic)
        response = self._send("POST", _of(name) + "/trigger", parts)
        return None if response.status_code == httpx2.codes.NO_CONTENT else response.text

    def upload(self, source: Path, path: str) -> None:
        """Store a file under a path of the worker's package storage."""
        with self._open(source) as stream:
            parts = {"data": (source.name, stream, "application/octet-stream"), "path": (None, path)}
            self._send("POST", f"{FUNCTIONS}/upload", parts)

    @contextmanager
    def download(self, name: FunctionName, *, transform_function: bool = False) -> Iterator[Iterator[bytes]]:
        """A function's package, in chunks."""
        params = {"transform-function": "true"} if transform_function else None
        with self._chunks(AdminRequest("GET", _of(name) + "/download", params)) as chunks:
            yield chunks

    @contextmanager
    def download_path(self, path: str) -> Iterator[Iterator[bytes]]:
        """A file of the worker's package storage, in chunks."""
        with self._chunks(AdminRequest("GET", f"{FUNCTIONS}/download", {"path": path})) as chunks:
            yield chunks

    def get_state(self, name: FunctionName, key: str) -> dict[str, Any]:
        """A FunctionState: key, stringValue, byteValue, numberValue, version."""
        return json_of(self._send("GET", _of(name) + path_of("state", key)), dict)

    def put_state(self, name: FunctionName, state: Mapping[str, Any]) -> None:
        """Write a FunctionState under its own key."""
        self._send("POST", _of(name) + path_of("state", state["key"]), {"state": _json_part(state)})

    def builtins(self) -> list[dict[str, Any]]:
        """The definitions of the worker's built-in functions."""
        return json_of(self._send("GET", f"{FUNCTIONS}/builtins"), list)

    def reload_builtins(self) -> None:
        """Make the worker read its built-in functions again."""
        self._send("POST", f"{FUNCTIONS}/builtins/reload")

    def _deploy(self, method: str, config: Mapping[str, Any], code: FunctionCode, more: Mapping[str, Any]) -> None:
        path = FUNCTIONS + path_of(config["tenant"], config["namespace"], config["name"])
        parts = {"functionConfig": _json_part(config), **more}
        if code.url:
            parts["url"] = (None, code.url)
        if code.path is None:
            self._send(method, path, parts)
            return
        with self._open(code.path) as stream:
            self._send(method, path, {**parts, "data": (code.path.name, stream, "application/octet-stream")})

    def _send(self, method: str, path: str, files: Mapping[str, Any] | None = None) -> httpx2.Response:
        return self._transport.send(AdminRequest(method, path, files=files))

    @contextmanager
    def _chunks(self, request: AdminRequest) -> Iterator[Iterator[bytes]]:
        with self._transport.stream(request) as response:
            yield response.iter_bytes()


def _of(name: FunctionName, instance_id: int | None = None) -> str:
    segments = [name.tenant, name.namespace, name.name]
    return FUNCTIONS + path_of(*segments, *([] if instance_id is None else [instance_id]))


def _json_part(value: Mapping[str, Any]) -> tuple[None, str, str]:
    return None, json.dumps(value), "application/json"
