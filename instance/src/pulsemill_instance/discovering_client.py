"""A Pulsar client whose subscriptions to patterns look for new topics as often as they are told to."""

import re
from typing import Any

import pulsar


class DiscoveringClient(pulsar.Client):  # type: ignore[misc]  # the library is untyped
    """As `pulsar.Client`, which takes `pattern_auto_discovery_period` and forgets it (seen in pulsar-client 3.13)."""

    def subscribe(self, topic: Any, *args: Any, pattern_auto_discovery_period: int = 60, **kwargs: Any) -> Any:
        """As `pulsar.Client.subscribe`."""
        if not isinstance(topic, re.Pattern):
            return super().subscribe(topic, *args, **kwargs)
        told: Any = _Told(self, pattern_auto_discovery_period)
        return pulsar.Client.subscribe(told, topic, *args, **kwargs)


class _Told:
    """Stands in for a client in `pulsar.Client.subscribe`, and for the inner client that it calls."""

    def __init__(self, client: Any, seconds: int) -> None:
        self._inner = client._client  # noqa: SLF001
        self._consumers = client._consumers  # noqa: SLF001
        self._seconds = seconds
        self._client = self

    def subscribe_pattern(self, pattern: str, subscription: str, settings: Any) -> Any:
        settings.pattern_auto_discovery_period(self._seconds)
        return self._inner.subscribe_pattern(pattern, subscription, settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
