"""Acceptance cases 34, 36 and 37: metrics, and where the log goes. The end of a minute is in test_waits.py."""

import re

import pytest

from tests.cases.world import World

pytestmark = pytest.mark.pulsar

METER = """
    class Fn:
        def process(self, x, context):
            context.record_metric("m", 2.5)
            return x
"""
TALK = """
    class Fn:
        def process(self, x, context):
            print(f"printed {x}")
            context.get_logger().warning("logged %s", x)
            return x
"""
COUNTERS = ("received", "processed_successfully", "system_exceptions", "user_exceptions")
NAMES = {
    *(f"{name}_total" for name in COUNTERS),
    *(f"{name}_1min_total" for name in COUNTERS),
    *(f"process_latency_ms{window}_{part}" for window in ("", "_1min") for part in ("count", "sum")),
    "last_invocation",
    "user_metric_count",
    "user_metric_sum",
}


def test_case_34_user_metrics_are_summed_and_reset(world: World) -> None:
    program = world.start(METER)
    world.produce(*[b"x"] * 7)
    program.met(processed_successfully=7)
    metrics = program.ask("GetAndResetMetrics").userMetrics
    assert (metrics["user_metric_m_sum"], metrics["user_metric_m_count"]) == (17.5, 7)
    metrics = program.ask("GetMetrics").userMetrics
    assert (metrics.get("user_metric_m_sum", 0), metrics.get("user_metric_m_count", 0)) == (0, 0)


def test_case_36_the_control_service_and_the_scrape_agree(world: World) -> None:
    program = world.start(METER)
    world.produce(*[b"x"] * 7)
    program.met(received=7, processed_successfully=7, user_exceptions=0, system_exceptions=0)
    metrics = program.ask("GetMetrics")
    assert (metrics.receivedTotal, metrics.processedSuccessfullyTotal) == (7, 7)
    assert (metrics.receivedTotal_1min, metrics.processedSuccessfullyTotal_1min) == (7, 7)
    assert (program.sample("received_1min_total"), program.sample("processed_successfully_1min_total")) == (7, 7)
    assert metrics.lastInvocation == program.status.lastInvocationTime == int(program.sample("last_invocation"))


def test_case_36_all_names_and_labels_are_there(world: World) -> None:
    program = world.start(METER)
    world.produce(b"x")
    program.met(processed_successfully=1)
    samples = re.findall(r"^pulsar_function_(\w+)\{(.*)\} \S+$", program.scrape(), re.MULTILINE)
    assert {name for name, _ in samples} >= NAMES
    labels = dict(re.findall(r'(\w+)="([^"]*)"', dict(samples)["received_total"]))
    assert labels == {
        "tenant": "public",
        "namespace": "public/default",
        "name": world.name,
        "instance_id": "0",
        "cluster": "standalone",
        "fqfn": f"public/default/{world.name}",
    }


def test_case_37_the_log_topic_gets_what_user_code_says_and_nothing_else(world: World) -> None:
    logs = world.topic("logs")
    program = world.start(TALK, world.details(logTopic=logs))
    world.produce(b"seven")
    lines = world.values(2, logs)
    assert re.fullmatch(r"\[[^]]+\] \[INFO\]: printed seven", lines[0])
    assert re.fullmatch(r"\[[^]]+\] \[WARNING\]: logged seven", lines[1])
    world.consume(1)
    assert program.stop() == 0
    assert len(world.stored(logs)) == 2


def test_case_37_the_log_file_has_it_too_in_its_format(world: World) -> None:
    program = world.start(TALK, world.details(logTopic=world.topic("logs")))
    world.produce(b"seven", b"eight")
    world.consume(2)
    line = r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[WARNING\] [\w.]+: logged eight$"
    world.until(lambda: re.search(line, program.log, re.MULTILINE))
