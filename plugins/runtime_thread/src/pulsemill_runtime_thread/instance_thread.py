"""The thread of one instance: loads the user's code, runs the engine, cleans up, and says why it ended.

Threads: everything of the user's runs in this thread. The event loop only starts it, asks it to stop and, when the
user's code does not return, abandons it: its consumers are closed, so the broker gives its messages to others, nothing
that it still does is acknowledged, and it is interrupted at its next Python instruction.
"""

import ctypes
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs

from pulsemill.names import InstanceName
from pulsemill_instance.errors import InstanceError
from pulsemill_instance.instance import FunctionInstance
from pulsemill_instance.isolated_imports import IsolatedImporter
from pulsemill_instance.packages import open_package
from pulsemill_instance.secretsprovider import load_secrets_provider
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.told import told
from pulsemill_instance.user_code import load_function
from pulsemill_runtime_thread.clients import InstanceClient
from pulsemill_runtime_thread.instance_log import instance_logger


@attrs.frozen
class SecretsSource:
    """How an instance finds its secrets. Nothing of it shows in a repr."""

    provider: str
    config: Mapping[str, Any] | None = attrs.field(repr=False)
    environ: Mapping[str, str] = attrs.field(repr=False)


class AbandonedError(BaseException):
    """Raised in a thread that did not stop when it was asked to; no `except Exception` swallows it."""


class InstanceThread:
    """One run of an instance, from loading to death."""

    def __init__(
        self,
        name: InstanceName,
        spec: InstanceSpec,
        package: Path,
        secrets: SecretsSource,
        client: InstanceClient,
        on_end: Callable[[], None],
    ) -> None:
        """`on_end` is called in the thread as the last thing it does."""
        self.loaded: Future[None] = Future()
        self.instance: FunctionInstance | None = None
        self.death: str | None = None
        self._name = name
        self._spec = spec
        self._package = package
        self._secrets = secrets
        self._client = client
        self._on_end = on_end
        self._log = instance_logger(name)
        self._stop_requested = False
        self._is_abandoned = False
        self._cleanup = ExitStack()
        self._thread = threading.Thread(target=self._run, name=f"{name.function}-{name.instance_id}", daemon=True)

    def start(self) -> None:
        """Begin; `loaded` gets a result, or the InstanceError that says why the function cannot be loaded."""
        self.loaded.set_running_or_notify_cancel()  # who no longer waits for it would cancel it under the thread
        self._thread.start()

    def request_stop(self) -> None:
        """Let the instance finish its message and end. Returns at once."""
        self._stop_requested = True
        if self.instance is not None:
            self.instance.request_stop()

    def abandon(self) -> None:
        """Close the instance's consumers and producers, interrupt its thread. Blocks while the client closes them."""
        self._stop_requested = self._is_abandoned = True
        self._client.close()
        self._cleanup.close()
        if self._thread.ident is not None and self._thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(AbandonedError)
            )

    def _run(self) -> None:
        try:
            with self._cleanup:
                self.instance = instance = self._load()
                self.loaded.set_result(None)
                if not self._stop_requested:
                    instance.run()
            if not self._stop_requested:
                self.death = "The instance ended without being asked to"
        except BaseException as error:  # noqa: BLE001 - user code may raise anything: this is where it ends
            self._die(error)
        finally:
            self._client.close()
            self._on_end()

    def _load(self) -> FunctionInstance:
        package = open_package(self._package)
        self._cleanup.callback(package.close)
        importer = IsolatedImporter(package.folders, f"{self._name.function}_{self._name.instance_id}")
        self._cleanup.callback(importer.close)
        function = load_function(package.package, self._spec.function_details.className, importer)
        secrets = self._secrets
        provider = load_secrets_provider(secrets.provider, secrets.config, package.package, importer, secrets.environ)
        return FunctionInstance(
            self._spec, self._client, function, provider, self._log, function.lifecycle, self._blocked
        )

    def _blocked(self, reason: str) -> None:
        """The user's code does not return: go on without this thread."""
        self.death = reason
        self.abandon()
        self._on_end()

    def _die(self, error: BaseException) -> None:
        reason = told(str(error) if isinstance(error, InstanceError) else f"{type(error).__name__}: {error}")
        if not self._is_abandoned:
            self.death = reason
            traceback = error.__cause__ if isinstance(error, InstanceError) else error
            logging.getLogger(__name__).error("Instance %s died: %s", self._name, reason, exc_info=traceback)
        if not self.loaded.done():
            self.loaded.set_exception(error if isinstance(error, InstanceError) else InstanceError(reason))
