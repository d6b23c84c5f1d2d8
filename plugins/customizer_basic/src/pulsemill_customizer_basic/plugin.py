"""The hook of this distribution."""

from collections.abc import Iterable

from pulsemill.customizer import ManifestCustomizer
from pulsemill.hookspecs import hookimpl
from pulsemill_customizer_basic.customizer import BasicKubernetesManifestCustomizer


@hookimpl
def pulsemill_manifest_customizers() -> Iterable[type[ManifestCustomizer]]:
    """The basic customizer."""
    return [BasicKubernetesManifestCustomizer]
