"""The hook of this distribution."""

from collections.abc import Iterable

from pulsemill.hookspecs import hookimpl
from pulsemill.runtime import RuntimeFactory
from pulsemill_runtime_k8s.factory import KubernetesRuntimeFactory


@hookimpl
def pulsemill_runtime_factories() -> Iterable[type[RuntimeFactory]]:
    """The Kubernetes runtime."""
    return (KubernetesRuntimeFactory,)
