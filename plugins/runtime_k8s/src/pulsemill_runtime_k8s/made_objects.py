"""A function's objects as its last change left them, and what others did to them since. Pure."""

from typing import Any

import attrs

from pulsemill_runtime_k8s.api import Json
from pulsemill_runtime_k8s.view import NamespaceView


@attrs.frozen
class MadeObjects:
    """What the API server answered to our last change. A Service has no generation."""

    name: str
    uid: str
    generation: int
    service_spec: Json

    @classmethod
    def of(cls, service: Json, stateful_set: Json) -> "MadeObjects":
        """As the server has them after they were brought in line."""
        found = stateful_set["metadata"]
        return cls(found["name"], found["uid"], found["generation"], service["spec"])

    def after_restart(self, stateful_set: Json) -> "MadeObjects":
        """Our own hand raises the generation by one; whatever is more is an interference."""
        generation: Any = stateful_set["metadata"]["generation"]
        return attrs.evolve(self, generation=min(generation, self.generation + 1))

    def is_shown_by(self, view: NamespaceView) -> bool:
        """Whether a view, which may lag behind, has seen them."""
        service = view.service(self.name)
        return view.stateful_set(self.name) is not None and service is not None and service["spec"] == self.service_spec

    def interference(self, view: NamespaceView) -> str | None:
        """What a view shows that was not our doing, in words for a status."""
        stateful_set = view.stateful_set(self.name)
        if stateful_set is None:
            return f"StatefulSet {self.name} was deleted by somebody else"
        found = stateful_set["metadata"]
        if found["uid"] != self.uid or found["generation"] > self.generation:
            return f"StatefulSet {self.name} was changed by somebody else"
        service = view.service(self.name)
        if service is None:
            return f"Service {self.name} was deleted by somebody else"
        if service["spec"] != self.service_spec:
            return f"Service {self.name} was changed by somebody else"
        return None
