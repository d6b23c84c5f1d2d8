"""Instances as threads of one process: they run, they end, and none harms another."""

import asyncio
import gc
import sys
import threading
import time
import weakref
import zipfile
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pulsemill.errors import PackageError, PulsemillError

pytestmark = pytest.mark.embedded

Until = Callable[..., Awaitable[Any]]
EXCLAIM = "def process(x): return str(x) + '!'\n"


def thread_of(runtime: Any) -> threading.Thread | None:
    name = runtime._config.name
    wanted = f"{name.function}-{name.instance_id}"
    return next((thread for thread in threading.enumerate() if thread.name == wanted), None)


async def test_a_function_runs_in_a_thread_of_its_name_and_tells_its_figures(threads: Any, until: Until) -> None:
    runtime = await threads.start("fn", {"exclaim.py": EXCLAIM}, "exclaim")
    await threads.send("fn", b"7")
    assert await threads.read("fn", 1) == [b"7!"]
    thread = thread_of(runtime)
    assert thread is not None
    assert thread.daemon
    await until(lambda: runtime._thread.instance.get_metrics().processedSuccessfullyTotal == 1)
    status = await runtime.get_function_status(0)
    assert (status.running, status.numSuccessfullyProcessed, runtime.is_alive) == (True, 1, True)
    assert (await runtime.get_and_reset_metrics(0)).receivedTotal_1min == 1
    assert (await runtime.get_metrics(0)).receivedTotal_1min == 0
    await runtime.reset_metrics(0)
    assert "pulsar_function_received_total{" in await runtime.get_prometheus_metrics()
    assert await runtime.health_check()


async def test_a_stopped_instance_is_gone_without_a_death(threads: Any, until: Until) -> None:
    runtime = await threads.start("fn", {"exclaim.py": EXCLAIM}, "exclaim")
    await runtime.stop()
    await runtime.stop()
    await runtime.wait()
    assert (runtime.is_alive, runtime.death_exception) == (False, None)
    await until(lambda: thread_of(runtime) is None)  # the last that it did was to say so
    assert not (await runtime.get_function_status(0)).running
    assert await runtime.get_prometheus_metrics() == ""
    for ask in (runtime.get_metrics, runtime.get_and_reset_metrics, runtime.reset_metrics):
        with pytest.raises(PulsemillError, match="is not alive"):
            await ask(0)


async def test_two_functions_may_ship_the_same_modules(threads: Any) -> None:
    source = "import helper\ndef process(x): return str(x) + helper.MARK\n"
    await threads.start("one", {"exclaim.py": source, "helper.py": "MARK = '!'"}, "exclaim")
    await threads.start("two", {"exclaim.py": source + "\n", "helper.py": "MARK = '?'"}, "exclaim")
    await threads.send("one", b"7")
    await threads.send("two", b"7")
    assert await threads.read("one", 1) == [b"7!"]
    assert await threads.read("two", 1) == [b"7?"]


async def test_two_functions_may_ship_different_versions_of_a_wheel(threads: Any) -> None:
    for name, version in (("one", "1"), ("two", "2")):
        folder = threads.folder / name
        folder.mkdir()
        wheel = folder / f"helper-{version}-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("helper/__init__.py", f"from helper.core import VERSION, own\nassert own() == '{version}'")
            core = f"VERSION = '{version}'\ndef own():\n    import helper\n    return helper.VERSION"
            archive.writestr("helper/core.py", core)
        with zipfile.ZipFile(folder / "fn.zip", "w") as archive:
            archive.writestr("fn/src/exclaim.py", "import helper\ndef process(x): return str(x) + helper.own()\n")
            archive.write(wheel, f"fn/deps/{wheel.name}")
        await threads.start(name, {}, "exclaim", package="fn.zip")
        await threads.send(name, b"v")
    assert [await threads.read(name, 1) for name in ("one", "two")] == [[b"v1"], [b"v2"]]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import sys\ndef process(x): sys.exit(3)\n", "SystemExit(3)"),
        ("def process(x): raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    ],
)
async def test_user_code_that_exits_ends_its_instance_only(threads: Any, source: str, reason: str) -> None:
    other = await threads.start("other", {"exclaim.py": EXCLAIM}, "exclaim")
    runtime = await threads.start("fn", {"exclaim.py": source}, "exclaim")
    await threads.send("fn", b"7")
    await asyncio.wait_for(runtime.wait(), 10)
    assert not runtime.is_alive
    assert reason in str(runtime.death_exception)
    status = await runtime.get_function_status(0)
    assert (status.running, reason in status.failureException) == (False, True)
    await threads.send("other", b"7")
    assert await threads.read("other", 1) == [b"7!"]
    assert other.is_alive


