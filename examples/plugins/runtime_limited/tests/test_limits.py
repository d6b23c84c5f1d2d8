"""What an instance under this runtime can and cannot do."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio
from acme_runtime_limited.config import LimitedRuntimeConfig
from acme_runtime_limited.factory import LimitedRuntimeFactory

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import AdmissionError, ConfigurationError
from pulsemill.plugin import NoConfig
from pulsemill.runtime import FunctionPackage, RuntimeContext
from pulsemill.secrets_configurators import DefaultSecretsProviderConfigurator
from pulsemill.testing import function_details
from pulsemill.testing.runtime_fixtures import instance_config
from pulsemill.testing.runtime_functions import embedded_broker, traffic
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

MEBIBYTE = 1024**2
CODE = """
import json, os, pathlib, resource
import pulsar

class Tested(pulsar.Function):
    def process(self, input, context):
        if input == "allocate":
            bytearray(1024 ** 3)
        status = pathlib.Path("/proc/self/status").read_text()
        return json.dumps({
            "environment": sorted(os.environ),
            "folder": os.getcwd(),
            "temporary": os.environ["TMPDIR"],
            "niceness": os.nice(0),
            "open_files": resource.getrlimit(resource.RLIMIT_NOFILE),
            "memory": resource.getrlimit(resource.RLIMIT_DATA),
            "no_new_privileges": "NoNewPrivs:\\t1" in status,
            "command_line": pathlib.Path("/proc/self/cmdline").read_text(),
        })
"""


@attrs.frozen
class Started:
    """A started instance of CODE and its topics."""

    runtime: Any
    traffic: Any


@pytest_asyncio.fixture
async def tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Started]:
    """The function above, with 400 MiB, and a secret on either side of what it may see."""
    monkeypatch.setenv("WORKER_PASSWORD", "hunter2")
    (tmp_path / "tested.py").write_text(CODE)
    async with embedded_broker(tmp_path / "broker") as broker, traffic(broker) as connected:
        config = LimitedRuntimeConfig(
            log_directory=str(tmp_path / "logs"), memory_bytes=400 * MEBIBYTE, open_files=100, niceness=7
        )
        context = RuntimeContext(
            WorkerConfig(pulsar_service_url=broker), DefaultSecretsProviderConfigurator(NoConfig())
        )
        details = function_details(secretsMap=json.dumps({"password": "s3cr3t"}))
        code = FunctionPackage(tmp_path / "tested.py", "tested.py", "tested.py")
        runtime = await LimitedRuntimeFactory(config, context).create_container(instance_config(details), code)
        await runtime.start()
        try:
            yield Started(runtime, connected)
        finally:
            await runtime.stop()


def mode(folder: str) -> int | None:
    """Who may use a folder; None when it is gone."""
    return Path(folder).stat().st_mode & 0o777 if Path(folder).exists() else None


@pytest.mark.embedded
@pytest.mark.asyncio
async def test_an_instance_has_its_share_and_no_more(tested: Started) -> None:
    """As the instance itself sees it."""
    await tested.traffic.send("tell")
    told = json.loads(await tested.traffic.receive())
    assert told["niceness"] == os.nice(0) + 7
    assert told["open_files"] == [100, 100]
    assert told["memory"] == [400 * MEBIBYTE, 400 * MEBIBYTE]
    assert told["no_new_privileges"]
    assert told["folder"] == told["temporary"]
    assert "WORKER_PASSWORD" not in told["environment"]
    assert "s3cr3t" not in told["command_line"]
    assert mode(told["folder"]) == 0o700
    await tested.runtime.stop()
    assert mode(told["folder"]) is None


@pytest.mark.embedded
@pytest.mark.asyncio
async def test_an_instance_that_takes_too_much_memory_dies_and_says_so(tested: Started) -> None:
    """The worker, which has the same memory, does not."""
    await tested.traffic.send("allocate")
    await tested.runtime.wait()
    assert "MemoryError" in tested.runtime.death_exception


def factory(**config: Any) -> LimitedRuntimeFactory:
    context = RuntimeContext(WorkerConfig(), DefaultSecretsProviderConfigurator(NoConfig()))
    return LimitedRuntimeFactory(LimitedRuntimeConfig(**config), context)


def test_other_languages_are_refused_at_registration() -> None:
    """With the name of the function and what it would take."""
    with pytest.raises(AdmissionError, match="public/default/tested is a JAVA function"):
        factory().do_admission_checks(function_details(runtime=FunctionDetails.JAVA))


@pytest.mark.asyncio
async def test_a_log_directory_that_cannot_be_made_is_told_at_the_start(tmp_path: Path) -> None:
    """With the key and the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"logDirectory: .*file/logs: Not a directory"):
        await factory(log_directory=str(tmp_path / "file" / "logs")).initialize()
