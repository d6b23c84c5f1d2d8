"""What a worker's routes for functions, sources and sinks have in common."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, ClassVar

import attrs
import httpx2

from pulsemill.admin.transport import AdminRequest, AdminTransport, json_of, path_of
from pulsemill.names import FunctionName

OpenFile = Callable[[Path], IO[bytes]]
"""Opens a file for an upload; a caller who shows progress opens one that counts."""


def open_plainly(path: Path) -> IO[bytes]:
    """Open a file for an upload without any progress."""
    return path.open("rb")


@attrs.frozen
class Code:
    """Where a component's code comes from: a local file, or a URL that the worker fetches; neither for built-ins."""

    path: Path | None = None
    url: str | None = None


class Components:
    """What a worker can do with components of one kind. Raises AdminError with the worker's own reason."""

    base: ClassVar[str]
    """The path of the kind's routes."""

    config_part: ClassVar[str]
    """What a form calls the configuration."""

    builtins_route: ClassVar[str]
    """Below `base`: the kind's built-in ones."""

    reload_route: ClassVar[str]
    """Below `base`: reading the built-in ones again."""

    def __init__(self, transport: AdminTransport, open_file: OpenFile = open_plainly) -> None:
        self._transport = transport
        self._open = open_file

    def create(self, config: Mapping[str, Any], code: Code) -> None:
        """Register a component. `config` is upstream's configuration of the kind as JSON."""
        self._deploy("POST", config, code, {})

    def update(self, config: Mapping[str, Any], code: Code, *, update_auth_data: bool = False) -> None:
        """Change a component; what `config` does not mention stays."""
        self._deploy("PUT", config, code, {"updateOptions": json_part({"updateAuthData": update_auth_data})})

    def delete(self, name: FunctionName) -> None:
        """Remove a component."""
        self._send("DELETE", self._of(name))

    def get(self, name: FunctionName) -> dict[str, Any]:
        """A component's configuration."""
        return json_of(self._send("GET", self._of(name)), dict)

    def names(self, tenant: str, namespace: str) -> list[str]:
        """The names of a namespace's components of this kind."""
        return json_of(self._send("GET", self.base + path_of(tenant, namespace)), list)

    def status(self, name: FunctionName, instance_id: int | None = None) -> dict[str, Any]:
        """A component's status, or that of one instance."""
        return json_of(self._send("GET", self._of(name, instance_id) + "/status"), dict)

    def start(self, name: FunctionName, instance_id: int | None = None) -> None:
        """Start the stopped instances, or one."""
        self._send("POST", self._of(name, instance_id) + "/start")

    def stop(self, name: FunctionName, instance_id: int | None = None) -> None:
        """Stop the instances, or one."""
        self._send("POST", self._of(name, instance_id) + "/stop")

    def restart(self, name: FunctionName, instance_id: int | None = None) -> None:
        """Restart the instances, or one."""
        self._send("POST", self._of(name, instance_id) + "/restart")

    def builtins(self) -> list[dict[str, Any]]:
        """The definitions of the worker's built-in components of this kind."""
        return json_of(self._send("GET", f"{self.base}/{self.builtins_route}"), list)

    def reload_builtins(self) -> None:
        """Make the worker read its built-in components again, those of the other kinds too."""
        self._send("POST", f"{self.base}/{self.reload_route}")

    def _deploy(self, method: str, config: Mapping[str, Any], code: Code, more: Mapping[str, Any]) -> None:
        path = self.base + path_of(config["tenant"], config["namespace"], config["name"])
        parts = {self.config_part: json_part(config), **more}
        if code.url:
            parts["url"] = (None, code.url)
        if code.path is None:
            self._send(method, path, parts)
            return
        with self._open(code.path) as stream:
            self._send(method, path, {**parts, "data": (code.path.name, stream, "application/octet-stream")})

    def _send(self, method: str, path: str, files: Mapping[str, Any] | None = None) -> httpx2.Response:
        return self._transport.send(AdminRequest(method, path, files=files))

    def _of(self, name: FunctionName, instance_id: int | None = None) -> str:
        segments = [name.tenant, name.namespace, name.name]
        return self.base + path_of(*segments, *([] if instance_id is None else [instance_id]))


def json_part(value: Mapping[str, Any]) -> tuple[None, str, str]:
    """A value as a part of a form."""
    return None, json.dumps(value), "application/json"
