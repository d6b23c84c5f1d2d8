"""How far event time has come, over all inputs (upstream: WaterMarkEventGenerator). Pure."""

from collections.abc import Collection


class Watermarks:
    """The latest times by topic. The watermark is the earliest of them, less the lag, once all inputs had a message."""

    def __init__(self, inputs: Collection[str], max_lag_ms: int) -> None:
        self._silent = set(inputs)
        self._max_lag_ms = max_lag_ms
        self._latest: dict[str, int] = {}
        self._input_of: dict[str, str] = {}

    def track(self, source: str, topic: str, time: int) -> None:
        """A message of an input, from one of its topics, with a time in ms."""
        self._silent.discard(source)
        self._latest[topic] = max(time, self._latest.get(topic, time))
        self._input_of[topic] = source

    def watermark(self) -> int | None:
        """Up to when all is believed to have come; None before every input had a message."""
        if self._silent or not self._latest:
            return None
        return min(self._latest.values()) - self._max_lag_ms

    def waits_for_another(self, source: str) -> bool:
        """Whether the watermark is held back by other inputs than this one, which had a message."""
        return bool(self._silent) or self._input_of[min(self._latest, key=self._latest.__getitem__)] != source
