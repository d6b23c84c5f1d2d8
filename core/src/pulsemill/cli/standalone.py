"""`pulsemill standalone`: a worker with a broker of its own."""

from pathlib import Path

import click

from pulsemill.cli.configuration import load
from pulsemill.cli.log_output import configure_logging
from pulsemill.cli.serving import serve_until_stopped
from pulsemill.config.findings import Origins
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.worker.standalone import Standalone

DEFAULT_PORT = 6750


@click.command
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default="pulsemill-data",
    show_default=True,
    help="Directory for everything: messages, packages, logs.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port of the REST API, 0 for a free one; without it what the configuration says, else 6750.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the REST API.")
@click.option(
    "--runtime",
    default="",
    help="thread, process or a class name; without it what the configuration says, else process.",
)
@click.option(
    "-c",
    "--conf",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A functions_worker.yml; its broker and its directories for packages and downloads are not used.",
)
@click.option("--strict", is_flag=True, help="Refuse keys that nobody knows.")
@click.option("--log-json", is_flag=True, help="Log JSON lines instead of text.")
@click.option(
    "--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True
)
def standalone(
    data: Path,
    port: int | None,
    host: str,
    runtime: str,
    conf: Path | None,
    strict: bool,
    log_json: bool,
    log_level: str,
) -> None:
    """Run a worker with an embedded broker until Ctrl-C. Started again on the same data, it goes on where it was."""
    configure_logging(as_json=log_json, level=log_level)
    config, origins = load(conf, strict=strict) if conf else (WorkerConfig(), Origins())
    port = port if port is not None else config.worker_port or DEFAULT_PORT
    worker = Standalone(data, port, host, runtime, config=config, origins=origins, strict=strict)

    def announce() -> None:
        click.echo(f"REST API  {worker.web_service_url}")
        click.echo(f"Broker    {worker.service_url}")

    serve_until_stopped(worker, announce)
