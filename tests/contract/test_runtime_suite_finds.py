"""The suite of runtimes fails for a runtime that only pretends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

PRETENDING = """
from pulsemill.runtime import Runtime, RuntimeFactory
from pulsemill.testing import RuntimeFactoryContract
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData


class Pretending(Runtime):
    is_alive = True
    death_exception = None

    async def start(self): pass
    async def wait(self): pass
    async def stop(self): pass
    async def get_function_status(self, instance_id): return FunctionStatus(running=True)
    async def get_metrics(self, instance_id): return MetricsData()
    async def get_and_reset_metrics(self, instance_id): return MetricsData()
    async def reset_metrics(self, instance_id): pass
    async def get_prometheus_metrics(self): return ""


class PretendingFactory(RuntimeFactory):
    names = ("pretending",)

    def do_admission_checks(self, details):
        if details.runtime != details.PYTHON:
            raise KeyError(details.runtime)

    async def create_container(self, instance, package):
        return Pretending()


class TestPretending(RuntimeFactoryContract):
    plugin_class = PretendingFactory
"""
FOUND = {
    "test_before_its_start_an_instance_is_not_alive_and_answers_so",
    "test_waiting_ends_with_the_instance_and_not_before",
    "test_a_stop_can_be_repeated",
    "test_two_stops_at_once_do_no_harm",
    "test_a_class_that_the_package_lacks_is_told",
    "test_each_language_is_refused_at_registration_or_taken",
}


def test_a_pretending_runtime_is_found_out(tmp_path: Path) -> None:
    """By every test that needs no output, which would only be waited for in vain."""
    (tmp_path / "test_pretending.py").write_text(PRETENDING)
    options = ["-q", "-rf", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", *options, "-k", " or ".join(sorted(FOUND)), str(tmp_path)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    failed = re.findall(r"^FAILED .*::(\w+)", result.stdout, re.MULTILINE)
    assert set(failed) == FOUND, result.stdout + result.stderr
