"""Acceptance cases 38 and 39: how the program ends, and what it says of it."""

import signal
import socket
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

IDENTITY = "def process(x): return x\n"
BATCH = 1000
"""How many messages the client puts in one batch at most."""


@pytest.mark.embedded
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_idle_program_ends_well_when_asked(launcher: Any, harness: Any, number: signal.Signals) -> None:
    program = launcher.start(harness.details(className="exclaim"), launcher.write(IDENTITY))
    program.ask("HealthCheck")
    began = time.monotonic()
    program.process.send_signal(number)
    assert program.end() == (0, "")
    assert time.monotonic() - began < 5


@pytest.mark.embedded
def test_an_unfinished_line_is_logged_at_the_end(launcher: Any, harness: Any) -> None:
    program = launcher.start(
        harness.details(className="exclaim"), launcher.write("def process(x): print('left', end=''); return x\n")
    )
    harness.produce(b"7")
    harness.consume(1)
    program.process.terminate()
    assert program.end() == (0, "")
    assert any(line.endswith("left") for line in program.log.splitlines())


@pytest.mark.embedded
def test_sigterm_under_a_backlog_loses_nothing_and_takes_less_than_five_seconds(
    launcher: Any, harness: Any, until: Any
) -> None:
    payloads = [b"%d" % number for number in range(20_000)]
    harness.produce(*payloads)
    package = launcher.write(IDENTITY)
    program = launcher.start(harness.details(className="exclaim"), package)
    harness.consume(50)
    began = time.monotonic()
    program.process.terminate()
    assert program.end() == (0, "")
    assert time.monotonic() - began < 5
    assert "AlreadyClosed" not in program.log

    def found() -> tuple[set[bytes], set[bytes]] | None:
        done, left = set(harness.all_of(quiet_ms=1500)), set(harness.unacknowledged(quiet_ms=1500))
        return (done, left) if done | left == set(payloads) else None

    done, left = until(found, seconds=60.0)
    assert len(done & left) <= BATCH, "the broker acknowledges whole input batches: one may come again"


@pytest.mark.embedded
def test_a_function_that_blocks_does_not_keep_the_program(launcher: Any, harness: Any) -> None:
    package = launcher.write("import time\ndef process(x): print('blocked'); time.sleep(60)\n")
    program = launcher.start(harness.details(className="exclaim"), package)
    harness.produce(b"7")
    _until_logged(program, "blocked")
    began = time.monotonic()
    program.process.terminate()
    code, errors = program.end()
    assert (code, time.monotonic() - began < 5) == (1, True)
    assert errors.splitlines()[-1].startswith("The function did not finish its message")
    assert harness.unacknowledged() == [b"7"]


@pytest.mark.embedded
def test_a_program_that_nobody_checks_ends_itself(launcher: Any, harness: Any) -> None:
    executed = time.monotonic()
    program = launcher.start(
        harness.details(className="exclaim"), launcher.write(IDENTITY), expected_healthcheck_interval="1"
    )
    _until_logged(program, "Started")
    started = time.monotonic()
    code, errors = program.end()
    ended = time.monotonic()
    assert ended - executed > 3
    assert ended - started < 5
    assert (code, errors.strip()) == (1, "No HealthCheck from the worker for 3 s, it is gone")
    assert "No HealthCheck" in program.log


@pytest.mark.embedded
def test_even_a_function_that_holds_the_interpreter_cannot_outlive_its_worker(launcher: Any, harness: Any) -> None:
    package = launcher.write("import re\ndef process(x): re.match('(a|a)*$', 'a' * 60 + 'b')\n")
    details = harness.details(className="exclaim")
    harness.produce(b"7")
    program = launcher.start(details, package, expected_healthcheck_interval="1")
    code, errors = program.end(15)
    assert code == 1
    assert "Timeout" in errors
    assert "in process" in errors, "it says where the function is"


@pytest.mark.embedded
def test_health_checks_keep_the_program_alive(launcher: Any, harness: Any) -> None:
    details = harness.details(className="exclaim")
    program = launcher.start(details, launcher.write(IDENTITY), expected_healthcheck_interval="1")
    for _ in range(9):
        assert program.ask("HealthCheck").success
        time.sleep(0.5)
    assert program.process.poll() is None


@pytest.mark.embedded
def test_sys_exit_in_user_code_ends_the_program_with_the_reason(launcher: Any, harness: Any) -> None:
    package = launcher.write("import sys\ndef process(x): sys.exit(3)\n")
    program = launcher.start(harness.details(className="exclaim"), package)
    harness.produce(b"7")
    code, errors = program.end()
    assert code == 1
    assert "SystemExit(3)" in errors.splitlines()[-1]
    assert "SystemExit(3)" in program.log.splitlines()[-1]


