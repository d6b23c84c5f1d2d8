"""`pulsemill sources`: the verbs and flags of `pulsar-admin sources`, against any worker."""

import click

from pulsemill.cli.connectors import connector_commands
from pulsemill.cli.reason import ReasonGroup


@click.group(cls=ReasonGroup, lazy=connector_commands("pulsemill.cli.sources", "source"))
def sources() -> None:
    """Create, watch and change sources on a worker."""
