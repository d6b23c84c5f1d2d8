"""What bench.handovers counts."""

from bench.handovers import Count, parse


def test_what_is_missing_repeated_and_overtaken_is_counted() -> None:
    count = Count(8, [0, 1, 4, 2, 2, 3, 6, 5])
    assert (count.lost, count.twice, count.overtaken) == (1, 1, 1)


def test_partitions_have_no_order_among_each_other_and_repetitions_none() -> None:
    assert Count(6, [1, 3, 5, 0, 2, 1, 4]).overtaken == 0


def test_it_looks_at_effectively_once_if_nothing_is_said() -> None:
    assert (parse([]).guarantee, parse(["--guarantee", "ATLEAST_ONCE"]).guarantee) == (
        "EFFECTIVELY_ONCE",
        "ATLEAST_ONCE",
    )
