"""Upstream's worker and ours answer alike, but for what `differences.yaml` lists."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parity.cases import Case, Sent, register_case, update_case
from tests.parity.comparing import Peers
from tests.parity.differences import wanted_differences
from tests.parity.generated import function_configs
from tests.parity.generated_connectors import connector_updates, connectors
from tests.parity.report import Report
from tests.parity.scenario import cases, lives

pytestmark = [pytest.mark.pulsar, pytest.mark.slow]

EXAMPLES = 60
EXAMPLES_SECONDS = 900
# Upstream keeps the packages of deleted functions and refuses their names for ever: each example needs its own.
NUMBERS = itertools.count()
generated_examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def _check(peers: Peers, case: Case, report: Report) -> None:
    unwanted = [difference for differences in peers.compare(case) for difference in report.add(differences)]
    assert not unwanted, "\n".join(map(str, unwanted))


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_configurations(idle: Peers, report: Report, case: Case) -> None:
    _check(idle, case, report)


@pytest.mark.parametrize("case", list(lives()), ids=lambda case: case.name)
def test_functions_that_run(running: Peers, report: Report, case: Case) -> None:
    _check(running, case, report)


@pytest.mark.timeout(EXAMPLES_SECONDS)
@generated_examples
@given(config=function_configs())
def test_generated_functions(idle: Peers, report: Report, config: dict[str, object]) -> None:
    sent = Sent(config, "exclaim.py")
    _check(idle, register_case("generated", sent, "functions", f"generated-{next(NUMBERS)}"), report)


@pytest.mark.timeout(EXAMPLES_SECONDS)
@pytest.mark.parametrize("component", ["sources", "sinks"])
@generated_examples
@given(data=st.data())
def test_generated_connectors(idle: Peers, report: Report, component: str, data: st.DataObject) -> None:
    sent = data.draw(connectors(component))
    _check(idle, register_case(f"generated {component}", sent, component, f"generated-{next(NUMBERS)}"), report)


@pytest.mark.timeout(EXAMPLES_SECONDS)
@pytest.mark.parametrize("component", ["sources", "sinks"])
@generated_examples
@given(data=st.data())
def test_generated_updates_of_connectors(idle: Peers, report: Report, component: str, data: st.DataObject) -> None:
    change = data.draw(connector_updates(component))
    name = f"generated-{next(NUMBERS)}"
    _check(idle, update_case(f"generated update {component}", change.stored, change.sent, component, name), report)


def test_nothing_is_excused_that_no_longer_differs(report: Report, pytestconfig: pytest.Config) -> None:
    """Says nothing unless all of this file ran before it, which `tests.rig.plugin` keeps in one process."""
    if report.compared < sum(len(case.questions) for case in (*cases(), *lives())) * 0.9:
        reason = "only a part of the scenario ran"
        if pytestconfig.getoption("lf"):
            pytest.fail(f"it failed before, and {reason} now: run tests/parity")
        pytest.skip(reason)
    assert [wanted.row for wanted in wanted_differences() if wanted not in report.used] == []
