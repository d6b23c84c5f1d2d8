"""The hook of this distribution."""

from collections.abc import Iterable

from pulsemill.customizer import ManifestCustomizer
from pulsemill.hookspecs import hookimpl


@hookimpl
def pulsemill_manifest_customizers() -> Iterable[type[ManifestCustomizer]]:
    """The basic customizer."""
    return ()
