"""`pulsemill sinks`: the verbs and flags of `pulsar-admin sinks`, against any worker."""

import click

from pulsemill.cli.connectors import connector_commands
from pulsemill.cli.reason import ReasonGroup


@click.group(cls=ReasonGroup, lazy=connector_commands("pulsemill.cli.sinks", "sink"))
def sinks() -> None:
    """Create, watch and change sinks on a worker."""
