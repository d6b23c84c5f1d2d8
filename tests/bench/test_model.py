"""What bench.model counts as broken, and that a seed is a plan."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import attrs
import pytest

from bench.model.__main__ import restarting, run_all
from bench.model.dice import make_plan
from bench.model.function import Call, function_source
from bench.model.history import History, Output
from bench.model.life import Outages
from bench.model.plan import FOREVER, Disturbance, Order, Plan, Windows
from bench.model.verdict import violations
from bench.model.windowing import expected_windows
from tests.cases.program import ProgramKind
from tests.cases.test_model import RUNS, SEED
from tests.cases.world import Surroundings
from tests.rig.broker import MortalBroker
from tests.rig.errors import RigError
from tests.rig.waiting import until

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
    call_order="none",
)
WINDOWED = attrs.evolve(CALM, count=7, windows=Windows(length=4, slide=2))
TUMBLING = attrs.evolve(CALM, count=7, windows=Windows(length=3, slide=3))
RETRYING = attrs.evolve(CALM, retries=1, failing={1: 1, 3: FOREVER})
TRIES = [0, 1, 1, 2, 3, 3]


def found(
    outputs: Sequence[int | Output] | Sequence[Sequence[int]],
    *,
    plan: Plan = CALM,
    backlog: int = 0,
    calls: Sequence[Call] = (),
    at: float | None = None,
    crashed: float | None = None,
    dead: Sequence[int] = (),
    left: frozenset[int] = frozenset(),
    forgot: bool = False,
    **changes: Any,
) -> str:
    """What is broken, given outputs: numbers, windows of them, or lists of numbers for each partition."""
    partitions: Sequence[Any] = outputs if outputs and isinstance(outputs[0], list) else [outputs]
    stored = [[(one,) if isinstance(one, int) else one for one in partition] for partition in partitions]
    disturbed, crashes = ([] if moment is None else [moment] for moment in (at, crashed))
    history = History(stored, calls, backlog, disturbed, dead, left, crashes, forgot)
    return "; ".join(violations(attrs.evolve(plan, **changes), history))


def called(*numbers: int) -> list[Call]:
    return [Call(10.0 + place, number) for place, number in enumerate(numbers)]


def test_a_seed_is_a_plan_and_its_function_compiles() -> None:
    for seed in range(200):
        plan = make_plan(seed)
        assert plan == make_plan(seed)
        assert str(plan).startswith(f"seed {seed}: ")
        compile(function_source(plan), "userfn.py", "exec")


def test_the_plans_of_the_test_have_all_that_can_happen() -> None:
    plans = [make_plan(SEED + number) for number in range(RUNS)]
    for guarantee in ("ATLEAST_ONCE", "ATMOST_ONCE", "EFFECTIVELY_ONCE", "MANUAL"):
        of_it = [plan for plan in plans if plan.guarantee == guarantee]
        assert any(plan.instances == 2 for plan in of_it)
        assert any(plan.input_partitions for plan in of_it)
        assert any(plan.disturbances for plan in of_it)
    seen: Counter[object] = Counter()
    for plan in plans:
        seen.update([plan.order, plan.call_order, plan.is_async, *(kind for _, kind in plan.disturbances)])
        seen["windows"] += plan.windows is not None
        seen["slides"] += plan.slides
        seen["dead letters"] += bool(plan.retries is not None and plan.dead)
        seen["partitions of the output, exactly once"] += bool(plan.output_partitions) and plan.order is Order.ALL
        seen["threads"] += plan.concurrency > 1 and not plan.is_async
    wanted = [*Order, *Disturbance, True, False, "input", "key", "none", "windows", "slides", "dead letters", "threads"]
    assert [what for what in (*wanted, "partitions of the output, exactly once") if not seen[what]] == []


def test_an_outage_that_is_over_is_one_since_it_began() -> None:
    outages = Outages()
    assert not outages.were_since(0)
    outages.seconds += [10.0, 11.0]
    assert (outages.were_since(10.5), outages.were_since(11.5)) == (True, False)
    outages.away = True
    assert outages.were_since(11.5)


def test_what_failed_and_will_not_be_acknowledged_is_waited_for() -> None:
    plan = attrs.evolve(CALM, guarantee="MANUAL", unacknowledged=frozenset({1, 2}), failing={2: 2, 3: 1})
    assert plan.comes_again({0: 1, 1: 1, 2: 2, 3: 2})
    assert not plan.comes_again({0: 1, 1: 1, 2: 3, 3: 2})


class Dead:
    """A broker that stays away."""

    def kill(self) -> None: ...

    def come_back(self) -> None:
        raise RigError("no ports are left")


def test_lives_end_when_the_broker_does_not_come_back(tmp_path: Path) -> None:
    plans = [attrs.evolve(CALM, seed=seed) for seed in range(3)]
    surroundings, kind = cast("Surroundings", None), cast("ProgramKind", None)
    with restarting(cast("MortalBroker", Dead()), seconds=0.001) as outages:
        until(lambda: outages.forever is not None)
    findings = run_all(plans, 1, surroundings, kind, tmp_path, outages)
    assert "FAILED: seed 0" in next(findings)
    with pytest.raises(RigError, match="no ports are left"):
        next(findings)


def test_numbers_of_a_key_go_to_one_partition() -> None:
    plan = attrs.evolve(CALM, keys=5, input_partitions=3)
    assert {(plan.key(number), plan.partition(number)) for number in range(100)} == {
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 0),
        (4, 1),
    }


def test_all_that_may_be_is_fine() -> None:
    assert found([3, 1, 0, 2, 2], at=15) == ""
    assert found([0, 1, 2, 3, 2, 3], at=15, order=Order.ALL) == ""
    assert found([1, 0, 3, 2], order=Order.KEY, keys=2) == ""
    assert found([0, 2], guarantee="EFFECTIVELY_ONCE", nothing=frozenset({1, 3})) == ""
    assert found([[1, 0], [2, 3]], output_partitions=2) == ""


@pytest.mark.parametrize("guarantee", ["ATLEAST_ONCE", "EFFECTIVELY_ONCE", "ATMOST_ONCE", "MANUAL"])
def test_a_calm_run_loses_nothing(guarantee: str) -> None:
    assert "lost" in found([0, 1, 2], guarantee=guarantee)
    assert "lost" in found([[0], [2, 1]], guarantee=guarantee, output_partitions=2)


@pytest.mark.parametrize("guarantee", ["ATLEAST_ONCE", "EFFECTIVELY_ONCE"])
def test_a_disturbance_is_no_excuse_for_a_loss(guarantee: str) -> None:
    assert found([0, 1, 2], guarantee=guarantee, at=15) == "lost: 1 of [3]"


def test_effectively_once_stores_nothing_twice() -> None:
    assert found([0, 1, 2, 2, 3], guarantee="EFFECTIVELY_ONCE", at=15) == "stored twice: 1 of [2]"
    assert "stored twice: 1 of [2]" in found([[0, 2], [1, 2, 3]], guarantee="EFFECTIVELY_ONCE", output_partitions=2)


def test_nothing_is_stored_twice_while_nothing_happens() -> None:
    assert found([0, 1, 1, 2, 3]) == "stored twice without a disturbance: 1 of [1]"
    assert found([0, 1, 1, 2, 3], failing={2: 1}) == ""
    assert found([0, 1, 1, 2, 3], order=Order.ALL, instances=2) == ""


@pytest.mark.parametrize(("instances", "verdict"), [(1, "stored twice without a disturbance: 1 of [2]"), (2, "")])
def test_what_is_not_acknowledged_goes_to_the_other_instance(instances: int, verdict: str) -> None:
    options = {"guarantee": "MANUAL", "unacknowledged": frozenset({2}), "instances": instances}
    assert found([0, 1, 2, 2, 3], backlog=1, **options) == verdict


@pytest.mark.parametrize(
    ("instances", "batch", "verdict"), [(2, 7, ""), (2, 1, "twice"), (1, 7, "twice")], ids=["2", "no batch", "1"]
)
def test_the_batch_of_a_window_to_come_goes_to_the_other_instance(instances: int, batch: int, verdict: str) -> None:
    again = [(0, 1, 2), (3, 4, 5), (3, 4, 5)]
    broken = found(again, plan=TUMBLING, count=6, instances=instances, batch=batch)
    assert verdict in broken
    assert bool(verdict) == bool(broken)


def test_an_output_that_was_none_is_strange() -> None:
    assert "nothing asked for: 1 of [3]" in found([0, 1, 2, 3], nothing=frozenset({3}))


def test_inputs_that_stay_are_told() -> None:
    assert found([0, 1, 2, 3], backlog=1) == "1 inputs are not acknowledged, not 0"
    assert found([0, 1, 2, 3], guarantee="MANUAL", unacknowledged=frozenset({2}), backlog=1) == ""


def test_a_broker_that_crashed_afterwards_may_have_forgotten_acknowledgements_but_made_none_up() -> None:
    assert found([0, 1, 2, 3], backlog=4, forgot=True) == ""
    assert "0 inputs are not acknowledged" in found(
        [0, 1, 2, 3], guarantee="MANUAL", unacknowledged=frozenset({2}), forgot=True
    )


def test_at_most_once_calls_twice_only_around_a_disturbance() -> None:
    calls = [Call(10, 0), Call(11, 1), Call(20, 0), Call(21, 2), Call(22, 3)]
    assert "0 was processed at 10.000" in found([0, 1, 2, 3], guarantee="ATMOST_ONCE", calls=calls, at=15)
    assert found([0, 1, 2, 3], guarantee="ATMOST_ONCE", calls=calls, at=10.5) == ""


def test_a_broker_that_crashes_may_have_forgotten_the_acknowledgements_of_a_minute() -> None:
    calls = [Call(10, 0), Call(11, 1), Call(12, 2), Call(13, 3), Call(90, 0)]
    crash = {"guarantee": "ATMOST_ONCE", "calls": calls}
    assert found([0, 1, 2, 3], at=60, crashed=60, **crash) == ""
    assert "0 was processed" in found([0, 1, 2, 3], at=60, **crash)
    assert "0 was processed" in found([0, 1, 2, 3], at=80, crashed=80, **crash)
    assert "0 was processed" in found([0, 1, 2, 3], at=5, crashed=5, **crash)


def test_first_outputs_are_in_order() -> None:
    assert found([0, 2, 1, 3], order=Order.ALL) == "1 after 2"
    assert found([2, 0, 1, 3], order=Order.KEY, keys=2) == "0 comes after 2 of the same key"


def test_order_is_that_of_a_partition_of_the_input_in_one_of_the_output() -> None:
    assert found([2, 0, 1, 3], order=Order.ALL, input_partitions=2) == "0 after 2"
    assert found([1, 0, 3, 2], order=Order.ALL, input_partitions=2) == ""
    assert found([[2, 0], [1, 3]], order=Order.ALL, output_partitions=2) == "0 after 2"
    assert found([[0, 2], [1, 3]], order=Order.ALL, output_partitions=2) == ""


def test_one_instance_keeps_order_while_nothing_happens_unless_told_otherwise() -> None:
    assert found([0, 2, 1, 3], call_order="") == "1 after 2"
    assert found([0, 2, 1, 3], call_order="input") == "1 after 2"
    assert found([0, 2, 1, 3], call_order="", at=15) == ""
    assert found([0, 2, 1, 3], call_order="", instances=2) == ""


def test_a_second_instance_is_no_excuse_for_disorder() -> None:
    assert found([0, 2, 1, 3], order=Order.ALL, instances=2, at=15) == "1 after 2"


def test_what_always_fails_is_a_dead_letter_and_nothing_else_is() -> None:
    calls = called(*TRIES)
    assert found([0, 2, 1], plan=RETRYING, dead=[3], calls=calls) == ""
    assert "no dead letters of what always failed: 1 of [3]" in found([0, 2, 1], plan=RETRYING, calls=calls, at=15)
    assert "never failed: 1 of [2]" in found([0, 2, 1], plan=RETRYING, dead=[3, 2], calls=calls, at=15)
    assert "never failed: 1 of [2]" in found([0, 2, 1], plan=RETRYING, dead=[3, 2], at=15, batch=2)
    assert "nothing asked for: 1 of [3]" in found([0, 2, 1, 3], plan=RETRYING, dead=[3], calls=calls, at=15)


def test_a_message_is_given_up_after_its_retries_while_nothing_happens() -> None:
    assert "too early: 1 of [1]" in found([0, 2], plan=RETRYING, dead=[3, 1], calls=called(*TRIES))
    assert found([0, 2], plan=RETRYING, dead=[3, 1], at=15) == ""
    assert "3 was tried 3 times, not 2" in found([0, 2, 1], plan=RETRYING, dead=[3], calls=called(*TRIES, 3))
    assert "1 was tried 1 times, not 2" in found([0, 2, 1], plan=RETRYING, dead=[3], calls=called(0, 1, 2, 3, 3))
    assert "dead letters twice: 1 of [3]" in found([0, 2, 1], plan=RETRYING, dead=[3, 3], calls=called(*TRIES))


def test_a_message_in_neither_topic_is_lost() -> None:
    assert "lost: 1 of [1]" in found([0, 2], plan=RETRYING, dead=[3], at=15)
    assert "lost: 1 of [2]" in found([0, 1], plan=RETRYING, dead=[3], at=15)


def test_dead_letters_without_retries_are_told() -> None:
    assert found([0, 1, 2, 3], dead=[3]) == "dead letters without retries: 1 of [3]"


def test_windows_are_what_they_must_be() -> None:
    sliding = list(expected_windows(Windows(length=4, slide=2), 7))
    assert sliding == [(0, 1), (0, 1, 2, 3), (2, 3, 4, 5)]
    assert found(sliding, plan=WINDOWED, backlog=3, left=frozenset({6})) == ""
    tumbling = list(expected_windows(Windows(length=3, slide=3), 7))
    assert tumbling == [(0, 1, 2), (3, 4, 5)]
    assert found(tumbling, plan=TUMBLING, backlog=1, left=frozenset({6})) == ""


def test_windows_of_a_wrong_size_are_told() -> None:
    broken = found([(0, 1), (2, 3, 4, 5), (6,)], plan=TUMBLING, at=15)
    assert broken == "windows of [1, 2, 4] instead of 3"
    assert "windows of [5] instead of 4" in found([(0, 1, 2, 3), (2, 3, 4, 5, 6)], plan=WINDOWED, at=15)


def test_a_window_that_is_missing_or_wrong_is_told_while_nothing_happens() -> None:
    left = frozenset({6})
    assert "1 windows are missing or wrong" in found([(0, 1), (2, 3, 4, 5)], plan=WINDOWED, backlog=3, left=left)
    assert "2 windows are missing or wrong" in found([(0, 1, 2), (3, 5, 4)], plan=TUMBLING, backlog=1, left=left)
    assert found([(0, 1, 2), (3, 5, 4)], plan=TUMBLING, backlog=1, left=left, at=15) == ""


def test_what_is_in_no_window_and_not_delivered_any_more_is_lost() -> None:
    assert "lost: 1 of [6]" in found([(0, 1, 2), (3, 4, 5)], plan=TUMBLING, backlog=1, at=15)
    assert "lost: 1 of [2]" in found([(0, 1, 6), (3, 4, 5)], plan=TUMBLING, backlog=1, at=15)


def test_more_that_waits_than_windows_hold_is_told() -> None:
    broken = found([(0, 1, 2), (3, 4, 5)], plan=TUMBLING, backlog=3, left=frozenset({6}))
    assert broken == "3 inputs are not acknowledged, not 0 to 2"


def test_at_most_once_windows_lose_no_more_than_the_last_one_while_nothing_happens() -> None:
    plan = attrs.evolve(TUMBLING, guarantee="ATMOST_ONCE")
    assert found([(0, 1, 2), (3, 4, 5)], plan=plan) == ""
    assert "lost without a disturbance: 4 of" in found([(0, 1, 2)], plan=plan)
    assert found([(0, 1, 2)], plan=plan, at=15) == ""
    assert "1 inputs are not acknowledged" in found([(0, 1, 2), (3, 4, 5)], plan=plan, backlog=1)


def test_at_most_once_windows_hold_a_number_as_often_as_they_slide_over_it() -> None:
    plan = attrs.evolve(WINDOWED, guarantee="ATMOST_ONCE")
    windows = list(expected_windows(Windows(length=4, slide=2), 7))
    assert found(windows, plan=plan, calls=called(0, 0), at=100) == ""
    assert "0 was processed at 10.000 and again at 12.000" in found(windows, plan=plan, calls=called(0, 0, 0), at=100)


def test_a_number_in_two_windows_that_do_not_slide_is_told() -> None:
    broken = found([(0, 1, 2), (2, 3, 4), (3, 4, 5)], plan=TUMBLING, backlog=1, left=frozenset({6}), instances=2)
    assert broken == "stored twice without a disturbance: 3 of [2, 3, 4]"