async def test_a_dead_instance_starts_again(threads: Any, until: Until) -> None:
    runtime = await threads.start("fn", {"exclaim.py": "import sys\ndef process(x): sys.exit(3)\n"}, "exclaim")
    await threads.send("fn", b"7")
    await asyncio.wait_for(runtime.wait(), 10)
    (threads.folder / "fn/exclaim.py").write_text("import time\n" + EXCLAIM)
    await runtime.start()
    assert (runtime.is_alive, runtime.death_exception) == (True, None)
    assert await threads.read("fn", 1) == [b"7!"], "what killed it was not acknowledged"


@pytest.mark.parametrize(
    ("source", "class_name", "reason"),
    [
        ("class Fn:\n    def __init__(self): raise ValueError('no key')\n", "exclaim.Fn", "ValueError: no key"),
        ("import sys\nsys.exit(1)\n", "exclaim", "SystemExit: 1"),
        ("x = 1\n", "missing.Fn", "Module 'missing' is not in"),
    ],
)
async def test_code_that_cannot_run_is_refused_at_the_start(
    threads: Any, source: str, class_name: str, reason: str
) -> None:
    runtime = await threads.create("fn", {"exclaim.py": source}, class_name)
    with pytest.raises(PackageError, match=reason):
        await runtime.start()
    assert not runtime.is_alive
    assert reason in (await runtime.get_function_status(0)).failureException


@pytest.mark.usefixtures("unreported")
async def test_a_half_character_in_the_reason_breaks_no_status(threads: Any) -> None:
    runtime = await threads.create("fn", {"exclaim.py": r"raise ValueError('unknown \ud83d')"}, "exclaim")
    with pytest.raises(PackageError):
        await runtime.start()
    assert r"ValueError: unknown \ud83d" in (await runtime.get_function_status(0)).failureException


async def test_a_hostile_package_is_refused_and_leaves_nothing(threads: Any) -> None:
    folder = threads.folder / "fn"
    folder.mkdir()
    with zipfile.ZipFile(folder / "fn.zip", "w") as archive:
        archive.writestr("fn/src/exclaim.py", EXCLAIM)
        archive.writestr("/etc/escaped.py", EXCLAIM)
    with pytest.raises(PackageError, match=r"entry '/etc/escaped\.py' is refused"):
        await threads.start("fn", {}, "exclaim", package="fn.zip")
    assert [path.name for path in folder.iterdir()] == ["fn.zip"]


@pytest.mark.parametrize("block", ["time.sleep(60)", "while True: pass"])
async def test_blocking_user_code_is_abandoned_in_time_and_its_message_comes_again(
    threads: Any, until: Until, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, block: str
) -> None:
    monkeypatch.setattr("pulsemill_runtime_thread.runtime.STOP_SECONDS", 0.3)
    other = await threads.start("other", {"exclaim.py": EXCLAIM}, "exclaim")
    started = threads.folder / "started"
    source = f"import time, pathlib\ndef process(x):\n    pathlib.Path({str(started)!r}).touch()\n    {block}\n"
    runtime = await threads.start("fn", {"exclaim.py": source}, "exclaim")
    await threads.send("fn", b"7")
    await until(started.exists)
    began = time.monotonic()
    await runtime.stop()
    assert time.monotonic() - began < 3
    assert (runtime.is_alive, runtime.death_exception) == (False, None)
    assert "does not stop: its thread is abandoned" in caplog.text
    if "while" in block:
        await until(lambda: thread_of(runtime) is None)
    again = await threads.create("fn", {"exclaim.py": EXCLAIM}, "exclaim")
    await again.start()
    assert await threads.read("fn", 1) == [b"7!"]
    assert other.is_alive


