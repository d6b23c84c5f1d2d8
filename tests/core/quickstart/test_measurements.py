"""Counts, rates and percentiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulsemill.quickstart.measurements import Measurement, percentile


def test_nothing_measured_gives_no_figures() -> None:
    measurement = Measurement()

    assert (measurement.outputs, measurement.rate, measurement.percentile(50)) == (0, None, None)


def test_figures_of_a_few_outputs() -> None:
    measurement = Measurement()
    for line in range(1, 11):
        assert measurement.record(line, sent=100.0, received=100.0 + line / 10)

    assert measurement.outputs == 10
    assert measurement.rate == pytest.approx(10.0)
    assert measurement.percentile(50) == pytest.approx(500.0)
    assert measurement.percentile(99) == pytest.approx(1000.0)


def test_only_the_first_output_of_a_line_counts() -> None:
    measurement = Measurement()

    assert measurement.record(5, 1.0, 2.0)
    assert not measurement.record(5, 1.0, 9.0)
    assert (measurement.outputs, measurement.repeated, measurement.last_received) == (1, 1, 2.0)


def test_a_clock_set_back_gives_no_negative_latency() -> None:
    measurement = Measurement()
    measurement.record(1, 2.0, 1.0)

    assert (measurement.percentile(50), measurement.rate) == (0.0, None)


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 100))
def test_a_percentile_is_a_measured_value_that_enough_others_do_not_exceed(
    latencies: list[float], percent: float
) -> None:
    value = percentile(latencies, percent)

    assert value is not None
    assert value in [1000 * latency for latency in latencies]
    assert sum(1000 * latency <= value for latency in latencies) >= len(latencies) * percent / 100
