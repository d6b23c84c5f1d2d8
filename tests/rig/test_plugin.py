"""What the rig does to a test run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rig.plugin import ungrouped

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("group", ["pulsar", "kubernetes"])
def test_a_group_is_no_part_of_a_tests_name(group: str) -> None:
    assert ungrouped(f"tests/test_it.py::test_it[a@b]@{group}") == "tests/test_it.py::test_it[a@b]"


def test_a_name_without_a_group_stays() -> None:
    assert ungrouped("tests/test_it.py::test_it[me@pulsar.org]") == "tests/test_it.py::test_it[me@pulsar.org]"


@pytest.mark.slow
def test_what_failed_in_a_group_is_run_again_as_what_failed_last(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n@pytest.mark.pulsar\ndef test_bad(): assert False\n\ndef test_bad_too(): assert False\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        "--rootdir",
        tmp_path,
        "-p",
        "tests.rig.plugin",
    ]
    command += ["-o", f"cache_dir={tmp_path / 'cache'}", "-q", tmp_path]
    subprocess.run([*command, "-n1", "--dist", "loadgroup"], cwd=ROOT, capture_output=True, timeout=120, check=False)
    again = [*command, "-n0", "--last-failed", "--last-failed-no-failures", "none"]
    result = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert "2 failed" in result.stdout, result.stdout
