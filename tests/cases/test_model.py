"""Random functions through random failures: bench.model, in small. Its seed tells which plans."""

from pathlib import Path

import pytest

from bench.model.__main__ import restarting, run_all, surroundings
from bench.model.dice import make_plan
from tests.cases.program import ProgramKind
from tests.rig.broker import MortalBroker

pytestmark = pytest.mark.pulsar

RUNS, SEED, AT_ONCE = 50, 2000, 8
CRASH_SECONDS = 20.0
"""After which the broker crashes, once; the runs take longer than that on every machine."""


def test_random_lives_break_no_guarantee(mortal_broker: MortalBroker, pulsar_home: Path, tmp_path: Path) -> None:
    kind = ProgramKind("ours", pulsar_home / "conf/functions-logging/logging_config.ini")
    plans = [make_plan(SEED + number) for number in range(RUNS)]
    with surroundings(mortal_broker.broker) as shared, restarting(mortal_broker, CRASH_SECONDS, most=1) as outages:
        findings = list(run_all(plans, AT_ONCE, shared, kind, tmp_path, outages))
    assert not findings, "\n".join(findings)
    assert outages.seconds, f"{RUNS} lives were over before the broker crashed"