@pytest.mark.embedded
def test_threads_that_user_code_left_behind_do_not_keep_the_program(launcher: Any, harness: Any) -> None:
    package = launcher.write(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n" + IDENTITY
    )
    program = launcher.start(harness.details(className="exclaim"), package)
    program.ask("HealthCheck")
    program.process.terminate()
    assert program.end() == (0, "")


def _until_logged(program: Any, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in program.log:
        assert time.monotonic() < deadline, program.log
        time.sleep(0.02)


def _details(class_name: str) -> Any:
    from pulsemill_instance.proto.Function_pb2 import FunctionDetails  # noqa: PLC0415

    return FunctionDetails(tenant="public", namespace="default", name="fn", className=class_name)


@pytest.mark.parametrize(
    ("class_name", "source", "reason"),
    [
        (
            "exclaim.Exclaim",
            "class Exclaim:\n    def __init__(self): raise ValueError('no key')\n",
            "ValueError: no key",
        ),
        ("exclaim.Exclaim", "class Other: pass\n", "its classes: Other"),
        ("missing.Exclaim", "class Other: pass\n", "it has: exclaim"),
        ("exclaim.Exclaim", "import no_such_thing\n", "No module named 'no_such_thing' (at exclaim.py:1)"),
        ("exclaim.Exclaim", "class Exclaim: pass\n", "no function named 'process'"),
        ("exclaim", "x = 1\n", "no function named 'process'"),
        ("exclaim", "import sys; sys.exit(3)\n", "SystemExit: 3"),
        ("exclaim", "def process(x:\n", "SyntaxError"),
    ],
)
def test_code_that_cannot_run_is_one_clear_reason(offline: Any, class_name: str, source: str, reason: str) -> None:
    program = offline.start(_details(class_name), offline.write(source))
    code, errors = program.end()
    assert code == 1
    (line,) = errors.splitlines()
    assert reason in line
    assert line in program.log.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"py": None, "cluster_name": None}, "The following arguments are required: ['py', 'cluster_name']"),
        ({"function_details": "'{'"}, "--function_details is no JSON"),
        ({"function_details": "'{}'"}, "--function_details lacks tenant, namespace, name, className"),
        ({"instance_id": "first"}, "--instance_id cannot be used"),
        ({"pulsar_serviceurl": "localhost"}, "Cannot make a Pulsar client for 'localhost'"),
        (
            {"client_auth_plugin": "com.example.Own", "client_auth_params": "x"},
            "Authentication plugin 'com.example.Own'",
        ),
        ({"secrets_provider": "missing.Provider"}, "Module 'missing' is not in"),
        ({"logging_level": "loud"}, "--logging_level 'loud' is none of notset, debug"),
        ({"logging_directory": "/dev/null"}, "Cannot write the log /dev/null/"),
        ({"py": "/no/such/package.py"}, "Function package /no/such/package.py does not exist"),
        ({"config_file": "/no/such/file.ini"}, "--config_file /no/such/file.ini cannot be read"),
    ],
)
def test_a_wrong_option_is_one_clear_reason(offline: Any, options: dict[str, str | None], reason: str) -> None:
    program = offline.start(_details("exclaim"), offline.write(IDENTITY), **options)
    code, errors = program.end()
    assert code == 1
    assert reason in errors.splitlines()[-1]


def test_a_hostile_package_is_one_clear_reason(offline: Any) -> None:
    package = offline.folder / "fn.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("fn/src/exclaim.py", IDENTITY)
        archive.writestr("../escaped.py", IDENTITY)
    program = offline.start(_details("exclaim"), package)
    code, errors = program.end()
    assert code == 1
    assert f"Archive {package}: entry '../escaped.py' is refused: its name climbs out" in errors.splitlines()[-1]
    assert {path.name for path in offline.folder.iterdir()} == {"fn.zip", "logs"}


def test_a_taken_port_is_one_clear_reason(offline: Any, port_taken: Callable[[], int]) -> None:
    for option in ("port", "metrics_port"):
        taken = port_taken()
        program = offline.start(_details("exclaim"), offline.write(IDENTITY), **{option: str(taken)})
        code, errors = program.end()
        assert code == 1
        assert f"Port {taken}" in errors.splitlines()[-1]


def test_it_ends_well_while_a_broker_that_says_nothing_keeps_it_from_subscribing(offline: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"pulsar://127.0.0.1:{silent.getsockname()[1]}"
        details = _details("exclaim")
        details.source.inputSpecs["in"].SetInParent()
        program = offline.start(details, offline.write(IDENTITY), pulsar_serviceurl=url)
        silent.settimeout(20)
        connection, _ = silent.accept()
        with connection:
            _until_logged(program, "Started")
            program.process.terminate()
            assert program.end() == (0, "")


def test_a_signal_while_user_code_loads_ends_the_program(offline: Any) -> None:
    package = offline.write("import time\nprint('loading')\ntime.sleep(60)\n")
    program = offline.start(_details("exclaim"), package)
    _until_logged(program, "loading")
    program.process.terminate()
    assert program.end() == (0, "")
