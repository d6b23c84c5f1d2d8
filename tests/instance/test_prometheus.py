import pytest
from prometheus_client.parser import text_string_to_metric_families

from pulsemill_instance.prometheus import InstanceCollector
from pulsemill_instance.proto.Function_pb2 import FunctionDetails
from pulsemill_instance.spec import InstanceSpec
from pulsemill_instance.stats import Stats

LABELS = {
    "tenant": "t",
    "namespace": "t/ns",
    "name": "fn",
    "instance_id": "2",
    "cluster": "standalone",
    "fqfn": "t/ns/fn",
}


def scrape(stats: Stats) -> dict[str, list[tuple[dict[str, str], float]]]:
    details = FunctionDetails(tenant="t", namespace="ns", name="fn")
    collector = InstanceCollector(InstanceSpec(details, 2, "id", "1", "standalone"), stats.snapshot, stats.created)
    samples: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(collector.render()):
        for sample in family.samples:
            samples.setdefault(sample.name, []).append((sample.labels, sample.value))
    return samples


def test_all_of_upstreams_names_are_there_from_the_start_with_its_labels() -> None:
    samples = scrape(Stats())
    counters = ["processed_successfully", "system_exceptions", "user_exceptions", "received"]
    names = [f"{counter}{suffix}_total" for counter in counters for suffix in ("", "_1min")]
    names += [f"process_latency_ms{suffix}_{part}" for suffix in ("", "_1min") for part in ("count", "sum")]
    names.append("last_invocation")
    for name in names:
        assert samples[f"pulsar_function_{name}"] == [(LABELS, 0.0)], name


def test_errors_and_user_metrics_have_a_label_of_their_own() -> None:
    stats = Stats()
    stats.user_exception("text", 'say "no"\n')
    stats.record_metric("m", 2.5)
    samples = scrape(stats)
    assert samples["pulsar_function_user_exception"] == [(LABELS | {"error": 'say "no"\n'}, 1.0)]
    assert samples["pulsar_function_user_metric_sum"] == [(LABELS | {"metric": "m"}, 2.5)]
    assert samples["pulsar_function_user_metric_count"] == [(LABELS | {"metric": "m"}, 1.0)]


def test_a_metric_has_whatever_name_the_function_gives() -> None:
    stats = Stats()
    stats.record_metric(5, 1.0)
    stats.record_metric("\ud83d", 1.0)
    samples = scrape(stats)
    names = [labels["metric"] for labels, _ in samples["pulsar_function_user_metric_count"]]
    assert names == ["5", "\\ud83d"]


def test_a_value_that_is_no_number_is_the_functions_mistake() -> None:
    stats = Stats()
    with pytest.raises(TypeError):
        stats.record_metric("m", 1j)  # type: ignore[arg-type]  # on purpose
    scrape(stats)
