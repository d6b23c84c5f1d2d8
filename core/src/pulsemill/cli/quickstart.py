"""`pulsemill quickstart`."""

import sys
from pathlib import Path

import click

from pulsemill.cli.run_async import run_async
from pulsemill.cli.tables import print_table
from pulsemill.quickstart.display import Display
from pulsemill.quickstart.lines import choose_input
from pulsemill.quickstart.run import Quickstart


@click.command
@click.option("--keep", is_flag=True, help="Leave everything running until Ctrl-C, and show what to try next.")
@click.option(
    "--input",
    "input_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A text file in place of the bundled one; text on standard input works too.",
)
def quickstart(keep: bool, input_file: Path | None) -> None:
    """See functions work: one command, no Pulsar.

    Starts an embedded broker and two workers in a temporary directory, registers three example functions under the
    thread and the process runtime, feeds them text, prints their outputs and what was measured, and cleans up.
    """
    source = choose_input(input_file, sys.stdin.fileno() if sys.stdin else -1)
    run_async(Quickstart(source, Display(sys.stdout, sys.stderr), print_table, keep=keep).run())
