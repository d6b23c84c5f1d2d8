"""The `pulsemill` command: its subcommands, and how it ends when something or somebody stops it."""

import contextlib
import logging
import os
import sys
from typing import Any, NoReturn

import click

from pulsemill.cli.lazy import LazyCommand, LazyGroup
from pulsemill.errors import PulsemillError

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, by the shells' convention 128 + SIGINT."""

COMMANDS = {
    "quickstart": LazyCommand("pulsemill.cli.quickstart:quickstart", "See functions work: one command, no Pulsar."),
    "standalone": LazyCommand("pulsemill.cli.standalone:standalone", "Run a worker with an embedded broker."),
    "worker": LazyCommand("pulsemill.cli.worker:worker", "Run a functions worker, or ask one about its cluster."),
    "functions": LazyCommand("pulsemill.cli.functions:functions", "Create, watch and change functions."),
    "sources": LazyCommand("pulsemill.cli.sources:sources", "Create, watch and change sources."),
    "sinks": LazyCommand("pulsemill.cli.sinks:sinks", "Create, watch and change sinks."),
    "manifest": LazyCommand("pulsemill.cli.manifest.command:manifest", "Print what Kubernetes gets for a function."),
    "plugins": LazyCommand("pulsemill.cli.plugins:plugins", "Show the installed plugins."),
    "config": LazyCommand("pulsemill.cli.config:config", "Check and explain a functions_worker.yml."),
}


class RootGroup(LazyGroup):
    """Ends every command in one clear line: errors of ours with 1, Ctrl-C with 130, never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and write out what is buffered while a closed pipe can still be handled."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except PulsemillError as error:
            raise click.ClickException(str(error)) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        return result


@click.group(
    cls=RootGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@click.version_option(package_name="pulsemill")
def main() -> None:
    """A functions worker for Apache Pulsar."""


def run() -> NoReturn:
    """Run the command and end the process.

    The interpreter's own end is skipped: threads of the Pulsar client, or of functions that did not stop in time, may
    still want to run Python then, and the interpreter's way to refuse them aborts the process.
    """
    code: object = None
    try:
        main(prog_name="pulsemill")
    except SystemExit as end:
        code = end.code
    if isinstance(code, str):
        click.echo(code, err=True)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))
