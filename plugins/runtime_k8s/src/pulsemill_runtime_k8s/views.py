"""What the namespaces of a cluster hold, each watched from the first time that it is asked for."""

import attrs

from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.view import NamespaceView


@attrs.define
class Views:
    """A view of each namespace that was asked for. Everything belongs to the worker's event loop."""

    api: KubernetesApi
    _views: dict[str, NamespaceView] = attrs.field(factory=dict, init=False)

    def of(self, namespace: str) -> NamespaceView:
        """What a namespace holds."""
        if namespace not in self._views:
            self._views[namespace] = NamespaceView(self.api, namespace)
            self._views[namespace].start()
        return self._views[namespace]

    def all(self) -> tuple[NamespaceView, ...]:
        """Those that are watched."""
        return tuple(self._views.values())

    async def close(self) -> None:
        """Stop watching. Idempotent."""
        for view in self._views.values():
            await view.stop()
        self._views.clear()
