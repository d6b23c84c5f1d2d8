"""Which plugins are installed, without importing any."""

import re
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, Final

import attrs

GROUP: Final = "pulsemill"


@attrs.frozen(order=True)
class PluginSource:
    """A module that a distribution registers as a plugin. `load` imports it."""

    distribution: str
    version: str
    entry_point: str
    module: str
    load: Callable[[], Any] = attrs.field(eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}" if self.version else self.distribution


def installed_sources() -> tuple[PluginSource, ...]:
    """Every plugin of every installed distribution, sorted; a distribution found twice on the path counts once."""
    sources = {
        (_normalized(point.dist.name if point.dist else point.value), point.name): PluginSource(
            _normalized(point.dist.name) if point.dist else point.value,
            point.dist.version if point.dist else "",
            point.name,
            point.value,
            point.load,
        )
        for point in reversed(tuple(entry_points(group=GROUP)))
    }
    return tuple(sorted(sources.values()))


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
