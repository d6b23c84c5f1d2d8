"""The real command, as a newcomer runs it."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
import pytest

pytestmark = [pytest.mark.embedded, pytest.mark.slow, pytest.mark.xdist_group("quickstart")]

SECONDS = 60
FUNCTIONS = [f"{name}-{runtime}" for name in ("wordcount", "enrich", "lookup") for runtime in ("thread", "process")]


@attrs.frozen
class Machine:
    """A folder for temporary files, and the programs that have to do with it."""

    temporary: Path

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pulsemill", *arguments]
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": str(self.temporary)},
        )

    def left_over(self) -> tuple[list[str], list[str]]:
        processes = subprocess.run(
            ["ps", "-eo", "args"], check=True, capture_output=True, text=True
        ).stdout.splitlines()
        mine = [line for line in processes if str(self.temporary) in line]
        return mine, [path.name for path in self.temporary.iterdir()]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    folder = tmp_path / "tmp"
    folder.mkdir()
    machine = Machine(folder)
    yield machine
    assert machine.left_over() == ([], [])


def rows(output: str) -> dict[str, Sequence[str]]:
    """The table's rows by function."""
    cells = (
        line.split() for line in output.splitlines() if re.match(r"[a-z]+-(thread|process) +(thread|process) ", line)
    )
    return {name: row for name, *row in cells}


def test_with_the_bundled_input_every_function_answers_every_line(machine: Machine) -> None:
    started = time.monotonic()
    out, err = (process := machine.start("quickstart")).communicate(timeout=SECONDS)

    assert (process.returncode, err) == (0, "")
    assert time.monotonic() - started < 15
    table = rows(out)
    assert sorted(table) == sorted(FUNCTIONS)
    for name, (runtime, received, outputs, errors, *figures) in table.items():
        assert name.endswith(runtime)
        assert int(received) >= int(outputs) == 1000
        assert errors == "0"
        assert all(float(figure) > 0 for figure in figures)
    assert "wordcount-thread   | the=3 mill=1" in out


def test_with_text_on_standard_input(machine: Machine) -> None:
    process = machine.start("quickstart", stdin=subprocess.PIPE)
    out, _ = process.communicate('to be or not to be\n{"text": "from json"}\n', timeout=SECONDS)

    assert process.returncode == 0
    assert {row[2] for row in rows(out).values()} == {"2"}
    assert "wordcount-process  | to=2 be=2 or=1 not=1" in out
    assert re.search(r'enrich-thread +\| {"text": "from json", "words": 2', out)


def test_blank_input_is_an_error(machine: Machine) -> None:
    process = machine.start("quickstart", stdin=subprocess.PIPE)
    _, err = process.communicate("\n\n", timeout=SECONDS)

    assert (process.returncode, err) == (1, "Error: the input holds no line of text\n")


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.7, 1.2, 2.0])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_at_any_moment_it_leaves_nothing(
    machine: Machine, seconds: float, sent: signal.Signals, code: int
) -> None:
    process = machine.start("quickstart", "--keep")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Starting")
    time.sleep(seconds)
    process.send_signal(sent)
    out, err = process.communicate(timeout=SECONDS)

    assert process.returncode == code, (out, err)
    assert "Traceback" not in err


def test_nobody_reading_its_output_is_no_failure(machine: Machine) -> None:
    process = machine.start("quickstart")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None

    assert process.stderr.read() == ""
    assert process.wait(SECONDS) == 1


def test_kept_running_its_commands_work(machine: Machine) -> None:
    process = machine.start("quickstart", "--keep")
    assert process.stdout is not None
    commands: list[str] = []
    while len(commands) < 6:
        line = process.stdout.readline()
        assert line, process.communicate()
        commands += [line.strip()] if line.startswith("  pulsemill ") else []

    for command in commands:
        _, *arguments = shlex.split(command)
        run = [sys.executable, "-m", "pulsemill", *arguments]
        finished = subprocess.run(run, check=False, capture_output=True, text=True, timeout=30)
        assert (finished.returncode, finished.stderr) == (0, ""), command
        assert finished.stdout

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=SECONDS)
    assert process.returncode == 130
