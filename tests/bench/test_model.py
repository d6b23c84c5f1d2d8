"""What bench.model counts as broken, and that a seed is a plan."""

from collections.abc import Sequence

import attrs
import pytest

from bench.model.function import Call, function_source
from bench.model.plan import Order, Plan, make_plan
from bench.model.verdict import History, violations

CALM = Plan(
    seed=1,
    guarantee="ATLEAST_ONCE",
    order=Order.NONE,
    is_async=False,
    count=4,
    batch=1,
    keys=0,
    instances=1,
    call_ms=0,
    failing={},
    nothing=frozenset(),
    unacknowledged=frozenset(),
    disturbances=(),
)


def found(
    outputs: Sequence[int], *, backlog: int = 0, calls: Sequence[Call] = (), at: float | None = None, **plan: object
) -> str:
    return "; ".join(
        violations(attrs.evolve(CALM, **plan), History(outputs, calls, backlog, [] if at is None else [at]))
    )


def test_a_seed_is_a_plan_and_its_function_compiles() -> None:
    for seed in range(200):
        plan = make_plan(seed)
        assert plan == make_plan(seed)
        compile(function_source(plan), "userfn.py", "exec")


def test_all_that_may_be_is_fine() -> None:
    assert found([3, 1, 0, 2, 2]) == ""
    assert found([0, 1, 2, 3, 2, 3], order=Order.ALL) == ""
    assert found([1, 0, 3, 2], order=Order.KEY, keys=2) == ""
    assert found([0, 2], guarantee="EFFECTIVELY_ONCE", nothing=frozenset({1, 3})) == ""


@pytest.mark.parametrize("guarantee", ["ATLEAST_ONCE", "EFFECTIVELY_ONCE", "ATMOST_ONCE", "MANUAL"])
def test_a_calm_run_loses_nothing(guarantee: str) -> None:
    assert "lost" in found([0, 1, 2], guarantee=guarantee)


def test_effectively_once_stores_nothing_twice() -> None:
    assert found([0, 1, 2, 2, 3], guarantee="EFFECTIVELY_ONCE") == "stored twice: 1 of [2]"


def test_an_output_that_was_none_is_strange() -> None:
    assert "nothing asked for: 1 of [3]" in found([0, 1, 2, 3], nothing=frozenset({3}))


def test_inputs_that_stay_are_told() -> None:
    assert found([0, 1, 2, 3], backlog=1) == "1 inputs are not acknowledged, not 0"
    assert found([0, 1, 2, 3], guarantee="MANUAL", unacknowledged=frozenset({2}), backlog=1) == ""


def test_at_most_once_calls_twice_only_around_a_disturbance() -> None:
    calls = [Call(10, 0), Call(11, 1), Call(20, 0), Call(21, 2), Call(22, 3)]
    assert "0 was processed at 10.000" in found([0, 1, 2, 3], guarantee="ATMOST_ONCE", calls=calls, at=15)
    assert found([0, 1, 2, 3], guarantee="ATMOST_ONCE", calls=calls, at=10.5) == ""


def test_first_outputs_are_in_order() -> None:
    assert found([0, 2, 1, 3], order=Order.ALL) == "1 after 2"
    assert found([2, 0, 1, 3], order=Order.KEY, keys=2) == "0 comes after 2 of the same key"
