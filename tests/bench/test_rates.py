"""The table of measured rates."""

from bench.harness.rates import Rate, rate_table


def test_a_rate_is_of_outputs_and_of_the_process_cpu() -> None:
    rate = Rate(outputs=50_000, seconds=2.0, cpu_seconds=0.5)
    assert rate.per_second == 25_000
    assert rate.cpu_micros == 10.0


def test_nothing_processed_has_no_cpu_a_message() -> None:
    assert Rate(outputs=0, seconds=1.0, cpu_seconds=1.0).cpu_micros == 0.0


def test_the_table_has_medians_ranges_and_how_many_times_faster_ours_is() -> None:
    rates = {
        "ours": [Rate(60_000, 1.0, 0.6), Rate(40_000, 1.0, 0.6), Rate(50_000, 1.0, 0.5)],
        "theirs": [Rate(10_000, 2.0, 0.5)],
    }
    assert list(rate_table("exclaim", rates, "ours")) == [
        "| exclaim | messages/s | CPU, us a message | ours / this |",
        "|---|---|---|---|",
        "| ours | 50,000 (40,000 to 60,000) | 10.0 | 1.00 |",
        "| theirs | 5,000 (5,000 to 5,000) | 50.0 | 10.00 |",
    ]


def test_without_ours_there_is_no_ratio() -> None:
    assert list(rate_table("exclaim", {"theirs": [Rate(10, 1.0, 0.1)]}, "ours"))[-1].endswith("| - |")
