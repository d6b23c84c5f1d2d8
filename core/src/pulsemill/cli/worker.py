"""`pulsemill worker`: run a functions worker, or ask a running one."""

from pathlib import Path

import click

from pulsemill.cli.reason import ReasonGroup
from pulsemill.cli.worker_admin import WORKER_COMMANDS


@click.group(cls=ReasonGroup, lazy=WORKER_COMMANDS, invoke_without_command=True)
@click.option(
    "-c",
    "--conf",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The functions_worker.yml; without it $PULSAR_WORKER_CONF, else the defaults.",
)
@click.option("--strict", is_flag=True, help="Refuse keys that nobody knows.")
@click.option("--log-json", is_flag=True, help="Log JSON lines instead of text.")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True
)
@click.pass_context
def worker(ctx: click.Context, conf: Path | None, strict: bool, log_json: bool, log_level: str) -> None:
    """Run a functions worker, or ask one about its cluster."""
    if ctx.invoked_subcommand is None:
        # A worker is a lot to import for who only asks one.
        from pulsemill.cli.worker_run import run  # noqa: PLC0415

        run(conf, strict=strict, log_json=log_json, log_level=log_level)
