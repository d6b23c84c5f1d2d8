"""The worker's own metrics, with upstream's names.

Upstream: org.apache.pulsar.functions.worker.WorkerStatsManager. Times in milliseconds; label `cluster` everywhere.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import attrs
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

PREFIX: Final = "pulsar_function_worker_"
QUANTILES: Final = (0.5, 0.9, 1.0)
WINDOW: Final = 1000


@attrs.define
class Times:
    """Durations of one kind of work: all of them counted, quantiles over the last WINDOW."""

    count: int = 0
    total: float = 0.0
    recent: deque[float] = attrs.field(factory=lambda: deque(maxlen=WINDOW))

    def observe(self, milliseconds: float) -> None:
        """Add one."""
        self.count += 1
        self.total += milliseconds
        self.recent.append(milliseconds)

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Add the duration of a block."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.observe((time.monotonic() - started) * 1000)

    def quantile(self, quantile: float) -> float:
        """The value that this share of the recent ones does not exceed, NaN without any."""
        if not self.recent:
            return math.nan
        ordered = sorted(self.recent)
        return ordered[max(math.ceil(quantile * len(ordered)) - 1, 0)]


@attrs.define(eq=False)  # a registry wants to hash its collectors
class WorkerMetrics(Collector):
    """What the worker measures of itself. The gauges are asked when they are scraped."""

    cluster: str
    instance_count: Callable[[], int] = lambda: 0
    leader_gauges: Callable[[], dict[str, float]] = dict
    start_up: Times = attrs.field(factory=Times)
    schedule: Times = attrs.field(factory=Times)
    schedule_strategy: Times = attrs.field(factory=Times)
    rebalance: Times = attrs.field(factory=Times)
    rebalance_strategy: Times = attrs.field(factory=Times)
    drain: Times = attrs.field(factory=Times)
    start_instance: Times = attrs.field(factory=Times)
    stop_instance: Times = attrs.field(factory=Times)

    def collect(self) -> Iterable[Metric]:
        """All metric families."""
        yield self._gauge("instance_count", self.instance_count())
        for name, value in self.leader_gauges().items():
            yield self._gauge(name, value)
        yield self._summary("start_up_time_ms", self.start_up, quantiles=())  # it happens once
        yield self._summary("schedule_execution_time_total_ms", self.schedule)
        yield self._summary("schedule_strategy_execution_time_ms", self.schedule_strategy)
        yield self._summary("rebalance_execution_time_total_ms", self.rebalance)
        yield self._summary("rebalance_strategy_execution_time_ms", self.rebalance_strategy)
        yield self._summary("drain_execution_time_total_ms", self.drain)
        yield self._summary("start_instance_process_time_ms", self.start_instance)
        yield self._summary("stop_instance_process_time_ms", self.stop_instance)

    def exposition(self) -> str:
        """The metrics in Prometheus' text format."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry).decode()

    def _gauge(self, name: str, value: float) -> Metric:
        family = GaugeMetricFamily(PREFIX + name, name.replace("_", " "), labels=["cluster"])
        family.add_metric([self.cluster], value)
        return family

    def _summary(self, name: str, times: Times, quantiles: Iterable[float] = QUANTILES) -> Metric:
        family = SummaryMetricFamily(PREFIX + name, name.replace("_", " "), labels=["cluster"])
        for quantile in quantiles:
            labels = {"cluster": self.cluster, "quantile": str(quantile)}
            family.add_sample(family.name, labels, times.quantile(quantile))
        family.add_metric([self.cluster], times.count, times.total)
        return family
