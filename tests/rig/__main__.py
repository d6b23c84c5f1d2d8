"""Starts real servers for people: `uv run python -m tests.rig pulsar`, `java-worker`; `fetch` only downloads."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tests.rig.broker import Broker, running_broker
from tests.rig.connectors import CONNECTORS, connector_nar
from tests.rig.distribution import pulsar_home
from tests.rig.errors import RigError
from tests.rig.java_worker import running_java_worker
from tests.rig.prerequisites import require_java
from tests.rig.upstream_python import upstream_python


@click.group()
def rig() -> None:
    """Real Pulsar servers on free ports and a temporary folder, until Ctrl-C."""
    try:
        require_java()
        click.echo(f"Pulsar      {pulsar_home()}")
    except RigError as problem:
        raise click.ClickException(str(problem)) from None


@rig.command()
def fetch() -> None:
    """Only bring what the rig needs into its cache."""
    click.echo(f"Python      {upstream_python()}")
    for name in CONNECTORS:
        click.echo(f"connector   {connector_nar(name)}")


@rig.command()
def pulsar() -> None:
    """A broker with its packages and table services."""
    with _broker():
        _stay()


@rig.command("java-worker")
@click.option("--runtime", type=click.Choice(["thread", "process"]), default="thread", show_default=True)
def java_worker(runtime: str) -> None:
    """A broker and upstream's functions worker."""
    with _broker() as broker, running_java_worker(broker.folder / "java-worker", broker, runtime) as worker:
        click.echo(f"Java worker {worker.web_service_url} ({runtime}), log {worker.server.log}")
        _stay()


@contextmanager
def _broker() -> Iterator[Broker]:
    with tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as folder, running_broker(Path(folder)) as broker:
        click.echo(f"broker      {broker.service_url}  {broker.web_service_url}  {broker.state_storage_service_url}")
        click.echo(f"its log     {broker.server.log}")
        yield broker


def _stay() -> None:
    click.echo("Ctrl-C ends it")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("stopping")


if __name__ == "__main__":
    rig()
