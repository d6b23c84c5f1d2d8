"""Twenty rounds of the chaos test; `python bench/chaos.py` runs two hundred."""

import subprocess
import sys
from pathlib import Path

import pytest

CHAOS = Path(__file__).parents[2] / "bench/chaos.py"


@pytest.mark.embedded
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform != "linux", reason="it finds its processes in /proc")
@pytest.mark.parametrize(("runtime", "rounds"), [("process", 20), ("thread", 4)])
def test_nothing_is_lost_and_nothing_left_over_however_often_processes_are_killed(runtime: str, rounds: int) -> None:
    command = [sys.executable, str(CHAOS), "--rounds", str(rounds), "--runtime", runtime]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
