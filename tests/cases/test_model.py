"""Random functions through random failures: bench.model, in small. Its seed tells which plans."""

from pathlib import Path

import pytest

from bench.model.__main__ import run_all
from bench.model.life import Outages
from bench.model.plan import make_plan
from tests.cases.program import ProgramKind
from tests.cases.world import Surroundings

pytestmark = pytest.mark.pulsar

RUNS, SEED, AT_ONCE = 50, 2026, 4


def test_random_lives_break_no_guarantee(surroundings: Surroundings, pulsar_home: Path, tmp_path: Path) -> None:
    kind = ProgramKind("ours", pulsar_home / "conf/functions-logging/logging_config.ini")
    plans = [make_plan(SEED + number) for number in range(RUNS)]
    findings = list(run_all(plans, AT_ONCE, surroundings, kind, tmp_path, Outages()))
    assert not findings, "\n".join(findings)
