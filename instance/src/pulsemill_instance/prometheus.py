"""The scrape of one instance: upstream's metric names and labels, made from the figures when they are asked for."""

from collections.abc import Callable, Iterator

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.stats import Snapshot, Totals

PREFIX = "pulsar_function_"
LABELS = ("tenant", "namespace", "name", "instance_id", "cluster", "fqfn")


def render_process() -> str:
    """What the library tells of this process by itself, and the function by the library: the default registry."""
    return generate_latest(REGISTRY).decode()


class InstanceCollector(Collector):
    """Collects the figures of one instance; holds none itself."""

    def __init__(self, spec: InstanceSpec, read: Callable[[], Snapshot], created: float) -> None:
        details = spec.function_details
        namespace = f"{details.tenant}/{details.namespace}"
        self._labels = (
            details.tenant,
            namespace,
            details.name,
            str(spec.instance_id),
            spec.cluster_name,
            spec.fully_qualified_name,
        )
        self._read = read
        self._created = created

    def collect(self) -> Iterator[Metric]:
        """All families, in a fixed order."""
        snapshot = self._read()
        yield from self._counters(snapshot.totals, "", " since the start")
        yield from self._counters(snapshot.last_minute, "_1min", " in the last minute")
        yield self._gauge("last_invocation", "Time of the last invocation, in ms since the epoch", snapshot.totals)
        yield self._errors("user_exception", snapshot.user_error_labels)
        yield self._errors("system_exception", snapshot.system_error_labels)
        yield self._user_metrics(snapshot)

    def render(self) -> str:
        """The scrape in text format 0.0.4."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry).decode()

    def _counters(self, totals: Totals, suffix: str, when: str) -> Iterator[Metric]:
        for name, value, what in (
            ("processed_successfully", totals.processed, "Messages processed successfully"),
            ("system_exceptions", totals.system_exceptions, "System exceptions"),
            ("user_exceptions", totals.user_exceptions, "User exceptions"),
            ("received", totals.received, "Messages received"),
        ):
            counter = CounterMetricFamily(f"{PREFIX}{name}{suffix}", what + when, labels=LABELS)
            counter.add_metric(self._labels, value, created=self._created)
            yield counter
        latency = SummaryMetricFamily(
            f"{PREFIX}process_latency_ms{suffix}", "Process latency in ms" + when, labels=LABELS
        )
        latency.add_metric(self._labels, count_value=totals.latency_count, sum_value=totals.latency_sum)
        yield latency

    def _gauge(self, name: str, documentation: str, totals: Totals) -> Metric:
        gauge = GaugeMetricFamily(PREFIX + name, documentation, labels=LABELS)
        gauge.add_metric(self._labels, totals.last_invocation)
        return gauge

    def _errors(self, name: str, messages: tuple[str, ...]) -> Metric:
        gauge = GaugeMetricFamily(PREFIX + name, "Recent exceptions by message", labels=(*LABELS, "error"))
        for message in messages:
            gauge.add_metric((*self._labels, message), 1.0)
        return gauge

    def _user_metrics(self, snapshot: Snapshot) -> Metric:
        summary = SummaryMetricFamily(f"{PREFIX}user_metric", "The function's own metrics", labels=(*LABELS, "metric"))
        for name, metric in snapshot.user_metrics.items():
            summary.add_metric((*self._labels, name), count_value=metric.count, sum_value=metric.sum)
        return summary
