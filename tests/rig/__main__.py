"""Starts real servers for people: `uv run python -m tests.rig pulsar`, `java-worker`, `kubernetes`.

`fetch` and `fetch-kubernetes` only bring what they need.
"""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from tests.rig.broker import Broker, running_broker
from tests.rig.connectors import CONNECTORS, connector_nar
from tests.rig.distribution import pulsar_home
from tests.rig.errors import RigError
from tests.rig.java_worker import running_java_worker
from tests.rig.kubernetes.binaries import kubernetes_binaries
from tests.rig.kubernetes.cluster import running_cluster
from tests.rig.kubernetes.containerfile import FUNCTION, built_image
from tests.rig.kubernetes.layers import debian_java_layer, debian_layer
from tests.rig.kubernetes.prerequisites import require_kubernetes
from tests.rig.prerequisites import require_java
from tests.rig.upstream_python import upstream_python


@click.group()
def rig() -> None:
    """Real servers on free ports and a temporary folder, until Ctrl-C."""


@rig.command()
def fetch() -> None:
    """Only bring what the Pulsar servers need into the rig's cache."""
    with _problems_told():
        _fetch_pulsar()
        click.echo(f"Python      {upstream_python()}")
        for name in CONNECTORS:
            click.echo(f"connector   {connector_nar(name)}")


@rig.command("fetch-kubernetes")
def fetch_kubernetes() -> None:
    """Only build Kubernetes and the bases of images into the rig's cache: 9 minutes on 2 cores, once."""
    with _problems_told():
        require_kubernetes()
        click.echo(f"Kubernetes  {kubernetes_binaries()}")
        for layer in (debian_layer(), debian_java_layer()):
            click.echo(f"images      {layer.tar}")


@rig.command()
@click.option("--with-image", is_flag=True, help="Load the image of function pods too.")
@click.option("--with-broker", is_flag=True, help="Start a broker that pods reach too.")
def kubernetes(with_image: bool, with_broker: bool) -> None:
    """A cluster of one node, without a registry; needs root."""
    with _problems_told(), tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as folder, ExitStack() as started:
        cluster = started.enter_context(running_cluster(Path(folder)))
        if with_image:
            image = built_image(FUNCTION, "docker.io/rig/pulsemill-function:1", Path(folder) / "image")
            cluster.load_image(image)
            click.echo(f"image       {image.reference}")
        if with_broker:
            _fetch_pulsar()
            started.enter_context(_broker(cluster.host))
        click.echo(f"logs        {folder}")
        click.echo(f"programs    {kubernetes_binaries()}")
        click.echo(f"pods reach servers of this machine at {cluster.host}")
        click.echo(f"export KUBECONFIG={cluster.kubeconfig}")
        _stay()


@rig.command()
def pulsar() -> None:
    """A broker with its packages and table services."""
    with _problems_told():
        _fetch_pulsar()
        with _broker():
            _stay()


@rig.command("java-worker")
@click.option("--runtime", type=click.Choice(["thread", "process"]), default="thread", show_default=True)
def java_worker(runtime: str) -> None:
    """A broker and upstream's functions worker."""
    with _problems_told():
        _fetch_pulsar()
        with _broker() as broker, running_java_worker(broker.folder / "java-worker", broker, runtime) as worker:
            click.echo(f"Java worker {worker.web_service_url} ({runtime}), log {worker.server.log}")
            _stay()


@contextmanager
def _problems_told() -> Iterator[None]:
    """What lacks or fails is a message, not a traceback."""
    try:
        yield
    except RigError as problem:
        raise click.ClickException(str(problem)) from None


def _fetch_pulsar() -> None:
    require_java()
    click.echo(f"Pulsar      {pulsar_home()}")


@contextmanager
def _broker(address: str = "127.0.0.1") -> Iterator[Broker]:
    with (
        tempfile.TemporaryDirectory(prefix="pulsemill-rig-") as folder,
        running_broker(Path(folder), address=address) as broker,
    ):
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