async def test_code_that_never_loads_is_given_up(threads: Any, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulsemill_runtime_thread.runtime.LOAD_SECONDS", 0.2)
    monkeypatch.setattr("pulsemill_runtime_thread.runtime.STOP_SECONDS", 0.2)
    runtime = await threads.create("fn", {"exclaim.py": "while True: pass\n"}, "exclaim")
    with pytest.raises(PackageError, match=r"its code did not load within 0\.2 s"):
        await runtime.start()
    await until(lambda: thread_of(runtime) is None)


async def test_an_instance_that_is_stopped_while_it_loads_ends_quietly(
    threads: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loading, go_on, initialized = (threading.Event() for _ in range(3))
    monkeypatch.setattr(sys, "gate", (loading, go_on, initialized), raising=False)
    source = """
import sys
loading, go_on, initialized = sys.gate
loading.set()
go_on.wait(10)
class Exclaim:
    def initialize(self, context): initialized.set()
    def process(self, input, context): return input
"""
    runtime = await threads.create("fn", {"exclaim.py": source}, "exclaim.Exclaim")
    starting = asyncio.create_task(runtime.start())
    assert await asyncio.to_thread(loading.wait, 10)
    starting.cancel()
    await asyncio.wait([starting])
    stopping = asyncio.create_task(runtime.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    assert (runtime.is_alive, runtime.death_exception, initialized.is_set()) == (False, None, False)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_function_that_closes_the_client_closes_only_its_own(threads: Any) -> None:
    await threads.start("other", {"exclaim.py": EXCLAIM}, "exclaim")
    source = "class Fn:\n    def process(self, x, context): context.get_pulsar_client().close()\n"
    await threads.start("fn", {"exclaim.py": source}, "exclaim.Fn")
    await threads.send("fn", b"7")
    await threads.send("other", b"7", b"8")
    assert await threads.read("other", 2) == [b"7!", b"8!"]


async def test_secrets_see_the_functions_own_environment(threads: Any, secrets: Any) -> None:
    provider = secrets("secretsprovider.EnvironmentBasedSecretsProvider", {"PASSWORD": "from the configurator"})
    threads.factory = threads.new_factory(secrets=provider)
    source = "class Fn:\n    def process(self, x, context): return context.get_secret(x)\n"
    await threads.start("fn", {"exclaim.py": source}, "exclaim.Fn", secretsMap='{"PASSWORD": ""}')
    await threads.send("fn", b"PASSWORD")
    assert await threads.read("fn", 1) == [b"from the configurator"]


async def test_the_log_says_which_instance_speaks(threads: Any, caplog: pytest.LogCaptureFixture) -> None:
    source = "class Fn:\n    def process(self, x, context): return context.get_logger().warning('said %s', x) or x\n"
    runtime = await threads.start("fn", {"exclaim.py": source}, "exclaim.Fn")
    await threads.send("fn", b"a")
    await threads.read("fn", 1)
    (record,) = [record for record in caplog.records if record.getMessage() == "said a"]
    assert record.name == f"pulsemill.functions.{runtime._config.name}"


async def test_a_function_that_floods_its_log_does_not_stop_the_others(
    threads: Any, caplog: pytest.LogCaptureFixture
) -> None:
    source = """
class Fn:
    def process(self, x, context):
        for number in range(20_000):
            context.get_logger().warning("flood %d", number)
        return x
"""
    await threads.start("other", {"exclaim.py": EXCLAIM}, "exclaim")
    await threads.start("fn", {"exclaim.py": source}, "exclaim.Fn")
    await threads.send("fn", b"a")
    await threads.send("other", b"7")
    assert await threads.read("other", 1) == [b"7!"]
    assert await threads.read("fn", 1) == [b"a"]
    assert sum(record.getMessage().startswith("flood") for record in caplog.records) < 10_000


async def test_what_stopped_instances_loaded_is_freed(threads: Any, until: Until) -> None:
    source = "DATA = bytearray(1_000_000)\nclass Fn:\n    def process(self, x, context): return x\n"
    traces, modules = [], set(sys.modules)
    for number in range(3):
        runtime = await threads.start("fn", {"exclaim.py": source}, "exclaim.Fn", instance_id=number)
        traces.append(weakref.ref(runtime._thread.instance._ingredients.function.importer))
        await runtime.stop()
    threads.runtimes.clear()
    del runtime
    await until(lambda: gc.collect() >= 0 and [trace() for trace in traces] == [None] * 3)
    assert not [name for name in set(sys.modules) - modules if name.startswith("pulsemill_user_")]


async def test_one_client_serves_all_and_goes_with_the_last(threads: Any) -> None:
    first = await threads.start("one", {"exclaim.py": EXCLAIM}, "exclaim")
    second = await threads.start("two", {"exclaim.py": EXCLAIM}, "exclaim")
    pool = threads.factory._clients
    (shared,) = pool._shared.values()
    await first.stop()
    assert list(pool._shared.values()) == [shared]
    await second.stop()
    assert pool._shared == {}
