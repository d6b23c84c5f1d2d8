"""The command."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from pulsemill.cli.configuration import load
from pulsemill.cli.log_output import configure_logging
from pulsemill.cli.manifest.component import (
    Described,
    described_function,
    described_sink,
    described_source,
    metadata_of,
)
from pulsemill.cli.manifest.difference import difference, documents
from pulsemill.cli.params import AliasedOption
from pulsemill.cli.run_async import run_async
from pulsemill.customizer import Manifest
from pulsemill.packages.provider import PackageDescriber
from pulsemill.plugins import PluginRegistry, SelectedPlugins
from pulsemill.runtime import FunctionPackage, InstanceConfig
from pulsemill.worker.metrics import Times
from pulsemill.worker.runtime_setup import RuntimeSetup
from pulsemill.worker.spawners import Spawners
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData, Instance

_FILE: Any = click.Path(path_type=Path, dir_okay=False)
_ALL_INSTANCES = -1


@click.command
@click.option(
    "-f",
    "--function-config-file",
    cls=AliasedOption,
    hidden_names=("--functionConfigFile",),
    type=_FILE,
    help="A YAML file with a function's configuration.",
)
@click.option("--source-config-file", type=_FILE, help="A source's configuration instead.")
@click.option("--sink-config-file", type=_FILE, help="A sink's configuration instead.")
@click.option(
    "-c",
    "--conf",
    type=_FILE,
    help="The functions_worker.yml; without it $PULSAR_WORKER_CONF, else the defaults.",
)
@click.option("--diff", "as_diff", is_flag=True, help="Compare with the cluster; exit with 1 if anything differs.")
@click.option("--strict", is_flag=True, help="Refuse keys that nobody knows.")
def manifest(
    function_config_file: Path | None,
    source_config_file: Path | None,
    sink_config_file: Path | None,
    conf: Path | None,
    as_diff: bool,
    strict: bool,
) -> None:
    """Print the Kubernetes objects of a function, source or sink, without creating them.

    No worker and no cluster is asked, except for --diff, which reads the objects that exist now.
    """
    configure_logging(as_json=False, level="warning")
    described = _described(function_config_file, source_config_file, sink_config_file)
    config, origins = load(conf, strict=strict)
    metadata = metadata_of(described, config)
    setup = RuntimeSetup.selected(SelectedPlugins(PluginRegistry.installed(), config, origins), strict=strict)
    setup.check_admission(metadata.functionDetails)
    if not as_diff:
        instance, package = run_async(_taken(setup, metadata))
        click.echo(documents(setup.factory.manifests(instance, package)), nl=False)
    elif text := run_async(_difference(setup, metadata)):
        click.echo(text, nl=False)
        raise SystemExit(1)


def _described(function: Path | None, source: Path | None, sink: Path | None) -> Described:
    given = [
        read(path)
        for read, path in ((described_function, function), (described_source, source), (described_sink, sink))
        if path
    ]
    if len(given) != 1:
        raise click.UsageError("Give one of --function-config-file, --source-config-file and --sink-config-file.")
    return given[0]


async def _taken(setup: RuntimeSetup, metadata: FunctionMetaData) -> tuple[InstanceConfig, FunctionPackage]:
    """What the runtime would be given to start all instances at once."""
    packages = PackageDescriber()
    spawners = Spawners(setup.factory.context.worker_config, setup.factory, packages, Times())
    spawner = spawners(Instance(functionMetaData=metadata, instanceId=_ALL_INSTANCES))
    return spawner.instance, await packages.fetch(metadata, _ALL_INSTANCES)


async def _difference(setup: RuntimeSetup, metadata: FunctionMetaData) -> str:
    factory = setup.factory
    instance, package = await _taken(setup, metadata)
    await factory.initialize()  # before the planning, for it may bring changes of the configuration
    try:
        planned: Sequence[Manifest] = factory.manifests(instance, package)
        return difference(planned, await factory.live_manifests(instance, package))
    finally:
        await factory.close()
