"""How bench.soak tells growth from noise."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.harness.slopes import Sample, slope, slopes, take_sample, warm

TIMES = [float(number * 36) for number in range(101)]


@given(st.integers(-1000, 1000), st.integers(0, 10**6))
def test_a_straight_line_has_its_slope_and_no_noise(per_hour: int, start: int) -> None:
    found = slope(TIMES, [start + per_hour * at / 3600 for at in TIMES])
    assert found.per_hour == pytest.approx(per_hour, abs=1e-3)
    assert found.noise == pytest.approx(0, abs=1e-3)


def test_what_swings_does_not_grow() -> None:
    found = slope(TIMES, [100 + 5 * (-1) ** number for number in range(101)])
    assert found.within_noise
    assert found.noise == pytest.approx(10, rel=0.01)


def test_growth_beyond_the_noise_is_seen() -> None:
    assert not slope(TIMES, [number + (-1) ** number for number in range(101)]).within_noise


def test_one_grain_more_is_noise() -> None:
    step = [15] * 50 + [16] * 51
    assert not slope(TIMES, step, grain=0.5).within_noise
    assert slope(TIMES, step, grain=1).within_noise
    assert not slope(TIMES, [value * 3 for value in step], grain=1).within_noise


def test_each_figure_has_a_slope_of_its_own() -> None:
    samples = [Sample(at, rss_kib=1000 + int(at * 10), descriptors=20, threads=9) for at in TIMES]
    found = slopes(samples)
    assert [figure.within_noise for figure in found.values()] == [False, True, True]


def test_the_first_fifth_is_left_out() -> None:
    assert warm([Sample(at, 1, 1, 1) for at in TIMES])[0].at == 720


def test_a_living_process_has_figures() -> None:
    sample = take_sample(os.getpid(), 1.5)
    assert sample.rss_kib > 1000
    assert sample.descriptors >= 3
    assert sample.threads >= 1
