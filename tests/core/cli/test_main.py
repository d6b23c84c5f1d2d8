"""How the command line presents itself and how it ends."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from pulsemill.cli import functions as functions_package
from pulsemill.cli.lazy import LazyCommand
from pulsemill.cli.main import COMMANDS, main
from pulsemill.cli.worker_admin import WORKER_COMMANDS
from pulsemill.errors import PulsemillError


@click.command
@click.option("--how", type=click.Choice(["interrupt", "error", "abort"]))
def ending(how: str) -> None:
    raise {"interrupt": KeyboardInterrupt(), "error": PulsemillError("no broker"), "abort": click.Abort()}[how]


@pytest.fixture
def with_ending() -> Iterator[click.Group]:
    main.add_command(ending)
    yield main
    del main.commands["ending"]


@pytest.mark.parametrize("table", [COMMANDS, functions_package.COMMANDS, WORKER_COMMANDS])
def test_every_listed_command_exists(table: dict[str, LazyCommand]) -> None:
    for name, command in table.items():
        assert isinstance(command.load(), click.Command), name


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("functions", "Python function's .py, .zip or .whl: a local file, http(s):// or file://."),
        ("functions", "Refused: built-in functions run on a worker only."),
        ("sources", "The source's archive: a local NAR file."),
        ("sources", "Refused: built-in sources run on a worker only."),
        ("sinks", "The sink's archive: a local NAR file."),
        ("sinks", "Refused: transform functions run on a worker only."),
    ],
)
def test_the_help_of_localrun_promises_no_code_that_only_a_worker_runs(command: str, said: str) -> None:
    local, create = (
        " ".join(CliRunner().invoke(main, [command, verb, "--help"], terminal_width=1000).output.split())
        for verb in ("localrun", "create")
    )

    assert said in local
    assert said not in create
    assert not any(promise in local for promise in ("builtin://", "function://", "source://", "sink://"))


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from pulsemill.cli.main import main; main(['--help'], standalone_mode=False); "
        "sys.exit(any(name in sys.modules for name in ('httpx2', 'rich', 'yaml', 'pulsar', 'pulsemill.cli.config')))"
    )

    finished = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30)

    assert (finished.returncode, finished.stderr) == (0, "")
    assert "quickstart" in finished.stdout


@pytest.mark.parametrize(("typed", "meant"), [(["functons"], "functions"), (["functions", "crate"], "create")])
def test_misspelt_commands_get_a_suggestion(typed: list[str], meant: str) -> None:
    result = CliRunner().invoke(main, typed)

    assert result.exit_code == 2
    assert f"Did you mean '{meant}'?" in result.output


def test_an_error_of_ours_is_one_line(with_ending: click.Group) -> None:
    result = CliRunner().invoke(with_ending, ["ending", "--how", "error"])

    assert (result.exit_code, result.output) == (1, "Error: no broker\n")


@pytest.mark.parametrize("how", ["interrupt", "abort"])
def test_interruption_is_quiet(with_ending: click.Group, how: str) -> None:
    result = CliRunner().invoke(with_ending, ["ending", "--how", how])

    assert (result.exit_code, result.output) == (130, "Interrupted.\n")


def test_a_closed_pipe_is_quiet() -> None:
    command = f"{sys.executable} -m pulsemill functions create --help | head -n 1"
    finished = subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True, text=True, timeout=30)

    assert (finished.stderr, finished.stdout.partition(" ")[0]) == ("", "Usage:")


@pytest.mark.parametrize(
    ("ending", "code", "said"),
    [("None", 0, ""), ("3", 3, ""), ("'bad'", 1, "bad\n"), ("PulsemillError('no broker')", 1, "Error: no broker\n")],
)
def test_the_program_ends_with_the_commands_code_whatever_threads_do(ending: str, code: int, said: str) -> None:
    program = f"""
import click, sys, threading
from pulsemill.cli.main import main, run
from pulsemill.errors import PulsemillError

@main.command
def leave():
    threading.Thread(target=threading.Event().wait).start()
    print('done')
    ending = {ending}
    raise ending if isinstance(ending, Exception) else SystemExit(ending)

sys.argv[1:] = ['leave']
run()
"""
    finished = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=30)
    assert (finished.returncode, finished.stdout, finished.stderr) == (code, "done\n", said)
