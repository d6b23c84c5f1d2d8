"""Acceptance cases 9 to 13: what fails, who is told, and what happens to the input."""

import re
import time

import pytest

from tests.cases.minute import FAIL_FIRST
from tests.cases.world import World, admin_path

pytestmark = pytest.mark.pulsar

RAISE_ON_BAD = """
    def process(x):
        if str(x).startswith("bad"):
            raise ValueError(f"no {x}")
        return x
"""


def test_case_09_a_raising_function_counts_as_a_user_exception(world: World) -> None:
    program = world.start(RAISE_ON_BAD)
    world.produce(b"1", b"bad", b"3")
    program.met(received=3, processed_successfully=2, user_exceptions=1, system_exceptions=0)
    assert world.values(2) == ["1", "3"]
    assert program.sample("process_latency_ms_count") == 2
    (exception,) = program.status.latestUserExceptions
    assert "Traceback" in exception.exceptionString
    assert "ValueError: no bad" in exception.exceptionString


def test_case_10_what_failed_comes_again_after_the_configured_delay(world: World) -> None:
    details = world.details()
    details.source.negativeAckRedeliveryDelayMs = 1000
    program = world.start(FAIL_FIRST, details)
    world.produce(b"again")
    began = time.monotonic()
    assert world.values(1) == ["again"]
    assert time.monotonic() - began >= 0.9
    program.met(received=2, processed_successfully=1, user_exceptions=1)
    world.acknowledged()


def test_case_11_status_and_metrics_show_a_bounded_number_of_failures(world: World) -> None:
    program = world.start(RAISE_ON_BAD)
    world.produce(*(f"bad {number}".encode() for number in range(12)))
    program.met(received=12, user_exceptions=12)
    assert len(program.status.latestUserExceptions) == 10
    series = re.findall(r'^pulsar_function_user_exception\{.*error="[^"]+".*\} (\S+)$', program.scrape(), re.MULTILINE)
    assert 1 <= len(series) <= 5
    assert set(series) == {"1.0"}


def test_case_12_an_output_that_the_broker_rejects_holds_its_input_back(world: World) -> None:
    program = world.start("def process(x): return x")
    world.produce(b"1")
    world.consume(1)
    world.acknowledged()
    world.shared.admin.post(f"{admin_path(world.output)}/terminate").raise_for_status()
    world.produce(b"2")
    world.until(lambda: program.status.numSystemExceptions)
    assert program.alive
    assert world.backlog() == 1


def test_case_12_the_status_says_why_the_broker_rejected_it(world: World) -> None:
    program = world.start("def process(x): return x")
    world.produce(b"1")
    world.consume(1)
    world.shared.admin.post(f"{admin_path(world.output)}/terminate").raise_for_status()
    world.produce(b"2")
    world.until(lambda: program.status.numSystemExceptions)
    for exception in program.status.latestSystemExceptions:
        assert "Terminated" in exception.exceptionString


def test_case_13_an_oversized_output_harms_no_neighbour(world: World) -> None:
    program = world.start("import os\ndef process(x): return os.urandom(6_000_000) if x == 'big' else x")
    world.produce(*(b"a", b"b", b"big", b"c", b"d"))
    assert sorted(world.values(4)) == ["a", "b", "c", "d"]
    world.acknowledged(left=1)
    world.until(lambda: program.status.numSystemExceptions)
    assert program.alive
    assert any("TooBig" in failure.exceptionString for failure in program.status.latestSystemExceptions)
