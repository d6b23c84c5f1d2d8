"""Upstream's worker and ours answer alike, but for what `differences.yaml` lists."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings

from tests.parity.comparing import Peers
from tests.parity.differences import wanted_differences
from tests.parity.generated import function_configs
from tests.parity.report import Report
from tests.parity.scenario import Case, cases, lives, register_case

pytestmark = [pytest.mark.pulsar, pytest.mark.slow]

EXAMPLES = 60
# Upstream keeps the packages of deleted functions and refuses their names for ever: each example needs its own.
NUMBERS = itertools.count()


def _check(peers: Peers, case: Case, report: Report) -> None:
    unwanted = [difference for differences in peers.compare(case) for difference in report.add(differences)]
    assert not unwanted, "\n".join(map(str, unwanted))


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_configurations(idle: Peers, report: Report, case: Case) -> None:
    _check(idle, case, report)


@pytest.mark.parametrize("case", list(lives()), ids=lambda case: case.name)
def test_functions_that_run(running: Peers, report: Report, case: Case) -> None:
    _check(running, case, report)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(config=function_configs())
def test_generated_configurations(idle: Peers, report: Report, config: dict[str, object]) -> None:
    _check(idle, register_case("generated", config, function=f"generated-{next(NUMBERS)}"), report)


def test_nothing_is_excused_that_no_longer_differs(report: Report) -> None:
    """Says nothing unless all of this file ran before it, in one process."""
    if report.compared < sum(len(case.questions) for case in (*cases(), *lives())) * 0.9:
        pytest.skip("only a part of the scenario ran")
    assert [wanted.row for wanted in wanted_differences() if wanted not in report.used] == []
